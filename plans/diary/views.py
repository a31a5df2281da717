"""Pages of the diary: a day, a practitioner's week, how full a month is, and what waits for a date."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from clinic.kit import clock
from clinic.kit.guard import requires
from clinic.kit.pages import go, location_of
from clinic.places.models import Location, Resource, ResourceKind
from clinic.places.selectors import open_minutes, resources_at
from plans.core.fingerprint import read_seen
from plans.core.load import loads
from plans.core.shown import KINDS, Shown, read_shown
from plans.core.weekgrid import month_after, month_before, week_of, weeks_of_month
from plans.diary import selectors
from plans.diary.models import LIVE, Appointment, Status
from plans.diary.tags import (
    KIND_WORDS,
    Days,
    by_kind,
    day_page,
    load_row,
    news_words,
    week_page,
)


@require_GET
@requires("view_day")
def today(request: HttpRequest) -> HttpResponse:
    address = reverse("diary:day", args=[clock.today(location_of(request).zone)])
    return go(request, address + _shown(request).query)


@require_GET
@requires("view_day")
def day(request: HttpRequest, day: dt.date) -> HttpResponse:
    return render(request, "diary/day.html", _day(request, day))


@require_GET
@requires("view_day")
def day_changes(request: HttpRequest, day: dt.date) -> HttpResponse:
    """What changed on a page of that day since it was drawn; 204 and nothing when nothing did."""
    if (news := _news(request, [day])) is None:
        return HttpResponse(status=204)
    return render(request, "diary/live.html", _day(request, day) | {"news": news})


@require_GET
@requires("view_day")
def week(request: HttpRequest, day: dt.date) -> HttpResponse:
    return render(request, "diary/week.html", _week(request, day))


@require_GET
@requires("view_day")
def week_changes(request: HttpRequest, day: dt.date) -> HttpResponse:
    if (news := _news(request, week_of(day))) is None:
        return HttpResponse(status=204)
    return render(request, "diary/live.html", _week(request, day) | {"news": news})


@require_GET
@requires("view_day")
def month(request: HttpRequest, day: dt.date) -> HttpResponse:
    return render(request, "diary/month.html", _month(request, day))


@require_GET
@requires("view_day")
def month_changes(request: HttpRequest, day: dt.date) -> HttpResponse:
    if (news := _news(request, _days_of_month(day))) is None:
        return HttpResponse(status=204)
    return render(request, "diary/month.html#live", _month(request, day) | {"news": news})


# What the pages have in common


def _shown(request: HttpRequest) -> Shown:
    return read_shown(request.GET.lists())


def _day(request: HttpRequest, day: dt.date) -> dict[str, Any]:
    """27 queries at most, however many visits."""
    location = location_of(request)
    resources = resources_at(location)
    # First: what is drawn may be newer than what is said to have been seen, never older.
    around = _around(request, [day], resources, "day")
    read = _read(request, [day], selectors.visits_on(location, day), around)
    return around | day_page(read)


def _month(request: HttpRequest, day: dt.date) -> dict[str, Any]:
    """How full each day of the month is, by kind of resource. 13 queries."""
    location, shown = location_of(request), _shown(request)
    first, *_between, last = _days_of_month(day)
    # First, as for a day.
    seen = selectors.seen_between(location, first, last)
    columns = [each for each in by_kind(resources_at(location)) if shown.shows(each.pk, each.kind)]
    kinds = {each.pk: each.kind for each in columns}
    found = loads(
        open_minutes(location, first, last),
        *selectors.held_between(location, first, last),
        kinds,
    )
    counts = selectors.visits_counted(location, first, last)
    cells = [
        [
            {
                "day": each,
                "is_outside": each.month != day.month,
                "visits": counts.get(each, 0),
                "loads": [
                    load_row(KIND_WORDS[ResourceKind(kind)](), load)
                    for kind, load in found[each].items()
                    if load.level != "closed"
                ],
            }
            for each in week
        ]
        for week in weeks_of_month(day)
    ]
    return {
        "day": day, "weeks": cells, "before": month_before(day), "after": month_after(day),
        "today": clock.today(location.zone), "shown": shown, "kinds": _kinds(shown), "view": "month",
        "seen": seen, "changes": reverse("diary:month_changes", args=[day]) + shown.query,
    }  # fmt: skip


def _days_of_month(day: dt.date) -> list[dt.date]:
    """All that the page of the month shows: whole weeks."""
    return [each for week in weeks_of_month(day) for each in week]


def _week(request: HttpRequest, day: dt.date) -> dict[str, Any]:
    """As a day; 404 where nobody works at all."""
    location, days, shown = location_of(request), week_of(day), _shown(request)
    resources = resources_at(location)
    person = _person(request, resources)
    around = _around(request, days, resources, "week")
    visits = selectors.visits_between(location, days[0], days[-1], person.pk)
    people = [
        (each, shown.of(each.pk).query)
        for each in by_kind(resources)
        if each.kind == ResourceKind.PRACTITIONER
    ]
    return around | week_page(_read(request, days, visits, around), person) | {"people": people}


def _person(request: HttpRequest, resources: Sequence[Resource]) -> Resource:
    """Whose week: the one asked for, else one's own, else the first; 404 without any."""
    people = [each for each in by_kind(resources) if each.kind == ResourceKind.PRACTITIONER]
    asked = _shown(request).who
    wanted = [each for each in people if each.pk in asked]
    own = [each for each in people if each.user_id == request.user.pk]
    for each in (*wanted, *own, *people):
        return each
    raise Http404


