"""Pages of a visit: who comes today, what stands against a treatment, its next steps, and what follows it."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET, require_POST

from clinic.audit.services import record
from clinic.kit import clock
from clinic.kit.guard import requires
from clinic.kit.pages import go, location_of
from clinic.kit.refusals import AlreadyDone, Refusal
from clinic.staff.selectors import signed_in
from plans.consents import selectors as consents
from plans.courses.selectors import names
from plans.diary.models import Appointment, Status
from plans.diary.selectors import check_in
from plans.diary.services import sign as make_signature
from plans.diary.views import visit_or_404
from plans.outcomes import selectors as outcomes
from plans.photos import selectors as photos
from plans.records import selectors as records
from plans.sources.selectors import unconfirmed_rules
from plans.visits import selectors
from plans.visits.forms import CallForm, SignForm, StatusForm
from plans.visits.services import note_call, set_status
from plans.visits.tags import arrivals_page, visit_page


def _outcome(row: Appointment) -> dict[str, Any]:
    return {"outcome": outcomes.in_visit(row)}


# The parts that lower rooms show on the page of a visit: who sees each, its template and what it reads.
PARTS = (
    ("keep_consent", "consents/in_visit.html", consents.in_visit),
    ("see_clinical", "records/in_visit.html", records.in_visit),
    ("see_photo", "photos/in_visit.html", photos.in_visit),
    ("see_clinical", "outcomes/in_visit.html", _outcome),
)


@require_GET
@requires("view_day")
def arrivals(request: HttpRequest) -> HttpResponse:
    location = location_of(request)
    judges = request.user.has_perm("clinic.see_screening")
    found = selectors.arrivals(location, judges=judges)
    context = arrivals_page(found, request.GET.get("show", ""), request.GET.get("q", ""))
    context |= {"here": "desk:today", "day": clock.today(location.zone)}
    return render(request, "visits/arrivals.html", context)


@require_GET
@requires("view_day")
def visit(request: HttpRequest, pk: int) -> HttpResponse:
    row = visit_or_404(pk, location_of(request))
    record("opened", row, by=signed_in(request), patient_number=row.patient.number)
    return _visit_page(request, row)


@require_POST
@requires("view_day")
def status(request: HttpRequest, pk: int) -> HttpResponse:
    row = visit_or_404(pk, location_of(request))
    form = StatusForm(request.POST)
    if form.is_valid():
        try:
            set_status(
                row,
                form.cleaned_data["to"],
                form.cleaned_data["version"],
                by=signed_in(request),
                reason=form.cleaned_data["reason"],
                key=form.form_key,
            )
        except AlreadyDone:
            return go(request, "visits:visit", pk)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            return _after_step(request, row, form.cleaned_data["to"])
    return _visit_page(request, visit_or_404(pk, location_of(request)), form)


def _after_step(request: HttpRequest, row: Appointment, to: str) -> HttpResponse:
    """Who has arrived is asked what is due, if anything is; all else leads back to the visit."""
    if to == Status.ARRIVED and request.user.has_perm("clinic.answer_health_form"):
        checked = check_in(row, clock.today(row.location.zone))
        if checked and any(found.kind == "ask" for found in checked.open_findings):
            return go(request, "health:visit", row.pk)
    return go(request, "visits:visit", row.pk)


@require_POST
@requires("sign_caution")
def sign(request: HttpRequest, pk: int) -> HttpResponse:
    row = visit_or_404(pk, location_of(request))
    form = SignForm(request.POST)
    if form.is_valid():
        values = form.cleaned_data
        try:
            make_signature(
                row, values["rule"], values["reason"], by=signed_in(request), key=form.form_key
            )
        except AlreadyDone:
            return go(request, "visits:visit", pk)
        except Refusal as refusal:
            form.add_error("reason", str(refusal))
        else:
            return go(request, "visits:visit", pk)
    return _visit_page(request, row, form)


@require_POST
@requires("mark_arrived")
def call(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down what came of a follow-up call, from the visit or from the worklist."""
    row = visit_or_404(pk, location_of(request))
    form = CallForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        try:
            note_call(row, said["outcome"], said["note"], by=signed_in(request), key=form.form_key)
        except AlreadyDone:
            pass
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            return _visit_page(request, row, form)
        if said["back"] == "worklist":
            return go(request, "desk:worklist")
        return go(request, "visits:visit", pk)
    return _visit_page(request, row, form)


def _visit_page(
    request: HttpRequest, row: Appointment, form: StatusForm | SignForm | CallForm | None = None
) -> HttpResponse:
    today = clock.today(row.location.zone)
    checked = check_in(row, today)
    context = visit_page(row, checked, names(), signed_in(request), today)
    context |= {"form": form, "key": uuid.uuid4(), "sent": form.data if form else {}}
    context |= {"here": "diary:today", "parts": _parts(request, row)}
    if row.status == Status.DONE:
        course = context["course"]
        context["call"] = selectors.call_after(row)
        context["next"] = selectors.next_after(course, row) if course else None
    if checked and row.session:
        rules = checked.screening.reasons
        context["unconfirmed"] = unconfirmed_rules(rules, row.session.course.revision)
    return render(request, "visits/visit.html", context, status=422 if form else 200)


def _parts(request: HttpRequest, row: Appointment) -> list[Any]:
    """What other rooms show of the visit, for those who may see it; nothing of a visit that does not take place."""
    if row.status in (Status.CANCELLED, Status.NO_SHOW):
        return []
    return [
        _part(request, template, read(row))
        for operation, template, read in PARTS
        if request.user.has_perm(f"clinic.{operation}")
    ]


def _part(request: HttpRequest, template: str, read: dict[str, Any]) -> str:
    """A room's part of the page; it reads its values bare, or under the room's name."""
    room = template.partition("/")[0]
    return render_to_string(template, {**read, room: read}, request)
