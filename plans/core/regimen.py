"""Use at home: on which days and how often, and how long it rests before and after a treatment.

Source of the rules: docs/screening.md, sections 2.2 and 7.3 to 7.5. All dates are calendar dates; last days are included.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from plans.core.cycles import Cycle, Use, block_on
from plans.core.spacing import Period, add_months
from plans.core.verdicts import Gap, Rulebook

Per = Literal["day", "week"]
PartOfDay = Literal["morning", "noon", "evening"]

ONE_DAY = dt.timedelta(days=1)
_WEEK = 7
# What is used once a day is used at night; whatever is used more often begins in the morning.
_PARTS: dict[int, tuple[PartOfDay, ...]] = {1: ("evening",), 2: ("morning", "evening")}


@dataclass(frozen=True, slots=True)
class Regimen:
    """`times` a day or a week, for as long as `course` (None: until it is stopped)."""

    times: int
    per: Per
    course: Period | None = None

    def __post_init__(self) -> None:
        if self.times < 1 or self.per not in get_args(Per):
            raise ValueError(f"no regimen: {self.times} per {self.per}")

    def last_day(self, first: dt.date) -> dt.date | None:
        """The last day of a use that begins on `first`; None while the rules name no length.

        >>> Regimen(2, "day", Period(1, "weeks")).last_day(dt.date(2026, 11, 23))
        datetime.date(2026, 11, 29)
        """
        return max(first, self.course.after(first) - ONE_DAY) if self.course else None

    def times_on(self, first: dt.date, day: dt.date) -> int:
        """How often on `day` when it begins on `first`; what is weekly is spread over the days of its own weeks."""
        if day < first:
            return 0
        if self.per == "day":
            return self.times
        place = (day - first).days % _WEEK
        return sum(number * _WEEK // self.times == place for number in range(self.times))


def read_regimen(values: Mapping[str, Any] | None) -> Regimen | None:
    """The regimen as the catalogue keeps it; None where it does not say how often.

    >>> read_regimen({"times": {"value": 2, "unit": "per day"}, "course": {"value": 7, "unit": "days"}})
    Regimen(times=2, per='day', course=Period(n=7, unit='days'))
    """
    times, course = ((values or {}).get(name) or {} for name in ("times", "course"))
    units: dict[str, Per] = {f"per {per}": per for per in get_args(Per)}
    if not times.get("value") or times.get("unit") not in units:
        return None
    length = Period(course["value"], course["unit"]) if course.get("value") else None
    return Regimen(times["value"], units[times["unit"]], length)


def parts_of_day(times: int) -> tuple[PartOfDay, ...]:
    """When on a day that asks for it `times`; more than thrice is told as thrice."""
    return _PARTS.get(times, get_args(PartOfDay)) if times > 0 else ()


@dataclass(frozen=True, slots=True)
class Stretch:
    """A use at home from `first` to `last`; None: it goes on until it is stopped."""

    procedure: str
    first: dt.date
    last: dt.date | None

    def __post_init__(self) -> None:
        if self.last is not None and self.last < self.first:
            raise ValueError(f"{self.procedure}: ends on {self.last}, before {self.first}")

    def uses_after(self, day: dt.date) -> bool:
        """Some day of use lies after `day`."""
        return self.last is None or self.last > day

    def without(self, stop_by: dt.date, again_on: dt.date) -> tuple["Stretch", ...]:
        """What is left when nothing is used after `stop_by` and before `again_on`; maybe nothing."""
        before = replace(self, last=stop_by) if self.first <= stop_by else None
        start = max(self.first, again_on)
        after = replace(self, first=start) if self.uses_after(start - ONE_DAY) else None
        if before is not None and not self.uses_after(stop_by):
            return (self,)
        return tuple(each for each in (before, after) if each is not None)


@dataclass(frozen=True, slots=True)
class Rest:
    """What a treatment on `day` asks of a use at home: none after `stop_by` and none before `again_on`.

    `before`: the wait between the last use and the treatment; `after`: the one that follows it. None where there is none.
    """

    day: dt.date
    stop_by: dt.date
    again_on: dt.date
    before: Period | None = None
    after: Period | None = None


def last_day_before(day: dt.date, wait: Period) -> dt.date:
    """The latest day from which `wait` is over on `day`. Waits are only ever added, never subtracted (2.2).

    >>> last_day_before(dt.date(2027, 2, 28), Period(3, "months"))
    datetime.date(2026, 11, 30)
    """
    if wait.unit != "months":
        return day - (wait.after(day) - day)
    found = add_months(day, -wait.n)
    while wait.after(found + ONE_DAY) <= day:
        found += ONE_DAY
    return found


def rest_around(book: Rulebook, stretch: Stretch, procedure: str, day: dt.date) -> Rest | None:
    """What a treatment of `procedure` on `day` demands of `stretch`; None where it breaks nothing.

    A use that begins after the treatment is judged by the wait that follows it, one that has begun by both: what is
    still used when that wait begins would be used in the middle of it. Raises ValueError for an unknown procedure.
    """
    home, clinic = book.rules(stretch.procedure), book.rules(procedure)
    before = _waits(book.gaps_between(home, clinic))
    after = _waits(book.gaps_between(clinic, home))
    stops = {last_day_before(day, wait): wait for wait in before}
    starts = {wait.after(day): wait for wait in after}
    stop_by = min([*stops, day - ONE_DAY] if after else stops, default=day)
    again_on = max([*starts, day + ONE_DAY] if before else starts, default=day)
    breaks_before = bool(before) and stretch.first <= day and stretch.uses_after(stop_by)
    breaks_after = bool(after) and stretch.first < again_on and stretch.uses_after(day - ONE_DAY)
    if not breaks_before and not breaks_after:
        return None
    return Rest(day, stop_by, again_on, stops.get(stop_by), starts.get(again_on))


def _waits(gaps: Iterable[Gap]) -> list[Period]:
    """The waits that last at all."""
    return [gap.min for gap in gaps if gap.min.n]


def pause_due(stretch: Stretch, uses: Iterable[Use], cycle: Cycle) -> dt.date | None:
    """The first day of `stretch` that falls into the pause of its cycle (7.5); None where it ends in time.

    `uses`: all others that count in the cycle.
    """
    block = block_on(uses, cycle, stretch.first)
    begins = cycle.on_for.after(block.start if block else stretch.first)
    begins = max(begins, stretch.first)
    return begins if stretch.uses_after(begins - ONE_DAY) else None


# The calendar on paper and in a calendar program


@dataclass(frozen=True, slots=True)
class Care:
    """One use as a calendar shows it; `letter` tells it from the others."""

    letter: str
    regimen: Regimen
    first: dt.date
    last: dt.date | None

    def times_on(self, day: dt.date) -> int:
        is_over = self.last is not None and day > self.last
        return 0 if is_over else self.regimen.times_on(self.first, day)


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar: how often each use falls on it, by its letter, and at what times the clinic expects the patient.

    `is_outside`: of the month before or after, shown empty.
    """

    date: dt.date
    is_outside: bool
    marks: tuple[tuple[str, int], ...] = ()
    visits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Month:
    """Whole weeks from Monday to Sunday."""

    first: dt.date
    weeks: tuple[tuple[Day, ...], ...]


