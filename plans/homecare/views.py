"""Pages of home care: what is used at home, how it begins and ends, its calendar on paper and by link."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from clinic.audit.services import record
from clinic.kit import clock, paper
from clinic.kit.guard import by_link, requires
from clinic.kit.pages import go, location_of
from clinic.kit.refusals import AlreadyDone, Refusal
from clinic.patients.models import Patient
from clinic.patients.selectors import get_patient
from clinic.staff.selectors import signed_in
from plans.core.regimen import Stretch
from plans.courses.models import HomeCare
from plans.diary.forms import KeyForm
from plans.homecare import selectors, services
from plans.homecare.forms import (
    ISSUE,
    SAVE,
    EndForm,
    LinkForm,
    PaperForm,
    PauseForm,
    StartForm,
    StopForm,
)
from plans.homecare.tags import lines_against, lines_of, paper_of, reminders_of
from plans.links.selectors import links_of
from plans.links.services import PACE_SECONDS, Closed, open_link

Act = Callable[[HomeCare, dict[str, Any]], HomeCare]


@require_GET
@requires("see_clinical")
def uses(request: HttpRequest, number: int) -> HttpResponse:
    """What is used at home, with what stands against it."""
    patient = _patient(request, number)
    record("opened", patient, by=signed_in(request), patient_number=number, page="home_care")
    reading = selectors.Reading(patient, _today(request))
    context = {
        "here": "patients:list",
        "patient": patient,
        "open": [use for use in reading.uses if use.is_open],
        "closed": [use for use in reversed(reading.uses) if not use.is_open],
        "conflicts": [(use, each, lines_against(each)) for use, each in reading.conflicts()],
    }
    return render(request, "homecare/list.html", context)


@require_http_methods(["GET", "POST"])
@requires("write_record")
def start(request: HttpRequest, number: int) -> HttpResponse:
    """Begin a product: its days are checked first, and saved with a second click."""
    patient, today = _patient(request, number), _today(request)
    if request.method == "GET":
        form = StartForm.new(today, request.GET.get("product", ""))
        return _start_page(request, patient, form)
    form = StartForm(request.POST)
    if not form.is_valid():
        return _start_page(request, patient, form)
    first, last = form.days()
    if request.POST.get("act") != SAVE:
        return _start_page(request, patient, form, _checked(form, patient, today))
    try:
        services.start(
            patient, form.revision(), first, last,
            by=signed_in(request), key=form.form_key, reason=form.cleaned_data["reason"],
        )  # fmt: skip
    except AlreadyDone:
        return go(request, "homecare:list", number)
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return _start_page(request, patient, form, _checked(form, patient, today))
    messages.success(request, _("Home care is begun."))
    return go(request, "homecare:list", number)


def _checked(form: StartForm, patient: Patient, today: dt.date) -> selectors.Against | None:
    """What stands against the days of the form; a last day that was left open is put where nothing does."""
    first, last = form.days()
    if last is not None and last < first:
        return None
    reading, code = selectors.Reading(patient, today), form.cleaned_data["product"]
    against = reading.against(Stretch(code, first, last))
    best = against.best_last
    if not form.cleaned_data["last"] and best and best != last and best >= max(first, today):
        against, last = reading.against(Stretch(code, first, best)), best
    form.show(last)
    if against.cautions:
        form.ask_reason()
    return against


def _start_page(
    request: HttpRequest,
    patient: Patient,
    form: StartForm,
    against: selectors.Against | None = None,
) -> HttpResponse:
    context = {
        "here": "patients:list",
        "patient": patient,
        "form": form,
        "against": against,
        "lines": lines_of(against) if against else [],
        "product": form.products.get(form.data.get("product", "")),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "homecare/start.html", context, status=status)


@require_http_methods(["GET", "POST"])
@requires("write_record")
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Another last day."""
    care, by = _care(request, pk), signed_in(request)
    form = EndForm(request.POST or None, initial=_initial(request, last=care.ends_on))

    def act(care: HomeCare, data: dict[str, Any]) -> HomeCare:
        return services.change_end(care, data["last"], by=by, key=data["key"])

    return _change(request, care, form, act, "end")


@require_http_methods(["GET", "POST"])
@requires("write_record")
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Days without it, after which it goes on."""
    care, by, today = _care(request, pk), signed_in(request), _today(request)
    form = PauseForm(request.POST or None, initial=_initial(request, last=today))

    def act(care: HomeCare, data: dict[str, Any]) -> HomeCare:
        days = data["last"], data["again_on"]
        return services.pause(care, *days, data["reason"], by=by, key=data["key"])

    return _change(request, care, form, act, "pause")


@require_http_methods(["GET", "POST"])
@requires("write_record")
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """End it early, with a reason."""
    care, by, today = _care(request, pk), signed_in(request), _today(request)
    form = StopForm(request.POST or None, initial=_initial(request, last=today))

    def act(care: HomeCare, data: dict[str, Any]) -> HomeCare:
        return services.stop(care, data["last"], data["reason"], by=by, key=data["key"])

    return _change(request, care, form, act, "stop")


def _change(
    request: HttpRequest, care: HomeCare, form: KeyForm, act: Act, kind: str
) -> HttpResponse:
    """The page of one change, and its answer; `kind`: end, pause or stop."""
    number = care.patient.number
    if request.method == "POST" and form.is_valid():
        try:
            act(care, form.cleaned_data)
        except AlreadyDone:
            return go(request, "homecare:list", number)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, _("Home care is changed. What follows counts from its new end.")
            )
            return go(request, "homecare:list", number)
    use = selectors.InUse(care, _today(request))
    context = {
        "here": "patients:list",
        "patient": care.patient,
        "use": use,
        "form": form,
        "kind": kind,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "homecare/change.html", context, status=status)


def _initial(request: HttpRequest, **values: Any) -> dict[str, Any]:
    """What an empty form begins with: dates that a conflict's link proposes in the address come first."""
    asked = {name: request.GET[name] for name in ("last", "again_on") if request.GET.get(name)}
    return {"key": uuid.uuid4(), **values, **asked}


