"""What single days offer a series: the ways to place a session there, each with its cost.

The parts of a cost are packed into one integer, the most important on top, so that comparing and adding
costs compares and adds integers.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import NamedTuple, cast

from plans.core.availability import DAY_MINUTES, DAY_STEPS, PRACTITIONER, STEP_MINUTES, Needs, grid
from plans.core.occasions import Judge, keeping_clear
from plans.core.offers import ROOM, Booked, Wish, minutes_off, narrowed, wishes_missed

Days = Callable[[dt.date], Mapping[int, int]]

# Packed cost. 300 sessions need less than 2**20 minutes, 2**10 changes or cautions and 2**10 * 4
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
    in_rooms: bool = True  # one of the rooms wished for serves


class Reading:
    """What the diary and screening say of single days, asked at most once for each."""

    def __init__(self, wish: Wish, days: Days, judge: Judge) -> None:
        self.wish = wish
        self.needs = Needs(wish.phases, wish.able)
        asked_for = replace(wish, candidates=wish.able) if wish.rooms else wish
        self._in_rooms = (
            Needs(wish.phases, narrowed(asked_for, rooms=True)) if wish.rooms else self.needs
        )
        self.free = cache(days)
        # what stands already has been decided on: occasions keep only new sessions off
        self.judge = cache(judge)
        self.judgement = cache(keeping_clear(self.judge, wish.occasions, wish.healing))
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
        starts = self.starts(self.needs, free)
        in_rooms = starts if self._in_rooms is self.needs else self.starts(self._in_rooms, free)
        slots = []
        for practitioner, every_start in starts.items():
            bits = every_start & self._grid
            if bits:
                in_room = in_rooms.get(practitioner, 0) & bits
                part = bits & self._part
                minute = self._nearest(in_room & part or in_room | part or bits)
                is_in_room = bool(in_room >> minute // STEP_MINUTES & 1)
                slots.append(self.slot(day, minute, practitioner, in_rooms=is_in_room))
        return tuple(sorted(slots, key=lambda slot: slot.cost))

    def is_closed(self, day: dt.date) -> bool:
        """Somebody or something that is needed is not there at all on `day`."""
        free = self.free(day)
        return any(free.keys().isdisjoint(able) for able in self.needs.candidates.values())

    @staticmethod
    def starts(needs: Needs, free: Mapping[int, int]) -> dict[int | None, int]:
        """The steps at which `needs` can be served, by practitioner; None where none is needed."""
        if PRACTITIONER in needs.roles:
            return dict(needs.starts_by(PRACTITIONER, free).items())
        return {None: needs.free_starts(free)}

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
        needs = self._in_rooms if slot.in_rooms else self.needs
        found = needs.assign(slot.start_minute, self.free(day), set(before.values()), given)
        return cast(
            "Mapping[str, int]", found
        )  # a slot is a start for which there is an assignment

    def slot(
        self, day: dt.date, minute: int, practitioner: int | None, *, in_rooms: bool = True
    ) -> Slot:
        wish = self.wish
        room = next(iter(wish.rooms), None) if in_rooms else None
        cost = (
            wishes_missed(wish, day, minute, practitioner, room) * MISSED
            + (self.judgement(day).level > 0) * CAUTION
            + minutes_off(wish, minute)
        )
        return Slot(cost, practitioner, minute, False, in_rooms)

    def standing(self, booked: Booked) -> Slot:
        """The way of a session that stays where it is booked."""
        in_rooms = not self.wish.rooms or booked.resources.get(ROOM) in self.wish.rooms
        person = booked.resources.get(PRACTITIONER)
        found = self.slot(booked.day, booked.start_minute, person, in_rooms=in_rooms)
        return found._replace(stays=True)


def _first(bits: int) -> int:
    return ((bits & -bits).bit_length() - 1) * STEP_MINUTES
