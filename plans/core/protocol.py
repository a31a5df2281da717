"""What a protocol says: an ordered set of courses, each with its place after another; as one value.

A protocol's steps are written as in the catalogue file: `{step: 2, procedure: tca_peel_medium, sessions: 3,
starts: {after: end of step 1, gap: {value: 14, unit: days}}}`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as made_by
from typing import Any, Literal, get_args

from plans.core.confirming import Stated, canonical
from plans.core.cycles import Cycle
from plans.core.ruleset import Difference
from plans.core.spacing import Interval, Period

Anchor = Literal["plan", "end", "last session"]
Field = Literal["procedure", "sessions", "days", "after"]
FaultCode = Literal[
    "unknown_procedure",
    "not_earlier",
    "has_no_sessions",
    "days_missing",
    "sessions_missing",
    "days_in_clinic",
    "sessions_at_home",
    "too_few",
    "too_many",
    "no_interval",
    "past_cycle",
]

_OF_STEP = re.compile(r"(end|last session) of step ([1-9][0-9]?)")
_NO_TIME = Period(0, "days")


@dataclass(frozen=True, slots=True)
class Starts:
    """`gap` after the start of the plan (`step` 0), or after the end or the last session of an earlier step.

    The end of a course in the clinic is its last session; that of a course at home its last day.
    """

    after: Anchor = "plan"
    step: int = 0
    gap: Period = _NO_TIME

    def __post_init__(self) -> None:
        if self.after not in get_args(Anchor) or (self.after == "plan") is not (self.step == 0):
            raise ValueError(f"no place to start: {self.after} {self.step}")

    @property
    def words(self) -> str:
        """As in the catalogue file: "plan", "end of step 1", "last session of step 2"."""
        return f"{self.after} of step {self.step}" if self.step else self.after


@dataclass(frozen=True, slots=True)
class Step:
    """One course: `sessions` of a procedure in the clinic, or `days` of one at home."""

    number: int
    procedure: str
    starts: Starts
    sessions: int | None = None
    days: int | None = None
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class Treatment:
    """What a protocol needs to know of a procedure: where it is used, how many sessions, how far apart."""

    code: str
    is_home: bool
    interval: Interval | None = None
    sessions_min: int | None = None
    sessions_max: int | None = None
    cycle: Cycle | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """All that one revision of a protocol says. `name`: text by language; `suits`: codes of signs and of pits."""

    name: Mapping[str, str]
    suits: Mapping[str, Any]
    steps: tuple[Step, ...]
    source: str
    note: str = ""


def read_starts(number: int, plain: Any) -> Starts:
    """The relation of step `number`.  Raises ValueError, naming the step, for anything else.

    >>> read_starts(2, {"after": "end of step 1", "gap": {"value": 14, "unit": "days"}}).step
    1
    """
    try:
        after, gap = plain["after"], plain["gap"]
        period = Period(gap["value"], gap["unit"])
    except (KeyError, TypeError, ValueError):
        raise ValueError(
            f"step {number}: starts needs after, and gap with value and unit"
        ) from None
    if after == "plan":
        return Starts("plan", 0, period)
    found = _OF_STEP.fullmatch(after) if isinstance(after, str) else None
    if found is None:
        raise ValueError(
            f"step {number}: starts after 'plan', 'end of step N' or 'last session of step N', not {after!r}"
        )
    anchor: Anchor = "end" if found[1] == "end" else "last session"
    return Starts(anchor, int(found[2]), period)


def read_steps(plain: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    """The steps, numbered 1, 2, 3 ... in their order.  Raises ValueError naming the step that cannot be read."""
    return tuple(_read_step(place, row) for place, row in enumerate(plain, start=1))


def _read_step(place: int, row: Mapping[str, Any]) -> Step:
    if row.get("step") != place:
        raise ValueError(f"step {place}: is numbered {row.get('step')!r}")
    if not isinstance(row.get("procedure"), str):
        raise ValueError(f"step {place}: names no procedure")
    for name in ("sessions", "days"):
        count = row.get(name)
        if count is not None and not (type(count) is int and count >= 1):
            raise ValueError(f"step {place}: {name} is a whole number from 1 on, not {count!r}")
    return Step(
        place,
        row["procedure"],
        read_starts(place, row.get("starts")),
        row.get("sessions"),
        row.get("days"),
        bool(row.get("optional", False)),
    )


def plain_step(step: Step) -> dict[str, Any]:
    """The step as the catalogue file writes it: `read_steps` gives it back."""
    plain: dict[str, Any] = {"step": step.number, "procedure": step.procedure}
    plain["optional"] = step.is_optional
    for name, count in (("sessions", step.sessions), ("days", step.days)):
        if count is not None:
            plain[name] = count
    gap = {"value": step.starts.gap.n, "unit": step.starts.gap.unit}
    return plain | {"starts": {"after": step.starts.words, "gap": gap}}


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a step cannot be as it is; `limits`: the numbers that its words need."""

    step: int
    field: Field
    code: FaultCode
    limits: Mapping[str, int] = made_by(default_factory=dict)


