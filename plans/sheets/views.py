"""Paper: each sheet as a page to look at, and what is handed out of it: a page with its code, a PDF, a link."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.audit.services import record
from clinic.kit import clock
from clinic.kit.calendars import calendar_of
from clinic.kit.guard import by_link, requires
from clinic.kit.pages import go, location_of, nothing, unseen
from clinic.kit.refusals import Refusal
from clinic.patients.models import Patient
from clinic.patients.selectors import get_patient
from clinic.staff.selectors import signed_in
from plans.courses.models import Course
from plans.diary.models import Appointment
from plans.links.models import Link, Purpose
from plans.links.selectors import may_mail
from plans.links.services import PACE_SECONDS, Closed, open_link, revoke_all
from plans.sheets import selectors, services
from plans.sheets.forms import MAIL, PAGE, PDF, HandOutForm
from plans.sheets.models import Kind, Way
from plans.sheets.tags import Look, Sheet


@require_http_methods(["GET", "POST"])
@requires("print_sheet")
def aftercare(request: HttpRequest, pk: int) -> HttpResponse:
    return _of_visit(request, pk, Kind.AFTERCARE)


@require_http_methods(["GET", "POST"])
@requires("print_sheet")
def precare(request: HttpRequest, pk: int) -> HttpResponse:
    return _of_visit(request, pk, Kind.PRECARE)


def _of_visit(request: HttpRequest, pk: int, kind: Kind) -> HttpResponse:
    """Look at the sheet (GET), hand it out (POST)."""
    try:
        visits = selectors.visits_with(location_of(request), pk)
    except Appointment.DoesNotExist:
        raise Http404 from None
    found = selectors.oppositions(visits, kind)
    keys = tuple({step.key for each in found for step in (each.asks, each.forbids) if step.key})
    form = HandOutForm(request.POST or None, lines=keys)
    if request.method == "POST" and form.is_valid():
        try:
            return _handed_out(request, kind, [visits], form, reverse(f"sheets:{kind}", args=[pk]))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
    by = signed_in(request)
    record("opened", visits.first, by=by, patient_number=visits.patient.number, page=str(kind))
    context = {
        "sheets": [selectors.MAKERS[kind](visits)],
        "visit": visits.first,
        "oppositions": found,
        "handed_out": selectors.handed_out_at(visits),
        "may_mail": may_mail(visits.patient),
    }
    return _look(request, "sheets/aftercare.html", form, context | {"kind": kind})


@require_http_methods(["GET", "POST"])
@requires("print_sheet")
def day(request: HttpRequest, day: dt.date) -> HttpResponse:
    """The aftercare sheets of a day, in each patient's language."""
    visits = selectors.on_day(location_of(request), day)
    form = HandOutForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and form.cleaned_data["way"] != MAIL:
        if not visits:
            raise Http404
        return _handed_out(request, Kind.AFTERCARE, visits, form, reverse("sheets:day", args=[day]))
    record("opened", f"sheets:{day}", by=signed_in(request), page="aftercare", count=len(visits))
    context = {"sheets": [selectors.aftercare(each) for each in visits], "day": day}
    return _look(request, "sheets/aftercare.html", form, context)


@require_http_methods(["GET", "POST"])
@requires("print_sheet")
def card(request: HttpRequest, course: int) -> HttpResponse:
    location = location_of(request)
    try:
        found = selectors.course_for_card(course, location)
    except Course.DoesNotExist:
        raise Http404 from None
    sheet = selectors.card(found, location)
    context = {"patient": found.patient, "revisions": [found.revision]}
    return _paper(request, Kind.CARD, sheet, context)


@require_http_methods(["GET", "POST"])
@requires("print_sheet")
def plan(request: HttpRequest, number: int) -> HttpResponse:
    """The treatment plan of a patient."""
    patient = _patient(request, number)
    sheet = selectors.plan(patient, location_of(request))
    revisions = [course.revision for course in selectors.open_courses(patient)]
    return _paper(request, Kind.PLAN, sheet, {"patient": patient, "revisions": revisions})


def _patient(request: HttpRequest, number: int) -> Patient:
    try:
        return get_patient(number, location_of(request))
    except Patient.DoesNotExist:
        raise Http404 from None


