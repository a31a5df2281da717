"""The drawing of a cascade: two lanes on one axis, now and after, and an arrow from each dot that moves.

Lengths are units of the drawing's own 1000 wide box; nothing but time decides where a thing stands (drawing.py).
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from plans.core.drawing import WIDTH, Axis
from plans.core.placing import LETTER
from plans.core.spacing import Window, add_months

Row = Literal[0, 1]  # 0: the course that moves, 1: what goes along

TOP = 40.0
FIRST_ROW = 36.0
ROW_STEP = 44.0
LANE_ROOM = 38.0  # below a lane's last row
LABEL_BELOW = 22.0
SECOND_LABEL = 34.0
WINDOW_HEIGHT = 8.0
LEAST_MONTHS = 6
FLAG_WIDTH = 56.0
CLEAR = 9.0  # from a dot to the end of an arrow


@dataclass(frozen=True, slots=True)
class Moved:
    """One visit: where it stands and where it will, with its labels and windows. None: it stands nowhere."""

    row: Row
    before: dt.date | None
    after: dt.date | None
    said_before: str = ""
    said_after: str = ""
    window_before: Window | None = None
    window_after: Window | None = None


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float
    label: str
    label_y: float

    @property
    def label_x(self) -> float:
        """Three units left of the dot; at the right edge the label ends there."""
        return WIDTH - 2 if self.is_end else self.x - 3

    @property
    def is_end(self) -> bool:
        return self.x - 3 + len(self.label) * LETTER > WIDTH

    @property
    def extent(self) -> tuple[float, float]:
        """Left and right end of the label, estimated."""
        width = len(self.label) * LETTER
        return (WIDTH - 2 - width, WIDTH) if self.is_end else (self.x - 3, self.x - 3 + width)


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    target_x: float

    @property
    def tick_top(self) -> float:
        return self.y - 3


@dataclass(frozen=True, slots=True)
class HalfOfIt:
    """Now, or after: its line's top, the height of its first row, and what stands on it."""

    name: str
    top: float
    y: float
    lines: tuple[tuple[float, str], ...]
    bars: tuple[Bar, ...]
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class Arrow:
    """From a dot above to one below: the curve's path, and its head's."""

    curve: str
    head: str


@dataclass(frozen=True, slots=True)
class Drawn:
    height: float
    months: tuple[tuple[dt.date, float], ...]
    today_x: float
    halves: tuple[HalfOfIt, HalfOfIt]
    arrows: tuple[Arrow, ...]

    @property
    def flag_left(self) -> float:
        return round(self.flag_x - FLAG_WIDTH / 2, 1)

    @property
    def flag_x(self) -> float:
        """The flag's middle: today's line, but never out of the box."""
        return min(max(self.today_x, FLAG_WIDTH / 2), WIDTH - FLAG_WIDTH / 2)

    @property
    def flag_width(self) -> float:
        return FLAG_WIDTH


def draw(
    moved: Sequence[Moved], today: dt.date, names: tuple[str, str], lines: Sequence[str]
) -> Drawn:
    """Place `moved` on the axis; `names`: of the two halves, `lines`: of their one or two rows."""
    axis = _axis(moved, today)
    rows = 2 if any(each.row for each in moved) else 1
    lane = FIRST_ROW + ROW_STEP * (rows - 1) + LANE_ROOM
    tops = (TOP, TOP + lane)
    halves = tuple(
        _half(names[n], tops[n], axis, moved, lines[:rows], after=bool(n)) for n in (0, 1)
    )
    arrows = tuple(
        _arrow(axis.x(each.before), halves[0], axis.x(each.after), halves[1], each.row)
        for each in moved
        if each.before and each.after and each.before != each.after
    )
    months = tuple((month, axis.x(month)) for month in axis.months())
    return Drawn(tops[1] + lane, months, axis.x(today), (halves[0], halves[1]), arrows)


def _axis(moved: Iterable[Moved], today: dt.date) -> Axis:
    days = [today]
    for each in moved:
        windows = [window for window in (each.window_before, each.window_after) if window]
        days += [day for day in (each.before, each.after) if day]
        days += [day for window in windows for day in (window.earliest, window.latest)]
    first = min(days).replace(day=1)
    last = add_months(max(days).replace(day=1), 1)
    return Axis(first, max(last, add_months(first, LEAST_MONTHS)))


def _half(
    name: str, top: float, axis: Axis, moved: Sequence[Moved], lines: Sequence[str], *, after: bool
) -> HalfOfIt:
    y = top + FIRST_ROW
    dots: list[Dot] = []
    bars: list[Bar] = []
    for number, each in enumerate(moved):
        day = each.after if after else each.before
        window = each.window_after if after else each.window_before
        row_y = y + ROW_STEP * each.row
        if window is not None:
            bars.append(_bar(axis, window, row_y + (4 if number % 2 else -4)))
        if day is not None:
            said = each.said_after if after else each.said_before
            dots.append(_dot(axis.x(day), row_y, said, dots))
    named = tuple((y + 20 + ROW_STEP * n * 0.6, line) for n, line in enumerate(lines))
    return HalfOfIt(name, top, y, named, tuple(bars), tuple(dots))


def _bar(axis: Axis, window: Window, middle: float) -> Bar:
    x = axis.x(window.earliest)
    width = round(max(axis.x(window.latest) - x, 2), 1)
    return Bar(x, middle - WINDOW_HEIGHT / 2, width, axis.x(window.target))


def _dot(x: float, y: float, label: str, dots: Sequence[Dot]) -> Dot:
    """A label that would meet another stands lower; where there is no room either, the table says it."""
    for below in (LABEL_BELOW, SECOND_LABEL):
        here = Dot(x, y, label, y + below)
        if not any(dot.label_y == here.label_y and _meet(dot, here) for dot in dots if dot.label):
            return here
    return Dot(x, y, "", y)


def _meet(one: Dot, other: Dot) -> bool:
    (left, right), (start, end) = one.extent, other.extent
    return start < right + 6 and left < end + 6


def _arrow(start: float, above: HalfOfIt, end: float, below: HalfOfIt, row: Row) -> Arrow:
    top = above.y + ROW_STEP * row + 2 * CLEAR + 12
    bottom = below.y + ROW_STEP * row - 2 * CLEAR - 4
    middle = round((top + bottom) / 2, 1)
    curve = f"M{start} {top}C{start} {middle} {end} {middle} {end} {bottom}"
    return Arrow(curve, f"M{round(end - 4, 1)} {bottom}h8l-4 8z")
