"""Series by trying everything: minutes in sets, every start, every assignment, every path. For small cases.

It shares nothing with the search but the values it takes and the rules of spacing and cycles.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product

from plans.core.availability import Phase
from plans.core.cycles import Use, may_use_on
from plans.core.series import Booked, Judgement, Wish
from plans.core.spacing import Window, window_after

FreeRanges = Mapping[int, Sequence[tuple[int, int]]]
Cost = tuple[int, int, int, int, int, dt.date, int]


class BruteForce:
    """All series of a wish. `days`: free ranges in minutes by resource; `slack_days`: wider windows."""

    def __init__(
        self,
        wish: Wish,
        days: Callable[[dt.date], FreeRanges],
        judge: Callable[[dt.date], Judgement],
        *,
        slack_days: int = 0,
    ) -> None:
        self.wish = wish
        self.days = days
        self.judge = judge
        self.slack = dt.timedelta(days=slack_days)
        self._known: dict[dt.date, list[Booked]] = {}

    def is_clear(self, day: dt.date) -> bool:
        """Would a new session on `day` have healed before every occasion?"""
        healed = self.wish.healing.after(day) if self.wish.healing else day
        return not any(day <= occasion <= healed for occasion in self.wish.occasions)

    def is_free(self, booked: Booked) -> bool:
        """Do the resources of `booked` have all their phases free, and nobody in two places?"""
        free = {r: minutes_in(ranges) for r, ranges in self.days(booked.day).items()}
        held = [
            (booked.resources[phase.role], phase.role, minutes_of(phase, booked.start_minute))
            for phase in self.wish.phases
        ]
        return all(minutes <= free.get(r, set()) for r, _, minutes in held) and not any(
            a[0] == b[0] and a[1] != b[1] and a[2] & b[2] for a in held for b in held
        )

    def ways_on(self, day: dt.date) -> list[Booked]:
        if day not in self._known:
            roles = sorted({phase.role for phase in self.wish.phases})
            length = max(phase.to_minute for phase in self.wish.phases)
            ways = (
                Booked(day, start, start + length, dict(zip(roles, resources, strict=True)))
                for start in range(0, 1440, self.wish.every)
                for resources in product(*(self.wish.candidates[role] for role in roles))
            )
            self._known[day] = [way for way in ways if self.is_free(way) and self.serves(way)]
        return self._known[day]

    def serves(self, way: Booked) -> bool:
        """The only practitioner who will do, where there is one."""
        if not self.wish.practitioner_only or "practitioner" not in way.resources:
            return True
        return self.wish.practitioner in (None, way.resources["practitioner"])

    def series(self, before: tuple[Booked, ...] = ()) -> Iterator[tuple[Booked, ...]]:
        """Every legal series that begins with `before`."""
        if len(before) == self.wish.count:
            yield before
            return
        ordinal = self.wish.first_ordinal + len(before)
        window = self.window(before)
        for n in range((window.latest - window.earliest).days + 1):
            day = window.earliest + dt.timedelta(days=n)
            if before and day <= before[-1].day:
                continue
            if self.judge(day).blocked or not self.may_use(before, day):
                continue
            for way in self.ways_for(ordinal, day):
                yield from self.series((*before, way))

    def ways_for(self, ordinal: int, day: dt.date) -> list[Booked]:
        if ordinal in self.wish.fixed:
            fixed = self.wish.fixed[ordinal]
            return [fixed] if fixed.day == day else []
        ways = self.ways_on(day) if self.is_clear(day) else []
        standing = self.wish.standing.get(ordinal)
        if standing is not None and standing.day == day and self.is_free(standing):
            return [*ways, standing]
        return ways

    def window(self, before: Sequence[Booked]) -> Window:
        if not before:
            return self.wish.first
        window = window_after(before[-1].day, self.wish.interval)
        return replace(window, latest=window.latest + self.slack)

    def may_use(self, before: Sequence[Booked], day: dt.date) -> bool:
        if self.wish.cycle is None:
            return True
        uses = [*self.wish.uses, *(Use(b.day, b.day) for b in before)]
        return may_use_on(uses, self.wish.cycle, day)

    def cost(self, series: Sequence[Booked]) -> Cost:
        wish = self.wish
        off = missed = cautions = minutes = moved = 0
        for n, booked in enumerate(series):
            off += abs((booked.day - self.window(series[:n]).target).days)
            missed += wish.practitioner not in (None, booked.resources.get("practitioner"))
            missed += booked.day.isoweekday() not in wish.weekdays
            part = wish.part_of_day
            missed += part is not None and not part[0] <= booked.start_minute < part[1]
            missed += bool(wish.rooms) and booked.resources.get("room") not in wish.rooms
            cautions += self.judge(booked.day).level > 0
            minutes += abs(booked.start_minute - (wish.around or 0))
            standing = wish.standing.get(wish.first_ordinal + n)
            moved += standing is not None and booked is not standing
        people = [booked.resources.get("practitioner") for booked in series]
        changes = sum(people[n] != people[n - 1] for n in range(1, len(people)))
        return moved, off, missed, cautions, changes, series[-1].day, minutes

    def least(self) -> Cost | None:
        return min((self.cost(series) for series in self.series()), default=None)

    def soonest(self) -> Cost | None:
        """The least cost among the series that end first."""
        costs = [self.cost(series) for series in self.series()]
        return min(costs, key=lambda cost: (cost[5], cost), default=None)

    def without(self, practitioner: int) -> "BruteForce":
        """The same with that resource out of the practitioners."""
        people = [r for r in self.wish.candidates["practitioner"] if r != practitioner]
        candidates = {**self.wish.candidates, "practitioner": people}
        return BruteForce(replace(self.wish, candidates=candidates), self.days, self.judge)


def minutes_in(ranges: Sequence[tuple[int, int]]) -> set[int]:
    return {minute for start, end in ranges for minute in range(start, end)}


def minutes_of(phase: Phase, start: int) -> set[int]:
    return set(range(start + phase.from_minute, start + phase.to_minute))
