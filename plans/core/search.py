"""The cheapest series, exactly: dynamic programming over session, day, block of use, practitioner.

States are settled in order of their cost and the days of a window tried nearest to the target first, so
that a diary with room is left after a few days of it have been read.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from heapq import heappop, heappush
from itertools import count

from plans.core.cycles import Block, Cycle, Use, blocks_of_use, may_use_on
from plans.core.offers import Place, Wish
from plans.core.reading import CHANGE, DAY, DAY_OFF, MOVED, Reading, Slot
from plans.core.spacing import Window, window_after

NO_BLOCK = Block(dt.date.min, dt.date.min)  # nothing used yet, or no cycle

_State = tuple[int, dt.date, Block]


class Cycling:
    """Where each further use would stand in the cycle of months on and months off."""

    def __init__(self, cycle: Cycle | None, uses: Sequence[Use]) -> None:
        self.cycle = cycle
        self.uses = uses

    def after(self, block: Block, previous: dt.date | None, day: dt.date) -> Block | None:
        """The block of use that a session on `day` belongs to; None when the pause forbids it.

        `block`: where the session on `previous` left the cycle. Only the last block binds what
        follows, so it may stand for all uses up to `previous`.
        """
        if self.cycle is None:
            return NO_BLOCK
        uses = [
            use
            for use in self.uses
            if use.start <= day and (previous is None or previous < use.start)
        ]
        if block != NO_BLOCK:
            uses.append(Use(block.start, block.end))
        if not may_use_on(uses, self.cycle, day):
            return None
        return blocks_of_use([*uses, Use(day, day)], self.cycle)[-1]


@dataclass(frozen=True, slots=True)
class _Node:
    """A session placed, after those before it."""

    index: int
    day: dt.date
    block: Block
    slot: Slot
    parent: "_Node | None"


class Search:
    """One search: `without` a practitioner, on no day of `but_days`, or with windows open `slack_days` longer."""

    def __init__(
        self,
        wish: Wish,
        reading: Reading,
        *,
        without: int | None = None,
        but_days: Collection[dt.date] = (),
        slack_days: int = 0,
    ) -> None:
        self.wish = wish
        self.reading = reading
        self.without = without
        self.but_days = but_days
        self.slack_days = slack_days
        self.cycling = Cycling(wish.cycle, wish.uses)
        self.slots = cache(self._slots)
        self.can_finish = cache(self._can_finish)
        self.dates = cache(self._dates)
        self._tries = cache(self._tries_in_order)
        self._soonest_last = cache(self._soonest_last_day)
        self._least_moved = cache(self._fewest_moved)

    def window(self, index: int, previous: dt.date | None) -> Window:
        """Where session `index` (from 0) belongs once the one before it stands on `previous`."""
        if previous is None:
            return self.wish.first
        window = window_after(previous, self.wish.interval)
        return Window(
            window.earliest, window.target, window.latest + dt.timedelta(days=self.slack_days)
        )

    def _dates(self, index: int, previous: dt.date | None) -> tuple[dt.date, ...]:
        """The dates of the window, in order; two sessions never share a day."""
        window = self.window(index, previous)
        fixed = self.wish.fixed.get(self.wish.first_ordinal + index)
        earliest = window.earliest
        if previous is not None:
            earliest = max(earliest, previous + dt.timedelta(days=1))
        if fixed is not None:
            return (fixed.day,) if earliest <= fixed.day <= window.latest else ()
        length = (window.latest - earliest).days + 1
        return tuple(earliest + dt.timedelta(days=n) for n in range(length))

    def _slots(self, index: int, day: dt.date) -> tuple[Slot, ...]:
        """The ways to place session `index` on `day`."""
        ordinal = self.wish.first_ordinal + index
        reading = self.reading
        fixed = self.wish.fixed.get(ordinal)
        if fixed is not None:
            return () if reading.judge(day).blocked else (reading.standing(fixed),)
        if day in self.but_days:
            return ()
        slots = tuple(
            s for s in reading.slots(day) if self.without is None or s.practitioner != self.without
        )
        standing = self.wish.standing.get(ordinal)
        if standing is None or day != standing.day:
            return slots  # what leaving the day costs is in the cost of the day
        moved = tuple(slot._replace(cost=slot.cost + MOVED) for slot in slots)
        if reading.judge(day).blocked or not reading.needs.is_served(
            standing.start_minute, reading.free(day), standing.resources
        ):
            return moved
        return (reading.standing(standing), *moved)

    def _can_finish(self, index: int, day: dt.date, block: Block) -> bool:
        """Can the sessions after `index` all be placed when it stands on `day` in `block`?"""
        if index == self.wish.count - 1:
            return True
        return any(
            self.entered(index + 1, later, day, block)
            for later in self._nearest_first(index + 1, day)
        )

    def entered(
        self, index: int, day: dt.date, previous: dt.date | None, block: Block
    ) -> Block | None:
        """The block of use with session `index` on `day`; None unless it and all later ones can be placed."""
        if not self.slots(index, day):
            return None
        after = self.cycling.after(block, previous, day)
        return after if after is not None and self.can_finish(index, day, after) else None

    def _nearest_first(self, index: int, previous: dt.date | None) -> Iterator[dt.date]:
        return (day for *_, day in self._tries(index, previous))

    def is_possible(self) -> bool:
        return any(self.entered(0, day, None, NO_BLOCK) for day in self._nearest_first(0, None))

    def _tries_in_order(
        self, index: int, previous: dt.date | None, soonest: bool = False
    ) -> tuple[tuple[dt.date, int, int, dt.date], ...]:
        """The dates of a window, best first: (soonest end, least cost of all, of the date, date)."""
        target = self.window(index, previous).target
        standing = self.wish.standing.get(self.wish.first_ordinal + index)
        since = previous or self.wish.first.earliest
        tries = []
        for day in self.dates(index, previous):
            cost = abs((day - target).days) * DAY_OFF + (day - since).days * DAY
            if standing is not None and day != standing.day:
                cost += MOVED
            bound = self._soonest_last(index, day) if soonest else dt.date.min
            tries.append((bound, cost + self._least_moved(index, day) * MOVED, cost, day))
        return tuple(sorted(tries))

    def _fewest_moved(self, index: int, day: dt.date) -> int:
        """No series with session `index` on `day` moves fewer of the standing sessions after it.

        Asks the diary for the standing sessions only; between them it takes any date of a window.
        """
        fewest = sum(ordinal > self.wish.first_ordinal + index for ordinal in self.wish.standing)
        earliest, latest, passed = day, day, 0
        for later in range(index + 1, self.wish.count if fewest else 0):
            earliest = max(self.window(later, earliest).earliest, earliest + dt.timedelta(days=1))
            latest = max(self.window(later, latest).latest, earliest)
            standing = self.wish.standing.get(self.wish.first_ordinal + later)
            if standing is None:
                continue
            if earliest <= standing.day <= latest and self._is_kept(later, standing.day):
                fewest = min(fewest, passed + self._least_moved(later, standing.day))
            passed += 1
        return fewest

    def _is_kept(self, index: int, day: dt.date) -> bool:
        return any(slot.stays for slot in self.slots(index, day))

    def _soonest_last_day(self, index: int, day: dt.date) -> dt.date:
        """No series with session `index` on `day` ends before this."""
        for _ in range(index, self.wish.count - 1):
            day = max(self.wish.interval.min.after(day), day + dt.timedelta(days=1))
        return day

    def cheapest(self, *, soonest: bool = False) -> tuple[Place, ...] | None:
        """The series of least cost, or the cheapest that ends soonest; None: there is none."""
        serial = count()  # settles equal costs in a fixed order
        heap: list[tuple[dt.date, int, int, _Node | None, int, int]] = []
        labels = _Labels()
        heappush(heap, (dt.date.min, 0, next(serial), None, 0, 0))
        while heap:
            _, _, _, node, cost, position = heappop(heap)
            if node is not None and position == 0:
                if node.index == self.wish.count - 1:
                    return self._places(node)
                if not labels.settle(node, cost):
                    continue
            index, previous = (0, None) if node is None else (node.index + 1, node.day)
            tries = self._tries(index, previous, soonest)
            for at in range(position, len(tries)):
                bound, least, own, day = tries[at]
                if at > position and heap and (bound, cost + least) > heap[0][:2]:
                    heappush(heap, (bound, cost + least, next(serial), node, cost, at))
                    break
                for label, total in self._steps(node, day, cost + own, labels):
                    heappush(heap, (bound, total + least - own, next(serial), label, total, 0))
        return None

    def _steps(
        self, parent: _Node | None, day: dt.date, cost: int, labels: "_Labels"
    ) -> list[tuple[_Node, int]]:
        """The labels worth keeping that place the session after `parent` on `day`."""
        index = 0 if parent is None else parent.index + 1
        previous, block = (None, NO_BLOCK) if parent is None else (parent.day, parent.block)
        after = self.entered(index, day, previous, block)
        if after is None:
            return []
        state = (index, day, after)
        steps = []
        for slot in self.slots(index, day):
            changes = parent is not None and slot.practitioner != parent.slot.practitioner
            total = cost + slot.cost + changes * CHANGE
            if labels.keep(state, total):
                steps.append((_Node(index, day, after, slot, parent), total))
        return steps

    def _places(self, last: _Node) -> tuple[Place, ...]:
        nodes = []
        node: _Node | None = last
        while node is not None:
            nodes.append(node)
            node = node.parent
        places: list[Place] = []
        for node in reversed(nodes):
            places.append(self._place(node, places[-1] if places else None))
        return tuple(places)

    def _place(self, node: _Node, before: Place | None) -> Place:
        wish, day, slot = self.wish, node.day, node.slot
        ordinal = wish.first_ordinal + node.index
        window = self.window(node.index, before.day if before else None)
        judged = self.reading.judge(day) if slot.stays else self.reading.judgement(day)
        booked = wish.fixed.get(ordinal) or wish.standing.get(ordinal)
        if slot.stays and booked is not None:
            end_minute, resources = booked.end_minute, booked.resources
        else:
            end_minute = slot.start_minute + self.reading.needs.minutes
            resources = self.reading.serving(day, slot, before.resources if before else {})
        return Place(
            ordinal=ordinal,
            day=day,
            start_minute=slot.start_minute,
            end_minute=end_minute,
            resources=resources,
            window=window,
            deviation_days=(day - window.target).days,
            level=judged.level,
            reasons=judged.reasons,
            stays=slot.stays,
        )


class _Labels:
    """Which ways to a state are still worth following.

    Two ways to the same session, day and block differ in the future by one change of practitioner
    at most: a way that costs a change more than the cheapest can be left.
    """

    def __init__(self) -> None:
        self._least: dict[_State, int] = {}
        self._settled: set[tuple[int, dt.date, Block, int | None]] = set()

    def keep(self, state: _State, cost: int) -> bool:
        least = self._least.setdefault(state, cost)
        if cost < least:
            self._least[state] = cost
        return cost < least + CHANGE

    def settle(self, node: _Node, cost: int) -> bool:
        """Take a way for good; False when another has been taken or makes it needless."""
        state = (node.index, node.day, node.block)
        person = (*state, node.slot.practitioner)
        if person in self._settled or cost >= self._least[state] + CHANGE:
            return False
        self._settled.add(person)
        return True
