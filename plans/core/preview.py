"""What a person sees before a visit moves: free starts, what follows, and what of it may stand."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace

from plans.core.cascade import Cascade, Mode, Refused, cascade, refused
from plans.core.move_starts import Start, days_near, nearest_start, starts_on
from plans.core.offers import Booked
from plans.core.scene import Scene, Signed
from plans.core.screening import Finding
from plans.core.signatures import unsigned
from plans.core.spacing import is_lapsed


@dataclass(frozen=True)
class Preview:
    """`start`: the one chosen; `is_exact`: it is what was asked for. `plan` None: nothing is free on the day.

    `near`: other days that would do; `first_allowed`: the first one where screening blocks this one. `excusable`: findings for which a physician may give the reason; the plan
    counts on it. `refused`: what keeps the accepted part from standing.
    """

    day: dt.date
    starts: tuple[Start, ...] = ()
    start: Start | None = None
    is_exact: bool = True
    plan: Cascade | None = None
    near: tuple[dt.date, ...] = ()
    excusable: tuple[Finding, ...] = ()
    refused: tuple[Refused, ...] = ()
    accepted: frozenset[int] = frozenset()
    first_allowed: dt.date | None = None

    @property
    def is_alone(self) -> bool:
        """No session but the one chosen moves."""
        plan = self.plan
        return plan is not None and not any(
            line.is_moved and line.key != plan.key and line.key > 0 for line in plan.lines
        )

    @property
    def may_stand(self) -> bool:
        """The accepted part is allowed as a whole."""
        return self.plan is not None and not self.refused and self.plan.stuck is None


@dataclass(frozen=True, slots=True)
class Wish:
    """Where the visit shall go. `minute` None: near its present hour; `part`: only these lines are accepted."""

    day: dt.date
    minute: int | None = None
    resources: tuple[int, ...] = ()
    mode: Mode = "keep"
    part: frozenset[int] | None = None


def preview(scene: Scene, key: int, wish: Wish, *, may_excuse: bool = False) -> Preview:
    """What becomes of the visit `key` and of all others with that wish; `may_excuse`: asked for by a physician."""
    now = scene.state[key]
    held = (*wish.resources, *now.resources.values())
    minute = now.start_minute if wish.minute is None else wish.minute
    starts = starts_on(scene, key, wish.day, held, minute)
    start = _chosen(starts, minute, wish.resources, tuple(now.resources.values()))
    if start is None:
        return Preview(wish.day, near=_near_anybody(scene, key, wish.day), is_exact=False)
    end = start.minute + scene.needs[key].minutes
    to = Booked(wish.day, start.minute, end, start.resources)
    plan, excusable = _planned(scene, key, to, wish.mode, may_excuse)
    accepted = {line.key for line in plan.moved} if wish.part is None else {*wish.part}
    return Preview(
        wish.day,
        starts,
        start,
        _is_exact(start, wish),
        plan,
        days_near(scene, key, wish.day, start),
        excusable,
        refused(scene, plan, accepted),
        frozenset(accepted),
        _first_allowed(scene, key, plan),
    )


def _first_allowed(scene: Scene, key: int, plan: Cascade) -> dt.date | None:
    """From the day chosen on, inside the session's window as the sessions before it stand; None if there is none.

    The later sessions of its course follow it: where they stand now is no reason against a day.
    """
    if not any(each.level.blocks for each in plan.lines[0].findings):
        return None
    track, position = scene.places[key]
    following = {stop.key for stop in track.stops[position + 1 :]}
    before = {other: booked for other, booked in scene.state.items() if other not in following}
    chosen, window = plan.state[key].day, scene.window(key, before)
    start = max(chosen, window.earliest) if window else chosen
    found = scene.screening(key, {**before, key: replace(scene.state[key], day=start)})
    day = found.earliest_ok if found.verdict.blocks else start
    if day is None or day == chosen:
        return None
    is_too_late = window and day > window.latest and not is_lapsed(window, scene.as_of)
    return None if is_too_late else day


def preview_without(scene: Scene, key: int, part: frozenset[int] | None) -> Preview:
    """What becomes of the others when the visit falls out; `part`: only these new dates are accepted.

    None: all that may stand. A new date that may not keeps nobody from cancelling.
    """
    plan = cascade(scene, key, None)
    accepted = _standing(scene, plan) if part is None else {*part}
    wrong = refused(scene, plan, accepted) if accepted else ()
    return Preview(scene.state[key].day, plan=plan, refused=wrong, accepted=frozenset(accepted))


def _standing(scene: Scene, plan: Cascade) -> set[int]:
    """The lines of the plan that may be accepted as they are."""
    keys = {line.key for line in plan.moved}
    while keys and (wrong := refused(scene, plan, keys)):
        keys -= {each.fault.key for each in wrong} & keys or keys
    return keys


def _chosen(
    starts: Collection[Start], minute: int, wanted: tuple[int, ...], held: tuple[int, ...]
) -> Start | None:
    """With what is wanted first, then at the minute, then with those who serve now."""
    with_wanted = [each for each in starts if each.has(wanted) == len(wanted)] or list(starts)
    same = [each for each in with_wanted if each.minute == minute]
    return nearest_start(same or with_wanted, minute, held)


def _is_exact(start: Start, wish: Wish) -> bool:
    is_then = wish.minute is None or start.minute == wish.minute
    return is_then and start.has(wish.resources) == len(wish.resources)


def _planned(
    scene: Scene, key: int, to: Booked, mode: Mode, may_excuse: bool
) -> tuple[Cascade, tuple[Finding, ...]]:
    """The plan; with a physician's reasons taken for given where they would help."""
    plan = cascade(scene, key, to, mode=mode)
    blocking = tuple(each for each in plan.lines[0].findings if each.level.blocks)
    against = any(
        fault.key == key and fault.kind in ("early", "screening") for fault in plan.faults
    )
    rules = frozenset(each.rule for each in blocking)
    if not (may_excuse and against and blocking) or unsigned(blocking, rules):
        return plan, ()
    signed: Signed = {key: rules}
    return cascade(scene, key, to, mode=mode, signed=signed), blocking


