"""Pages of a visit: what stands against it, and its next steps."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from clinic.audit.services import record
from clinic.kit import clock
from clinic.kit.guard import requires
from clinic.kit.pages import go, location_of
from clinic.kit.refusals import AlreadyDone, Refusal
from clinic.staff.selectors import signed_in
from plans.courses.selectors import names
from plans.diary.models import Appointment
from plans.diary.selectors import check_in
from plans.diary.services import sign as make_signature
from plans.diary.views import visit_or_404
from plans.sources.selectors import unconfirmed_rules
from plans.visits.forms import SignForm, StatusForm
from plans.visits.services import set_status
from plans.visits.tags import visit_page


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
            return go(request, "visits:visit", pk)
    return _visit_page(request, visit_or_404(pk, location_of(request)), form)


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


def _visit_page(
    request: HttpRequest, row: Appointment, form: StatusForm | SignForm | None = None
) -> HttpResponse:
    today = clock.today(row.location.zone)
    checked = check_in(row, today)
    context = visit_page(row, checked, names(), signed_in(request), today)
    context |= {"form": form, "key": uuid.uuid4(), "sent": form.data if form else {}}
    if checked and row.session:
        rules = checked.screening.reasons
        context["unconfirmed"] = unconfirmed_rules(rules, row.session.course.revision)
    return render(request, "visits/visit.html", context, status=422 if form else 200)
