"""Shapes of a drawing of courses: from days (drawing.py) to places, so that a page only has to paint them."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from plans.core.drawing import (
    GUTTER,
    WIDTH,
    Anchor,
    Axis,
    Bar,
    BarKind,
    Lane,
    Mark,
    State,
    Timeline,
)

FIRST_LANE_TOP = 44.0
LANE_HEIGHT = 70.0
TWO_ROWS_HEIGHT = 76.0
LINE_BELOW_TOP = 32.0  # from a lane's upper edge down to its line, on which the dots stand
LABEL_BELOW = 24.0
SECOND_LABEL_BELOW = 36.0
HOME_STEP = 19.0
LETTER = 5.3  # mean width of a letter of 11 px Inter, a little generous
CYRILLIC_LETTER = 6.3
BOLD_LETTER = 6.1
TODAY_CLEAR = 3.0  # no word comes nearer to today's line
DOT_CLEAR = 12.0
CROWDED = 15.0  # dots nearer than this are drawn smaller


@dataclass(frozen=True, slots=True)
class Words:
    """A piece of text at its baseline. `is_strong` words name a session, the others explain a bar."""

    x: float
    y: float
    text: str
    anchor: Anchor
    is_strong: bool

    @property
    def extent(self) -> tuple[float, float]:
        """Left and right end, estimated."""
        width = sum(CYRILLIC_LETTER if letter >= "\u0400" else LETTER for letter in self.text)
        left = {"start": self.x, "middle": self.x - width / 2, "end": self.x - width}[self.anchor]
        return left, left + width


@dataclass(frozen=True, slots=True)
class Dot:
    """A session's sign; `scale` is below 1 where dots crowd."""

    x: float
    y: float
    state: State
    scale: float
    label: str


@dataclass(frozen=True, slots=True)
class Band:
    """A bar's box, and the upper and lower end of its target's tick when it has one."""

    kind: BarKind
    x: float
    y: float
    width: float
    height: float
    label: str
    target_x: float | None = None

    @property
    def right(self) -> float:
        return round(self.x + self.width, 1)

    @property
    def middle(self) -> float:
        return self.y + self.height / 2

    @property
    def tick_top(self) -> float:
        return self.y - 3

    @property
    def tick_height(self) -> float:
        return self.height + 6


@dataclass(frozen=True, slots=True)
class PlacedLane:
    """One lane with everything on it; `bands` come in the order of painting."""

    name: str
    top: float
    y: float
    lines: tuple[Words, ...]
    bands: tuple[Band, ...]
    dots: tuple[Dot, ...]
    words: tuple[Words, ...]
    height: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """All shapes of a timeline in a box 1000 wide and `height` high."""

    height: float
    months: tuple[tuple[dt.date, float], ...]
    lanes: tuple[PlacedLane, ...]
    today_x: float
    flag_x: float  # the flag's middle: today's line, but never out of the box
    flag_width: float

    @property
    def flag_left(self) -> float:
        return round(self.flag_x - self.flag_width / 2, 1)


def place(timeline: Timeline, flag: str) -> Drawing:
    """Give every day, bar and word its place; `flag` is what stands on today's line.

    Sessions outside the axis are left out, bars are cut at its ends. A label without room is not drawn:
    it stays with its dot or bar for a hint, and in the list beside the drawing.
    """
    axis = Axis(timeline.first, timeline.last)
    today_x = axis.x(timeline.today)
    lanes: list[PlacedLane] = []
    top = FIRST_LANE_TOP
    for lane in timeline.lanes:
        lanes.append(_place_lane(lane, axis, top, today_x))
        top += lanes[-1].height
    flag_width = round(BOLD_LETTER * len(flag) + 12, 1)
    return Drawing(
        height=top,
        months=tuple((month, axis.x(month)) for month in axis.months()),
        lanes=tuple(lanes),
        today_x=today_x,
        flag_x=round(min(max(today_x, flag_width / 2), WIDTH - flag_width / 2), 1),
        flag_width=flag_width,
    )


@dataclass(slots=True)
class _Room:
    """What is taken on each line of text of one lane; today's line is taken on all of them."""

    today_x: float
    taken: dict[float, list[tuple[float, float]]] = field(default_factory=dict)

    def is_free(self, y: float, left: float, right: float) -> bool:
        return all(right <= a or b <= left for a, b in self.taken.get(y, ()))

    def take(self, y: float, left: float, right: float) -> None:
        self.taken.setdefault(y, []).append((left, right))

    def first_fitting(self, candidates: Iterable[Words]) -> Words | None:
        """The first candidate that meets nothing, which takes its place; None when all of them would."""
        for words in candidates:
            left, right = words.extent
            meets_today = left < self.today_x + TODAY_CLEAR and self.today_x - TODAY_CLEAR < right
            in_the_box = left >= GUTTER - DOT_CLEAR and right <= WIDTH
            if in_the_box and not meets_today and self.is_free(words.y, left, right):
                self.take(words.y, left - 2, right + 4)
                return words
        return None


def _place_lane(lane: Lane, axis: Axis, top: float, today_x: float) -> PlacedLane:
    y = top + LINE_BELOW_TOP
    room = _Room(today_x)
    bands = _place_bars(lane, axis, y)
    dots = _place_dots(lane, axis, y)
    for band in bands:
        room.take(y + 4, band.x, band.right)
    for dot in dots:
        room.take(y + 4, dot.x - DOT_CLEAR, dot.x + DOT_CLEAR)
    found = [room.first_fitting(_beside(dot, bands, y)) for dot in _labelled(dots)]
    found += [room.first_fitting(_below(band, y)) for band in bands if band.label]
    homes, home_words = _place_home(lane, axis, y, room)
    words = [each for each in found if each] + home_words
    lowest = max((band.y for band in homes), default=y)
    height = TWO_ROWS_HEIGHT if any(w.y == y + SECOND_LABEL_BELOW for w in words) else LANE_HEIGHT
    return PlacedLane(
        name=lane.name,
        top=top,
        y=y,
        lines=tuple(
            Words(0, y + 11 + 14 * n, text, "start", False) for n, text in enumerate(lane.lines[:2])
        ),
        bands=tuple(bands + homes),
        dots=tuple(dots),
        words=tuple(words),
        height=max(height, lowest - top + 24),
    )