def months(
    cares: Iterable[Care],
    visits: Mapping[dt.date, tuple[str, ...]],
    first: dt.date,
    last: dt.date,
) -> tuple[Month, ...]:
    """The months from that of `first` to that of `last`; marks and visits only from `first` to `last`."""
    cares, found, start = tuple(cares), [], first.replace(day=1)
    while start <= last:
        days = [_day(cares, visits, day, start, first, last) for day in _whole_weeks(start)]
        weeks = (tuple(days[n : n + _WEEK]) for n in range(0, len(days), _WEEK))
        found.append(Month(start, tuple(weeks)))
        start = add_months(start, 1)
    return tuple(found)


def _whole_weeks(month: dt.date) -> Iterator[dt.date]:
    day, end = month - month.weekday() * ONE_DAY, add_months(month, 1)
    while day < end or day.weekday():
        yield day
        day += ONE_DAY


def _day(
    cares: Iterable[Care],
    visits: Mapping[dt.date, tuple[str, ...]],
    day: dt.date,
    month: dt.date,
    first: dt.date,
    last: dt.date,
) -> Day:
    if (day.year, day.month) != (month.year, month.month):
        return Day(day, is_outside=True)
    if not first <= day <= last:
        return Day(day, is_outside=False)
    marks = ((care.letter, care.times_on(day)) for care in cares)
    return Day(day, False, tuple(mark for mark in marks if mark[1]), visits.get(day, ()))


def reminders(
    cares: Iterable[Care], first: dt.date, last: dt.date
) -> tuple[tuple[dt.date, PartOfDay], ...]:
    """When to remember, from `first` to `last`, each moment once, earliest first: two uses in the evening are one."""
    cares, found, day = tuple(cares), list[tuple[dt.date, PartOfDay]](), first
    while day <= last:
        parts = {part for care in cares for part in parts_of_day(care.times_on(day))}
        found += [(day, part) for part in get_args(PartOfDay) if part in parts]
        day += ONE_DAY
    return tuple(found)
