"""Pages that show several rooms: today, the patient's file, the health form, search, the worklist."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.kit import clock
from clinic.kit.guard import requires
from clinic.kit.languages import localized
from clinic.kit.pages import go, location_of
from clinic.kit.refusals import Refusal
from clinic.patients import selectors as patients
from clinic.patients.models import Fact, Patient
from clinic.patients.services import correct_fact, record_answers, record_search, set_skin_type
from plans.courses.selectors import Indication, choices
from plans.desk import selectors, services
from plans.desk.forms import CorrectionForm, HealthForm, SkinTypeForm
from plans.diary.selectors import visits_on

FOUND_PROCEDURES = 5


@require_GET
@requires("own_account")
def today(request: HttpRequest) -> HttpResponse:
    location = getattr(request, "location", None)
    if location is None or not request.user.has_perm("clinic.view_day"):
        return render(request, "desk/welcome.html", {})
    day = clock.today(location.zone)
    due = selectors.worklist(location, sees_clinical=_sees_clinical(request))
    context = {
        "visits": visits_on(location, day),
        "day": day,
        "due": due[:8],
        "due_count": len(due),
    }
    return render(request, "desk/today.html", context)


@require_GET
@requires("view_day")
def worklist(request: HttpRequest) -> HttpResponse:
    due = selectors.worklist(location_of(request), sees_clinical=_sees_clinical(request))
    return render(request, "desk/worklist.html", {"due": due})


@require_POST
@requires("search_patients")
def search(request: HttpRequest) -> HttpResponse:
    query = request.POST.get("q", "").strip()
    location = location_of(request)
    found = patients.search(query, location)
    if patients.is_searchable(query):
        record_search(query, found, by=request.user)
    procedures = (
        choices(Indication(), query)[:FOUND_PROCEDURES]
        if len(query) >= patients.SHORTEST_QUERY
        else []
    )
    context = {
        "found": found,
        "procedures": procedures,
        "query": query,
        "enough": patients.is_searchable(query),
    }
    part = "desk/search.html#found" if getattr(request, "htmx", False) else "desk/search.html"
    return render(request, part, context)


@require_GET
@requires("see_contact")
def patient(request: HttpRequest, number: int) -> HttpResponse:
    found = _patient(request, number)
    file = selectors.patient_file(found, sees_clinical=_sees_clinical(request))
    services.opened(found, by=request.user)
    return render(request, "desk/patient.html", {"file": file, "patient": found})


@require_http_methods(["GET", "POST"])
@requires("answer_health_form")
def health(request: HttpRequest, number: int) -> HttpResponse:
    found = _patient(request, number)
    asked = selectors.questions_for(found, request.GET.get("procedure", ""))
    sent = request.POST if request.method == "POST" else None
    form = HealthForm(
        sent,
        questions=asked.types
        if sent is None
        else patients.askable(sent.get("asked", "").split(",")),
        today=clock.today(),
        born=found.birth_date,
    )
    if request.method == "POST" and form.is_valid():
        try:
            rows = record_answers(found, form.answers(), by=request.user)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _recorded(len(rows)))
            return go(request, "desk:patient", number)
    context = _health_context(request, found, asked, form)
    return render(request, "desk/health.html", context, status=422 if form.errors else 200)


@require_POST
@requires("edit_facts")
def skin_type(request: HttpRequest, number: int) -> HttpResponse:
    found = _patient(request, number)
    form = SkinTypeForm(request.POST)
    if form.is_valid():
        set_skin_type(found, form.cleaned_data["skin_type"], clock.today(), by=request.user)
        messages.success(request, _("Skin type recorded."))
    else:
        messages.error(request, _("Choose one of the skin types I to VI."))
    return go(request, "desk:health", number)


@require_http_methods(["GET", "POST"])
@requires("edit_facts")
def correct(request: HttpRequest, number: int, fact: int) -> HttpResponse:
    found = _patient(request, number)
    standing = get_object_or_404(
        Fact.objects.select_related("fact_type", "patient"), pk=fact, patient=found
    )
    initial = {"status": standing.status, "since": standing.since, "until": standing.until}
    form = CorrectionForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        answer = form.answer(standing.fact_type.code)
        try:
            correct_fact(standing, answer, by=request.user, reason=form.cleaned_data["reason"])
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Answer corrected. The earlier one stays readable."))
            return go(request, "desk:health", number)
    name = localized(standing.fact_type.name)
    context = {"form": form, "patient": found, "fact": standing, "name": name}
    return render(request, "desk/correct.html", context, status=422 if form.errors else 200)


def _recorded(count: int) -> str:
    if not count:
        return _("These answers are on record already.")
    return ngettext("%(n)s answer recorded.", "%(n)s answers recorded.", count) % {"n": count}


def _health_context(
    request: HttpRequest, found: Patient, asked: selectors.Questions, form: HealthForm
) -> dict[str, Any]:
    sees = _sees_clinical(request)
    return {
        "patient": found,
        "form": form,
        "procedures": asked.procedures,
        "today": clock.today(),
        "facts": selectors.facts_on_record(found) if sees else [],
        "skin_form": SkinTypeForm(),
    }


def _patient(request: HttpRequest, number: int) -> Patient:
    try:
        return patients.get_patient(number, location_of(request))
    except Patient.DoesNotExist:
        raise Http404 from None


def _sees_clinical(request: HttpRequest) -> bool:
    return request.user.has_perm("clinic.see_clinical")
