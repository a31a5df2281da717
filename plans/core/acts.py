"""What somebody decided to do with a visit: what travels, signed, from the preview to the service, and back.

A key names a session that has or had a visit; below zero it is a visit without a session: a consultation, or the
second part of a split one.
"""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from plans.core.cascade import Cascade, Mode
from plans.core.offers import Booked
from plans.core.scene import Fault, Scene

Kind = Literal["move", "cancelled", "no_show", "split"]

KINDS: tuple[str, ...] = get_args(Kind)
MODES: tuple[str, ...] = get_args(Mode)


@dataclass(frozen=True, slots=True)
class Step:
    """Where one visit is to stand. `version`: its latest step when this was planned; 0: it has no visit."""

    key: int
    to: Booked
    version: int = 0


@dataclass(frozen=True, slots=True)
class Act:
    """One act upon `visit`, whose history had `version` as its last step; `steps`: what it moves.

    move: the first step is the visit itself. cancelled, no_show: the steps are new dates, all of which may be
    declined. split: `at`, minutes after the start, and one step, the second part; its key is of the whole visit.
    """

    kind: Kind
    visit: int
    version: int
    mode: Mode = "keep"
    steps: tuple[Step, ...] = ()
    at: int = 0

    @property
    def days(self) -> list[dt.date]:
        return [step.to.day for step in self.steps]

    @property
    def falls_out(self) -> bool:
        """The visit does not take place."""
        return self.kind in ("cancelled", "no_show")

    def part(self, scene: Scene, key: int, accepted: Collection[int]) -> "Act":
        """The act with those of its steps that are accepted; the visit itself, `key`, always moves.

        The second part of a split visit goes where the first one goes.
        """
        first = 0 if self.falls_out else 1
        taken = {*accepted, *(() if self.falls_out else (key,))}
        taken |= {rest for rest, before in scene.first_parts.items() if before in taken}
        later = (step for step in self.steps[first:] if step.key in taken)
        return replace(self, steps=(*self.steps[:first], *later))

    def outcome(self, scene: Scene, key: int) -> dict[int, Booked]:
        """Where the visits of `scene` stand once all of this is done; `key`: of the visit itself."""
        state = dict(scene.state)
        if self.falls_out:
            state.pop(key, None)
            for rest, first in scene.first_parts.items():
                if first == key:
                    state.pop(rest, None)
        if self.kind == "split":
            here = state[key]
            roles = scene.needs[key].roles
            held = {role: here.resources[role] for role in roles}
            state[key] = Booked(here.day, here.start_minute, here.start_minute + self.at, held)
        return state | {step.key: step.to for step in self.steps}

    def leaves_behind(self, fault: Fault, key: int) -> bool:
        """Nothing else shall move, so that a session is left behind its window: it is flagged, not refused."""
        return self.mode == "stay" and fault.kind == "late" and fault.key != key

    def packed(self) -> list[Any]:
        """The same as plain numbers and texts."""
        steps = [
            [
                step.key,
                step.version,
                step.to.day.isoformat(),
                step.to.start_minute,
                step.to.end_minute,
                dict(step.to.resources),
            ]
            for step in self.steps
        ]
        return [self.kind, self.visit, self.version, self.mode, self.at, steps]


def act_of(kind: Kind, plan: Cascade, visit: int, versions: Mapping[int, int]) -> Act:
    """The whole of `plan` as an act upon `visit`; `versions`: by key, 0 where there is no visit."""
    steps = tuple(
        Step(line.key, line.after, versions.get(line.key, 0))
        for line in plan.lines
        if line.after is not None and (line.is_moved or line.key == plan.key)
    )
    return Act(kind, visit, versions.get(plan.key, 0), plan.mode, steps)


def unpacked(values: Any) -> Act:
    """What `packed` made plain.  Raises TypeError or ValueError for anything else."""
    kind, visit, version, mode, at, steps = values
    if kind not in KINDS or mode not in MODES:
        raise ValueError(f"no act: {kind}, {mode}")
    return Act(kind, visit, version, mode, tuple(_step(*each) for each in steps), at)


def _step(
    key: int, version: int, day: str, start: int, end: int, resources: Mapping[str, int]
) -> Step:
    return Step(key, Booked(dt.date.fromisoformat(day), start, end, resources), version)