def _around(
    request: HttpRequest, days: Sequence[dt.date], resources: Sequence[Resource], view: str
) -> dict[str, Any]:
    """What stands around a grid: filters, what was seen of these days, and where changes are asked for."""
    location, shown = location_of(request), _shown(request)
    return {
        "view": view,
        "kinds": _kinds(shown),
        "resources": by_kind(resources),
        "groups": selectors.groups_offered(),
        "seen": selectors.seen_between(location, days[0], days[-1]),
        "versions": selectors.steps_between(location, days[0], days[-1]),
        "changes": reverse(f"diary:{view}_changes", args=[days[0]]) + shown.query,
    }


def _read(
    request: HttpRequest,
    days: Sequence[dt.date],
    visits: Sequence[Appointment],
    around: Mapping[str, Any],
) -> Days:
    location = location_of(request)
    today = clock.today(location.zone)
    coming = [visit for visit in visits if visit.status in LIVE and visit.status != Status.DONE]
    people = {visit.patient for visit in coming if request.user.has_perm("clinic.see_screening")}
    judged = selectors.rescreen(people, today, coming) if people and days[-1] >= today else []
    return Days(
        days=days,
        now=clock.now().astimezone(location.zone),
        shown=_shown(request),
        resources=around["resources"],
        visits=visits,
        blocks=selectors.blocks_between(location, days[0], days[-1]),
        open_=open_minutes(location, days[0], days[-1]),
        versions=around["versions"],
        groups=around["groups"],
        judged={each.visit.pk: each for each in judged},
    )


def _kinds(shown: Shown) -> list[tuple[str, str, bool, str]]:
    """For each kind: its word in an address, its name, whether it shows, and where the switch leads."""
    return [
        (word, KIND_WORDS[ResourceKind(kind)](), word in shown.kinds, shown.with_kind(word).query)
        for word, kind in KINDS.items()
    ]


def _news(request: HttpRequest, days: Sequence[dt.date]) -> list[str] | None:
    """What changed since the page was drawn, in words; None when nothing did, after 4 queries."""
    location, was = location_of(request), read_seen(request.GET.get("since", ""))
    now = selectors.seen_between(location, days[0], days[-1])
    if now == was:
        return None
    steps = selectors.news_between(location, days[0], days[-1], was.latest) if was else []
    return news_words(steps, hides=_shown(request).hides_names)


def visit_or_404(pk: int, location: Location) -> Appointment:
    """One visit of `location`; Http404 for any other."""
    try:
        return selectors.visit_at(location, pk)
    except Appointment.DoesNotExist:
        raise Http404 from None
