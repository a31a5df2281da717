"""From what an editor typed to the parts of a rule set, in the shape in which the catalogue file writes them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from plans.core.gaps import GapRule
from plans.core.ruleset import MINUTES, NeedRule, Origin, RuleSet, held_minutes

Texts = Mapping[str, str]
SKIN = ("signs", "pit_types", "pit_depths", "pit_ages")


def held_as_typed(
    base: RuleSet,
    minutes: Mapping[str, int | None],
    kind: str,
    capability: str,
    typed: tuple[int | None, int | None],
) -> NeedRule:
    """A need with its minutes: its own, or those that the durations say.

    Minutes that are empty, or that stood as the durations of `base` said, follow the new `minutes`.
    """
    stood = held_minutes(kind, {place: base.values[place] for place in MINUTES})
    follows = held_minutes(kind, minutes)
    first, last = follows if typed == stood else typed
    return NeedRule(
        kind,
        capability,
        follows[0] if first is None else first,
        follows[1] if last is None else last,
    )


def parameter(data: Mapping[str, Any], before: Mapping[str, Any] | None) -> dict[str, Any]:
    """A parameter to record, without what is empty. Choices and bounds keep the type they had `before`."""
    known = {str(choice): choice for choice in (before or {}).get("choices", ())}
    choices = [word.strip() for word in data["choices"].split(",")]
    found = {
        "key": data["key"],
        "label": data["label"],
        "type": data["type"],
        "unit": data["unit"] or None,
        "min": _number(data["min"]),
        "max": _number(data["max"]),
        "choices": [known.get(word, word) for word in choices if word] or None,
        "required": data["required"],
    }
    return {key: value for key, value in found.items() if value is not None}


def _number(value: float | None) -> int | float | None:
    return int(value) if value is not None and value == int(value) else value


def regimen(data: Mapping[str, Any], instructions: Sequence[Texts]) -> dict[str, Any] | None:
    """How a product is used at home; None where nothing is said. `data`: times_n, times_unit, course_n, course_unit."""
    if data["times_n"] is None or data["course_n"] is None:
        return None
    amounts = {
        name: {"value": data[f"{name}_n"], "unit": data[f"{name}_unit"]}
        for name in ("times", "course")
    }
    return {**amounts, "instructions": [dict(texts) for texts in instructions]}


def skin(
    data: Mapping[str, Any], before: Mapping[str, Any] | None, why: Texts | None = None
) -> dict[str, Any]:
    """Which skin and pits are meant: the codes chosen, those of `before` in their order; and why, if it is said."""
    found: dict[str, Any] = {
        name: in_order(data[name], (before or {}).get(name, ())) for name in SKIN
    }
    return found | ({"why": dict(why)} if why else {})


def in_order(chosen: Iterable[str], before: Iterable[str]) -> list[str]:
    """`chosen`, first what stood there already, as it stood.

    >>> in_order(["a", "b", "c"], ["c", "x", "a"])
    ['c', 'a', 'b']
    """
    wanted = list(chosen)
    stays = [code for code in before if code in wanted]
    return [*stays, *(code for code in wanted if code not in stays)]


def table_with(
    table: Iterable[GapRule], shown: Iterable[GapRule], typed: Iterable[GapRule]
) -> tuple[GapRule, ...]:
    """`table` after an editor who saw the lines `shown` sent the lines `typed`: changed, added, removed."""
    seen = {rule.place for rule in shown}
    new = {rule.place: rule for rule in typed}
    kept = [
        new.pop(rule.place, rule) for rule in table if rule.place not in seen or rule.place in new
    ]
    return (*kept, *new.values())


def with_values(base: RuleSet, values: Mapping[str, Any]) -> RuleSet:
    """`base` with these values in place of its own."""
    return replace(base, values={**base.values, **values})


def need_rows(rules: RuleSet) -> list[dict[str, Any]]:
    """The needs as lines of a form; so are the others below."""
    return [
        {"capability": one.capability, "from_minute": one.from_minute, "to_minute": one.to_minute}
        for one in rules.needs
    ]


def line_rows(rules: RuleSet) -> list[dict[str, Any]]:
    return [asdict(line) | {"washout": line.washout} for line in rules.lines]


def step_rows(rules: RuleSet, *, is_precare: bool) -> list[dict[str, Any]]:
    return [asdict(step) for step in rules.steps if step.is_precare is is_precare]


def parameter_rows(rules: RuleSet) -> list[dict[str, Any]]:
    sources = {origin.path: origin.source for origin in rules.origins}
    return [
        {
            **one,
            "choices": ", ".join(map(str, one.get("choices", ()))),
            "source": sources.get(f"parameters.{one['key']}", ""),
        }
        for one in rules.values["parameters"] or ()
    ]


def text_rows(texts: Iterable[Texts]) -> list[dict[str, Any]]:
    return [{"text": one} for one in texts]


def sheet_sources(rules: RuleSet, sheet: str) -> list[str]:
    """The sources of a care sheet, in their order."""
    named = [one for one in rules.origins if one.path.startswith(f"{sheet}.sources.")]
    return [one.source for one in sorted(named, key=lambda one: int(one.path.rpartition(".")[2]))]


def sheet_origins(sheet: str, chosen: Iterable[str]) -> list[Origin]:
    """The same the other way round."""
    return [Origin(f"{sheet}.sources.{n}", source) for n, source in enumerate(chosen, start=1)]


def hard_changes(old: RuleSet, new: RuleSet) -> tuple[str, ...]:
    """The facts whose line refuses before or after, and is not the same before and after."""
    stood, stands = ({line.fact: line for line in rules.lines} for rules in (old, new))
    return tuple(
        fact
        for fact in dict.fromkeys([*stood, *stands])
        if stood.get(fact) != stands.get(fact)
        and any(
            line and line.severity == "absolute" for line in (stood.get(fact), stands.get(fact))
        )
    )
