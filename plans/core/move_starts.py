"""Where a visit that moves could begin: on a day, and on which days nearby."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from plans.core.availability import DAY_MINUTES, NOON, PRACTITIONER, STEP_MINUTES, grid, minutes_of
from plans.core.case import ENDANGERS
from plans.core.moving import case_beside, free_beside
from plans.core.scene import Scene

EVERY_MINUTES = 15
NEAR_DAYS = 42


@dataclass(frozen=True, slots=True)
class Start:
    """A free start: minute of the day, and who and what would serve."""

    minute: int
    resources: Mapping[str, int]

    def has(self, resources: Collection[int]) -> int:
        """How many of `resources` would serve."""
        return len(set(resources) & set(self.resources.values()))


def starts_on(
    scene: Scene, key: int, day: dt.date, preferred: Collection[int], minute: int | None = None
) -> tuple[Start, ...]:
    """The free starts of the visit on `day`, a quarter of an hour apart, by practitioner: `preferred` first.

    `minute`: one that is offered too, if it is free, whatever the grid.
    """
    needs, free = scene.needs[key], _free(scene, key, day)
    offered = grid(EVERY_MINUTES)
    for extra in (minute, _minute_now(scene, key, day)):
        if extra is not None and 0 <= extra < DAY_MINUTES:
            offered |= 1 << extra // STEP_MINUTES
    if PRACTITIONER in needs.roles:
        by_person = {
            person: (bits & offered, {PRACTITIONER: person})
            for person, bits in needs.starts_by(PRACTITIONER, free).items()
        }
    else:
        by_person = {0: (needs.free_starts(free) & offered, {})}
    found = []
    for person in sorted(by_person, key=lambda each: each not in preferred):
        bits, given = by_person[person]
        for start in minutes_of(bits):
            served = needs.assign(start, free, preferred, given)
            if served is not None and start >= _earliest(scene, key, day):
                found.append(Start(start, served))
    return tuple(found)


def nearest_start(starts: Iterable[Start], minute: int, preferred: Collection[int]) -> Start | None:
    """The one with the most of `preferred`, then nearest to `minute`; None of none."""
    return min(
        starts,
        key=lambda each: (-each.has(preferred), abs(each.minute - minute), each.minute),
        default=None,
    )


def days_near(
    scene: Scene, key: int, day: dt.date, start: Start, most: int = 3
) -> tuple[dt.date, ...]:
    """The days nearest to `day`, in order, on which the visit could stand in the same half of the day with the same
    practitioner."""
    found: list[dt.date] = []
    person = start.resources.get(PRACTITIONER)
    allows = _allows(scene, key)
    for candidate in _around(scene, key, day):
        if not allows(candidate):
            continue
        same = (
            each
            for each in starts_on(scene, key, candidate, [])
            if (each.minute < NOON) == (start.minute < NOON)
            and each.resources.get(PRACTITIONER) == person
        )
        if next(same, None) is not None:
            found.append(candidate)
        if len(found) == most:
            break
    return tuple(sorted(found))


def _allows(scene: Scene, key: int) -> Callable[[dt.date], bool]:
    """Whether the visit could stand on a day, by the rules."""
    if key not in scene.places:
        return lambda day: True
    case = case_beside(scene, scene.state, scene.places[key][0], [key])

    def allows(day: dt.date) -> bool:
        judged = case.judge(day)
        # A visit that would be in danger there can follow.
        return not judged.blocked or judged.reasons[-1:] == (ENDANGERS,)

    return allows


def _around(scene: Scene, key: int, day: dt.date) -> Iterator[dt.date]:
    """The days of the session's window, the nearest to `day` first; the second part of a visit stays on its day."""
    if key in scene.first_parts:
        return
    window = scene.window(key, scene.state) if key in scene.places else None
    for off in range(1, NEAR_DAYS + 1):
        for each in (day - dt.timedelta(days=off), day + dt.timedelta(days=off)):
            if each >= scene.as_of and (window is None or each in window):
                yield each


def _free(scene: Scene, key: int, day: dt.date) -> Mapping[int, int]:
    """Free time beside the patient's other visits; the second part of this one goes along."""
    rests = [rest for rest, first in scene.first_parts.items() if first == key]
    return free_beside(scene, scene.state, [key, *rests])(day)


def _minute_now(scene: Scene, key: int, day: dt.date) -> int | None:
    now = scene.state.get(key)
    return now.start_minute if now and now.day == day else None


def _earliest(scene: Scene, key: int, day: dt.date) -> int:
    """The second part of a visit begins after the first, on the same day: a minute beyond the day on others."""
    if key not in scene.first_parts:
        return 0
    first = scene.state.get(scene.first_parts[key])
    return first.end_minute if first and first.day == day else DAY_MINUTES
