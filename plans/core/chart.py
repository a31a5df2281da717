"""Where the scores of a course stand in their drawing: a lane for each scale, one line of dates below them all.

Lengths are units of the drawing's own 1000 wide box, as in `drawing`; y grows downwards. Whatever the scale means,
its most stands at the top of its lane and its least at the bottom.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from plans.core.drawing import MARGIN, WIDTH, Axis
from plans.core.scores import SPANS, Scale, Scored
from plans.core.spacing import add_months

HEAD = 48.0  # the names of the months
LANE = 108.0
_PAD = 24.0  # from a lane's edge to its least and its most
LEAST_MONTHS = 3
MOST_MONTHS = 18
_LEFT = 190.0  # the gutter and the figures of the scale
# A label nearer to the one before it would run into it.
_NEAR = 26.0


@dataclass(frozen=True, slots=True)
class Session:
    """What was scored at the session of a course, on its day."""

    ordinal: int
    day: dt.date
    scored: Scored


@dataclass(frozen=True, slots=True)
class Dot:
    """A score in its place; `label_y`: the base line of its figure, above the dot or, where that is taken, below it."""

    ordinal: int
    day: dt.date
    value: int
    x: float
    y: float
    label_y: float


@dataclass(frozen=True, slots=True)
class Lane:
    """One scale: the lines of its least and most, the dots, and the line that joins them as SVG points."""

    scale: Scale
    top: float
    middle: float
    least_y: float
    most_y: float
    least: int
    most: int
    dots: tuple[Dot, ...]

    @property
    def points(self) -> str:
        """`190,84 412.5,24`, for a polyline; "" for less than two dots."""
        return " ".join(f"{dot.x:g},{dot.y:g}" for dot in self.dots) if len(self.dots) > 1 else ""


@dataclass(frozen=True, slots=True)
class Chart:
    """The whole drawing. `months`: each first day with its x."""

    lanes: tuple[Lane, ...]
    months: tuple[tuple[dt.date, float], ...]
    height: float


def chart(sessions: Sequence[Session]) -> Chart | None:
    """Draw what was scored; None where nothing was.

    The months of all scored sessions are shown, at least 3 and of a longer course the latest 18: an earlier
    score stands in the table alone.

    >>> drawn = chart([Session(1, dt.date(2026, 11, 9), Scored(pain=10)), Session(2, dt.date(2027, 2, 9), Scored(pain=0))])
    >>> [(dot.x, dot.y) for dot in drawn.lanes[0].dots]
    [(243.5, 72.0), (858.3, 132.0)]
    """
    told = [each for each in sessions if not each.scored.is_empty]
    if not told:
        return None
    axis = _axis([each.day for each in told])
    shown = sorted(
        (each for each in told if axis.shows(each.day)), key=lambda each: (each.day, each.ordinal)
    )
    scales = [scale for scale in Scale if any(scale in each.scored.values() for each in shown)]
    lanes = [_lane(scale, HEAD + n * LANE, shown, axis) for n, scale in enumerate(scales)]
    months = tuple((month, axis.x(month)) for month in axis.months())
    return Chart(tuple(lanes), months, HEAD + len(lanes) * LANE)


def _axis(days: Sequence[dt.date]) -> Axis:
    last = add_months(max(days).replace(day=1), 1)
    first = max(min(days).replace(day=1), add_months(last, -MOST_MONTHS))
    return Axis(first, max(last, add_months(first, LEAST_MONTHS)), _LEFT, WIDTH - MARGIN)


def _lane(scale: Scale, top: float, sessions: Sequence[Session], axis: Axis) -> Lane:
    span = SPANS[scale]
    most_y, least_y = top + _PAD, top + LANE - _PAD
    dots: list[Dot] = []
    for session in sessions:
        value = session.scored.values().get(scale)
        if value is None:
            continue
        share = (value - span.least) / (span.most - span.least)
        x, y = axis.x(session.day), round(least_y - share * (least_y - most_y), 1)
        is_near = bool(dots) and x - dots[-1].x < _NEAR
        above = not (is_near and dots[-1].label_y < dots[-1].y)
        dots.append(Dot(session.ordinal, session.day, value, x, y, y - 11 if above else y + 19))
    return Lane(scale, top, top + LANE / 2, least_y, most_y, span.least, span.most, tuple(dots))