def faults(steps: Iterable[Step], treatments: Mapping[str, Treatment]) -> Iterator[Fault]:
    """What is wrong with the steps, in their order; nothing when they can be applied."""
    known: dict[int, Treatment | None] = {}
    for step in steps:
        treatment = treatments.get(step.procedure)
        if treatment is None:
            yield Fault(step.number, "procedure", "unknown_procedure")
        elif treatment.is_home:
            yield from _home_faults(step, treatment)
        else:
            yield from _clinic_faults(step, treatment)
        yield from _place_faults(step, known)
        known[step.number] = treatment


def _place_faults(step: Step, earlier: Mapping[int, Treatment | None]) -> Iterator[Fault]:
    anchor = step.starts.step
    if anchor and anchor not in earlier:
        yield Fault(step.number, "after", "not_earlier", {"anchor": anchor})
        return
    treatment = earlier.get(anchor)
    if step.starts.after == "last session" and treatment is not None and treatment.is_home:
        yield Fault(step.number, "after", "has_no_sessions", {"anchor": anchor})


def _home_faults(step: Step, treatment: Treatment) -> Iterator[Fault]:
    if step.sessions is not None:
        yield Fault(step.number, "sessions", "sessions_at_home")
    if step.days is None:
        yield Fault(step.number, "days", "days_missing")
    elif treatment.cycle is not None:
        longest = treatment.cycle.on_for.rough_tenths_of_a_day()
        if step.days * 10 > longest:
            yield Fault(step.number, "days", "past_cycle", {"most": longest // 10})


def _clinic_faults(step: Step, treatment: Treatment) -> Iterator[Fault]:
    if step.days is not None:
        yield Fault(step.number, "days", "days_in_clinic")
    if step.sessions is None:
        yield Fault(step.number, "sessions", "sessions_missing")
        return
    least, most = treatment.sessions_min, treatment.sessions_max
    if least is not None and step.sessions < least:
        yield Fault(step.number, "sessions", "too_few", {"least": least})
    elif most is not None and step.sessions > most:
        yield Fault(step.number, "sessions", "too_many", {"most": most})
    elif treatment.interval is None and step.sessions > 1:
        yield Fault(step.number, "sessions", "no_interval")


def stated_steps(protocol: str, steps: Iterable[Step], source: str) -> tuple[Stated, ...]:
    """What each step says, for a physician to confirm: at "protocols/<code>/steps.<n>"; one source backs them all."""
    return tuple(
        Stated(f"protocols/{protocol}/steps.{step.number}", _stated(step), source) for step in steps
    )


def _stated(step: Step) -> str:
    plain = plain_step(step)
    starts = f"{canonical(step.starts.gap)} after {step.starts.words}"
    return canonical({**plain, "step": None, "starts": starts})


def differences(old: Content, new: Content) -> tuple[Difference, ...]:
    """What changed: "name", "suits", "source", "note", and "steps.<n>" (Step, None where there is none)."""
    before, after = _parts(old), _parts(new)
    return tuple(
        Difference(path, before.get(path), after.get(path))
        for path in dict.fromkeys([*before, *after])
        if before.get(path) != after.get(path)
    )


def _parts(content: Content) -> dict[str, Any]:
    parts: dict[str, Any] = {"name": dict(content.name), "suits": dict(content.suits)}
    parts |= {f"steps.{step.number}": step for step in content.steps}
    return parts | {"source": content.source, "note": content.note}
