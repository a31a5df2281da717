"""All that one revision of a procedure says, as one value: to compare, to copy, to say what changed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from typing import Any

from plans.core.spacing import Period

# The places of a revision's values, grouped by what stands there. A place is written as in the catalogue file.
PERIODS = (
    "interval.min",
    "interval.recommended",
    "interval.max",
    "on_break.on_for",
    "on_break.break_min",
    "on_break.break_max",
    "downtime",
    "effect_lasts",
    "patch_test.read_after",
    "patch_test.valid_for",
    "consent.valid_for",
)
NUMBERS = (
    "course.min",
    "course.recommended",
    "course.max",
    "duration.setup",
    "duration.treat",
    "duration.cleanup",
    "anaesthesia.wait_minutes",
    "age.min",
    "age.caution_from",
)
OTHERS = (
    "name",
    "on_break.counts_together",
    "patch_test.code",
    "patch_test.required",
    "patch_test.renewed_by_session",
    "consent.required",
    "home_allowed",
    "needs.words",
    "anaesthesia.method",
    "indications",
    "suits",
    "useless_for",
    "parameters",
    "regimen",
)
# The source of a value that the clinic has set itself.
THE_CLINIC = "clinic default"
MINUTES = ("duration.setup", "duration.treat", "duration.cleanup", "anaesthesia.wait_minutes")


@dataclass(frozen=True, slots=True)
class NeedRule:
    """A capability of a practitioner, room or device, held from one minute of the visit to another."""

    kind: str
    capability: str
    from_minute: int
    to_minute: int


@dataclass(frozen=True, slots=True)
class LineRule:
    """One contraindication with the sources of its severity and of its washout."""

    fact: str
    severity: str
    washout: Period | None = None
    source: str = ""
    washout_source: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a care sheet. Days count from the treatment, both included; None = open, both None = undated."""

    is_precare: bool
    kind: str
    from_day: int | None
    to_day: int | None
    is_approximate: bool
    text: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the value at `path` comes from."""

    path: str
    source: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """One revision's content. `values` holds every place of PERIODS, NUMBERS and OTHERS."""

    values: Mapping[str, Any]
    needs: tuple[NeedRule, ...] = ()
    lines: tuple[LineRule, ...] = ()
    steps: tuple[Step, ...] = ()
    origins: tuple[Origin, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """What stands at `path` before and after; None = nothing.

    Paths beyond those of values: "contraindications.<fact>" (LineRule), "needs.<capability>" (NeedRule),
    "precare.<n>" and "aftercare.<n>" (Step, n from 1), "sources.<path>" (Origin).
    """

    path: str
    old: Any
    new: Any


def differences(old: RuleSet, new: RuleSet) -> tuple[Difference, ...]:
    """What changed from `old` to `new`, values first; empty when both say the same."""
    return tuple(
        Difference(path, before.get(path), after.get(path))
        for before, after in zip(_parts(old), _parts(new), strict=True)
        for path in dict.fromkeys([*before, *after])
        if before.get(path) != after.get(path)
    )


# Values that are given together or not at all, and those of them that may not fall.
WHOLES = (
    ("interval.min", "interval.recommended", "interval.max"),
    ("course.min", "course.recommended", "course.max"),
    ("on_break.on_for", "on_break.break_min", "on_break.break_max"),
)
_RISING = (*WHOLES[:2], WHOLES[2][1:])


def missing(values: Mapping[str, Any]) -> Iterator[str]:
    """The places left empty although others of their whole are filled."""
    for whole in WHOLES:
        given = [values[path] is not None for path in whole]
        if any(given):
            yield from (path for path, is_given in zip(whole, given, strict=True) if not is_given)


def falling(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Pairs of places of which the first is greater than the second, at most one of each row.

    The ends of a row are compared first: they say most.
    """
    for row in _RISING:
        pairs = ((row[0], row[-1]), *pairwise(row))
        filled = (pair for pair in pairs if None not in (values[pair[0]], values[pair[1]]))
        yield from islice((p for p in filled if _size(values[p[0]]) > _size(values[p[1]])), 1)


def recommended_inside(values: Mapping[str, Any]) -> Any:
    """The recommended interval, moved to the end that was pushed past it; as it is where the ends contradict."""
    least, best, most = (values[path] for path in WHOLES[0])
    if None in (least, best, most) or _size(least) > _size(most):
        return best
    return least if _size(best) < _size(least) else most if _size(best) > _size(most) else best


def _size(value: Any) -> int:
    return value.rough_tenths_of_a_day() if isinstance(value, Period) else int(value)


def _parts(rules: RuleSet) -> Iterator[Mapping[str, Any]]:
    yield rules.values
    yield {f"needs.{need.capability}": need for need in rules.needs}
    yield {f"contraindications.{line.fact}": line for line in rules.lines}
    for name, is_precare in (("precare", True), ("aftercare", False)):
        steps = [step for step in rules.steps if step.is_precare is is_precare]
        yield {f"{name}.{n}": step for n, step in enumerate(steps, start=1)}
    yield {f"sources.{origin.path}": origin for origin in rules.origins}


def visit_minutes(setup: int, treat: int, cleanup: int, numbing: int) -> int:
    """From the patient's entering the room to its being ready for the next.

    Numbing runs inside the set-up where that is long enough, before it otherwise.

    >>> visit_minutes(setup=15, treat=20, cleanup=15, numbing=30)
    80
    """
    before = setup if setup >= numbing else numbing + setup
    return before + treat + cleanup


def held_minutes(kind: str, minutes: Mapping[str, int | None]) -> tuple[int, int]:
    """From when to when a need of `kind` is held: the room all the time, who treats from the end of numbing.

    `minutes` by the places of MINUTES.
    """
    setup, treat, cleanup, numbing = (minutes[place] or 0 for place in MINUTES)
    total = visit_minutes(setup, treat, cleanup, numbing)
    return (0 if kind == "room" else min(numbing, total)), total


def sourced(new: RuleSet, *known: RuleSet) -> RuleSet:
    """`new` with the source of every value.

    A source or a note that `new` names otherwise than the first of `known` was named by hand, and stays. Else it
    is that of the first of `known` that holds the same value; a value that none of them holds is the clinic's
    own, and keeps its note. What has a source without being such a value (the care sheets, the parameters)
    keeps what `new` says.
    """
    lines = tuple(_sourced_line(line, known) for line in new.lines)
    new = replace(new, lines=lines)
    before = {origin for rules in known[:1] for origin in rules.origins}
    places = {*PERIODS, *NUMBERS}
    found = {
        origin.path: origin
        for origin in new.origins
        if not (origin.path in places or origin.path.startswith("contraindications."))
    }
    by_hand = {origin.path: origin for origin in new.origins if origin not in before}
    for path in places:
        origin = by_hand.get(path) or _origin(path, _value_at(new, path), known)
        if origin is not None:
            found[path] = origin
    for line in lines:
        path = f"contraindications.{line.fact}.washout"
        origin = _origin(path, line.washout, known)
        if line.washout is not None and line.washout_source:
            note = (by_hand.get(path) or origin or Origin(path, "")).note
            found[path] = Origin(path, line.washout_source, note)
    return replace(new, origins=tuple(found[path] for path in sorted(found)))


def _sourced_line(line: LineRule, known: tuple[RuleSet, ...]) -> LineRule:
    """`line` with its two sources; one that differs from what stood there was named by hand."""
    [stood, *_] = [*_lines_of(line.fact, known[:1]), LineRule(line.fact, "")]
    source, washout_source = line.source, line.washout_source
    if source in ("", stood.source):
        alike = (other for other in _lines_of(line.fact, known) if other.severity == line.severity)
        source = next((other.source for other in alike), THE_CLINIC)
    if line.washout is None:
        washout_source = ""
    elif washout_source in ("", stood.washout_source):
        alike = (other for other in _lines_of(line.fact, known) if other.washout == line.washout)
        washout_source = next((other.washout_source for other in alike), THE_CLINIC)
    return replace(line, source=source, washout_source=washout_source)


def _lines_of(fact: str, known: tuple[RuleSet, ...]) -> Iterator[LineRule]:
    return (line for rules in known for line in rules.lines if line.fact == fact)


def _origin(path: str, value: Any, known: tuple[RuleSet, ...]) -> Origin | None:
    for rules in known:
        if _value_at(rules, path) == value:
            return next((origin for origin in rules.origins if origin.path == path), None)
    if value is None:
        return None
    noted = (origin.note for rules in known[:1] for origin in rules.origins if origin.path == path)
    return Origin(path, THE_CLINIC, next(noted, ""))


def _value_at(rules: RuleSet, path: str) -> Any:
    if path in rules.values:
        return rules.values[path]
    fact = path.split(".")[1]
    return next((line.washout for line in rules.lines if line.fact == fact), None)
