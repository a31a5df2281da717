"""Calendar periods, and the window in which the next session of a course belongs.

Source of every rule here: docs/screening.md, section 2.
"""

import calendar
import datetime as dt
from dataclasses import dataclass
from typing import Literal

Unit = Literal["days", "weeks", "months"]

# Lengths for putting periods of different units in order, in tenths of a day; never for finding a date.
_TENTHS_OF_A_DAY: dict[Unit, int] = {"days": 10, "weeks": 70, "months": 304}


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day of the month `months` later, clamped to that month's end.

    >>> add_months(dt.date(2026, 11, 30), 3)
    datetime.date(2027, 2, 28)
    """
    month_index = day.year * 12 + day.month - 1 + months
    year, month = divmod(month_index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(day.day, last))


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time in days, weeks or calendar months; `n` >= 0."""

    n: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.n < 0 or self.unit not in _TENTHS_OF_A_DAY:
            raise ValueError(f"no period: {self.n} {self.unit}")

    def after(self, day: dt.date) -> dt.date:
        """The date this long after `day`. Always forward: subtracting months does not undo adding them."""
        if self.unit == "months":
            return add_months(day, self.n)
        return day + dt.timedelta(days=self.n * (7 if self.unit == "weeks" else 1))

    def rough_tenths_of_a_day(self) -> int:
        """A comparable length; a month counts as 30.4 days."""
        return self.n * _TENTHS_OF_A_DAY[self.unit]


@dataclass(frozen=True, slots=True)
class Interval:
    """How far apart two sessions of a course stand. min <= recommended <= max, compared roughly."""

    min: Period
    recommended: Period
    max: Period

    def __post_init__(self) -> None:
        lengths = [p.rough_tenths_of_a_day() for p in (self.min, self.recommended, self.max)]
        if lengths != sorted(lengths):
            raise ValueError("an interval needs min <= recommended <= max")


# Of a procedure whose sessions follow no interval: the next day is as good as any.
ANY_DAY = Interval(Period(1, "days"), Period(1, "days"), Period(1, "days"))


@dataclass(frozen=True, slots=True)
class Window:
    """The dates on which a session may stand, ends included, and the one it should stand on."""

    earliest: dt.date
    target: dt.date
    latest: dt.date

    def __contains__(self, day: dt.date) -> bool:
        return self.earliest <= day <= self.latest


def window_after(previous: dt.date, interval: Interval) -> Window:
    """The window of the session that follows one performed, or else booked, on `previous`.

    "28 days, at most 1 month" after 31 January would end before it begins: then only the first day remains.
    """
    earliest = interval.min.after(previous)
    latest = max(earliest, interval.max.after(previous))
    target = min(max(interval.recommended.after(previous), earliest), latest)
    return Window(earliest, target, latest)


def is_lapsed(window: Window, today: dt.date) -> bool:
    """The window has passed without the session: a practitioner decides to go on or to start anew."""
    return today > window.latest
