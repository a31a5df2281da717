"""Where things stand in the drawing of a patient's courses: one line of dates, a lane for each course.

Nothing but time decides where a thing stands: `x = GUTTER + days since the axis' first day * pixels per day`.
Lengths are units of the drawing's own 1000 wide box; y grows downwards.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from plans.core.spacing import add_months

State = Literal["done", "booked", "due", "lapsed", "halt", "before"]
BarKind = Literal["window", "past", "gap", "lapsed", "home", "home_planned"]
Anchor = Literal["start", "middle", "end"]

STATES: tuple[str, ...] = get_args(State)

WIDTH = 1000.0
GUTTER = 168.0  # names of the lanes
MARGIN = 8.0
LEAST_MONTHS = 6
MOST_MONTHS = 18


@dataclass(frozen=True, slots=True)
class Mark:
    """One session on its day. `label` is a few words ("2 · 26 Feb"), drawn where there is room."""

    day: dt.date
    state: State
    label: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of days, both ends included: a window (with its target day), a wait, a period of home care."""

    start: dt.date
    end: dt.date
    kind: BarKind
    target: dt.date | None = None
    label: str = ""

    def __post_init__(self) -> None:
        if self.start > self.end:
            raise ValueError(f"a bar ends after it starts: {self.start} to {self.end}")


@dataclass(frozen=True, slots=True)
class Lane:
    """One course, or the home care: its name, up to two short lines below it, what stands on it."""

    name: str
    lines: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    bars: tuple[Bar, ...] = ()

    def days(self) -> Iterable[dt.date]:
        """Every date that the lane would like to show, in no order."""
        yield from (mark.day for mark in self.marks)
        for bar in self.bars:
            yield bar.start
            yield bar.end


@dataclass(frozen=True, slots=True)
class Timeline:
    """Lanes on one axis from `first` up to, not including, `last`; both are the first day of a month."""

    lanes: tuple[Lane, ...]
    today: dt.date
    first: dt.date
    last: dt.date
    sentence: str = ""  # what the drawing says, for those who cannot see it; the page has a default

    @property
    def last_month(self) -> dt.date:
        """The first day of the last month shown."""
        return add_months(self.last, -1)


def timeline(lanes: Sequence[Lane], today: dt.date, sentence: str = "") -> Timeline:
    """Choose the months to show: all that matter and today, at least 6, at most 18.

    Of a longer history the latest 9 months before today stay, and more where the future does not need the room.

    >>> drawn = timeline([Lane("Peel", marks=(Mark(dt.date(2027, 2, 26), "booked"),))], dt.date(2026, 11, 9))
    >>> drawn.first.isoformat(), drawn.last.isoformat()
    ('2026-11-01', '2027-05-01')
    """
    days = [today, *(day for lane in lanes for day in lane.days())]
    first, last = min(days).replace(day=1), add_months(max(days).replace(day=1), 1)
    if _months(first, last) > MOST_MONTHS:
        this_month = today.replace(day=1)
        nine_back = add_months(this_month, -MOST_MONTHS // 2)
        first = max(first, min(nine_back, add_months(last, -MOST_MONTHS)))
        last = add_months(first, MOST_MONTHS)
    last = max(last, add_months(first, LEAST_MONTHS))
    return Timeline(tuple(lanes), today, first, last, sentence)


def _months(first: dt.date, last: dt.date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month


@dataclass(frozen=True, slots=True)
class Axis:
    """Days to units: `first` stands at the gutter's edge, `last` at the right margin; days outside are clamped."""

    first: dt.date
    last: dt.date
    left: float = GUTTER
    right: float = WIDTH - MARGIN

    def x(self, day: dt.date) -> float:
        """Where the beginning of `day` stands, to a tenth of a unit."""
        shown = min(max(day, self.first), self.last)
        return round(
            self.left
            + (shown - self.first).days * (self.right - self.left) / (self.last - self.first).days,
            1,
        )

    def shows(self, day: dt.date) -> bool:
        return self.first <= day < self.last

    def months(self) -> list[dt.date]:
        """The first days of the months shown."""
        return [add_months(self.first, n) for n in range(_months(self.first, self.last))]


@dataclass(frozen=True, slots=True)
class WindowBar:
    """A single window in its own 300 by 14 box: its ends at 6 and 294, the target's tick, the chosen day's dot."""

    target_x: float
    chosen_x: float | None
    width: float = field(default=300.0, init=False)


def window_bar(
    earliest: dt.date, target: dt.date, latest: dt.date, chosen: dt.date | None = None
) -> WindowBar:
    """Place target and chosen day between the ends of a window; days outside stand on its nearer end.

    >>> window_bar(dt.date(2027, 1, 1), dt.date(2027, 1, 1), dt.date(2027, 1, 11), dt.date(2027, 1, 6)).chosen_x
    150.0
    """
    days = max((latest - earliest).days, 1)

    def x(day: dt.date) -> float:
        return round(6 + min(max((day - earliest).days, 0), days) / days * 288, 1)

    return WindowBar(x(target), x(chosen) if chosen else None)
