"""Pages of hours: everybody's week, the hours of one, holidays, blocked time."""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.kit import clock
from clinic.kit.guard import requires
from clinic.kit.pages import go, location_of
from clinic.kit.refusals import AlreadyDone, Refusal
from clinic.places import selectors as places
from clinic.places.models import HoursException, Location, Resource
from clinic.staff.selectors import signed_in
from plans.diary.forms import KeyForm
from plans.diary.models import Block
from plans.hours import selectors, services, tags
from plans.hours.forms import (
    BeginForm,
    BlockForm,
    ChangeForm,
    DaysForm,
    EndForm,
    HolidaysForm,
    PlannedForm,
    UnblockForm,
    WeekForm,
    most_breaks,
    week_values,
)

_A_DAY = dt.timedelta(days=1)
Change = Callable[..., None]


@require_GET
@requires("keep_hours")
def overview(request: HttpRequest) -> HttpResponse:
    location = location_of(request)
    today = clock.today(location.zone)
    day = _begin(request).get("day") or today
    monday = day - dt.timedelta(days=day.weekday())
    context = tags.week_page(selectors.week_of_all(location, monday)) | {
        "monday": monday,
        "before": monday - 7 * _A_DAY,
        "after": monday + 7 * _A_DAY,
        "today": today,
        "stranded": tags.stranded_rows(selectors.stranded(location, today)),
    }
    return render(request, "hours/overview.html", context)


def _begin(request: HttpRequest) -> dict[str, Any]:
    """What the address names; nothing of what it names wrongly."""
    form = BeginForm(request.GET)
    form.is_valid()
    return form.cleaned_data


@require_http_methods(["GET", "POST"])
@requires("keep_hours")
def resource(request: HttpRequest, pk: int) -> HttpResponse:
    row = _resource(request, pk)
    if request.method == "GET":
        return _resource_page(request, row)
    week = places.hours_in_week(row, clock.today(row.location.zone))
    form = WeekForm(request.POST, breaks=max(most_breaks(week), _breaks_sent(request)))
    if form.is_valid():

        def change(**kept: Any) -> None:
            services.change_week(row, form.wish(), **kept)

        if answer := _changed(request, form, change, reverse("hours:resource", args=[pk])):
            return answer
    return _resource_page(request, row, week_form=form)


def _breaks_sent(request: HttpRequest) -> int:
    """As many breaks as the form that was sent has room for."""
    return sum(name.startswith("d1_break") and name.endswith("_from") for name in request.POST)


def _resource(request: HttpRequest, pk: int) -> Resource:
    try:
        return selectors.resource_at(location_of(request), pk)
    except Resource.DoesNotExist:
        raise Http404 from None


def _resource_page(
    request: HttpRequest, row: Resource, wrong: ChangeForm | None = None, **given: ChangeForm
) -> HttpResponse:
    """The page of one; `given`: a form as it was sent, `wrong`: one that has no place on the page."""
    location = row.location
    today = clock.today(location.zone)
    mine = [each for each in selectors.stranded(location, today) if row in each.resources]
    context = {
        "resource": row,
        "weeks": tags.weeks_page(places.weeks_of(row, today), today),
        "exceptions": tags.exception_rows(places.exceptions_since(location, today, resource=row)),
        "stranded": tags.stranded_rows(mine),
        "today": today,
        "key": uuid.uuid4(),
        "week_form": given.get("week_form") or _week_form(request, row, today),
        "days_form": given.get("days_form") or DaysForm(initial={"key": uuid.uuid4()}),
        "end_form": given.get("end_form")
        or EndForm(initial={"key": uuid.uuid4()}, auto_id="end_%s"),
        "wrong": wrong or next(iter(given.values()), None),
    }
    return render(request, "hours/resource.html", context, status=422 if context["wrong"] else 200)


def _week_form(request: HttpRequest, row: Resource, today: dt.date) -> WeekForm:
    """The hours of the week asked for, or of the next one, to be changed."""
    next_monday = today + dt.timedelta(days=7 - today.weekday())
    day = _begin(request).get("day") or next_monday
    week = places.hours_in_week(row, day)
    initial = week_values(week) | {"valid_from": max(day, today), "every_weeks": 1}
    return WeekForm(initial=initial | {"key": uuid.uuid4()}, breaks=most_breaks(week))


