"""The dates of a protocol for one patient: every session and home course on a day that the rules allow.

Windows: docs/screening.md, section 2.4. Judging is left to a callback, so that the same search serves a patient,
an outline without one, and a test.
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from plans.core.protocol import Starts, Step, Treatment
from plans.core.spacing import Window, window_after
from plans.core.verdicts import Entry, Screening

ONE_DAY = dt.timedelta(days=1)
# How far after the day on which it may begin a course is looked for, and a plan for a later start.
FARTHEST = dt.timedelta(days=3 * 366)
# Calendar months differ by that much: a start moved by n days moves a date by n days less these at least.
MONTH_SLACK = 3

Judge = Callable[[Entry, Sequence[Entry]], Screening]
IsOpen = Callable[[dt.date], bool]


@dataclass(frozen=True, slots=True)
class Objection:
    """Why nothing stands on `day`.

    screening: it would have to wait or be refused, as `screening` says. threatens: `threatened`, dated before,
    would. closed: nobody works.
    """

    kind: Literal["screening", "threatens", "closed"]
    day: dt.date
    screening: Screening | None = None
    threatened: Entry | None = None

    @property
    def is_lasting(self) -> bool:
        """No end of it is known."""
        return self.screening is not None and self.screening.earliest_ok is None


@dataclass(frozen=True, slots=True)
class Dated:
    """A session, or a home course from `day` to `until`. `window`: after the session before, None for a first one.

    `moved`: what stood against the day on which it should be; None when it stands there.
    """

    ordinal: int
    day: dt.date
    screening: Screening
    window: Window | None = None
    until: dt.date | None = None
    moved: Objection | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """The session that cannot be dated. `objection` None: the step that it follows, `follows`, has no end."""

    ordinal: int
    objection: Objection | None = None
    window: Window | None = None
    follows: int = 0


@dataclass(frozen=True, slots=True)
class DatedStep:
    """A step with the dates found, in order. `begins`: the first day that the relation allows, if it is known."""

    step: Step
    begins: dt.date | None
    dates: tuple[Dated, ...] = ()
    failure: Failure | None = None

    @property
    def last_day(self) -> dt.date | None:
        """From which the next step counts; None while it cannot be dated to its end."""
        if self.failure is not None or not self.dates:
            return None
        last = self.dates[-1]
        return last.until or last.day


def date_steps(
    steps: Iterable[Step],
    treatments: Mapping[str, Treatment],
    start: dt.date,
    judge: Judge,
    *,
    is_open: IsOpen = lambda day: True,
    booked: Iterable[Entry] = (),
    areas: frozenset[str] = frozenset(),
    left_out: Collection[int] = (),
) -> tuple[DatedStep, ...]:
    """Date the steps in their order, each session on its target or the nearest later day of its window that will do.

    A day will do when the clinic is open (`is_open`; nobody asks it for use at home), when `judge(entry, others)`
    lets the entry stand among the others, and when no other is blocked by it: neither one dated here nor one of
    `booked`. Where no later day does, the earlier ones of the window are tried, the nearest first. A first session
    has no last day. What follows a step left out follows what that step would have followed, after both gaps.
    KeyError for a procedure without a treatment.
    """
    steps = tuple(steps)
    search = _Search(treatments, judge, is_open, areas, tuple(booked))
    places = _Places(start, {step.number: step for step in steps if step.number in left_out})
    found = []
    for step in steps:
        if step.number not in places.left_out:
            found.append(search.date(step, places))
            places.ends[step.number] = found[-1].last_day
    return tuple(found)


class _Places:
    """Where each step may begin, as far as the steps before it are dated."""

    def __init__(self, start: dt.date, left_out: Mapping[int, Step]) -> None:
        self.start = start
        self.left_out = left_out
        self.ends: dict[int, dt.date | None] = {}

    def begins(self, starts: Starts) -> dt.date | None:
        """The first day that the relation allows; None when what it counts from has no end."""
        anchor = self._anchor(starts)
        if anchor is None:
            return None
        first = starts.gap.after(anchor)
        skipped = self.left_out.get(starts.step)
        earlier = self.begins(skipped.starts) if skipped else None
        return max(first, earlier) if earlier else first

    def follows(self, starts: Starts) -> int:
        """The number of the step that counts, where steps between are left out."""
        skipped = self.left_out.get(starts.step)
        return self.follows(skipped.starts) if skipped else starts.step

    def _anchor(self, starts: Starts) -> dt.date | None:
        step = self.follows(starts)
        return self.ends.get(step) if step else self.start


class _Search:
    """What stands already, and the next day that goes with it."""

    def __init__(
        self,
        treatments: Mapping[str, Treatment],
        judge: Judge,
        is_open: IsOpen,
        areas: frozenset[str],
        booked: tuple[Entry, ...],
    ) -> None:
        self.treatments = treatments
        self.judge = judge
        self.is_open = is_open
        self.areas = areas
        self.standing = list(booked)
        # What is blocked before anything is added is not the protocol's doing.
        self.blocked = [self._rules(n, ()) for n in range(len(booked))]

    def date(self, step: Step, places: _Places) -> DatedStep:
        begins = places.begins(step.starts)
        if begins is None:
            return DatedStep(step, None, (), Failure(1, follows=places.follows(step.starts)))
        dates: list[Dated] = []
        treatment = self.treatments[step.procedure]
        count = 1 if treatment.is_home else step.sessions or 1
        for ordinal in range(1, count + 1):
            interval, first = treatment.interval, begins
            window = window_after(dates[-1].day, interval) if dates and interval else None
            if dates and window is None:
                first = dates[-1].day + ONE_DAY  # no interval is known, but never two on one day
            found = self._place(step, ordinal, first, window)
            if isinstance(found, Failure):
                return DatedStep(step, begins, tuple(dates), found)
            dates.append(found)
        return DatedStep(step, begins, tuple(dates))

    def _place(
        self, step: Step, ordinal: int, begins: dt.date, window: Window | None
    ) -> Dated | Failure:
        """The target, else the next later day that will do, else the nearest earlier one of the window."""
        first: Objection | None = None
        day = window.target if window else begins
        latest = window.latest if window else begins + FARTHEST
        while day <= latest:
            found = self._stand(step, ordinal, day, window, first)
            if isinstance(found, Dated):
                return found
            first = first or found
            if found.is_lasting:
                break
            day = max(day + ONE_DAY, _free_day(found))
        for day in _days_before_target(window):
            found = self._stand(step, ordinal, day, window, first)
            if isinstance(found, Dated):
                return found
        return Failure(ordinal, first, window)

    def _stand(
        self, step: Step, ordinal: int, day: dt.date, window: Window | None, moved: Objection | None
    ) -> Dated | Objection:
        """The session on `day`, from now on one of those that stand; else what is against it."""
        entry = self._entry(step, day)
        found = self._try(entry)
        if isinstance(found, Objection):
            return found
        self.standing.append(entry)
        self.blocked.append(frozenset())
        return Dated(ordinal, day, found, window, entry.until, moved)

    def _entry(self, step: Step, day: dt.date) -> Entry:
        if not self.treatments[step.procedure].is_home:
            return Entry(step.procedure, day, areas=self.areas)
        return Entry(step.procedure, day, day + ((step.days or 1) - 1) * ONE_DAY)

    def _try(self, entry: Entry) -> Screening | Objection:
        """What a screening says of `entry` where it may stand, else why it may not."""
        if entry.until is None and not self.is_open(entry.date):
            return Objection("closed", entry.date)
        screening = self.judge(entry, self.standing)
        if screening.verdict.blocks:
            return Objection("screening", entry.date, screening)
        if entry.until is not None and entry.until > entry.date:
            # Its last day, after all the days before: a pause may fall due on the way.
            so_far = replace(entry, until=entry.until - ONE_DAY)
            last_day = Entry(entry.procedure, entry.until)
            ending = self.judge(last_day, [*self.standing, so_far])
            if ending.verdict.blocks:
                tomorrow = entry.date + ONE_DAY
                return Objection("screening", entry.date, replace(ending, earliest_ok=tomorrow))
        threatened = self._threatened(entry)
        return (
            Objection("threatens", entry.date, threatened=threatened) if threatened else screening
        )

    def _threatened(self, entry: Entry) -> Entry | None:
        """The first entry that was allowed and would not be any more."""
        for n, other in enumerate(self.standing):
            is_later = other.date >= entry.date
            if is_later and not self._rules(n, (entry,)) <= self.blocked[n]:
                return other
        return None

    def _rules(self, n: int, added: tuple[Entry, ...]) -> frozenset[str]:
        others = [*self.standing[:n], *self.standing[n + 1 :], *added]
        found = self.judge(self.standing[n], others).findings
        return frozenset(each.rule for each in found if each.level.blocks)


def _days_before_target(window: Window | None) -> Iterator[dt.date]:
    """The days of the window before its target, the latest first."""
    if window is not None:
        for n in range(1, (window.target - window.earliest).days + 1):
            yield window.target - n * ONE_DAY


def _free_day(objection: Objection | None) -> dt.date:
    if objection is None or objection.screening is None:
        return dt.date.min
    return objection.screening.earliest_ok or dt.date.min


def later_start(
    date_from: Callable[[dt.date], tuple[DatedStep, ...]], start: dt.date, tries: int = 60
) -> dt.date | None:
    """A day from `start` on from which everything can be dated; None if none is found in so many tries.

    Each try moves the start by what the session that fits least is short of, and by a day at least.
    """
    day = start
    for _ in range(tries):
        failures = [each.failure for each in date_from(day) if each.failure]
        if not failures:
            return day
        if any(each.objection and each.objection.is_lasting for each in failures):
            return None
        day += max(map(_short_of, failures)) * ONE_DAY
        if day > start + FARTHEST:
            return None
    return None


def _short_of(failure: Failure) -> int:
    """How many days the start has to move at least before this session can find its place."""
    free_day = _free_day(failure.objection)
    if failure.window is None or free_day <= failure.window.latest:
        return 1
    return max(1, (free_day - failure.window.latest).days - MONTH_SLACK)
