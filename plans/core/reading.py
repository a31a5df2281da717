"""What single days offer a series: the ways to place a session there, each with its cost.

The parts of a cost are packed into one integer, the most important on top, so that comparing and adding
costs compares and adds integers.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from functools import cache
from typing import NamedTuple, cast

from plans.core.availability import DAY_MINUTES, DAY_STEPS, PRACTITIONER, STEP_MINUTES, Needs, grid
from plans.core.offers import Judgement, Wish, minutes_off, wishes_missed

Days = Callable[[dt.date], Mapping[int, int]]
Judge = Callable[[dt.date], Judgement]

# Packed cost. 300 sessions need less than 2**20 minutes, 2**10 changes or cautions and 2**10 * 3
# wishes; 22 bits hold every day that datetime knows.
DAY = 1 << 20
CHANGE = DAY << 22
CAUTION = CHANGE << 10
MISSED = CAUTION << 10
DAY_OFF = MISSED << 12
MOVED = DAY_OFF << 32


class Slot(NamedTuple):
    """A way to place a session on a day that no other on that day beats, for one practitioner."""

    cost: int  # packed; what does not depend on the other sessions
    practitioner: int | None
    start_minute: int
    stays: bool


class Reading:
    """What the diary and screening say of single days, asked at most once for each."""

    def __init__(self, wish: Wish, days: Days, judge: Judge) -> None:
        self.wish = wish
        self.needs = Needs(wish.phases, wish.candidates)
        self.free = cache(days)
        self.judgement = cache(judge)
        self.slots = cache(self._slots)
        self._grid = grid(wish.every)
        start, end = wish.part_of_day or (0, DAY_MINUTES)
        first, stop = (
            min(max(-(-minute // STEP_MINUTES), 0), DAY_STEPS) for minute in (start, end)
        )
        self._part = (1 << stop) - (1 << first) if first < stop else 0

    def _slots(self, day: dt.date) -> tuple[Slot, ...]:
        """The best start for each practitioner free on `day`, cheapest first."""
        if self.judgement(day).blocked:
            return ()
        free = self.free(day)
        if not free:
            return ()
        starts: dict[int, int] | dict[None, int]
        if PRACTITIONER in self.needs.roles:
            starts = self.needs.starts_by(PRACTITIONER, free)
        else:
            starts = {None: self.needs.free_starts(free)}
        slots = []
        for practitioner, every_start in starts.items():
            bits = every_start & self._grid
            if bits:
                minute = self._nearest(bits & self._part or bits)
                slots.append(self.slot(day, minute, practitioner, stays=False))
        return tuple(sorted(slots, key=lambda slot: slot.cost))

    def _nearest(self, bits: int) -> int:
        """The start nearest to the minute wished for, the earlier of two; else the first."""
        around = self.wish.around
        if around is not None:
            step = max(around // STEP_MINUTES + 1, 0)
            before, after = bits & ((1 << step) - 1), bits >> step << step
            if before:
                minute = (before.bit_length() - 1) * STEP_MINUTES
                if not after or around - minute <= _first(after) - around:
                    return minute
            bits = after
        return _first(bits)

    def serving(self, day: dt.date, slot: Slot, before: Mapping[str, int]) -> Mapping[str, int]:
        """Who and what serves `slot`, where possible those who served the session `before`."""
        given = {} if slot.practitioner is None else {PRACTITIONER: slot.practitioner}
        found = self.needs.assign(slot.start_minute, self.free(day), set(before.values()), given)
        return cast(
            "Mapping[str, int]", found
        )  # a slot is a start for which there is an assignment

    def slot(self, day: dt.date, minute: int, practitioner: int | None, *, stays: bool) -> Slot:
        wish = self.wish
        cost = (
            wishes_missed(wish, day, minute, practitioner) * MISSED
            + (self.judgement(day).level > 0) * CAUTION
            + minutes_off(wish, minute)
        )
        return Slot(cost, practitioner, minute, stays)


def _first(bits: int) -> int:
    return ((bits & -bits).bit_length() - 1) * STEP_MINUTES
