"""Paper: each sheet as a page that prints, and as a PDF."""

import datetime as dt

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from clinic.kit.guard import requires
from clinic.kit.pages import location_of
from plans.courses.models import Course
from plans.diary.models import Appointment
from plans.sheets import selectors, services


@require_GET
@requires("print_sheet")
def aftercare(request: HttpRequest, pk: int) -> HttpResponse:
    visit, sheet = _aftercare(request, pk)
    return render(request, "sheets/aftercare.html", {"sheets": [sheet], "visit": visit})


@require_GET
@requires("print_sheet")
def aftercare_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    _visit, sheet = _aftercare(request, pk)
    return _pdf(services.pdf("aftercare.typ", [sheet]), f"aftercare-{pk}.pdf")


@require_GET
@requires("print_sheet")
def card(request: HttpRequest, course: int) -> HttpResponse:
    found, sheet = _card(request, course)
    return render(request, "sheets/card.html", {"sheets": [sheet], "course": found})


@require_GET
@requires("print_sheet")
def card_pdf(request: HttpRequest, course: int) -> HttpResponse:
    _found, sheet = _card(request, course)
    return _pdf(services.pdf("card.typ", [sheet]), f"appointments-{course}.pdf")


@require_GET
@requires("print_sheet")
def day(request: HttpRequest, day: dt.date) -> HttpResponse:
    return render(
        request, "sheets/aftercare.html", {"sheets": _day_sheets(request, day), "day": day}
    )


@require_GET
@requires("print_sheet")
def day_pdf(request: HttpRequest, day: dt.date) -> HttpResponse:
    sheets = _day_sheets(request, day)
    if not sheets:
        raise Http404
    return _pdf(services.pdf("aftercare.typ", sheets), f"aftercare-{day}.pdf")


def _aftercare(request: HttpRequest, pk: int) -> tuple[Appointment, selectors.Sheet]:
    visit = get_object_or_404(selectors.printable(location_of(request)), pk=pk)
    sheet = selectors.aftercare(visit)
    _record([visit], [sheet], request)
    return visit, sheet


def _card(request: HttpRequest, pk: int) -> tuple[Course, selectors.Sheet]:
    location = location_of(request)
    try:
        course = selectors.course_for_card(pk, location)
    except Course.DoesNotExist:
        raise Http404 from None
    sheet = selectors.card(course, location)
    services.hand_out(course, sheet, kind="card", revision=course.revision.number, by=request.user)
    return course, sheet


def _day_sheets(request: HttpRequest, day: dt.date) -> list[selectors.Sheet]:
    visits = selectors.on_day(location_of(request), day)
    sheets = [selectors.aftercare(visit) for visit in visits]
    _record(visits, sheets, request)
    return sheets


def _record(visits: list[Appointment], sheets: list[selectors.Sheet], request: HttpRequest) -> None:
    services.hand_out_aftercare(list(zip(visits, sheets, strict=True)), by=request.user)


def _pdf(content: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{name}"',
            "Cache-Control": "no-store, private",
        },
    )
