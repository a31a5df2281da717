"""Where things stand in the editor's two drawings: an interval against time, and who is held during a visit.

Lengths are units of the drawing's own box; y grows downwards. Nothing but time decides where a thing stands.
Words come in ready: how wide they are is estimated, so that none leaves the box.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Literal

from plans.core.drawing import Anchor
from plans.core.placing import Words
from plans.core.ruleset import MINUTES, visit_minutes
from plans.core.spacing import Interval, Period, Unit

SpellKind = Literal["rest", "gap"]

WIDTH = 604.0
GUTTER = 92.0  # names of the rows
LAST_TICK = 570.0  # room for half of its label on the right
FIRST_ROW = 42.0
ROW_HEIGHT = 50.0
SPELL_STEP = 17.0
WINDOW_HEIGHT = 14.0
MOST_TICKS = 8
STEPS = (1, 2, 3, 6, 12, 24, 60)
# Up to this long an axis counts weeks, beyond it months.
WEEKS_UP_TO = Period(10, "weeks").rough_tenths_of_a_day()

BAR_STEP = 38.0
FIRST_BAR = 44.0
MINUTE_STEPS = (5, 10, 15, 30, 60, 120)


@dataclass(frozen=True, slots=True)
class Spacing:
    """One row: an interval by the name of its rules; `said` below its window, `latest` behind it."""

    name: str
    interval: Interval | None
    said: str
    latest: str = ""


@dataclass(frozen=True, slots=True)
class Spell:
    """What begins with a session and lasts: time off work, or the wait before another procedure."""

    kind: SpellKind
    length: Period
    said: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the grid; a `length` of 0 is the session itself."""

    x: float
    length: Period


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """A row's window, None where no interval stands; `y` is the line on which its session's dot stands."""

    name: str
    y: float
    x: float | None
    width: float
    target_x: float | None
    words: tuple[Words, ...]

    @property
    def top(self) -> float:
        return self.y - WINDOW_HEIGHT / 2

    @property
    def tick_top(self) -> float:
        return self.y - WINDOW_HEIGHT / 2 - 4


@dataclass(frozen=True, slots=True)
class PlacedSpell:
    kind: SpellKind
    y: float
    width: float
    height: float
    words: Words


@dataclass(frozen=True, slots=True)
class Rhythm:
    """All shapes of an interval's drawing in a box `width` wide and `height` high."""

    height: float
    ticks: tuple[Tick, ...]
    rows: tuple[PlacedRow, ...]
    spells: tuple[PlacedSpell, ...]
    width: float = WIDTH
    left: float = GUTTER


@dataclass(frozen=True, slots=True)
class _Axis:
    """Lengths to units: nothing at the gutter's edge, `end` (tenths of a day) at the last tick."""

    unit: Unit
    step: int
    end: int

    def x(self, length: Period) -> float:
        share = min(length.rough_tenths_of_a_day(), self.end) / self.end
        return round(GUTTER + share * (LAST_TICK - GUTTER), 1)

    def ticks(self) -> tuple[Tick, ...]:
        last = self.end // Period(1, self.unit).rough_tenths_of_a_day()
        lengths = (Period(n, self.unit) for n in range(0, last + 1, self.step))
        return tuple(Tick(self.x(length), length) for length in lengths)


