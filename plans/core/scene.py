"""A patient's visits to come, and what is wrong with them when some are moved.

The one place that says whether a set of moves may stand: the preview, a part of it, and the booking ask here.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations
from typing import Literal

from plans.core.availability import Needs, Phase
from plans.core.offers import Booked
from plans.core.reading import Days
from plans.core.screening import Entry, Finding, Patient, Rulebook, Screener, Screening
from plans.core.signatures import unsigned
from plans.core.spacing import Interval, Period, Window, is_lapsed, window_after

# early, late: outside its window. screening: the rules block it. clash: the patient is at another visit then.
# taken: somebody or something needed is not free. apart: the second part of a visit is not after its first part,
# on the same day.
FaultKind = Literal["early", "late", "screening", "clash", "taken", "apart"]
State = Mapping[int, Booked]  # where each visit stands, by its key
Signed = Mapping[int, frozenset[str]]  # rules for which there is a physician's reason, by key
NOTHING_SIGNED: Signed = {}


@dataclass(frozen=True, slots=True)
class Stop:
    """One session of a course, by its key. `done`: the day it was performed. `phases`: at the length it shall have."""

    key: int
    ordinal: int
    phases: tuple[Phase, ...]
    done: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Track:
    """A course: its sessions in order, those written off left out. `healing`: how long each is to be seen."""

    key: int
    procedure: str
    interval: Interval | None
    candidates: Mapping[str, Sequence[int]]
    stops: tuple[Stop, ...]
    areas: frozenset[str] = frozenset()
    healing: Period | None = None


@dataclass(frozen=True, slots=True)
class Loose:
    """A visit under no rule: a consultation, or the second part of a visit that was split, `after` its first part."""

    key: int
    phases: tuple[Phase, ...]
    candidates: Mapping[str, Sequence[int]]
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a visit may not stand. `window`: where it belongs; `findings`: what blocks it; `other`: what it meets."""

    key: int
    kind: FaultKind
    window: Window | None = None
    findings: tuple[Finding, ...] = ()
    other: int | None = None


@dataclass(frozen=True)
class Scene:
    """One patient's visits as they stand, with the rules and the diary around them.

    `patient.history`: what is done. `days`: free time with all visits of `state` taken out of the diary.
    `signed`: rules signed for visits where they stand now. `occasions`: days that shall be clear of healing.
    """

    book: Rulebook
    patient: Patient
    tracks: tuple[Track, ...]
    state: State
    as_of: dt.date
    days: Days
    loose: tuple[Loose, ...] = ()
    signed: Signed = field(default_factory=dict)
    occasions: tuple[dt.date, ...] = ()

    @cached_property
    def places(self) -> Mapping[int, tuple[Track, int]]:
        """The course of each session and its position there."""
        return {
            stop.key: (track, position)
            for track in self.tracks
            for position, stop in enumerate(track.stops)
        }

    @cached_property
    def first_parts(self) -> Mapping[int, int]:
        """The first part of each second one."""
        return {each.key: each.after for each in self.loose if each.after is not None}

    @cached_property
    def needs(self) -> Mapping[int, Needs]:
        of_sessions = {
            stop.key: Needs(stop.phases, track.candidates)
            for track in self.tracks
            for stop in track.stops
            if stop.done is None
        }
        return of_sessions | {each.key: Needs(each.phases, each.candidates) for each in self.loose}

    def stop(self, key: int) -> Stop:
        track, position = self.places[key]
        return track.stops[position]

    def entry(self, key: int, day: dt.date) -> Entry:
        track, _position = self.places[key]
        return Entry(track.procedure, day, areas=track.areas)

    def day(self, stop: Stop, state: State) -> dt.date | None:
        """When the session was or is; None while it is owed and stands nowhere."""
        if stop.done is not None or stop.key not in state:
            return stop.done
        return state[stop.key].day

    def window(self, key: int, state: State) -> Window | None:
        """Where the session belongs, counted from the one before it; None where nothing is known to count from."""
        track, position = self.places[key]
        if position == 0 or track.interval is None:
            return None
        previous = self.day(track.stops[position - 1], state)
        return window_after(previous, track.interval) if previous else None

    def findings(self, key: int, state: State) -> tuple[Finding, ...]:
        """What screening says of the session where `state` puts it; nothing of a day that is over."""
        day = state[key].day
        return self._screener(key, state).judge(day) if day >= self.as_of else ()

    def screening(self, key: int, state: State) -> Screening:
        """The same with the verdict, the questions left for the day, and the first day that would do."""
        return self._screener(key, state).screen(state[key].day)

    def _screener(self, key: int, state: State) -> Screener:
        track, _position = self.places[key]
        others = (
            self.entry(other, booked.day)
            for other, booked in state.items()
            if other != key and other in self.places
        )
        patient = replace(self.patient, history=(*self.patient.history, *others))
        return Screener(self.book, track.procedure, patient, self.as_of, track.areas)

    def blocking(self, key: int, state: State) -> frozenset[str]:
        return frozenset(each.rule for each in self.findings(key, state) if each.level.blocks)

    @cached_property
    def blocked_now(self) -> Mapping[int, frozenset[str]]:
        """What already blocks each visit where it stands: no move is to blame for that."""
        return {key: self.blocking(key, self.state) for key in self.state if key in self.places}


