"""One patient before one procedure: which days are allowed, and what a session there does to later visits.

Source of the rules: docs/screening.md, sections 5.4 and 7. Everything is known as of one day.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from plans.core.cycles import Cycle, Use
from plans.core.offers import Judgement
from plans.core.screening import Entry, Finding, Patient, Rulebook, Screener, Screening
from plans.core.signatures import unsigned
from plans.core.spacing import Interval, Window, window_after

# The reason a judgement gives when a day is allowed by itself, but a later visit forbids it.
ENDANGERS = "later"


@dataclass(frozen=True, slots=True)
class Standing:
    """A visit that stands in the diary; `key` tells it from others of the same treatment and day."""

    key: int
    entry: Entry


class Case:
    """Judges days for `procedure` on `areas`. `patient.history`: what is done; `standing`: what is booked.

    What no day changes is worked out once. Raises ValueError as `Screener` does.
    """

    def __init__(
        self,
        book: Rulebook,
        procedure: str,
        patient: Patient,
        standing: Iterable[Standing],
        as_of: dt.date,
        areas: frozenset[str] = frozenset(),
        forgiven: frozenset[str] = frozenset(),
    ) -> None:
        """`forgiven`: rules for whose wait a physician gives the reason, so that they keep no day off."""
        self.book = book
        self.procedure = procedure
        self.as_of = as_of
        self.areas = areas
        self.forgiven = forgiven
        self._done = patient
        self._standing = tuple(standing)
        self.patient = self._with(visit.entry for visit in self._standing)
        self.screener = Screener(book, procedure, self.patient, as_of, areas)
        self._blocked_before = {
            visit: self._blocks(visit, ()) for visit in self._standing if visit.entry.date >= as_of
        }

    @property
    def cycle(self) -> Cycle | None:
        """The procedure's cycle of use and pause, if it has one."""
        return self.book.rules(self.procedure).cycle

    @property
    def uses(self) -> tuple[Use, ...]:
        """What counts in that cycle so far, booked visits too."""
        counted = self.cycle.counts_together | {self.procedure} if self.cycle else frozenset()
        return tuple(
            Use(entry.date, entry.until or entry.date)
            for entry in self.patient.history
            if entry.procedure in counted
        )

    def screen(self, day: dt.date, earlier: Iterable[dt.date] = ()) -> Screening:
        """The screening of a session on `day`, when the `earlier` ones of its series stand too."""
        before = self._entries(earlier)
        if not before:
            return self.screener.screen(day)
        patient = replace(self.patient, history=(*self.patient.history, *before))
        return Screener(self.book, self.procedure, patient, self.as_of, self.areas).screen(day)

    def judge(self, day: dt.date) -> Judgement:
        """What the search for a series needs to know of `day`; it keeps the series' own spacing itself.

        Where sessions renew a patch test, the session before keeps it good: that it will have run out on `day`
        is no objection. The first session has none before it: `before_lapse`.
        """
        found = tuple(each for each in self.screener.judge(day) if not self._is_renewable(each))
        level = int(found[0].level) if found else 0
        reasons = tuple(finding.rule for finding in found)
        if unsigned(found, self.forgiven):
            return Judgement(True, level, reasons, self.screener.earliest_ok(day))
        if self.endangered([day]):
            return Judgement(True, level, (*reasons, ENDANGERS))
        return Judgement(False, level, reasons)

    def forgiving(self, day: dt.date) -> "Case":
        """The same case with the waits of `day` forgiven; this one if something else keeps that day off."""
        blocking = {found.rule for found in self.screener.judge(day) if found.level.blocks}
        if not blocking or unsigned(self.screener.judge(day), blocking):
            return self
        return Case(
            self.book, self.procedure, self._done, self._standing, self.as_of, self.areas,
            frozenset(blocking),
        )  # fmt: skip

    def beside(self, others: Iterable[Standing]) -> "Case":
        """The same case with more visits standing."""
        return Case(
            self.book, self.procedure, self._done, (*self._standing, *others), self.as_of,
            self.areas, self.forgiven,
        )  # fmt: skip

    def waits(self, day: dt.date) -> tuple[Finding, ...]:
        """What keeps a session off from `day` until the first day allowed, in the order of meeting it."""
        met: dict[str, Finding] = {}
        while True:
            blocking = [found for found in self.screener.judge(day) if found.level.blocks]
            met |= {f"{found.rule} {found.free_day}": found for found in blocking}
            free_days = [found.free_day for found in blocking if found.free_day is not None]
            if not blocking or len(free_days) < len(blocking):
                return tuple(met.values())
            day = max(free_days)

    def before_lapse(self, window: Window) -> Window:
        """The part of `window` before a patch test that sessions renew runs out; its first day at least."""
        for found in self.screener.judge(window.latest):
            if self._is_renewable(found) and found.until is not None:
                latest = max(found.until, window.earliest)
                return Window(window.earliest, min(window.target, latest), latest)
        return window

    def _is_renewable(self, found: Finding) -> bool:
        """A patch test that was good, but is not any more, and that a session would have kept good."""
        test = self.book.rules(self.procedure).patch_test
        has_lapsed = found.kind == "patch" and found.until is not None and found.free_day is None
        return has_lapsed and test is not None and test.renewed_by_session

    def endangered(self, days: Iterable[dt.date]) -> tuple[Standing, ...]:
        """The visits that were allowed and would not be any more with sessions on `days`, in their order."""
        added = self._entries(days)
        first = min((entry.date for entry in added), default=dt.date.max)
        return tuple(
            visit
            for visit, before in self._blocked_before.items()
            if visit.entry.date >= first and not self._blocks(visit, added) <= before
        )

    def _entries(self, days: Iterable[dt.date]) -> tuple[Entry, ...]:
        return tuple(Entry(self.procedure, day, areas=self.areas) for day in days)

    def _with(self, entries: Iterable[Entry]) -> Patient:
        return replace(self._done, history=(*self._done.history, *entries))

    def _blocks(self, visit: Standing, added: tuple[Entry, ...]) -> frozenset[str]:
        """The rules that forbid `visit` when `added` is in the history too."""
        entry = visit.entry
        others = (other.entry for other in self._standing if other is not visit)
        screener = Screener(
            self.book, entry.procedure, self._with((*others, *added)), self.as_of, entry.areas
        )
        return frozenset(f.rule for f in screener.judge(entry.date) if f.level.blocks)


def misplaced(
    dates: Mapping[int, dt.date],
    interval: Interval | None,
    *,
    since: int,
    may_be_late: int = 0,
    may_be_early: Collection[int] = (),
) -> tuple[int, Window] | None:
    """The first session, by ordinal and from `since` on, that is outside its window, and that window.

    `dates`: of a course's sessions, performed or booked. `may_be_late`: the one whose window has lapsed;
    `may_be_early`: those for which a physician gives the reason.
    """
    if interval is None:
        return None
    for before, ordinal in pairwise(sorted(dates)):
        window = window_after(dates[before], interval)
        is_late = dates[ordinal] > window.latest and ordinal != may_be_late
        is_early = dates[ordinal] < window.earliest and ordinal not in may_be_early
        if ordinal >= since and (is_early or is_late):
            return ordinal, window
    return None
