"""Reading locations, resources and their hours."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import holidays
from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.kit import clock
from clinic.kit.refusals import Refusal
from clinic.places.models import HoursException, Location, Resource, WorkingHours

# Hours come back after so many weeks at most (constraint hours_every_weeks).
LONGEST_RHYTHM = 8
# Three sessions a year apart, or a few of twenty: farther ones are read when they are asked for.
SEARCHED_AHEAD = dt.timedelta(days=5 * 365)

# Wall-clock minutes since midnight, the end not included.
Minutes = tuple[int, int]
OpenMinutes = Mapping[dt.date, Mapping[int, tuple[Minutes, ...]]]


def location_of(user: Any) -> Location | None:
    """The location that a staff member works at; the first one where there are several. One query."""
    return Location.objects.filter(staff=user).first()


def frame(request: Any) -> dict[str, Any]:
    """What every page's frame shows (context processor): the clinic's name and its local time. No query."""
    location = getattr(request, "location", None)
    return {
        "mail_is_set": bool(settings.EMAIL_URL),
        "clinic_name": location.name if location else settings.CLINIC_NAME,
        "local_now": timezone.localtime(clock.now(), location.zone if location else None),
    }


def resources_at(location: Location) -> list[Resource]:
    """What can be booked at `location`: active practitioners, rooms and devices, with their capabilities. Two queries."""
    return list(
        Resource.objects.filter(location=location, is_active=True).prefetch_related("capabilities")
    )


class Opening:
    """When each active resource of `location` is open, from `first` to `last`: read once, by three queries.

    Without `last`: as far as a search is likely to get.
    """

    def __init__(self, location: Location, first: dt.date, last: dt.date | None = None) -> None:
        self.last = last = last or first + SEARCHED_AHEAD
        resources = Resource.objects.filter(location=location, is_active=True)
        self._resources = list(resources.values_list("id", flat=True))
        self._weekly = _weekly(location, first, last)
        self._exceptions = _exceptions(location, first, last)

    def between(self, first: dt.date, last: dt.date) -> OpenMinutes:
        """As `open_minutes`, of days among those that were read. No query."""
        days = (first + dt.timedelta(days=offset) for offset in range((last - first).days + 1))
        return {day: {pk: self._on(day, pk) for pk in self._resources} for day in days}

    def _on(self, day: dt.date, resource: int) -> tuple[Minutes, ...]:
        return _open_on(day, resource, self._weekly[resource, day.isoweekday()], self._exceptions)


def open_minutes(location: Location, first: dt.date, last: dt.date) -> OpenMinutes:
    """When each resource of `location` is open on each day from `first` to `last`, both included.

    Every day is there, and every active resource in it; no weekly hours means closed. Spans are ordered and apart,
    in wall-clock minutes. What is closed by an exception, its own or the location's, is closed: nobody works on a
    holiday because of shorter hours that month. Else hours by an exception of its own, by one of the location, and
    the weekly ones come in this order.
    Three queries, however many days and resources.
    """
    return Opening(location, first, last).between(first, last)


def _weekly(
    location: Location, first: dt.date, last: dt.date
) -> defaultdict[tuple[int, int], list[WorkingHours]]:
    rows = WorkingHours.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gte=first),
        resource__location=location,
        valid_from__lte=last,
    )
    weekly = defaultdict(list)
    for row in rows:
        weekly[row.resource_id, row.weekday].append(row)
    return weekly


def _exceptions(
    location: Location, first: dt.date, last: dt.date
) -> defaultdict[tuple[dt.date, int | None], list[HoursException]]:
    """Exceptions by day and resource; None stands for the whole location."""
    by_day = defaultdict(list)
    for row in HoursException.objects.filter(
        location=location, first_day__lte=last, last_day__gte=first
    ):
        day = max(first, row.first_day)
        while day <= min(last, row.last_day):
            by_day[day, row.resource_id].append(row)
            day += dt.timedelta(days=1)
    return by_day


def _open_on(
    day: dt.date,
    resource: int,
    weekly: Iterable[WorkingHours],
    exceptions: Mapping[tuple[dt.date, int | None], list[HoursException]],
) -> tuple[Minutes, ...]:
    own, everybody_s = exceptions.get((day, resource), []), exceptions.get((day, None), [])
    if any(row.opens is None for row in (*own, *everybody_s)):
        return ()
    if own or everybody_s:
        return _join(own or everybody_s)
    return _join(row for row in weekly if holds_on(row, day))


def week_number(day: dt.date) -> int:
    """The number of the week (Monday to Sunday) of `day`; 1 January of the year 1 was a Monday, of week 0.

    >>> week_number(dt.date(2026, 11, 23)) - week_number(dt.date(2026, 11, 22))
    1
    """
    return (day.toordinal() - 1) // 7


def holds_on(row: WorkingHours, day: dt.date) -> bool:
    """Whether the row speaks of the week of `day`, and `day` is within its validity; the weekday is not looked at."""
    if day < row.valid_from or (row.valid_until is not None and row.valid_until < day):
        return False
    return (week_number(day) - week_number(row.valid_from)) % row.every_weeks == 0


def _join(rows: Iterable[WorkingHours | HoursException]) -> tuple[Minutes, ...]:
    """The hours of `rows`, ordered; those that touch become one."""
    spans: list[Minutes] = []
    for opens, closes in sorted((_minute(row.opens), _minute(row.closes)) for row in rows):
        if spans and opens <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(closes, spans[-1][1]))
        else:
            spans.append((opens, closes))
    return tuple(spans)


def _minute(time: dt.time | None) -> int:
    return time.hour * 60 + time.minute if time else 0


@dataclass(frozen=True)
class Week:
    """Weekly hours that hold for the same days: by weekday (1 is Monday) the spans, in order."""

    valid_from: dt.date
    valid_until: dt.date | None
    every_weeks: int
    days: Mapping[int, Sequence[tuple[dt.time, dt.time]]]


def weeks_of(resource: Resource, since: dt.date) -> list[Week]:
    """The weekly hours of `resource` that hold on `since` or later, earliest first. One query."""
    found: dict[tuple[dt.date, dt.date | None, int], dict[int, list[tuple[dt.time, dt.time]]]] = {}
    for row in _lasting(since).filter(resource=resource).order_by("valid_from", "weekday", "opens"):
        days = found.setdefault((row.valid_from, row.valid_until, row.every_weeks), {})
        days.setdefault(row.weekday, []).append((row.opens, row.closes))
    return [Week(*validity, days) for validity, days in found.items()]


def _lasting(since: dt.date) -> QuerySet[WorkingHours]:
    return WorkingHours.objects.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=since))


def hours_in_week(resource: Resource, day: dt.date) -> dict[int, list[tuple[dt.time, dt.time]]]:
    """The weekly hours of `resource` in the week of `day`, by weekday, exceptions left out. One query."""
    monday = day - dt.timedelta(days=day.weekday())
    spans: dict[int, list[tuple[dt.time, dt.time]]] = defaultdict(list)
    for row in _lasting(monday).filter(resource=resource).order_by("weekday", "opens"):
        if holds_on(row, monday + dt.timedelta(days=row.weekday - 1)):
            spans[row.weekday].append((row.opens, row.closes))
    return dict(spans)


def exceptions_since(
    location: Location, since: dt.date, *, resource: Resource | None = None
) -> list[HoursException]:
    """Absences and extra days of `resource`, or those of the whole location, that last until `since` or longer. One query."""
    return list(
        HoursException.objects.filter(location=location, resource=resource, last_day__gte=since)
    )


@dataclass(frozen=True)
class Holiday:
    """A public holiday; `row` closes the location on it, if that was written."""

    day: dt.date
    name: str
    row: HoursException | None


def holidays_in(location: Location, year: int) -> list[Holiday]:
    """The public holidays of the location's country and region, in order. One query.

    Raises Refusal for a country or region without a calendar of holidays.
    """
    known = {
        row.first_day: row
        for row in HoursException.objects.filter(
            location=location, resource=None, opens=None, first_day__year=year
        )
        if row.first_day == row.last_day
    }
    return [Holiday(day, name, known.get(day)) for day, name in _public_holidays(location, year)]


def _public_holidays(location: Location, year: int) -> list[tuple[dt.date, str]]:
    try:
        calendar = holidays.country_holidays(
            location.country, subdiv=location.subdivision or None, years=year
        )
    except NotImplementedError:
        words = _(
            "No holidays are known for %(country)s %(region)s. Check country and region of the location."
        )
        said = {"country": location.country, "region": location.subdivision}
        raise Refusal(words % said) from None
    return [(day, name[:80]) for day, name in sorted(calendar.items())]
