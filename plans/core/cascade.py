"""One visit moves, or falls out: what becomes of the others, before and after.

keep: what is still allowed stays, and as little as possible moves. shift: all later sessions of the course are
counted anew from the moved one. stay: nothing else moves. Visits of other courses move only where they would
otherwise be forbidden, each to the nearest day allowed.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from plans.core.following import Following, Mode
from plans.core.occasions import reached
from plans.core.offers import Booked
from plans.core.problems import Impossible
from plans.core.scene import (
    NOTHING_SIGNED,
    Fault,
    Scene,
    Signed,
    State,
    Track,
    faults,
    has_moved,
    smallest_addition,
)
from plans.core.screening import Finding
from plans.core.spacing import Window

__all__ = ["Cascade", "Line", "Mode", "Refused", "accepted", "cascade", "refused"]


@dataclass(frozen=True, slots=True)
class Line:
    """One visit before and after. `after` None: it falls out. Gaps: days from the session before it in its course.

    `findings`: what screening says of the new day. `occasions`: on which it would still heal. `because`: what would forbid the old one, for a visit of
    another course.
    """

    key: int
    before: Booked | None
    after: Booked | None
    is_moved: bool
    window: Window | None = None
    gap_before: int | None = None
    gap_after: int | None = None
    findings: tuple[Finding, ...] = ()
    occasions: tuple[dt.date, ...] = ()
    because: Finding | None = None


@dataclass(frozen=True)
class Cascade:
    """All lines, the one acted upon first; `faults`: what stands against the whole of it.

    `falls_out`: it is cancelled or missed, and its line proposes a new day, which may be declined. `stuck`: the session for which there is no place, and why; then later lines stay as they were.
    """

    key: int
    mode: Mode
    lines: tuple[Line, ...]
    state: State
    falls_out: bool = False
    faults: tuple[Fault, ...] = ()
    stuck: tuple[int, Impossible] | None = None
    last_before: dt.date | None = None
    last_after: dt.date | None = None
    signed: Signed = field(default_factory=dict)

    @property
    def moved(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.is_moved)

    @property
    def hard_faults(self) -> tuple[Fault, ...]:
        """What may not stand. Where nothing else shall move, a session may be left behind its window: it is flagged."""
        return tuple(
            fault
            for fault in self.faults
            if not (self.mode == "stay" and fault.kind == "late" and fault.key != self.key)
        )

    @property
    def is_legal(self) -> bool:
        return not self.hard_faults


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a part of a cascade may not stand alone. `needs`: the lines that would make it right; none if none would."""

    fault: Fault
    needs: tuple[int, ...]


def cascade(
    scene: Scene,
    key: int,
    to: Booked | None,
    *,
    mode: Mode = "keep",
    signed: Signed = NOTHING_SIGNED,
) -> Cascade:
    """What becomes of the visits of `scene` when `key` moves `to`; None: it falls out, and is owed anew.

    A session that falls out is placed again, on the first day allowed after the one it loses. `signed`: rules
    for which a physician gives a reason, for the visit that moves.
    """
    work = Following(scene, key, signed, falls_out=to is None)
    if to is None:
        work.drop(key)
    else:
        work.state[key] = to
        work.bring_along(key)
    if key in scene.places and not (to is not None and mode == "stay"):
        work.place_course(to, mode)
        work.place_endangered()
    track = scene.places[key][0] if key in scene.places else None
    return Cascade(
        key,
        mode,
        tuple(_lines(work)),
        work.state,
        work.falls_out,
        faults(scene, work.state, signed),
        work.stuck,
        _last_day(track, scene.state),
        _last_day(track, work.state),
        signed,
    )


def accepted(scene: Scene, plan: Cascade, keys: Collection[int]) -> State:
    """Where the visits stand when of all lines only the moved one and those of `keys` are taken."""
    taken = {*keys} if plan.falls_out else {plan.key, *keys}
    state = dict(scene.state)
    if plan.falls_out:
        _set(state, plan.key, None)
    for line in plan.lines:
        first = scene.first_parts.get(line.key)
        is_gone = first == plan.key and plan.falls_out
        if is_gone or line.key in taken or first in taken:
            _set(state, line.key, line.after)
    return state


def _set(state: dict[int, Booked], key: int, booked: Booked | None) -> None:
    if booked is None:
        state.pop(key, None)
    else:
        state[key] = booked


def refused(scene: Scene, plan: Cascade, keys: Collection[int]) -> tuple[Refused, ...]:
    """Why the part `keys` of the plan may not stand, and which other lines it needs; empty: it may."""
    state = accepted(scene, plan, keys)
    found = faults(scene, state, plan.signed)
    allowed = {fault for fault in plan.faults if fault not in plan.hard_faults}
    return tuple(
        Refused(fault, smallest_addition(scene, state, plan.state, fault, plan.signed))
        for fault in found
        if fault not in allowed
    )


def _lines(work: Following) -> Iterator[Line]:
    """The moved visit, the later ones of its course, then whatever else moves, by its day."""
    scene, keys = work.scene, [work.key]
    if work.key in scene.places:
        track, position = scene.places[work.key]
        keys += [s.key for s in track.stops[position + 1 :] if s.key in scene.state]
    others = (key for key in {**scene.state, **work.state} if key not in keys)
    moved = (key for key in others if has_moved(scene, key, work.state))
    keys += sorted(moved, key=lambda key: _when(work.state.get(key) or scene.state[key], key))
    return (_line(work, key) for key in keys)


def _when(booked: Booked, key: int) -> tuple[dt.date, int, int]:
    return booked.day, booked.start_minute, key


def _line(work: Following, key: int) -> Line:
    scene, state = work.scene, work.state
    before, after = scene.state.get(key), state.get(key)
    is_session = key in scene.places
    return Line(
        key,
        before,
        after,
        has_moved(scene, key, state),
        scene.window(key, state) if is_session and after else None,
        _gap(scene, key, scene.state) if is_session and before else None,
        _gap(scene, key, state) if is_session and after else None,
        scene.findings(key, state) if is_session and after else (),
        _occasions(scene, key, after) if is_session and after else (),
        work.because.get(key),
    )


def _occasions(scene: Scene, key: int, booked: Booked) -> tuple[dt.date, ...]:
    return reached(booked.day, scene.occasions, scene.places[key][0].healing)


def _gap(scene: Scene, key: int, state: State) -> int | None:
    track, position = scene.places[key]
    previous = scene.day(track.stops[position - 1], state) if position else None
    return (state[key].day - previous).days if previous else None


def _last_day(track: Track | None, state: Mapping[int, Booked]) -> dt.date | None:
    if track is None:
        return None
    return max((state[stop.key].day for stop in track.stops if stop.key in state), default=None)
