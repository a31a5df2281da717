"""What a change of the catalogue does to the sessions to come: each judged before and after, in one pass.

Only what can change is judged (plans/core/narrowing.py). Worse means: a finding that was not there or was weaker,
a day outside the window that was inside, a need that what is held could serve before.
"""

import datetime as dt
import enum
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plans.core.narrowing import judged_otherwise, looks_back, narrowed
from plans.core.ruleset import NeedRule
from plans.core.screening import Entry, Finding, Patient, Rulebook, Screener, Verdict
from plans.core.spacing import Interval, Window, window_after
from plans.core.worlds import Stay, World


class Kind(enum.StrEnum):
    """What gets worse for a session, the gravest first."""

    REFUSE = "refuse"
    WAIT = "wait"
    ASK = "ask"
    CAUTION = "caution"
    EARLY = "early"  # before the first day of its window
    LATE = "late"  # after the last one
    UNABLE = "unable"  # who or what is held cannot do what is needed
    UNHELD = "unheld"  # nobody and nothing is held for a need
    COLLIDES = "collides"  # would run into somebody else's time
    LONGER = "longer"
    SHORTER = "shorter"


@dataclass(frozen=True, slots=True)
class Held:
    """A resource held by a visit. It is somebody else's before `free_from` and after `free_until`.

    Both in minutes from the visit's start; None = nobody's.
    """

    kind: str
    capabilities: frozenset[str]
    free_from: int | None = None
    free_until: int | None = None


