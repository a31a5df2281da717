"""Why a series cannot be placed, and the nearest relaxation that was tried and works."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from plans.core.availability import STEP_MINUTES
from plans.core.cycles import Block
from plans.core.offers import Wish
from plans.core.reading import Reading
from plans.core.search import NO_BLOCK, Search

# How far beyond its window a session is looked for; a longer wait is a matter for a new plan.
LATER_START_DAYS = 183
WIDER_WINDOW_DAYS = 92

Constraint = Literal["screening", "cycle", "closed", "no_common_time", "interval"]
RelaxationKind = Literal[
    "finer_start", "release_session", "later_start", "widen_window", "fewer_sessions"
]


@dataclass(frozen=True, slots=True)
class Relaxation:
    """What would make the series possible, found by searching.

    `value`: finer_start: minutes of the grid; release_session: the fixed ordinal to let go;
    later_start: days that the first session begins after its window, on `day`; widen_window: days
    that each window must stay open beyond the interval's max; fewer_sessions: how many can be
    placed.
    """

    kind: RelaxationKind
    value: int
    day: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Impossible:
    """The first session that no series reaches.

    `constraint` is what rules out most of its dates: screening, the cycle's pause, nobody there
    (closed), no common free time, or interval when it has no date at all (a fixed session outside
    its window). `detail` counts the dates by constraint; `window` spans them. `reasons` are the
    rule codes screening gave, `earliest` the first day it would allow.
    """

    ordinal: int
    constraint: Constraint
    detail: Mapping[Constraint, int]
    window: tuple[dt.date, dt.date] | None
    reasons: tuple[str, ...]
    earliest: dt.date | None
    relaxation: Relaxation | None


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
    if search.reading.judgement(day).blocked:
        return "screening"
    if after is None:
        return "cycle"
    return "no_common_time" if search.reading.free(day) else "closed"


def _impossible(
    search: Search, index: int, obstacles: Mapping[Constraint, set[dt.date]]
) -> Impossible:
    # of equally frequent ones the last in this order: a free hour is easier to find than a free
    # drug
    order: tuple[Constraint, ...] = ("screening", "cycle", "closed", "no_common_time")
    detail = {
        constraint: len(obstacles[constraint]) for constraint in order if constraint in obstacles
    }
    most: Constraint = "interval"
    if detail:
        most = max(reversed(detail), key=lambda constraint: detail[constraint])
    tried = sorted(set().union(*obstacles.values()))
    blocked = [search.reading.judgement(day) for day in sorted(obstacles.get("screening", ()))]
    return Impossible(
        ordinal=search.wish.first_ordinal + index,
        constraint=most,
        detail=detail,
        window=(tried[0], tried[-1]) if tried else None,
        reasons=tuple(sorted({reason for judged in blocked for reason in judged.reasons})),
        earliest=min((j.earliest for j in blocked if j.earliest is not None), default=None),
        relaxation=nearest_relaxation(search, index),
    )


def nearest_relaxation(search: Search, failed: int) -> Relaxation | None:
    """The smallest change found to work: of the grid, what is fixed, the days, the count.

    `failed`: index of the first session that cannot be placed.
    """
    wish, reading = search.wish, search.reading
    if wish.every > STEP_MINUTES:
        finer = replace(wish, every=STEP_MINUTES)
        if Search(finer, Reading(finer, reading.free, reading.judgement)).is_possible():
            return Relaxation("finer_start", STEP_MINUTES)
    for ordinal in sorted(wish.fixed):
        fixed = {other: booked for other, booked in wish.fixed.items() if other != ordinal}
        if Search(replace(wish, fixed=fixed), reading).is_possible():
            return Relaxation("release_session", ordinal)
    in_days = [
        found for found in (_later_start(search), _wider(search, failed)) if found is not None
    ]
    if in_days:
        return min(in_days, key=lambda relaxation: relaxation.value)
    return Relaxation("fewer_sessions", failed) if failed else None


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


def relaxed(wish: Wish) -> Wish:
    """The widest wish that a relaxation looks at, but for WIDER_WINDOW_DAYS more a window."""
    first = wish.first
    latest = max(first.latest, first.earliest) + dt.timedelta(days=LATER_START_DAYS)
    return replace(wish, first=replace(first, latest=latest), fixed={}, standing={})
