"""A protocol's course of time without a patient: how long it takes, and where its steps stand in a small drawing.

Every session on its recommended day, nothing in the way. Lengths are units of the drawing's own box; y grows
downwards, a row for each step.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from plans.core.dating import DatedStep, date_steps
from plans.core.protocol import Step, Treatment
from plans.core.spacing import add_months
from plans.core.verdicts import Entry, Screening, Verdict

WIDTH = 480.0
EDGE = 8.0
# For the numbers of the steps, left of their rows, and for those of the months, above them.
GUTTER = 24.0
HEAD = 20.0
ROW = 16.0
# Any day will do: months differ by three days at most, and nobody reads a day out of this drawing.
START = dt.date(2027, 1, 1)
LEAST_DAYS = 30


@dataclass(frozen=True, slots=True)
class Shape:
    """A step's row: dots at the x of `sessions`, or a bar from `x`, `width` wide."""

    number: int
    y: float
    is_optional: bool
    sessions: tuple[float, ...] = ()
    x: float = 0.0
    width: float = 0.0

    @property
    def top(self) -> float:
        """Of its bar, 6 high."""
        return self.y - 3

    @property
    def foot(self) -> float:
        """Where its number stands, 11 high."""
        return self.y + 4


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the grid: where, and how many months after the start."""

    x: float
    months: int


@dataclass(frozen=True, slots=True)
class Outline:
    """`months`: full months from the start to the last day. `ticks`: every third month."""

    shapes: tuple[Shape, ...]
    months: int
    height: float
    ticks: tuple[Tick, ...]
    width: float = WIDTH
    gutter: float = GUTTER
    head: float = HEAD


def outline(steps: Iterable[Step], treatments: Mapping[str, Treatment]) -> Outline:
    """Where the steps stand; those of a procedure without a treatment are left out.

    >>> from plans.core.protocol import Starts
    >>> cream = Step(1, "cream", Starts(), days=90)
    >>> outline([cream], {"cream": Treatment("cream", is_home=True)}).months
    3
    """
    steps = tuple(steps)
    gone = {step.number for step in steps if step.procedure not in treatments}
    dated = date_steps(steps, treatments, START, _allow, left_out=gone)
    last = max((each.last_day for each in dated if each.last_day), default=START)
    span = max((last - START).days, LEAST_DAYS)
    months = next(n for n in range(span) if add_months(START, n + 1) > last + dt.timedelta(days=1))

    def x(day: dt.date) -> float:
        return round(GUTTER + (day - START).days / span * (WIDTH - GUTTER - EDGE), 1)

    thirds = ((n, add_months(START, n)) for n in range(0, months + 1, 3))
    ticks = tuple(Tick(x(day), n) for n, day in thirds if (day - START).days <= span)
    shapes = tuple(_shape(each, row, x) for row, each in enumerate(dated))
    return Outline(shapes, months, HEAD + ROW * max(len(shapes), 1), ticks)


def _allow(entry: Entry, others: Sequence[Entry]) -> Screening:
    return Screening(Verdict.OK)


def _shape(each: DatedStep, row: int, x: Callable[[dt.date], float]) -> Shape:
    number, is_optional, y = each.step.number, each.step.is_optional, HEAD + ROW * row + ROW / 2
    first = each.dates[0]
    if first.until is None:
        return Shape(number, y, is_optional, tuple(x(dated.day) for dated in each.dates))
    width = round(max(x(first.until) - x(first.day), 2.0), 1)
    return Shape(number, y, is_optional, (), x(first.day), width)