def _changed(
    request: HttpRequest, form: ChangeForm, change: Change, back: str
) -> HttpResponse | None:
    """Carry out a change of hours; None where a rule said no, which then stands in the form.

    Visits that it would strand are shown first, with the same form to send again.
    """
    agreed = form.agreed_visits
    try:
        change(by=signed_in(request), key=form.form_key, agreed=agreed)
    except AlreadyDone:
        return go(request, back)
    except services.Strands as strands:
        return _preview(request, strands, back)
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return None
    words = _("Saved. No visit is touched.")
    if n := len(agreed):
        words = ngettext(
            "Saved. %(n)s visit waits to be moved.", "Saved. %(n)s visits wait to be moved.", n
        ) % {"n": n}
    messages.success(request, words)
    return go(request, back)


def _preview(request: HttpRequest, strands: services.Strands, back: str) -> HttpResponse:
    """Whom the change would leave outside hours; nothing is saved yet."""
    sent = [
        (name, value)
        for name in request.POST
        if name not in ("csrfmiddlewaretoken", "agreed")
        for value in request.POST.getlist(name)
    ]
    context = {
        "sent": sent,
        "agreed": ",".join(str(each.visit.pk) for each in strands.visits),
        "stranded": tags.stranded_rows(strands.visits),
        "back": back,
    }
    return render(request, "hours/strands.html", context, status=422)


@require_POST
@requires("keep_hours")
def end(request: HttpRequest, pk: int) -> HttpResponse:
    row, form = _resource(request, pk), EndForm(request.POST, auto_id="end_%s")
    if form.is_valid():
        day = form.cleaned_data["last_day"]

        def change(**kept: Any) -> None:
            services.end_hours(row, day, **kept)

        if answer := _changed(request, form, change, reverse("hours:resource", args=[pk])):
            return answer
    return _resource_page(request, row, end_form=form)


@require_POST
@requires("keep_hours")
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    row, form = _resource(request, pk), PlannedForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data

        def change(**kept: Any) -> None:
            services.take_back_hours(row, said["valid_from"], said["every_weeks"], **kept)

        if answer := _changed(request, form, change, reverse("hours:resource", args=[pk])):
            return answer
    return _resource_page(request, row, wrong=form)


@require_POST
@requires("keep_hours")
def days(request: HttpRequest, pk: int) -> HttpResponse:
    row, form = _resource(request, pk), DaysForm(request.POST)
    if form.is_valid():

        def change(**kept: Any) -> None:
            services.add_days(row.location, form.wish(), resource=row, **kept)

        if answer := _changed(request, form, change, reverse("hours:resource", args=[pk])):
            return answer
    return _resource_page(request, row, days_form=form)


@require_POST
@requires("keep_hours")
def remove_days(request: HttpRequest, pk: int) -> HttpResponse:
    location = location_of(request)
    try:
        row = selectors.exception_at(location, pk)
    except HoursException.DoesNotExist:
        raise Http404 from None
    form = ChangeForm(request.POST)
    back = (
        reverse("hours:resource", args=[row.resource_id])
        if row.resource_id
        else (f"{reverse('hours:holidays')}?year={row.first_day.year}")
    )
    if form.is_valid():

        def change(**kept: Any) -> None:
            services.remove_days(row, **kept)

        if answer := _changed(request, form, change, back):
            return answer
    if row.resource is not None:
        return _resource_page(request, row.resource, wrong=form)
    return _holidays_page(request, location, row.first_day.year, wrong=form)


@require_http_methods(["GET", "POST"])
@requires("keep_hours")
def holidays(request: HttpRequest) -> HttpResponse:
    location = location_of(request)
    today = clock.today(location.zone)
    if request.method == "GET":
        return _holidays_page(request, location, _begin(request).get("year") or today.year)
    year = BeginForm(request.POST)
    chosen = (year.cleaned_data.get("year") if year.is_valid() else None) or today.year
    form = HolidaysForm(request.POST, years=_years(today), days=_holiday_days(location, chosen))
    if form.is_valid():
        said = form.cleaned_data

        def change(**kept: Any) -> None:
            services.close_on_holidays(location, said["year"], said["days"], **kept)

        back = f"{reverse('hours:holidays')}?year={said['year']}"
        if answer := _changed(request, form, change, back):
            return answer
    return _holidays_page(request, location, chosen, wrong=form)