def faults(scene: Scene, state: State, signed: Signed = NOTHING_SIGNED) -> tuple[Fault, ...]:
    """What is wrong with `state` that is not wrong already, in the order of the visits.

    `signed`: rules that a physician gives a reason for, by the visit that moves. A visit that stays is at fault
    only for what the others' moves do to it.
    """
    found: list[Fault] = []
    for key in sorted(state, key=lambda key: (state[key].day, state[key].start_minute, key)):
        if key in scene.places:
            found += _of_the_rules(scene, key, state, signed.get(key, frozenset()))
        if has_moved(scene, key, state):
            found += _of_the_diary(scene, key, state)
        if key in scene.first_parts and _is_apart(state, key, scene.first_parts[key]):
            found.append(Fault(key, "apart", other=scene.first_parts[key]))
    return tuple(found)


def has_moved(scene: Scene, key: int, state: State) -> bool:
    """It stands elsewhere, or longer, or with others than now."""
    now, then = scene.state.get(key), state.get(key)
    if now is None or then is None:
        return now is not then
    is_same_time = (now.day, now.start_minute, now.end_minute) == (
        then.day,
        then.start_minute,
        then.end_minute,
    )
    return not is_same_time or dict(now.resources) != dict(then.resources)


def _of_the_rules(scene: Scene, key: int, state: State, signed: frozenset[str]) -> Iterator[Fault]:
    out_of_window = _misplaced(scene, key, state)
    findings = scene.findings(key, state)
    if out_of_window is not None and not _is_excused(out_of_window, findings, signed):
        yield out_of_window
    known: frozenset[str] = frozenset()
    if key in scene.state and state[key].day == scene.state[key].day:
        known = scene.blocked_now[key] | scene.signed.get(key, frozenset())
    against = tuple(each for each in unsigned(findings, signed) if each.rule not in known)
    if out_of_window is not None and out_of_window.kind == "early":
        # Said once: the window speaks of the same distance.
        against = tuple(each for each in against if each.kind != "interval")
    if against:
        yield Fault(key, "screening", findings=against)


def _misplaced(scene: Scene, key: int, state: State) -> Fault | None:
    """The session is outside its window, and the two dates that make it so are not the present ones."""
    window, day = scene.window(key, state), state[key].day
    if window is None or day in window:
        return None
    if window == scene.window(key, scene.state) and day == scene.state[key].day:
        return None
    if day < window.earliest:
        return Fault(key, "early", window)
    # Its window has passed anyway: a practitioner has decided to go on.
    return None if is_lapsed(window, scene.as_of) else Fault(key, "late", window)


def _is_excused(fault: Fault, findings: Sequence[Finding], signed: frozenset[str]) -> bool:
    """A physician gives the reason why it may come too early."""
    return fault.kind == "early" and any(
        each.kind == "interval" and each.rule in signed for each in findings
    )


def _of_the_diary(scene: Scene, key: int, state: State) -> Iterator[Fault]:
    booked = state[key]
    for other in sorted(state):
        if other != key and meets(booked, state[other]):
            yield Fault(key, "clash", other=other)
    if not is_free(scene, key, booked):
        yield Fault(key, "taken")


def _is_apart(state: State, key: int, first_key: int) -> bool:
    rest, first = state[key], state.get(first_key)
    return first is None or rest.day != first.day or rest.start_minute < first.end_minute


def is_free(scene: Scene, key: int, booked: Booked) -> bool:
    """Everybody and everything needed is there, able and not taken by somebody else."""
    needs = scene.needs[key]
    is_whole = booked.end_minute - booked.start_minute == needs.minutes
    return is_whole and needs.is_served(
        booked.start_minute, scene.days(booked.day), booked.resources
    )


def meets(one: Booked, other: Booked) -> bool:
    """Both want the patient at the same minute."""
    return (
        one.day == other.day
        and one.start_minute < other.end_minute
        and other.start_minute < one.end_minute
    )


def smallest_addition(
    scene: Scene, state: State, offered: State, fault: Fault, signed: Signed, most: int = 2
) -> tuple[int, ...]:
    """The fewest of the `offered` moves not yet in `state` that take `fault` away; all of them if fewer do not.

    Up to `most` together are tried; empty when even all of them do not help.
    """
    left = sorted(key for key in offered if state.get(key) != offered[key])

    def helps(keys: Sequence[int]) -> bool:
        tried = {**state, **{key: offered[key] for key in keys}}
        again = faults(scene, tried, signed)
        return not any(each.key == fault.key and each.kind == fault.kind for each in again)

    for count in range(1, most + 1):
        for keys in combinations(left, count):
            if helps(keys):
                return keys
    return tuple(left) if left and helps(left) else ()
