"""Why a series cannot be placed, and the nearest relaxation that was tried and works."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from plans.core.availability import STEP_MINUTES
from plans.core.cycles import Block
from plans.core.reading import Reading
from plans.core.search import NO_BLOCK, Search

# How far beyond its window a session is looked for; a longer wait is a matter for a new plan.
LATER_START_DAYS = 183
WIDER_WINDOW_DAYS = 92

Constraint = Literal["screening", "occasion", "cycle", "closed", "no_common_time", "interval"]
RelaxationKind = Literal[
    "finer_start", "anyone", "release_session", "later_start", "widen_window", "allow_occasion",
    "fewer_sessions",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Relaxation:
    """What would make the series possible, found by searching.

    `value`: finer_start: minutes of the grid; release_session: the fixed ordinal to let go;
    later_start: days that the first session begins after its window, on `day`; widen_window: days
    that each window must stay open beyond the interval's max; allow_occasion: how many occasions are
    not kept clear of healing, `day` the only one (None: all of them); fewer_sessions: how many can be
    placed. anyone: other practitioners than the only one asked for; 0.
    """

    kind: RelaxationKind
    value: int
    day: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Impossible:
    """The first session that no series reaches.

    `constraint` is what rules out most of its dates: screening, an occasion that the healing would
    reach, the cycle's pause, nobody there (closed), no common free time, or interval when it has no
    date at all (a fixed session outside its window). `detail` counts the dates by constraint; `window`
    spans them. `reasons` are the rule codes screening gave and the occasions, `earliest` the first day
    that both would allow. `relaxations`: each works by itself, the nearest first.
    """

    ordinal: int
    constraint: Constraint
    detail: Mapping[Constraint, int]
    window: tuple[dt.date, dt.date] | None
    reasons: tuple[str, ...]
    earliest: dt.date | None
    relaxations: tuple[Relaxation, ...] = ()

    @property
    def relaxation(self) -> Relaxation | None:
        """The nearest one."""
        return self.relaxations[0] if self.relaxations else None


def explain(search: Search) -> Impossible:
    """Which session of an impossible wish fails, and why. Reads every window."""
    reached: set[tuple[dt.date | None, Block]] = {(None, NO_BLOCK)}
    index = 0
    while True:
        obstacles: dict[Constraint, set[dt.date]] = defaultdict(set)
        arrived: set[tuple[dt.date | None, Block]] = set()
        for previous, block in reached:
            for day in search.dates(index, previous):
                after = search.cycling.after(block, previous, day)
                if after is not None and search.slots(index, day):
                    arrived.add((day, after))
                else:
                    obstacles[_obstacle(search, day, after)].add(day)
        if not arrived:
            return _impossible(search, index, obstacles)
        reached = arrived
        index += 1


def _obstacle(search: Search, day: dt.date, after: Block | None) -> Constraint:
    judged = search.reading.judgement(day)
    if judged.blocked:
        return "occasion" if judged.occasions else "screening"
    if after is None:
        return "cycle"
    return "closed" if search.reading.is_closed(day) else "no_common_time"


def _impossible(
    search: Search, index: int, obstacles: Mapping[Constraint, set[dt.date]]
) -> Impossible:
    # of equally frequent ones the last in this order: a free hour is easier to find than a free
    # drug
    order: tuple[Constraint, ...] = (
        "screening", "occasion", "cycle", "closed", "no_common_time",
    )  # fmt: skip
    detail = {
        constraint: len(obstacles[constraint]) for constraint in order if constraint in obstacles
    }
    most: Constraint = "interval"
    if detail:
        most = max(reversed(detail), key=lambda constraint: detail[constraint])
    tried = sorted(set().union(*obstacles.values()))
    objected = obstacles.get("screening", set()) | obstacles.get("occasion", set())
    blocked = [search.reading.judgement(day) for day in sorted(objected)]
    return Impossible(
        ordinal=search.wish.first_ordinal + index,
        constraint=most,
        detail=detail,
        window=(tried[0], tried[-1]) if tried else None,
        reasons=tuple(sorted({reason for judged in blocked for reason in judged.reasons})),
        earliest=_first_allowed(search, (j.earliest for j in blocked if j.earliest is not None)),
        relaxations=tuple(_relaxations(search, index)),
    )


def _first_allowed(search: Search, named: Iterable[dt.date]) -> dt.date | None:
    """The first day, from the first one `named` on, to which nothing objects; None if half a year has none.

    A day that ends one wait may begin another, or stand too near to a visit that is booked for later.
    """
    day = min(named, default=None)
    last = day + dt.timedelta(days=LATER_START_DAYS) if day else None
    while day is not None and last is not None and day <= last:
        judged = search.reading.judgement(day)
        if not judged.blocked:
            return day
        day = max(judged.earliest or day, day + dt.timedelta(days=1))
    return None


def _relaxations(search: Search, failed: int) -> Iterator[Relaxation]:
    """The smallest changes found to work: of the grid, the people, what is fixed, the days, the count.

    `failed`: index of the first session that cannot be placed.
    """
    wish = search.wish
    if wish.every > STEP_MINUTES and _is_possible(search, every=STEP_MINUTES):
        yield Relaxation("finer_start", STEP_MINUTES)
    if wish.practitioner_only and _is_possible(search, practitioner_only=False):
        yield Relaxation("anyone", 0)
    for ordinal in sorted(wish.fixed):
        fixed = {other: booked for other, booked in wish.fixed.items() if other != ordinal}
        if _is_possible(search, fixed=fixed):
            yield Relaxation("release_session", ordinal)
            break
    in_days = [found for found in (_later_start(search), _wider(search, failed)) if found]
    yield from sorted(in_days, key=lambda relaxation: relaxation.value)
    yield from _allowed_occasions(search)
    if failed:
        yield Relaxation("fewer_sessions", failed)


def _is_possible(search: Search, **changes: Any) -> bool:
    """Would the wish with these changes be met?"""
    reading, wish = search.reading, replace(search.wish, **changes)
    return Search(wish, Reading(wish, reading.free, reading.judge)).is_possible()


def _allowed_occasions(search: Search) -> Iterator[Relaxation]:
    """The first occasion without which there is a series; all of them where no single one will do."""
    occasions = search.wish.occasions
    for day in sorted(occasions):
        others = tuple(other for other in occasions if other != day)
        if _is_possible(search, occasions=others):
            yield Relaxation("allow_occasion", 1, day)
            return
    if len(occasions) > 1 and _is_possible(search, occasions=()):
        yield Relaxation("allow_occasion", len(occasions))


def _later_start(search: Search) -> Relaxation | None:
    """The fewest days to begin later, medically harmless; not when the first session is fixed."""
    wish = search.wish
    if wish.first_ordinal in wish.fixed:
        return None
    for late in range(1, LATER_START_DAYS + 1):
        day = max(wish.first.latest, wish.first.earliest) + dt.timedelta(days=late)
        if search.entered(0, day, None, NO_BLOCK):
            return Relaxation("later_start", late, day)
    return None


def _wider(search: Search, failed: int) -> Relaxation | None:
    """The fewest days that the windows must stay open longer; more days never make it worse."""
    if failed == 0 or not _is_possible_with(search, WIDER_WINDOW_DAYS):
        return None
    too_few, enough = 0, WIDER_WINDOW_DAYS
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        if _is_possible_with(search, middle):
            enough = middle
        else:
            too_few = middle
    return Relaxation("widen_window", enough)


def _is_possible_with(search: Search, slack_days: int) -> bool:
    return Search(search.wish, search.reading, slack_days=slack_days).is_possible()
