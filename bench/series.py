"""How much the bitmap search saves against trying every date with plain intervals, in one run.

A seeded diary of 26 resources, Sundays closed, held in memory as bits and as intervals. The plain way asks
every date of every window and remembers what follows each; it finds only the least sum of deviations,
which is the part of the cost that both must agree on.
"""

import datetime as dt
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from plans.core.availability import Phase, busy_bits, open_bits
from plans.core.offers import Judgement, Place, Wish
from plans.core.reading import Reading
from plans.core.search import Search
from plans.core.series import propose
from plans.core.spacing import Interval, Period, Window, window_after

START = dt.date(2026, 11, 2)
PRACTITIONERS, ROOMS, DEVICES = range(1, 13), range(13, 23), range(23, 27)
OPENING, CLOSING = 9 * 60, 18 * 60
Busy = Mapping[dt.date, Mapping[int, tuple[tuple[int, int], ...]]]


@dataclass(frozen=True)
class Case:
    name: str
    wish: Wish


def months(n: int) -> Period:
    return Period(n, "months")


def days(n: int) -> Period:
    return Period(n, "days")


NUMBING = (Phase("room", 0, 80), Phase("practitioner", 30, 80))
SHORT = (Phase("practitioner", 0, 20), Phase("device", 0, 20))
CANDIDATES = {"practitioner": tuple(PRACTITIONERS), "room": tuple(ROOMS), "device": tuple(DEVICES)}
FIRST = Window(START, START + dt.timedelta(days=5), START + dt.timedelta(days=21))
PEEL = Wish(3, FIRST, Interval(months(3), months(3), months(6)), NUMBING, CANDIDATES)
CASES = [
    Case("peel x3, 3 to 6 months", PEEL),
    Case(
        "darsonval x12, 1 to 3 days",
        Wish(12, FIRST, Interval(days(1), days(2), days(3)), SHORT, CANDIDATES, practitioner=3),
    ),
    Case(
        "laser x20, 2 to 4 weeks",
        Wish(20, FIRST, Interval(days(14), days(14), days(28)), SHORT, CANDIDATES),
    ),
]


def seeded_diary(load: float) -> Busy:
    """Busy ranges by date and resource; Sundays closed. `load`: the part of each day that is taken."""
    draw = random.Random(7)
    diary = {}
    for n in range(800):
        day = START + dt.timedelta(days=n)
        if day.isoweekday() != 7:
            diary[day] = {r: tuple(busy_ranges(draw, load)) for r in range(1, 27)}
    return diary


def busy_ranges(draw: random.Random, load: float) -> list[tuple[int, int]]:
    ranges, minute = [], OPENING
    while minute < CLOSING:
        length = draw.choice((15, 20, 30, 45))
        if draw.random() < load:
            ranges.append((minute, min(minute + length, CLOSING)))
        minute += length
    return ranges


def bits_of(diary: Busy) -> dict[dt.date, dict[int, int]]:
    opened = open_bits([(OPENING, CLOSING)])
    return {
        day: {resource: opened & ~busy_bits(ranges) for resource, ranges in held.items()}
        for day, held in diary.items()
    }


def by_trying(
    wish: Wish, diary: Busy, opening: int = OPENING, closing: int = CLOSING
) -> int | None:
    """The least sum of deviations, by trying every date after every date."""

    @cache
    def can_start(day: dt.date) -> bool:
        held = diary.get(day, {})
        return any(
            all(
                any(is_free(held, r, s, wish, role, closing) for r in wish.candidates[role])
                for role in {phase.role for phase in wish.phases}
            )
            for s in range(opening, closing, wish.every)
            if held
        )

    @cache
    def rest(placed: int, previous: dt.date | None) -> int | None:
        if placed == wish.count:
            return 0
        window = window_after(previous, wish.interval) if previous else wish.first
        sums = []
        for n in range((window.latest - window.earliest).days + 1):
            day = window.earliest + dt.timedelta(days=n)
            if can_start(day):
                later = rest(placed + 1, day)
                if later is not None:
                    sums.append(abs((day - window.target).days) + later)
        return min(sums, default=None)

    return rest(0, None)


def is_free(
    held: Mapping[int, tuple[tuple[int, int], ...]],
    resource: int,
    start: int,
    wish: Wish,
    role: str,
    closing: int,
) -> bool:
    return all(
        start + phase.to_minute <= closing
        and not any(
            busy < start + phase.to_minute and start + phase.from_minute < end
            for busy, end in held[resource]
        )
        for phase in wish.phases
        if phase.role == role
    )


def seconds(work: Callable[[], object], rounds: int) -> float:
    """The fastest of some rounds: the one least disturbed."""
    spent = []
    for _ in range(rounds):
        begin = time.perf_counter()
        work()
        spent.append(time.perf_counter() - begin)
    return min(spent)


def measure(case: Case, diary: Busy) -> str:
    """A line of the table; fails where the two ways disagree."""
    bits, wish = bits_of(diary), case.wish

    def free(day: dt.date) -> Mapping[int, int]:
        return bits.get(day, {})

    def best() -> tuple[Place, ...] | None:
        return Search(wish, Reading(wish, free, never_objects)).cheapest()

    places, least = best(), by_trying(wish, diary)
    assert (sum(abs(place.deviation_days) for place in places) if places else None) == least
    one = seconds(best, 5)
    offers = seconds(lambda: propose(wish, free, never_objects), 3)
    plain = seconds(lambda: by_trying(wish, diary), 1)
    found = "placed" if places else "impossible"
    times = f"{one * 1000:10.1f}{offers * 1000:10.1f}{plain * 1000:10.1f}"
    return f"{case.name:30}{found:>11}{times}{plain / one:9.1f}{plain / offers:9.1f}"


def never_objects(day: dt.date) -> Judgement:
    return Judgement()


def main() -> None:
    print(
        "Times in ms: the best series, all offers or the explanation, the plain way; plain : each"
    )
    print(f"{'series':30}{'':11}{'best':>10}{'offers':>10}{'plain':>10}{'best':>9}{'offers':>9}")
    for load in (0.3, 0.5, 0.8):
        print(f"{load:.0%} of each day taken")
        diary = seeded_diary(load)
        for case in CASES:
            print(measure(case, diary))


if __name__ == "__main__":
    main()
