"""Pages of lots: the list, one lot with everybody who got of it, and that as a paper."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.audit.services import record
from clinic.kit import clock
from clinic.kit.guard import requires
from clinic.kit.pages import go, location_of
from clinic.kit.refusals import AlreadyDone, Refusal
from clinic.staff.selectors import signed_in
from plans.core.lots import Level
from plans.lots import selectors, services
from plans.lots.forms import ListForm, LotForm, ReasonForm, values_of
from plans.lots.models import Lot
from plans.lots.tags import SIGNS, amount_words, standing_words


@require_GET
@requires("keep_lots")
def list_lots(request: HttpRequest) -> HttpResponse:
    """Lots by their last day, with what expires; filtered and paged."""
    location = location_of(request)
    today = clock.today(location.zone)
    form = ListForm(request.GET)
    words, show = form.wanted()
    page, listed = selectors.lots_page(location, words, show, request.GET.get("page", 1), today)
    warned = selectors.warned_of(location, today)
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "form": form,
        "page": page,
        "rows": [
            (each, SIGNS[each.standing.level], standing_words(each.standing)) for each in listed
        ],
        "is_filtered": bool(words or show),
        "soon": warned[Level.SOON],
        "expired": warned[Level.EXPIRED],
        "query": query.urlencode(),
    }
    part = "lots/list.html#found" if getattr(request, "htmx", False) else "lots/list.html"
    return render(request, part, context)


@require_http_methods(["GET", "POST"])
@requires("keep_lots")
def add(request: HttpRequest) -> HttpResponse:
    """A lot that was received."""
    location = location_of(request)
    form = LotForm(request.POST or None, initial=_blank(location))
    if request.method == "POST" and form.is_valid():
        by, key = signed_in(request), form.cleaned_data["key"]
        try:
            made = services.add_lot(location, form.received(), by=by, key=key)
        except AlreadyDone as earlier:
            return go(request, "lots:lot", int(earlier.outcome))
        except services.OnTheList as refusal:
            form.add_error("number", str(refusal))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The lot is on the list."))
            return go(request, "lots:lot", made.pk)
    return _form_page(request, form, None)


def _blank(location: Any) -> dict[str, Any]:
    return {"key": uuid.uuid4(), "received_on": clock.today(location.zone)}


@require_http_methods(["GET", "POST"])
@requires("keep_lots")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """What was mistyped, until the first use."""
    row = _lot(request, pk)
    form = LotForm(request.POST or None, initial={"key": uuid.uuid4(), **values_of(row)})
    if request.method == "POST" and form.is_valid():
        by, key = signed_in(request), form.cleaned_data["key"]
        try:
            services.correct_lot(row, form.received(), by=by, key=key)
        except AlreadyDone:
            return go(request, "lots:lot", pk)
        except services.OnTheList as refusal:
            form.add_error("number", str(refusal))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The lot is corrected."))
            return go(request, "lots:lot", pk)
    return _form_page(request, form, row)


def _form_page(request: HttpRequest, form: LotForm, row: Lot | None) -> HttpResponse:
    context = {
        "here": "lots:list",
        "form": form,
        "lot": row,
        "is_used": row is not None and selectors.is_used(row),
        "products": selectors.products(location_of(request)),
    }
    return render(request, "lots/edit.html", context, status=422 if form.errors else 200)


@require_GET
@requires("keep_lots")
def lot(request: HttpRequest, pk: int) -> HttpResponse:
    """One lot: how it stands, and where it was used."""
    return _lot_page(request, _lot(request, pk), ReasonForm(initial={"key": uuid.uuid4()}))


@require_POST
@requires("keep_lots")
def recall(request: HttpRequest, pk: int) -> HttpResponse:
    """Let nobody be treated with it from now on."""
    done = _("The lot is recalled. Nobody can choose it any more.")
    return _decide(request, pk, services.recall_lot, done)


@require_POST
@requires("keep_lots")
def lift(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a recall back that was a mistake."""
    return _decide(request, pk, services.lift_recall, _("The recall is taken back."))


def _decide(request: HttpRequest, pk: int, service: Callable[..., None], done: str) -> HttpResponse:
    row = _lot(request, pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        try:
            service(row, said["reason"], by=signed_in(request), key=said["key"])
        except AlreadyDone:
            return go(request, "lots:lot", pk)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, done)
            return go(request, "lots:lot", pk)
    return _lot_page(request, _lot(request, pk), form)


def _lot_page(request: HttpRequest, row: Lot, form: ReasonForm) -> HttpResponse:
    context = _used_context(request, row) | {
        "here": "lots:list",
        "form": form,
        "elsewhere": selectors.same_elsewhere(row),
    }
    return render(request, "lots/lot.html", context, status=422 if form.errors else 200)


@require_GET
@requires("keep_lots")
def patients(request: HttpRequest, pk: int) -> HttpResponse:
    """Everybody who got of the lot, on paper, with how to reach them."""
    row = _lot(request, pk)
    context = _used_context(request, row) | {"printed_at": clock.now()}
    return render(request, "lots/patients.html", context)


def _used_context(request: HttpRequest, row: Lot) -> dict[str, Any]:
    """What both pages say; who is named on them is written down."""
    got = selectors.where_used(row)
    standing = selectors.standing_of(row, clock.today(row.location.zone))
    visits = sum(len(each.uses) for each in got)
    numbers = [each.patient.number for each in got]
    record("lot_patients_shown", row, by=signed_in(request), patients=numbers, visits=visits)
    return {
        "lot": row,
        "sign": SIGNS[standing.level],
        "stands": standing_words(standing),
        "got": [
            (
                each.patient,
                [(use, amount_words(use.units, row.unit)) for use in each.uses],
                amount_words(each.units, row.unit),
            )
            for each in got
        ],
        "visits": visits,
    }


def _lot(request: HttpRequest, pk: int) -> Lot:
    try:
        return selectors.lot_at(location_of(request), pk)
    except Lot.DoesNotExist:
        raise Http404 from None