# The calendar


@require_GET
@requires("print_sheet")
def calendar(request: HttpRequest, number: int) -> HttpResponse:
    """The months at home with a mark for each use, to look at and to print."""
    patient, values = _paper(request, number)
    context = {"patient": patient, "sheet": values, "form": PaperForm()}
    return render(request, "homecare/calendar.html", context)


@require_GET
@requires("print_sheet")
def calendar_pdf(request: HttpRequest, number: int) -> HttpResponse:
    """The same as a document; `?paper=a5` and `?is_large=on` choose its paper and its letters."""
    _patient, values = _paper(request, number)
    look = PaperForm(request.GET).chosen()
    content = paper.pdf("homecare.typ", {"sheets": [values], "title": values["title"], **look})
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="home-care-{number}.pdf"',
            "Cache-Control": "no-store, private",
        },
    )


def _paper(request: HttpRequest, number: int) -> tuple[Patient, dict[str, Any]]:
    patient = _patient(request, number)
    found = selectors.calendar_of(patient, _today(request))
    values = paper_of(found, patient, location_of(request))
    record(
        "printed", patient, by=signed_in(request), patient_number=number,
        kind="home_calendar", language=values["language"],
    )  # fmt: skip
    return patient, values


@require_http_methods(["GET", "POST"])
@requires("issue_link")
def link(request: HttpRequest, number: int) -> HttpResponse:
    """The link to the reminders, to be handed to the patient."""
    patient, by = _patient(request, number), signed_in(request)
    form = LinkForm(request.POST) if request.method == "POST" else None
    context: dict[str, Any] = {"here": "patients:list", "patient": patient, "form": form}
    if form and form.is_valid():
        try:
            if form.cleaned_data["act"] != ISSUE:
                services.revoke_reminders(patient, by=by, key=form.form_key)
                messages.success(request, _("The link is revoked. It opens nothing any more."))
                return go(request, "homecare:link", number)
            secret = services.issue_reminders(patient, by=by, key=form.form_key)
        except AlreadyDone:
            return go(request, "homecare:link", number)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            # Told in this answer and never again, so that no address and no session holds it.
            address = reverse("homecare:reminders", args=[secret])
            context["address"] = request.build_absolute_uri(address)
    context |= {"link": links_of(patient, services.CALENDAR).first(), "key": uuid.uuid4()}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form and form.errors else HTTPStatus.OK
    return render(request, "homecare/link.html", context, status=status)


@require_safe
@by_link
def reminders(request: HttpRequest, secret: str) -> HttpResponse:
    """The reminders that the secret in the address opens, for calendar programs; 404 for any other secret."""
    try:
        found = open_link(secret, services.CALENDAR, address=request.META.get("REMOTE_ADDR", ""))
    except Closed as closed:
        return _nothing(is_too_often=closed.is_too_often)
    patient, zone = found.patient, found.patient.location.zone
    moments = selectors.moments_of(patient, clock.today(zone))
    body = reminders_of(moments, patient.pk, zone, patient.language, found.created_at)
    answer = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="reminders.ics"'
    answer["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    return _unseen(answer)


def _nothing(*, is_too_often: bool) -> HttpResponse:
    """The same for every link that opens nothing."""
    status = HTTPStatus.TOO_MANY_REQUESTS if is_too_often else HTTPStatus.NOT_FOUND
    answer = HttpResponse(f"{status.phrase}\n", status=status, content_type="text/plain")
    if is_too_often:
        answer["Retry-After"] = str(PACE_SECONDS)
    return _unseen(answer)


def _unseen(answer: HttpResponse) -> HttpResponse:
    """Neither the next page nor a cache on the way learns the address or what it opened."""
    answer["Referrer-Policy"] = "no-referrer"
    patch_cache_control(answer, private=True, no_cache=True)
    return answer


def _today(request: HttpRequest) -> dt.date:
    return clock.today(location_of(request).zone)


def _patient(request: HttpRequest, number: int) -> Patient:
    try:
        return get_patient(number, location_of(request))
    except Patient.DoesNotExist:
        raise Http404 from None


def _care(request: HttpRequest, pk: int) -> HomeCare:
    try:
        return selectors.care_at(location_of(request), pk)
    except HomeCare.DoesNotExist:
        raise Http404 from None
