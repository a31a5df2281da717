"""Pages of assessments: write one down, read one with its advice, and all of a patient's."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from clinic.audit.services import record
from clinic.kit import clock
from clinic.kit.guard import requires
from clinic.kit.pages import go, location_of
from clinic.kit.refusals import AlreadyDone, Refusal
from clinic.patients.models import Patient
from clinic.patients.selectors import get_patient
from clinic.staff.selectors import signed_in
from plans.assessments import selectors, services
from plans.assessments.forms import AssessmentForm, DayForm, new_form
from plans.assessments.models import Assessment
from plans.assessments.tags import GRADE_SOURCE, GRADES, area_words


@require_GET
@requires("see_clinical")
def assessments(request: HttpRequest, number: int) -> HttpResponse:
    """All that was seen, latest first."""
    patient = _patient(request, number)
    words = selectors.terms()
    rows = [(row, selectors.summary(row, words)) for row in selectors.assessments_of(patient)]
    record("assessments_listed", patient, by=request.user, patient_number=number, count=len(rows))
    context = {"here": "patients:list", "patient": patient, "rows": rows}
    return render(request, "assessments/list.html", context)


@require_http_methods(["GET", "POST"])
@requires("edit_facts")
def new(request: HttpRequest, number: int) -> HttpResponse:
    """Write down what is seen; the advice follows."""
    patient = _patient(request, number)
    words, last = selectors.terms(), selectors.latest(patient)
    if request.method == "POST":
        form = AssessmentForm(request.POST, terms=words, last=last)
    else:
        form = new_form(words, last, patient.skin_type, clock.today())
    if request.method == "POST" and form.is_valid():
        by, key = signed_in(request), form.cleaned_data["key"]
        try:
            made = services.assess(patient, form.seen(), by=by, key=key)
        except AlreadyDone as earlier:
            return _assessed(request, number, services.Assessed.read(earlier.outcome))
        except services.ImpossibleDay as refusal:
            form.add_error("done_on", str(refusal))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Assessment recorded."))
            return _assessed(request, number, made)
    context = {
        "here": "patients:list",
        "patient": patient,
        "form": form,
        "source": GRADE_SOURCE,
    }
    return render(request, "assessments/new.html", context, status=422 if form.errors else 200)


def _assessed(request: HttpRequest, number: int, made: services.Assessed) -> HttpResponse:
    """To the visits that the skin type endangers, else to the advice."""
    if not made.endangered:
        return go(request, "assessments:assessment", number, made.pk)
    keys = ".".join(map(str, made.endangered))
    return go(request, f"{reverse('health:saved', args=[number])}?new={keys}")


@require_GET
@requires("see_clinical")
def assessment(request: HttpRequest, number: int, pk: int) -> HttpResponse:
    """What was seen, and what the catalogue advises for it."""
    location = location_of(request)
    try:
        row = selectors.assessment_at(location, number, pk)
    except Assessment.DoesNotExist:
        raise Http404 from None
    record("opened", row, by=request.user, patient_number=number)
    today = clock.today(location.zone)
    form = DayForm(request.GET)
    day = form.day(today)
    context = {
        "here": "patients:list",
        "patient": row.patient,
        "assessment": row,
        "latest": selectors.latest(row.patient),
        "seen": selectors.summary(row, selectors.terms()),
        "areas": area_words(row.areas),
        "grade": GRADES.get(row.goodman_baron or 0),
        "source": GRADE_SOURCE,
        "advice": selectors.advice_for(row, day, today),
        "form": DayForm(initial={"on": day}),
        "day": day,
        "today": today,
    }
    return render(request, "assessments/assessment.html", context)


def _patient(request: HttpRequest, number: int) -> Patient:
    try:
        return get_patient(number, location_of(request))
    except Patient.DoesNotExist:
        raise Http404 from None
