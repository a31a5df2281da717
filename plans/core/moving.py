"""The sessions of a course from one on, placed anew beside everything else that the patient has before them."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Literal

from plans.core.availability import PRACTITIONER, busy_bits
from plans.core.case import ENDANGERS, Case, Standing
from plans.core.lengths import length_of
from plans.core.occasions import Judge
from plans.core.offers import Booked, Judgement, Place, Wish
from plans.core.problems import Impossible
from plans.core.reading import Days
from plans.core.replan import replan
from plans.core.scene import Scene, State, Stop, Track
from plans.core.signatures import unsigned
from plans.core.spacing import ANY_DAY, Window


def place_run(
    scene: Scene,
    state: State,
    track: Track,
    run: Sequence[Stop],
    first: Window,
    fixed: Booked | None,
    mode: Literal["keep", "shift", "stay"],
    *,
    may_endanger: bool = False,
) -> dict[int, Booked] | Impossible:
    """Where the sessions `run` go: the first within `first`, or at `fixed` whatever the rules say of it.

    The others stay or follow as `mode` says. `may_endanger`: days count on which a visit of another course would
    be forbidden; it has to move then. Looks for the time that the longest of `run` needs.
    """
    keys = [stop.key for stop in run]
    case = case_beside(scene, state, track, keys)
    standing = {scene.state[key].day: key for key in keys[1:] if key in scene.state}
    first = first if fixed else case.before_lapse(first)
    wish = _wish(scene, case, track, run, first, fixed)
    booked = {n: scene.state[key] for n, key in enumerate(keys, 1) if key in scene.state}
    found = replan(
        wish,
        booked,
        free_beside(scene, state, keys),
        _judge(scene, case, fixed, standing, may_endanger),
        mode="shift" if mode == "shift" else "keep",
    )
    if isinstance(found, Impossible):
        return found
    return {
        stop.key: _booked(stop, booked.get(place.ordinal), place, fixed if stop is run[0] else None)
        for stop, place in zip(run, found, strict=True)
    }


def _wish(
    scene: Scene, case: Case, track: Track, run: Sequence[Stop], first: Window, fixed: Booked | None
) -> Wish:
    """What is placed anew keeps the hour and the person that the course has, not those chosen for the first."""
    where = [scene.state[stop.key] for stop in run[1:] if stop.key in scene.state]
    usual = where or [scene.state[stop.key] for stop in run[:1] if stop.key in scene.state]
    return Wish(
        count=len(run),
        first=first,
        interval=track.interval or ANY_DAY,
        phases=max((stop.phases for stop in run), key=length_of),
        candidates=track.candidates,
        practitioner=_usual_person(usual),
        fixed={1: fixed} if fixed else {},
        cycle=case.cycle,
        uses=case.uses,
        around=usual[0].start_minute if usual else None,
        occasions=scene.occasions,
        healing=track.healing,
    )


def _usual_person(usual: Sequence[Booked]) -> int | None:
    """Who does most of the sessions."""
    people = Counter(b.resources[PRACTITIONER] for b in usual if PRACTITIONER in b.resources)
    return people.most_common(1)[0][0] if people else None


def _booked(stop: Stop, before: Booked | None, place: Place, fixed: Booked | None) -> Booked:
    if fixed is not None:
        return fixed
    if place.stays and before is not None:
        return before
    end = place.start_minute + length_of(stop.phases)
    roles = {phase.role for phase in stop.phases}
    held = {role: pk for role, pk in place.resources.items() if role in roles}
    return Booked(place.day, place.start_minute, end, held)


def case_beside(scene: Scene, state: State, track: Track, keys: Sequence[int]) -> Case:
    """The patient before the procedure of `track`, without the sessions `keys`."""
    others = [
        Standing(key, scene.entry(key, booked.day))
        for key, booked in state.items()
        if key in scene.places and key not in keys
    ]
    return Case(scene.book, track.procedure, scene.patient, others, scene.as_of, track.areas)


def free_beside(scene: Scene, state: State, keys: Sequence[int]) -> Days:
    """Free time of the resources while the patient is at no other visit than those of `keys`."""
    own: dict[dt.date, list[tuple[int, int]]] = {}
    for key, booked in state.items():
        if key not in keys:
            own.setdefault(booked.day, []).append((booked.start_minute, booked.end_minute))

    @cache
    def free(day: dt.date) -> Mapping[int, int]:
        bits, there = scene.days(day), busy_bits(own.get(day, ()))
        return {pk: each & ~there for pk, each in bits.items()} if there else bits

    return free


def _judge(
    scene: Scene,
    case: Case,
    fixed: Booked | None,
    standing: Mapping[dt.date, int],
    may_endanger: bool,
) -> Judge:
    """What stands against a day. Nothing against the day that was chosen: what is wrong there is told, not hidden."""

    def judge(day: dt.date) -> Judgement:
        if fixed is not None and day == fixed.day:
            return Judgement()
        if day in standing and _is_signed(scene, case, standing[day], day):
            return Judgement()
        found = case.judge(day)
        endangers = found.blocked and found.reasons[-1:] == (ENDANGERS,)
        if endangers and (may_endanger or day in standing):
            return replace(found, blocked=False, reasons=found.reasons[:-1])
        return found

    return judge


def _is_signed(scene: Scene, case: Case, key: int, day: dt.date) -> bool:
    """A physician has signed for what would keep the session off the day where it stands."""
    signed = scene.signed.get(key)
    return bool(signed) and not unsigned(case.screener.judge(day), signed or ())