def _years(today: dt.date) -> range:
    return range(today.year, today.year + 4)


def _holiday_days(location: Location, year: int) -> list[dt.date]:
    try:
        return [each.day for each in places.holidays_in(location, year)]
    except Refusal:
        return []


def _holidays_page(
    request: HttpRequest, location: Location, year: int, wrong: Any = None, **given: DaysForm
) -> HttpResponse:
    today = clock.today(location.zone)
    unknown = ""
    try:
        found = places.holidays_in(location, year)
    except Refusal as refusal:
        found, unknown = [], str(refusal)
    context: Mapping[str, Any] = {
        "year": year,
        "years": _years(today),
        "holidays": found,
        "missing": [each for each in found if each.row is None and each.day >= today],
        "unknown": unknown,
        "location": location,
        "today": today,
        "key": uuid.uuid4(),
        "exceptions": tags.exception_rows(
            each
            for each in places.exceptions_since(location, today)
            if each.first_day.year <= year <= each.last_day.year
            and each.pk not in {one.row.pk for one in found if one.row}
        ),
        "days_form": given.get("days_form") or DaysForm(initial={"key": uuid.uuid4()}),
        "wrong": wrong or given.get("days_form"),
    }
    return render(request, "hours/holidays.html", context, status=422 if context["wrong"] else 200)


@require_POST
@requires("keep_hours")
def closures(request: HttpRequest) -> HttpResponse:
    location, form = location_of(request), DaysForm(request.POST)
    if form.is_valid():

        def change(**kept: Any) -> None:
            services.add_days(location, form.wish(), **kept)

        if answer := _changed(request, form, change, reverse("hours:holidays")):
            return answer
    year = clock.today(location.zone).year
    return _holidays_page(request, location, year, days_form=form)


@require_http_methods(["GET", "POST"])
@requires("book_session")
def blocks(request: HttpRequest) -> HttpResponse:
    location = location_of(request)
    resources = places.resources_at(location)
    if request.method == "GET":
        return _blocks_page(request, location, _block_form(request, resources))
    form = BlockForm(request.POST, resources=resources)
    if form.is_valid():
        try:
            added = services.add_blocks(
                location, form.wish(), by=signed_in(request), key=form.form_key
            )
        except AlreadyDone:
            return go(request, "hours:blocks")
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            words = ngettext("%(n)s time is blocked.", "%(n)s times are blocked.", len(added))
            messages.success(request, words % {"n": len(added)})
            return go(request, "hours:blocks")
    return _blocks_page(request, location, form)


def _block_form(request: HttpRequest, resources: list[Resource]) -> BlockForm:
    """An empty form, or with what the address names: a click on free time in the diary."""
    named = _begin(request)
    initial = {"key": uuid.uuid4(), "first_day": named.get("day"), "weeks": 1}
    initial["resources"] = [named["resource"]] if named.get("resource") else []
    if (minute := named.get("minute")) is not None:
        initial["opens"] = dt.time(*divmod(minute, 60))
    return BlockForm(initial=initial, resources=resources)


def _blocks_page(
    request: HttpRequest, location: Location, form: KeyForm, wrong: KeyForm | None = None
) -> HttpResponse:
    wrong = wrong or form
    context = {
        "form": form,
        "wrong": wrong,
        "rows": tags.blocked_rows(selectors.blocks_ahead(location), location.zone),
        "key": uuid.uuid4(),
    }
    status = 422 if wrong.errors else 200
    return render(request, "hours/blocks.html", context, status=status)


@require_POST
@requires("book_session")
def unblock(request: HttpRequest, pk: int) -> HttpResponse:
    location, form = location_of(request), UnblockForm(request.POST)
    try:
        block = selectors.block_at(location, pk)
    except Block.DoesNotExist:
        raise Http404 from None
    if form.is_valid():
        whole = form.cleaned_data["whole"]
        try:
            n = services.remove_blocks(block, whole=whole, by=signed_in(request), key=form.form_key)
        except AlreadyDone:
            return go(request, "hours:blocks")
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            words = ngettext("%(n)s time is free again.", "%(n)s times are free again.", n)
            messages.success(request, words % {"n": n})
            return go(request, "hours:blocks")
    empty = _block_form(request, places.resources_at(location))
    return _blocks_page(request, location, empty, wrong=form)
