"""Reading locations, resources and their hours."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from clinic.kit import clock
from clinic.places.models import HoursException, Location, Resource, WorkingHours

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


def open_minutes(location: Location, first: dt.date, last: dt.date) -> OpenMinutes:
    """When each resource of `location` is open on each day from `first` to `last`, both included.

    Every day is there, and every active resource in it; no weekly hours means closed. Spans are ordered and apart,
    in wall-clock minutes. What is closed by an exception, its own or the location's, is closed: nobody works on a
    holiday because of shorter hours that month. Else hours by an exception of its own, by one of the location, and
    the weekly ones come in this order.
    Three queries, however many days and resources.
    """
    ids = list(
        Resource.objects.filter(location=location, is_active=True).values_list("id", flat=True)
    )
    weekly = _weekly(location, first, last)
    exceptions = _exceptions(location, first, last)
    days = {}
    for offset in range((last - first).days + 1):
        day = first + dt.timedelta(days=offset)
        days[day] = {pk: _open_on(day, pk, weekly[pk, day.isoweekday()], exceptions) for pk in ids}
    return days


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
    return _join(
        row
        for row in weekly
        if row.valid_from <= day and (row.valid_until is None or day <= row.valid_until)
    )


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