def _near_anybody(scene: Scene, key: int, day: dt.date) -> tuple[dt.date, ...]:
    """Days nearby with the visit's own people at its own hour, when nothing is free on the day."""
    now = scene.state[key]
    return days_near(scene, key, day, Start(now.start_minute, now.resources))


@dataclass(frozen=True, slots=True)
class SplitPreview:
    """Where the second part of a split visit could begin, and where it is proposed to."""

    starts: tuple[Start, ...]
    start: Start | None
    to: Booked | None


def preview_split(
    scene: Scene, key: int, rest: int, minute: int | None, resources: tuple[int, ...]
) -> SplitPreview:
    """The second part, whose key is `rest`, on the same day after the first; `key`: of the visit, at its new length.

    `minute` None: as soon as can be.
    """
    first, needs = scene.state[key], scene.needs[key]
    held = {role: first.resources[role] for role in needs.roles}
    shorter = Booked(first.day, first.start_minute, first.start_minute + needs.minutes, held)
    after = replace(scene, state={**scene.state, key: shorter})
    present = tuple(first.resources.values())
    starts = starts_on(after, rest, first.day, (*resources, *present), minute)
    start = _chosen(starts, minute or shorter.end_minute, resources, present)
    if start is None:
        return SplitPreview(starts, None, None)
    end = start.minute + scene.needs[rest].minutes
    return SplitPreview(starts, start, Booked(first.day, start.minute, end, start.resources))


def first_day(scene: Scene, key: int) -> dt.date:
    """The day to show first: the visit's own, or the first one allowed where that one is not any more."""
    day = max(scene.state[key].day, scene.as_of)
    if key not in scene.places:
        return day
    here = replace(scene.state[key], day=day)
    found = scene.screening(key, {**scene.state, key: here})
    blocks = found.verdict.blocks and not scene.signed.get(key)
    return found.earliest_ok or day if blocks else day
