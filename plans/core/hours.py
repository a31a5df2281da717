"""Hours that somebody wishes, and which visits stand outside the hours of those who serve them."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from plans.core.availability import Range
from plans.core.wallclock import instant, midnight

Times = tuple[dt.time, dt.time]
# How far one wish to block time may reach.
MOST_WEEKS = 26
MOST_DAYS = 31
_A_DAY = dt.timedelta(days=1)

Open = Mapping[dt.date, Mapping[int, Sequence[Range]]]


@dataclass(frozen=True, slots=True)
class Held:
    """A stretch in which `resource` serves `visit` (keys of both)."""

    visit: int
    resource: int
    starts_at: dt.datetime
    ends_at: dt.datetime


def outside(held: Iterable[Held], open_: Open, zone: dt.tzinfo) -> dict[int, tuple[int, ...]]:
    """The visits of which some stretch lies outside the hours of its resource, with these resources, in order.

    `open_`: wall-clock minutes by local day and resource; what is not in it is closed. Hours begin and end when
    the clock first shows it, so that a day of 23 or 25 hours has no gap and no seam.
    """
    instants = _Instants(open_, zone)
    found: dict[int, tuple[int, ...]] = {}
    for each in held:
        kept = found.get(each.visit, ())
        if each.resource not in kept and not instants.cover(each):
            found[each.visit] = (*kept, each.resource)
    return found


class _Instants:
    """Opening hours as instants, each day's reckoned once, and once for all who keep the same hours."""

    def __init__(self, open_: Open, zone: dt.tzinfo) -> None:
        self._open, self._zone = open_, zone
        self._known: dict[
            tuple[dt.date, tuple[Range, ...]], list[tuple[dt.datetime, dt.datetime]]
        ] = {}

    def cover(self, held: Held) -> bool:
        day = held.starts_at.astimezone(self._zone).date()
        ranges = tuple(self._open.get(day, {}).get(held.resource, ()))
        if (day, ranges) not in self._known:
            self._known[day, ranges] = [
                (instant(day, first, self._zone), instant(day, last, self._zone))
                for first, last in ranges
            ]
        spans = self._known[day, ranges]
        return any(opens <= held.starts_at and held.ends_at <= closes for opens, closes in spans)


@dataclass(frozen=True, slots=True)
class WishedWeek:
    """Hours by weekday (1 is Monday), from when, to which day (included), in every how many weeks."""

    days: Mapping[int, Sequence[Times]]
    valid_from: dt.date
    valid_until: dt.date | None = None
    every_weeks: int = 1


@dataclass(frozen=True, slots=True)
class WishedDays:
    """Days, ends included, on which other hours hold, or none: an absence, a closed or an extra day."""

    first: dt.date
    last: dt.date
    hours: Times | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class WishedBlock:
    """Time of `resources` (keys) that nobody can book: on the days from `first` to `last`, again in each of `weeks`.

    `minutes`: of the local day, the end not included; None for all of it.
    """

    resources: tuple[int, ...]
    first: dt.date
    last: dt.date
    minutes: Range | None
    reason: str
    weeks: int = 1

    @property
    def days(self) -> list[dt.date]:
        """Each day once, in order."""
        long = (self.last - self.first).days + 1
        shifts = {day + 7 * week for week in range(self.weeks) for day in range(long)}
        return [self.first + shift * _A_DAY for shift in sorted(shifts)]

    @property
    def reaches_too_far(self) -> bool:
        return (self.last - self.first).days >= MOST_DAYS or self.weeks > MOST_WEEKS


def existing(
    day: dt.date, minutes: Range | None, zone: dt.tzinfo
) -> tuple[dt.datetime, dt.datetime] | None:
    """The instants from minute to minute of `day`, all of it without `minutes`; None if the clock jumps over them."""
    if minutes is None:
        begin = midnight(day, zone).astimezone(dt.UTC)
        return begin, midnight(day + _A_DAY, zone).astimezone(dt.UTC)
    begin, end = instant(day, minutes[0], zone), instant(day, minutes[1], zone)
    return (begin, end) if begin < end else None
