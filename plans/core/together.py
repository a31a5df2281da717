"""Several courses of one patient placed together: each keeps its distance from the others, nobody is in two places."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import cast

from plans.core.availability import busy_bits
from plans.core.case import Case, Standing
from plans.core.occasions import Judge
from plans.core.offers import Cost, Offer, Place, Wish
from plans.core.problems import Impossible
from plans.core.reading import Days
from plans.core.spacing import Window
from plans.core.verdicts import Entry
from plans.core.wishes import best_choice

MOST_COURSES = 4
LOOK_AHEAD_DAYS = 730  # how far a course may be put off until the others allow it

# The days on which sessions of other courses are placed, by the number of the course.
Placed = Mapping[int, tuple[dt.date, ...]]
# What is said of a course's days when the others stand there.
JudgeWith = Callable[[int, Placed], Judge]


@dataclass(frozen=True)
class Wanted:
    """A course to place. `may_wait`: it begins on the first day that the others allow, however late."""

    wish: Wish
    may_wait: bool = True


@dataclass(frozen=True, slots=True, order=True)
class Total:
    """The cost of all courses, compared from the first field on; `days_waited`: begun later for the others."""

    wishes_lost: int
    days_off: int
    days_waited: int
    wishes_missed: int
    cautions: int
    practitioner_changes: int
    last_day: dt.date
    minutes_off: int


NOTHING = Total(0, 0, 0, 0, 0, 0, dt.date.min, 0)


@dataclass(frozen=True, slots=True)
class Arrangement:
    """All courses placed, each offer by its number, and the order in which they were."""

    offers: Mapping[int, Offer]
    order: tuple[int, ...]
    total: Total
    keeps_wishes: bool

    def without(self, course: int) -> Placed:
        """The days of all courses but this one."""
        return {
            n: tuple(place.day for place in offer.places)
            for n, offer in self.offers.items()
            if n != course
        }


@dataclass(frozen=True, slots=True)
class NoArrangement:
    """The course that found no place, after those before it in the best order tried, and why."""

    course: int
    after: tuple[int, ...]
    problem: Impossible | None


class Beside:
    """The cases of several courses, each judged with the sessions of the others standing.

    `treated`: by course the procedure and the areas of its sessions.
    """

    def __init__(
        self, cases: Sequence[Case], treated: Sequence[tuple[str, frozenset[str]]]
    ) -> None:
        self._cases = cases
        self._treated = treated

    def case(self, course: int, placed: Placed) -> Case:
        others = [
            # keys below zero: no visit in the diary has one
            Standing(-1 - 1000 * n - at, Entry(self._treated[n][0], day, areas=self._treated[n][1]))
            for n, days in placed.items()
            for at, day in enumerate(days)
        ]
        return self._cases[course].beside(others) if others else self._cases[course]

    def judge(self, course: int, placed: Placed) -> Judge:
        return self.case(course, placed).judge


def arrange(
    wanted: Sequence[Wanted], days: Days, judge_with: JudgeWith
) -> Arrangement | NoArrangement:
    """The cheapest arrangement over all orders; within one, each course takes the best place that is left.

    `days` is asked at most once a date. Raises ValueError for more than MOST_COURSES courses, or none.
    """
    if not 1 <= len(wanted) <= MOST_COURSES:
        raise ValueError(f"1 to {MOST_COURSES} courses are placed together")
    search = _Arranging(wanted, days, judge_with)
    return search.result()


class _Arranging:
    """Orders tried one course after another; one that already costs more than the best is left."""

    def __init__(self, wanted: Sequence[Wanted], days: Days, judge_with: JudgeWith) -> None:
        self.wanted = wanted
        self.days = cache(days)
        self.judge_with = judge_with
        self.best: Arrangement | None = None
        self.failed: NoArrangement | None = None

    def result(self) -> Arrangement | NoArrangement:
        self.go_on((), {}, NOTHING)
        return self.best or cast("NoArrangement", self.failed)  # one of the two was found

    def go_on(self, order: tuple[int, ...], offers: Mapping[int, Offer], total: Total) -> None:
        """Place every course not yet in `order`, each next in turn."""
        if self.best is not None and total >= self.best.total:
            return
        if len(order) == len(self.wanted):
            self.best = Arrangement(dict(offers), order, total, total.wishes_lost == 0)
            return
        for course in range(len(self.wanted)):
            if course not in offers:
                self._place(course, order, offers, total)

    def _place(
        self, course: int, order: tuple[int, ...], offers: Mapping[int, Offer], total: Total
    ) -> None:
        placed = {n: tuple(p.day for p in offer.places) for n, offer in offers.items()}
        judge = self.judge_with(course, placed)
        wish = self.wanted[course].wish
        opened = _opened(wish, judge) if self.wanted[course].may_wait else wish
        free = less(self.days, [p for offer in offers.values() for p in offer.places])
        found = best_choice(opened, free, judge)
        if not found.offers:
            if self.failed is None or len(order) > len(self.failed.after):
                self.failed = NoArrangement(course, order, found.impossible)
            return
        offer = found.offers[0]
        waited = (opened.first.target - wish.first.target).days
        more = added(total, offer.cost, waited, is_lost=not found.keeps_wishes)
        self.go_on((*order, course), {**offers, course: offer}, more)


def _opened(wish: Wish, judge: Judge) -> Wish:
    """The wish with its first window begun on the first day that is allowed."""
    window, day = wish.first, wish.first.earliest
    if wish.first_ordinal in wish.fixed:
        return wish
    last = day + dt.timedelta(days=LOOK_AHEAD_DAYS)
    while judge(day).blocked:
        day = max(judge(day).earliest or day, day + dt.timedelta(days=1))
        if day > last:
            return wish
    later = day - window.earliest
    return replace(
        wish, first=Window(day, max(day, window.target), max(window.latest + later, day))
    )


def added(total: Total, cost: Cost, waited: int, *, is_lost: bool) -> Total:
    """`total` with one course more."""
    return Total(
        wishes_lost=total.wishes_lost + is_lost,
        days_off=total.days_off + cost.days_off,
        days_waited=total.days_waited + waited,
        wishes_missed=total.wishes_missed + cost.wishes_missed,
        cautions=total.cautions + cost.cautions,
        practitioner_changes=total.practitioner_changes + cost.practitioner_changes,
        last_day=max(total.last_day, cost.last_day),
        minutes_off=total.minutes_off + cost.minutes_off,
    )


def less(days: Days, places: Iterable[Place]) -> Days:
    """`days` with the time of `places` nobody's: the patient is there, and so is whoever serves."""
    taken: dict[dt.date, int] = {}
    for place in places:
        bits = busy_bits([(place.start_minute, place.end_minute)])
        taken[place.day] = taken.get(place.day, 0) | bits

    def free(day: dt.date) -> Mapping[int, int]:
        if day not in taken:
            return days(day)
        return {resource: bits & ~taken[day] for resource, bits in days(day).items()}

    return free
