"""Pages of outcomes: the scores of a visit, and those of a course as a drawing with its table."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from clinic.audit.services import record
from clinic.kit.guard import requires
from clinic.kit.pages import go, location_of
from clinic.kit.refusals import AlreadyDone, Refusal
from clinic.staff.selectors import signed_in
from plans.core.chart import chart
from plans.courses.models import Course
from plans.diary.views import visit_or_404
from plans.outcomes import selectors, services
from plans.outcomes.forms import ScoreForm, new_form
from plans.outcomes.tags import SCALES, SOURCES, course_words, lines_of, source_lines


@require_http_methods(["GET", "POST"])
@requires("write_record")
def visit(request: HttpRequest, pk: int) -> HttpResponse:
    """Score the session of a visit, or correct what was scored."""
    row = visit_or_404(pk, location_of(request))
    by = signed_in(request)
    if request.method == "GET":
        record("opened", row, by=by, patient_number=row.patient.number, page="scores")
        form = new_form(selectors.score_of(row), selectors.recorded_pain(row))
    else:
        form = ScoreForm(request.POST)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            services.score_visit(
                row, form.scored(), note=said["note"], seen=said["seen"], by=by, key=said["key"]
            )
        except AlreadyDone:
            return go(request, "visits:visit", pk)
        except services.Stale as refusal:
            now = selectors.score_of(row)
            form.data = {**request.POST.dict(), "seen": now.pk if now else 0}
            form.add_error(None, str(refusal))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The scores are saved."))
            return go(request, "visits:visit", pk)
    context = {
        "here": "diary:today",
        "visit": row,
        "patient": row.patient,
        "form": form,
        "may_score": selectors.may_be_scored(row),
        "history": [(score, lines_of(score.scored)) for score in selectors.history(row)],
        "sources": source_lines(SOURCES),
    }
    return render(request, "outcomes/visit.html", context, status=422 if form.errors else 200)


@require_GET
@requires("see_clinical")
def course(request: HttpRequest, pk: int) -> HttpResponse:
    """The scores of a course from session to session."""
    try:
        row = selectors.course_at(location_of(request), pk)
    except Course.DoesNotExist:
        raise Http404 from None
    by = signed_in(request)
    record("opened", row, by=by, patient_number=row.patient.number, page="outcomes")
    sessions = selectors.over_course(row)
    drawn = chart([session.point for session in sessions])
    lanes = [(lane, SCALES[lane.scale]) for lane in drawn.lanes] if drawn else []
    context = {
        "here": "patients:list",
        "course": row,
        "patient": row.patient,
        "rows": [(session, lines_of(session.scored)) for session in sessions],
        "chart": drawn,
        "lanes": lanes,
        "said": course_words([session.scored for session in sessions]),
        "sources": source_lines([lane.scale for lane, _name in lanes]),
    }
    return render(request, "outcomes/course.html", context)