def _paper(request: HttpRequest, kind: Kind, sheet: Sheet, context: dict[str, Any]) -> HttpResponse:
    """A card or a plan: looked at by GET, printed by POST."""
    form = HandOutForm(request.POST or None)
    by, patient = signed_in(request), context["patient"]
    if request.method == "POST" and form.is_valid():
        look = form.look()
        services.hand_out_paper(kind, sheet, look, patient, context["revisions"], by=by)
        if form.cleaned_data["way"] != PAGE:
            return _pdf(services.pdf("card.typ", [sheet], look), f"{kind}-{patient.number}.pdf")
        return _printed(request, [sheet], look, request.path)
    record("opened", patient, by=by, patient_number=patient.number, page=str(kind))
    return _look(
        request, "sheets/card.html", form, {"sheets": [sheet], "patient": patient, "kind": kind}
    )


def _look(
    request: HttpRequest, template: str, form: HandOutForm, context: dict[str, Any]
) -> HttpResponse:
    status = 422 if form.errors else 200
    return render(request, template, context | {"form": form}, status=status)


def _handed_out(
    request: HttpRequest,
    kind: Kind,
    days: list[selectors.Visits],
    form: HandOutForm,
    back: str,
) -> HttpResponse:
    look, way, by = form.look(), form.cleaned_data["way"] or PDF, signed_in(request)

    def address(secret: str) -> tuple[str, str]:
        page, calendar = (reverse(f"sheets:{name}", args=[secret]) for name in ("mine", "visits"))
        return request.build_absolute_uri(page), request.build_absolute_uri(calendar)

    if way == MAIL:
        services.send(kind, days[0], look, address, by=by)
        messages.success(request, _("The link to the sheet is sent."))
        return go(request, back)
    sheets = services.hand_out(kind, days, look, address, by=by, way=Way.PRINT)
    if way == PAGE:
        return _printed(request, sheets, look, back)
    return _pdf(services.pdf("aftercare.typ", sheets, look), f"{kind}.pdf")


def _printed(request: HttpRequest, sheets: list[Sheet], look: Look, back: str) -> HttpResponse:
    """The page that goes to the printer: with its codes, and with nothing left to choose."""
    return render(request, "sheets/printed.html", {"sheets": sheets, "look": look, "back": back})


@require_POST
@requires("issue_link")
def revoke(request: HttpRequest, number: int) -> HttpResponse:
    """Let no sheet of the patient's be opened from outside any more. Twice is no harm, so the form has no key."""
    patient = _patient(request, number)
    count = revoke_all(patient, Purpose.SHEET, by=signed_in(request))
    words = ngettext("%(n)s link is revoked.", "%(n)s links are revoked.", count)
    messages.success(request, words % {"n": count})
    return go(request, "desk:patient", number)


@require_safe
@by_link
def mine(request: HttpRequest, secret: str) -> HttpResponse:
    """The sheet that was handed out with this link, as it stands today; 404 for any other secret."""
    link = _opened(request, secret)
    if isinstance(link, HttpResponse):
        return link
    given = link.handed_out.first()
    if given is None or link.visit is None:
        return nothing()
    try:
        visits = selectors.visits_with(link.visit.location, link.visit.pk)
    except Appointment.DoesNotExist:
        return nothing()
    with translation.override(given.language), timezone.override(link.visit.location.zone):
        sheet = selectors.MAKERS[given.kind](visits, given.language, given.left_out).unnamed
        context = {"sheets": [sheet], "secret": secret, "language": given.language}
        return unseen(render(request, "sheets/mine.html", context))


@require_safe
@by_link
def visits(request: HttpRequest, secret: str) -> HttpResponse:
    """The patient's visits still to come for their calendar program, each called an appointment and nothing more."""
    link = _opened(request, secret)
    if isinstance(link, HttpResponse):
        return link
    file = calendar_of(
        selectors.to_come(link.patient, clock.now()),
        link.patient.location.zone,
        link.patient.language,
    )
    answer = HttpResponse(file, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="appointments.ics"'
    return unseen(answer)


def _opened(request: HttpRequest, secret: str) -> Link | HttpResponse:
    try:
        return open_link(secret, Purpose.SHEET, address=request.META.get("REMOTE_ADDR", ""))
    except Closed as closed:
        return nothing(retry_after=PACE_SECONDS if closed.is_too_often else 0)


def _pdf(content: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{name}"',
            "Cache-Control": "no-store, private",
        },
    )
