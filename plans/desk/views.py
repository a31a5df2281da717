"""Pages that show several rooms: today, the patient's file, search, the worklist."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from clinic.kit import clock
from clinic.kit.guard import requires
from clinic.kit.pages import location_of
from clinic.patients import selectors as patients
from clinic.patients.models import Patient
from clinic.patients.services import record_search
from plans.assessments.selectors import latest_in_words
from plans.courses.selectors import Indication, choices
from plans.desk import selectors, services
from plans.diary.selectors import visits_on

FOUND_PROCEDURES = 5
# Lines on a page of a list in the file.
SESSIONS, RECORDS = 20, 10


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
    assessed = latest_in_words(found) if _sees_clinical(request) else None
    services.opened(found, by=request.user)
    around = selectors.around(found, lambda operation: request.user.has_perm(f"clinic.{operation}"))
    only = request.GET.get("records", "")
    rows = [row for row in file.rows if request.GET.get("sessions") != "open" or row.is_open]
    context = {
        "file": file,
        "patient": found,
        "assessed": assessed,
        "around": around,
        "sessions": Paginator(rows, SESSIONS).get_page(request.GET.get("page")),
        "only_open": request.GET.get("sessions") == "open",
        "records": Paginator(
            around.with_harm if only == "reactions" else around.records, RECORDS
        ).get_page(request.GET.get("record_page")),
        "only_harm": only == "reactions",
        "has_several_to_book": sum(bool(course.unbooked) for course in file.courses) > 1,
    }
    return render(request, "desk/patient.html", context)


@require_GET
@requires("see_clinical")
def summary(request: HttpRequest, number: int) -> HttpResponse:
    """The file on one page, to be printed."""
    found = _patient(request, number)
    services.opened_summary(found, by=request.user)
    return render(
        request, "desk/summary.html", {"patient": found, "sheet": selectors.summary(found)}
    )


@require_GET
@requires("see_clinical")
def summary_pdf(request: HttpRequest, number: int) -> HttpResponse:
    found = _patient(request, number)
    content = services.summary_pdf(selectors.summary(found))
    services.opened_summary(found, by=request.user)
    name = f'inline; filename="summary-{number}.pdf"'
    headers = {"Content-Disposition": name, "Cache-Control": "no-store, private"}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def _patient(request: HttpRequest, number: int) -> Patient:
    try:
        return patients.get_patient(number, location_of(request))
    except Patient.DoesNotExist:
        raise Http404 from None


def _sees_clinical(request: HttpRequest) -> bool:
    return request.user.has_perm("clinic.see_clinical")