def _place_bars(lane: Lane, axis: Axis, y: float) -> list[Band]:
    """Windows first, then waits and lapsed windows, which are painted over them.

    Windows that touch are 8 high and take turns above and below the line, so that each is seen.
    """
    windows = sorted(
        (bar for bar in lane.bars if bar.kind in ("window", "past")), key=lambda bar: bar.start
    )
    steps = _steps(windows)
    bands = []
    for bar in [*windows, *(bar for bar in lane.bars if bar.kind in ("gap", "lapsed"))]:
        step = steps.get(bar, 0)
        if bar.kind == "gap":
            step = next(
                (s for w, s in steps.items() if s and w.start <= bar.end and bar.start <= w.end), 0
            )
        if band := _band(bar, axis, y + step, 8 if step else 12):
            bands.append(band)
    return bands


def _steps(windows: list[Bar]) -> dict[Bar, int]:
    """-4, +4, -4 ... within each run of windows that touch; 0 for a window that stands alone."""
    steps = dict.fromkeys(windows, 0)
    for before, after in pairwise(windows):
        if after.start <= before.end + dt.timedelta(days=1):
            steps[before] = steps[before] or -4
            steps[after] = -steps[before]
    return steps


def _band(bar: Bar, axis: Axis, middle: float, height: float) -> Band | None:
    """The bar's box, None when all of it is outside the axis."""
    if bar.end < axis.first or bar.start >= axis.last:
        return None
    left, right = axis.x(bar.start), axis.x(bar.end + dt.timedelta(days=1))
    target = bar.target if bar.target and axis.shows(bar.target) else None
    return Band(
        kind=bar.kind,
        x=left,
        y=middle - height / 2,
        width=round(max(right - left, 3), 1),
        height=height,
        label=bar.label,
        target_x=axis.x(target) if target else None,
    )


def _place_dots(lane: Lane, axis: Axis, y: float) -> list[Dot]:
    shown: list[Mark] = sorted(
        (mark for mark in lane.marks if axis.shows(mark.day)), key=lambda mark: mark.day
    )
    places = [axis.x(mark.day) for mark in shown]
    is_crowded = any(b - a < CROWDED for a, b in pairwise(places))
    scale = 0.7 if is_crowded else 1
    return [Dot(x, y, mark.state, scale, mark.label) for x, mark in zip(places, shown, strict=True)]


def _labelled(dots: list[Dot]) -> list[Dot]:
    """The dots whose labels are worth their room: where they crowd, the two ends and what has lapsed."""
    ends = (dots[0], dots[-1]) if dots else ()
    return [
        dot
        for dot in dots
        if dot.label and (dot.scale == 1 or dot in ends or dot.state == "lapsed")
    ]


def _beside(dot: Dot, bands: list[Band], y: float) -> Iterator[Words]:
    """Where a session's label may stand, best first: below its dot, else to a side of it, else a row lower."""
    if dot.state == "lapsed":
        ends = [
            band.right for band in bands if band.kind == "lapsed" and band.x <= dot.x <= band.right
        ]
        yield Words(
            max(dot.x + DOT_CLEAR, *(end + 8 for end in ends), 0), y + 4, dot.label, "start", True
        )
    for below in (LABEL_BELOW, SECOND_LABEL_BELOW):
        yield Words(dot.x, y + below, dot.label, "middle", True)
        yield from _either_side(dot.x - 7, dot.x + 7, y + below, dot.label, is_strong=True)
        yield from _either_side(dot.x + 4, dot.x - 4, y + below, dot.label, is_strong=True)


def _below(band: Band, y: float) -> Iterator[Words]:
    for below in (LABEL_BELOW, SECOND_LABEL_BELOW):
        yield from _either_side(band.x, band.right, y + below, band.label, is_strong=False)


def _either_side(
    start: float, end: float, y: float, text: str, *, is_strong: bool
) -> Iterator[Words]:
    sides: tuple[tuple[float, Literal["start", "end"]], ...] = ((start, "start"), (end, "end"))
    for x, anchor in sides:
        yield Words(round(x, 1), y, text, anchor, is_strong)


def _place_home(lane: Lane, axis: Axis, y: float, room: _Room) -> tuple[list[Band], list[Words]]:
    """Bars of home care, 6 high, each in the first row where it and its label meet nothing."""
    bands: list[Band] = []
    words: list[Words] = []
    for bar in sorted(
        (b for b in lane.bars if b.kind in ("home", "home_planned")), key=lambda b: b.start
    ):
        for row in range(len(lane.bars)):
            middle = y - 7 + HOME_STEP * row
            band = _band(bar, axis, middle, 6)
            if band is None:
                break
            if not room.is_free(middle + 4, band.x, band.right):
                continue
            beside = _either_side(
                band.right + 6, band.x - 5, middle + 4, bar.label, is_strong=False
            )
            label = room.first_fitting(beside) if bar.label else None
            if bar.label and label is None and row == 0:
                continue
            room.take(middle + 4, band.x, band.right + 4)
            bands.append(band)
            words += [label] if label else []
            break
    return bands, words
