"""Days of a busy clinic as numbers only: who treats where from when to when, without an overlap.

A day's pattern is drawn once, visit after visit; a date takes one of the patterns with its resources
changed round. So a history of ten years costs no search, and the same seed gives the same years.
"""

import datetime as dt
import random
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

PRACTITIONERS, ROOMS, DEVICES = 12, 8, 6
OPENING, CLOSING = 7 * 60, 21 * 60
# Half of the practitioners work the early hours, half the late ones, each with a break.
EARLY = ((7 * 60, 12 * 60 + 30), (13 * 60, 19 * 60))
LATE = ((9 * 60, 14 * 60 + 30), (15 * 60, 21 * 60))
PATTERNS, HEAVY_DAYS = 48, 14
# What a room stands empty between two visits, drawn with these weights.
PAUSES, PAUSE_WEIGHTS = (0, 5, 10, 20), (70, 16, 9, 5)


@dataclass(frozen=True, slots=True)
class Kind:
    """A short treatment: minutes of the room, from when the practitioner is needed, with a device or not."""

    code: str
    minutes: int
    from_minute: int
    with_device: bool
    weight: int
    sessions: tuple[int, int]
    days_apart: int


KINDS = (
    Kind("bench_mask", 10, 0, False, 50, (4, 6), 14),
    Kind("bench_light", 15, 0, True, 32, (4, 6), 28),
    Kind("bench_peel", 20, 5, False, 18, (3, 5), 42),
)


@dataclass(frozen=True, slots=True)
class Planned:
    """One visit of a day: its kind and resources by their numbers, minutes since midnight."""

    start: int
    kind: int
    practitioner: int
    room: int
    device: int | None


def hours_of(practitioner: int) -> tuple[tuple[int, int], ...]:
    return EARLY if practitioner % 2 == 0 else LATE


def draw_pattern(draw: random.Random) -> tuple[Planned, ...]:
    """A day as full as rooms get, by start: whoever has been free longest takes the next visit."""
    people = [(0, n) for n in range(PRACTITIONERS)]
    devices = [(0, n) for n in range(DEVICES)]
    rooms = [(OPENING + draw.choice((0, 0, 5, 10)), n) for n in range(ROOMS)]
    heapify(people)
    heapify(devices)
    heapify(rooms)
    visits = []
    while rooms:
        start, room = heappop(rooms)
        kind = draw.choices(range(len(KINDS)), [each.weight for each in KINDS])[0]
        if KINDS[kind].with_device and devices[0][0] > start:
            kind = 0
        end = start + KINDS[kind].minutes
        if end > CLOSING:
            continue
        who = _taken(people, start + KINDS[kind].from_minute, end)
        if who is not None:
            device = None
            if KINDS[kind].with_device:
                device = heappop(devices)[1]
                heappush(devices, (end, device))
            visits.append(Planned(start, kind, who, room, device))
        heappush(rooms, (end + draw.choices(PAUSES, PAUSE_WEIGHTS)[0], room))
    return tuple(sorted(visits, key=lambda visit: (visit.start, visit.room)))


def _taken(people: list[tuple[int, int]], start: int, end: int) -> int | None:
    """Whoever is at work and free from `start` to `end`, marked as busy; None if nobody is."""
    passed = []
    found = None
    while people and found is None:
        since, who = heappop(people)
        at_work = any(opens <= start and end <= closes for opens, closes in hours_of(who))
        if since <= start and at_work:
            found = who
            passed.append((end, who))
        else:
            passed.append((since, who))
    for each in passed:
        heappush(people, each)
    return found


class Years:
    """The clinic's days by date, the same for the same seed; `today` is when booking ahead thins out."""

    def __init__(self, seed: int, today: dt.date) -> None:
        self.seed, self.today = seed, today
        draw = random.Random(f"{seed} patterns")
        self.patterns = [draw_pattern(draw) for _ in range(PATTERNS)]

    def on(self, day: dt.date) -> list[Planned]:
        """The visits of `day`, by start."""
        draw = random.Random(f"{self.seed} {day}")
        pattern = draw.choice(self.patterns)
        rooms = draw.sample(range(ROOMS), ROOMS)
        devices = draw.sample(range(DEVICES), DEVICES)
        # Early hours stay with the early half.
        early = draw.sample(range(0, PRACTITIONERS, 2), PRACTITIONERS // 2)
        late = draw.sample(range(1, PRACTITIONERS, 2), PRACTITIONERS // 2)
        share = booked_ahead((day - self.today).days)
        return [
            Planned(
                visit.start,
                visit.kind,
                (late if visit.practitioner % 2 else early)[visit.practitioner // 2],
                rooms[visit.room],
                None if visit.device is None else devices[visit.device],
            )
            for visit in pattern
            if share == 1 or draw.random() < share
        ]


def booked_ahead(days: int) -> float:
    """The share of a full day that is booked so many days ahead: all of the next weeks, a fifth of the year's end."""
    if days <= HEAVY_DAYS:
        return 1
    return max(0.2, 0.8 - 0.6 * (days - HEAVY_DAYS) / 150)
