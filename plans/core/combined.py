"""Two to four procedures on one day, in a row: one arrival, each begins where the one before it ends."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import permutations
from typing import NamedTuple

from plans.core.availability import (
    DAY_MINUTES,
    DAY_STEPS,
    PRACTITIONER,
    STEP_MINUTES,
    Needs,
    Phase,
    Range,
    grid,
)
from plans.core.history import holds, spacing_findings
from plans.core.occasions import keeping_clear
from plans.core.offers import EVERY_WEEKDAY, ROOM, Judgement
from plans.core.problems import Constraint
from plans.core.reading import Days
from plans.core.spacing import Period
from plans.core.verdicts import Entry, Finding, Rulebook

FEWEST, MOST = 2, 4
MOST_OFFERS = 3
DIFFERENT_MINUTES = 120
OTHER_DAYS_AHEAD = 14  # how far a second and third choice are looked for after the first

# What screening says of one part on a day on which all the others stand too.
JudgePart = Callable[[int, dt.date], Judgement]


@dataclass(frozen=True)
class Part:
    """One procedure of a combined visit."""

    phases: tuple[Phase, ...]
    candidates: Mapping[str, Sequence[int]]
    healing: Period | None = None

    @property
    def minutes(self) -> int:
        return max(phase.to_minute for phase in self.phases)


@dataclass(frozen=True)
class Together:
    """What is asked for: `parts` in any order, from `first` to `last`. Wishes as in `offers.Wish`."""

    parts: tuple[Part, ...]
    first: dt.date
    last: dt.date
    practitioner: int | None = None
    practitioner_only: bool = False
    rooms: frozenset[int] = frozenset()
    weekdays: frozenset[int] = EVERY_WEEKDAY
    part_of_day: Range | None = None
    occasions: tuple[dt.date, ...] = ()
    every: int = 15

    def __post_init__(self) -> None:
        if not FEWEST <= len(self.parts) <= MOST:
            raise ValueError(f"a combined visit has {FEWEST} to {MOST} procedures")
        grid(self.every)


@dataclass(frozen=True, slots=True, order=True)
class Price:
    """What a combined visit costs, compared from the first field on; both numbers of others count from 0.

    `other_people` and `other_rooms`: how many serve beyond one of each.
    """

    days_late: int
    wishes_missed: int
    cautions: int
    other_people: int
    other_rooms: int
    minute: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """One procedure of the visit: `part` counts from 0 in the order asked for."""

    part: int
    start_minute: int
    end_minute: int
    resources: Mapping[str, int]
    level: int
    reasons: tuple[str, ...]

    @property
    def practitioner(self) -> int | None:
        return self.resources.get(PRACTITIONER)


@dataclass(frozen=True, slots=True)
class Combination:
    """A whole visit: its stretches in a row."""

    day: dt.date
    stretches: tuple[Stretch, ...]
    price: Price

    @property
    def people(self) -> frozenset[int]:
        return frozenset(s.practitioner for s in self.stretches if s.practitioner is not None)


@dataclass(frozen=True, slots=True)
class NoCombination:
    """Why there is none, by the rules met; `earliest`: the first later day that would do, where one was found."""

    constraint: Constraint
    reasons: tuple[str, ...] = ()
    earliest: dt.date | None = None


def keep_apart(
    book: Rulebook, treatments: Sequence[tuple[str, frozenset[str]]], day: dt.date
) -> tuple[tuple[int, Finding], ...]:
    """What forbids these procedures, each on its areas, to share a day, by the number of the one held off.

    Whatever the day: `day` is only the one that the findings speak of. Raises ValueError for a procedure
    that is not in the catalogue.
    """
    entries = [Entry(code, day, areas=areas) for code, areas in treatments]
    return tuple(
        (n, finding)
        for n, entry in enumerate(entries)
        for finding in spacing_findings(
            holds(
                book,
                book.rules(entry.procedure),
                [*entries[:n], *entries[n + 1 :]],
                entry.areas,
            ),
            day,
        )
    )


def in_a_row(parts: Sequence[Part]) -> tuple[tuple[Phase, ...], dict[str, Sequence[int]]]:
    """All phases as those of one long session; a role is "1.room" for the room of the second part."""
    phases: list[Phase] = []
    candidates: dict[str, Sequence[int]] = {}
    begins = 0
    for n, part in enumerate(parts):
        phases += [
            Phase(f"{n}.{phase.role}", begins + phase.from_minute, begins + phase.to_minute)
            for phase in part.phases
        ]
        candidates |= {f"{n}.{role}": able for role, able in part.candidates.items()}
        begins += part.minutes
    return tuple(phases), candidates


class _Way(NamedTuple):
    """A start for one order of the parts. `least`: no assignment costs less; who serves is found out later."""

    least: Price
    order: tuple[int, ...]
    needs: Needs


class CombinedSearch:
    """Finds the combined visits; every order of the parts is tried, every day read at most once."""

    def __init__(self, asked: Together, days: Days, judge: JudgePart) -> None:
        self.asked = asked
        self.free = cache(days)
        self._judges = [
            cache(keeping_clear(partial(judge, n), asked.occasions, part.healing))
            for n, part in enumerate(asked.parts)
        ]
        self.needs = cache(self._needs)
        self.ways = cache(self._ways_on)

    def judged(self, day: dt.date) -> list[Judgement]:
        """What is said of each part on `day`."""
        return [judge(day) for judge in self._judges]

    def offers(self) -> tuple[Combination, ...]:
        """Up to three: the best, another practitioner or time that day, and other days."""
        best = self._best()
        if best is None:
            return ()
        found = [best]
        days = [best.day, *(day for day in self._days() if day > best.day)][: OTHER_DAYS_AHEAD + 1]
        others = self.cheapest(best.day, lambda each: not each.people & best.people)
        if others is not None and _is_different(others, best):
            found.append(others)
        for day in days:
            if len(found) == MOST_OFFERS:
                break
            other = self.cheapest(day, partial(_is_new, tuple(found)))
            found += [other] if other is not None else []
        return tuple(found)

    def _best(self) -> Combination | None:
        """The cheapest that keeps every wish; else the cheapest, for which a later day costs most."""
        for wished in (_keeps_wishes, _anything):
            for day in self._days():
                found = self.cheapest(day, wished)
                if found is not None:
                    return found
        return None

    def cheapest(self, day: dt.date, wanted: Callable[[Combination], bool]) -> Combination | None:
        """The cheapest of `day` that is `wanted`; None if there is none."""
        best: Combination | None = None
        for way in self.ways(day):
            if best is not None and way.least >= best.price:
                break
            found = self._combination(day, way)
            if wanted(found) and (best is None or found.price < best.price):
                best = found
        return best

    def _days(self) -> list[dt.date]:
        length = (self.asked.last - self.asked.first).days + 1
        return [self.asked.first + dt.timedelta(days=n) for n in range(length)]

    def _needs(self, order: tuple[int, ...], person: int | None, room: int | None) -> Needs:
        """The needs of the parts in `order`, with one person, or one room, in all of them."""
        phases, able = in_a_row([self.asked.parts[n] for n in order])
        for role in able:
            only = {PRACTITIONER: person, ROOM: room}.get(_kind(role))
            if only is not None:
                able[role] = tuple(one for one in able[role] if one == only)
        return Needs(phases, able)

    def _one_for_all(self, role: str) -> list[int]:
        """Who or what could serve `role` in every part that has it."""
        ables = [set(part.candidates[role]) for part in self.asked.parts if role in part.candidates]
        return sorted(set.intersection(*ables)) if ables else []

    def _ways_on(self, day: dt.date) -> tuple[_Way, ...]:
        """For each order, person and room the first starts of the part of day asked for, the morning and the rest."""
        judged = self.judged(day)
        free = {} if any(each.blocked for each in judged) else self.free(day)
        if not free:
            return ()
        cautions = sum(each.level > 0 for each in judged)
        people, rooms = self._people(), (*self._one_for_all(ROOM), None)
        found = [
            _Way(self._price(day, cautions, person, room, minute), order, needs)
            for order in permutations(range(len(self.asked.parts)))
            for person in people
            if self.needs(order, person, None).free_starts(free)
            for room in rooms
            for needs in (self.needs(order, person, room),)
            for minute in self._minutes(needs, free)
        ]
        return tuple(sorted(found, key=lambda way: (way.least, way.order)))

    def _people(self) -> tuple[int | None, ...]:
        asked = self.asked
        if asked.practitioner_only:
            return (asked.practitioner,)
        return (*self._one_for_all(PRACTITIONER), None)

    def _minutes(self, needs: Needs, free: Mapping[int, int]) -> list[int]:
        starts = needs.free_starts(free) & grid(self.asked.every)
        noon = DAY_MINUTES // 2
        parts = {self.asked.part_of_day or (0, DAY_MINUTES), (0, noon), (noon, DAY_MINUTES)}
        firsts = {_first_in(starts, part) for part in parts}
        return sorted(minute for minute in firsts if minute is not None)

    def _combination(self, day: dt.date, way: _Way) -> Combination:
        minute = way.least.minute
        served = way.needs.assign(minute, self.free(day), self._preferred()) or {}
        judged = self.judged(day)
        stretches, begins = [], minute
        for n, part in enumerate(way.order):
            ends = begins + self.asked.parts[part].minutes
            mine = {_kind(r): one for r, one in served.items() if r.startswith(f"{n}.")}
            level, reasons = judged[part].level, judged[part].reasons
            stretches.append(Stretch(part, begins, ends, mine, level, reasons))
            begins = ends
        people = {s.resources[PRACTITIONER] for s in stretches if PRACTITIONER in s.resources}
        rooms = {s.resources[ROOM] for s in stretches if ROOM in s.resources}
        wish = self.asked
        missed = self._days_missed(day, minute) + (
            (wish.practitioner is not None and people != {wish.practitioner})
            + (bool(wish.rooms) and not rooms <= wish.rooms)
        )
        price = replace(
            way.least,
            wishes_missed=missed,
            other_people=max(len(people) - 1, 0),
            other_rooms=max(len(rooms) - 1, 0),
        )
        return Combination(day, tuple(stretches), price)

    def _preferred(self) -> frozenset[int]:
        person = self.asked.practitioner
        return self.asked.rooms | ({person} if person is not None else set())

    def _days_missed(self, day: dt.date, minute: int) -> int:
        start, stop = self.asked.part_of_day or (0, DAY_MINUTES)
        return (day.isoweekday() not in self.asked.weekdays) + (not start <= minute < stop)

    def _price(
        self, day: dt.date, cautions: int, person: int | None, room: int | None, minute: int
    ) -> Price:
        """The least that a visit can cost with this person, and in this room, throughout."""
        asked = self.asked
        missed = self._days_missed(day, minute) + (
            (asked.practitioner is not None and person not in (None, asked.practitioner))
            + (bool(asked.rooms) and room is not None and room not in asked.rooms)
        )
        return Price((day - asked.first).days, missed, cautions, 0, 0, minute)

    def explain(self) -> NoCombination:
        """Why there is no combination from the first day to the last."""
        days = self._days()
        judged = {day: self.judged(day) for day in days}
        blocked = [day for day in days if any(each.blocked for each in judged[day])]
        if len(blocked) == len(days):
            reasons = {r for day in days for j in judged[day] if j.blocked for r in j.reasons}
            is_occasion = all(any(j.occasions for j in judged[day]) for day in days)
            return NoCombination("occasion" if is_occasion else "screening", tuple(sorted(reasons)))
        needs = self.needs(tuple(range(len(self.asked.parts))), None, None)
        ables = [set(able) for able in needs.candidates.values()]
        if all(
            any(able.isdisjoint(self.free(day)) for able in ables)
            for day in days
            if day not in blocked
        ):
            return NoCombination("closed")
        return NoCombination("no_common_time")

    def later(self, days: int) -> Combination | None:
        """The first combination within `days` after the last day asked for, wishes or not."""
        for late in range(1, days + 1):
            found = self.cheapest(self.asked.last + dt.timedelta(days=late), _anything)
            if found is not None:
                return found
        return None


def combine(
    asked: Together, days: Days, judge: JudgePart, *, look_ahead: int = 0
) -> tuple[tuple[Combination, ...], NoCombination | None]:
    """The combined visits, best first; or none, and why. `look_ahead`: days to look for a later one then."""
    search = CombinedSearch(asked, days, judge)
    offers = search.offers()
    if offers:
        return offers, None
    why = search.explain()
    later = search.later(look_ahead)
    return (), replace(why, earliest=later.day if later else None)


def _first_in(starts: int, part: Range) -> int | None:
    first, stop = (min(max(-(-m // STEP_MINUTES), 0), DAY_STEPS) for m in part)
    bits = starts >> first << first & (1 << stop) - 1
    return ((bits & -bits).bit_length() - 1) * STEP_MINUTES if bits else None


def _kind(role: str) -> str:
    """`room`, of "1.room"."""
    return role.split(".", 1)[1]


def _keeps_wishes(each: Combination) -> bool:
    return each.price.wishes_missed == 0


def _anything(each: Combination) -> bool:
    return True


def _is_new(known: Sequence[Combination], each: Combination) -> bool:
    return all(_is_different(each, one) for one in known)


def _is_different(one: Combination, other: Combination) -> bool:
    """Another day, nobody who serves in both, or two hours at least."""
    apart = abs(one.stretches[0].start_minute - other.stretches[0].start_minute)
    is_served_by_others = bool(one.people) and one.people.isdisjoint(other.people)
    return one.day != other.day or is_served_by_others or apart >= DIFFERENT_MINUTES