@dataclass(frozen=True, slots=True)
class Upcoming:
    """A session to come. `previous`: the day of the one before it in its course, None where that is not known.

    `minutes`: of the visit as it is booked, None = planned only. `free_until`: the minute, from its start, at
    which the patient is due elsewhere.
    """

    key: int
    entry: Entry
    previous: dt.date | None = None
    minutes: int | None = None
    held: tuple[Held, ...] = ()
    free_until: int | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that gets worse, with what a page needs to say it in words.

    `findings`: refuse to caution, what is new, the strongest first. `window`: early and late, where the session
    would belong. `capabilities`: unable and unheld. `minutes`: longer and shorter, as booked and as it would be.
    """

    kind: Kind
    findings: tuple[Finding, ...] = ()
    window: Window | None = None
    capabilities: tuple[str, ...] = ()
    minutes: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class TouchedSession:
    """A session to come for which something gets worse; keys instead of rows, for there may be many.

    `revision`: the number that its course keeps. `appointment`: None while it is only planned.
    """

    session: int
    appointment: int | None
    patient: int
    location: int
    procedure: str
    revision: int
    ordinal: int
    count: int
    day: dt.date
    effects: tuple[Effect, ...]

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return tuple(effect.kind for effect in self.effects)


@dataclass(frozen=True)
class Impact:
    """What a change does to the sessions to come, by day. `judged`: how many were looked at."""

    sessions: tuple[TouchedSession, ...] = ()
    judged: int = 0

    @property
    def counts(self) -> dict[Kind, int]:
        """How many sessions each kind meets, the gravest first; kinds that meet none are left out."""
        counted = Counter(kind for each in self.sessions for kind in each.kinds)
        return {kind: counted[kind] for kind in Kind if counted[kind]}

    @property
    def patients(self) -> int:
        """How many different patients are touched."""
        return len({each.patient for each in self.sessions})

    def at(self, location: int | None) -> "Impact":
        """The part of it that concerns patients of a location, by its key; None = all of it."""
        if location is None:
            return self
        return Impact(tuple(e for e in self.sessions if e.location == location), self.judged)


@dataclass(frozen=True)
class Decision:
    """What the person who publishes has decided about a draft as reviewed at `version`.

    `lists`: the sessions touched go on the list to review, but for those of `kept` (keys of sessions), which stay
    under their course's revision without a word. `cases`: how many cases are known to change as intended.
    """

    reason: str
    version: int
    lists: bool = True
    kept: frozenset[int] = frozenset()
    cases: int = 0


class Comparison:
    """Two worlds, held against each other for as many patients as needed."""

    def __init__(self, before: World, after: World) -> None:
        self._before, self._after = before, after
        self._judged = judged_otherwise(before.book, after.book)
        self._books = narrowed(before.book, after.book)
        self._spaced = _differing(before.intervals, after.intervals)
        self._staying = _differing(before.stays, after.stays)
        self._looking_back = frozenset(
            code for code in self._judged if any(looks_back(book, code) for book in self._books)
        )

    @property
    def procedures(self) -> frozenset[str]:
        """Codes of the procedures whose sessions can be touched; the others need not be read."""
        return self._judged | self._spaced | self._staying

    @property
    def facts(self) -> frozenset[str]:
        """Codes of the facts that decide; what else was answered need not be read."""
        rules = (book.procedures[code] for book in self._books for code in self._judged)
        return frozenset(line.fact for each in rules for line in each.lines)

    @property
    def looks_back(self) -> bool:
        """Whether earlier treatments decide: an interval, a gap, a cycle or a patch test changed."""
        return bool(self._looking_back)

    @property
    def counts_minutes(self) -> bool:
        """Whether it matters who and what a visit holds, and for how long."""
        return bool(self._staying)

    def effects(
        self, patient: Patient, standing: Sequence[Upcoming], as_of: dt.date
    ) -> Iterator[tuple[Upcoming, tuple[Effect, ...]]]:
        """Each session of the patient that is touched, with what gets worse for it, as known on `as_of`.

        `patient.history`: what is done or used at home; `standing`: every session that stands on a day, those
        before `as_of` only as history.
        """
        for each in standing:
            if each.entry.date < as_of:
                continue
            spaced = tuple(self._by_spacing(each))
            judged = self._by_screening(patient, standing, each, as_of)
            found = (
                *(effect for effect in judged if not _says_the_same(effect, spaced)),
                *spaced,
                *self._by_visit(each),
            )
            if found:
                yield each, found

    def _by_screening(
        self, patient: Patient, standing: Sequence[Upcoming], each: Upcoming, as_of: dt.date
    ) -> Iterator[Effect]:
        if each.entry.procedure not in self._judged:
            return
        history: tuple[Entry, ...] = ()
        if each.entry.procedure in self._looking_back:
            others = (other.entry for other in standing if other is not each)
            history = (*patient.history, *others)
        known = Patient(patient.birth, patient.facts, history)
        before, after = (_findings(book, known, each.entry, as_of) for book in self._books)
        worse = tuple(worse_findings(before, after))
        if worse:
            yield Effect(Kind(worse[0].level.word), findings=worse)

    def _by_spacing(self, each: Upcoming) -> Iterator[Effect]:
        code = each.entry.procedure
        if code not in self._spaced or each.previous is None:
            return
        before, after = (
            _misplaced(each.previous, world.intervals.get(code), each.entry.date)
            for world in (self._before, self._after)
        )
        if after is not None and (before is None or before.kind is not after.kind):
            yield after

    def _by_visit(self, each: Upcoming) -> Iterator[Effect]:
        code = each.entry.procedure
        if code not in self._staying or each.minutes is None:
            return
        before, after = self._before.stays[code], self._after.stays[code]
        yield from _unserved(each, before, after)
        if _collides(each, after) and not _collides(each, before):
            yield Effect(Kind.COLLIDES, minutes=(each.minutes, after.minutes))
        if before.minutes != after.minutes != each.minutes:
            kind = Kind.LONGER if after.minutes > each.minutes else Kind.SHORTER
            yield Effect(kind, minutes=(each.minutes, after.minutes))


def _says_the_same(effect: Effect, spaced: Iterable[Effect]) -> bool:
    """A session too early in its course waits for the same interval: that is told once."""
    is_spacing = all(found.kind == "interval" for found in effect.findings)
    return is_spacing and any(other.kind is Kind.EARLY for other in spaced)


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(code for code in before.keys() & after.keys() if before[code] != after[code])


def _findings(
    book: Rulebook, patient: Patient, entry: Entry, as_of: dt.date
) -> tuple[Finding, ...]:
    # A test that only one of the two worlds asks for means nothing in the other.
    known = tuple(past for past in patient.history if _is_known(book, past.procedure))
    screened = Patient(patient.birth, patient.facts, known)
    return Screener(book, entry.procedure, screened, as_of, entry.areas).judge(entry.date)


def _is_known(book: Rulebook, code: str) -> bool:
    return code in book.procedures or book.is_patch_test(code)


# What gets worse in a screening


def worse_findings(before: Iterable[Finding], after: Iterable[Finding]) -> Iterator[Finding]:
    """Those of `after` that were not there or were weaker, in their order.

    A line and the question about its fact are one matter: an answer that only comes to be asked instead of
    signed is not worse twice.
    """
    levels: dict[str, Verdict] = {}
    for found in before:
        matter = _matter(found)
        levels[matter] = max(found.level, levels.get(matter, Verdict.OK))
    return (found for found in after if found.level > levels.get(_matter(found), Verdict.OK))


def _matter(found: Finding) -> str:
    return found.subject if found.kind in ("ci", "ask") else found.rule


# What gets worse for a visit


def _misplaced(previous: dt.date, interval: Interval | None, day: dt.date) -> Effect | None:
    window = window_after(previous, interval) if interval else None
    if window is None or day in window:
        return None
    return Effect(Kind.EARLY if day < window.earliest else Kind.LATE, window=window)


def _unserved(each: Upcoming, before: Stay, after: Stay) -> Iterator[Effect]:
    """What is needed, and what is held cannot give although it could give all that was needed before."""
    lacked = {need.capability for need in _lacking(each.held, before.needs, _can)}
    lacks = [
        need for need in _lacking(each.held, after.needs, _can) if need.capability not in lacked
    ]
    spare = Counter(held.kind for held in each.held)
    spare.subtract(need.kind for need in after.needs)
    for kind, is_short in ((Kind.UNABLE, False), (Kind.UNHELD, True)):
        codes = tuple(n.capability for n in lacks if (spare[n.kind] < 0) is is_short)
        if codes:
            yield Effect(kind, capabilities=codes)


def _collides(each: Upcoming, stay: Stay) -> bool:
    """A visit of `stay` would need somebody when they are somebody else's, or the patient when they are elsewhere."""
    if each.free_until is not None and each.free_until < stay.minutes:
        return True
    unable = len(_lacking(each.held, stay.needs, _can))
    return len(_lacking(each.held, stay.needs, _can_in_time)) > unable


def _can(held: Held, need: NeedRule) -> bool:
    return held.kind == need.kind and need.capability in held.capabilities


def _can_in_time(held: Held, need: NeedRule) -> bool:
    is_late = held.free_from is not None and need.from_minute < held.free_from
    is_long = held.free_until is not None and need.to_minute > held.free_until
    return _can(held, need) and not is_late and not is_long


def _lacking(
    held: Sequence[Held], needs: Sequence[NeedRule], can: Callable[[Held, NeedRule], bool]
) -> list[NeedRule]:
    """The needs left over when as many as possible are served, each by a resource of its own."""
    serves: dict[int, NeedRule] = {}

    def place(need: NeedRule, tried: set[int]) -> bool:
        for n, one in enumerate(held):
            if n not in tried and can(one, need):
                tried.add(n)
                if n not in serves or place(serves[n], tried):
                    serves[n] = need
                    return True
        return False

    return [need for need in needs if not place(need, set())]