def _axis(lengths: Sequence[Period]) -> _Axis:
    """Weeks or months, one tick further than the longest of `lengths`, at most eight of them."""
    longest = max((length.rough_tenths_of_a_day() for length in lengths), default=0)
    unit: Unit = "weeks" if 0 < longest <= WEEKS_UP_TO else "months"
    one = Period(1, unit).rough_tenths_of_a_day()
    needed = max(-(-longest // one), 1) + 1
    step = next((step for step in STEPS if -(-needed // step) <= MOST_TICKS), STEPS[-1])
    return _Axis(unit, step, -(-needed // step) * step * one)


def place_rhythm(rows: Sequence[Spacing], spells: Sequence[Spell] = ()) -> Rhythm:
    """Put the windows of `rows` and, below them, `spells` on one axis that begins with a session.

    >>> months = Interval(Period(3, "months"), Period(3, "months"), Period(6, "months"))
    >>> drawn = place_rhythm([Spacing("Current", months, "3 months")])
    >>> [tick.length.n for tick in drawn.ticks], drawn.rows[0].x == drawn.ticks[3].x
    ([0, 1, 2, 3, 4, 5, 6, 7], True)
    """
    found = [row.interval for row in rows if row.interval]
    axis = _axis([*(interval.max for interval in found), *(spell.length for spell in spells)])
    placed = tuple(
        _row(row, axis, FIRST_ROW + ROW_HEIGHT * number) for number, row in enumerate(rows)
    )
    top = FIRST_ROW + ROW_HEIGHT * len(rows) - 2
    below = tuple(
        _spell(spell, axis, top + SPELL_STEP * number) for number, spell in enumerate(spells)
    )
    height = top + SPELL_STEP * len(below) if below else top - 16
    return Rhythm(height, axis.ticks(), placed, below)


def _row(row: Spacing, axis: _Axis, y: float) -> PlacedRow:
    if row.interval is None:
        said = _inside(GUTTER + 18, y + 4, row.said, is_strong=True)
        return PlacedRow(row.name, y, None, 0.0, None, (said,))
    x, right = axis.x(row.interval.min), axis.x(row.interval.max)
    words = (
        _inside(x + 5, y + 22, row.said, is_strong=True),
        _inside(right + 6, y + 4, row.latest, is_strong=False),
    )
    target = axis.x(row.interval.recommended)
    shown = tuple(each for each in words if each.text)
    return PlacedRow(row.name, y, x, round(max(right - x, 2), 1), target, shown)


def _spell(spell: Spell, axis: _Axis, y: float) -> PlacedSpell:
    height = 6.0 if spell.kind == "rest" else 8.0
    width = round(max(axis.x(spell.length) - GUTTER, 2), 1)
    words = _inside(GUTTER + width + 6, y + 4, spell.said, is_strong=False)
    return PlacedSpell(spell.kind, y - height / 2, width, height, words)


def _inside(x: float, y: float, text: str, *, is_strong: bool) -> Words:
    """`text` from `x` on; where it would leave the box it ends at the box's edge instead."""
    words = Words(round(x, 1), y, text, "start", is_strong)
    if words.extent[1] <= WIDTH:
        return words
    anchor: Anchor = "end"
    return Words(WIDTH - 2, y, text, anchor, is_strong)


@dataclass(frozen=True, slots=True)
class Stretch:
    """From one minute of a visit to another, under a name."""

    name: str
    from_minute: int
    to_minute: int


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch in its place; `words` stand above it, `is_phase` tells what happens from who is held."""

    name: str
    from_minute: int
    to_minute: int
    x: float
    width: float
    y: float
    is_phase: bool

    @property
    def says_y(self) -> float:
        return self.y - 6


@dataclass(frozen=True, slots=True)
class Visit:
    """All shapes of a visit's drawing. `ticks`: (minute, x)."""

    height: float
    ticks: tuple[tuple[int, float], ...]
    phases: tuple[Bar, ...]
    held: tuple[Bar, ...]
    width: float = WIDTH


def phases_of(minutes: Mapping[str, int | None]) -> tuple[Stretch, ...]:
    """What happens in a visit, by the places of MINUTES, without what takes no time.

    Numbing runs inside the set-up where that is long enough, before it otherwise.
    """
    setup, treat, cleanup, numbing = (minutes[place] or 0 for place in MINUTES)
    begin = 0 if setup >= numbing else numbing
    edges = (
        (MINUTES[3], 0, numbing),
        (MINUTES[0], begin, begin + setup),
        (MINUTES[1], begin + setup, begin + setup + treat),
        (MINUTES[2], begin + setup + treat, begin + setup + treat + cleanup),
    )
    return tuple(Stretch(name, first, last) for name, first, last in edges if last > first)


def total_of(minutes: Mapping[str, int | None]) -> int:
    """How long the visit takes, by the places of MINUTES."""
    setup, treat, cleanup, numbing = (minutes[place] or 0 for place in MINUTES)
    return visit_minutes(setup, treat, cleanup, numbing)


def place_visit(phases: Sequence[Stretch], held: Sequence[Stretch]) -> Visit:
    """Each phase and each hold on a line of its own, all on one axis of minutes; empty without a minute."""
    total = max((stretch.to_minute for stretch in (*phases, *held)), default=0)
    if not total:
        return Visit(0.0, (), (), ())
    step = next((step for step in MINUTE_STEPS if total // step < MOST_TICKS), MINUTE_STEPS[-1])
    rows = count()

    def x(minute: int) -> float:
        return round(4 + minute / total * (WIDTH - 24), 1)

    def bar(stretch: Stretch, *, is_phase: bool) -> Bar:
        first, last = stretch.from_minute, stretch.to_minute
        y = FIRST_BAR + BAR_STEP * next(rows)
        width = round(x(last) - x(first), 1)
        return Bar(stretch.name, first, last, x(first), width, y, is_phase)

    happens = tuple(bar(phase, is_phase=True) for phase in phases)
    holds = tuple(bar(hold, is_phase=False) for hold in held)
    ticks = tuple((minute, x(minute)) for minute in range(0, total + 1, step))
    return Visit(FIRST_BAR + BAR_STEP * next(rows) - 14, ticks, happens, holds)
