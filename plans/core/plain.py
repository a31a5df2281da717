"""Values of the core as plain texts and numbers, as docs/api.md describes them to programs."""

from collections.abc import Mapping
from typing import Any

from plans.core.offers import Cost
from plans.core.ruleset import LineRule, NeedRule, Step
from plans.core.spacing import Period, Window


def cost_number(cost: Cost) -> float:
    """The cost as one number: days off target, then wishes missed, cautions and changes of the practitioner as decimals.

    >>> import datetime as dt
    >>> cost_number(Cost(0, 4, 2, 1, 0, dt.date(2026, 11, 26), 600))
    4.0201
    """
    parts = (cost.wishes_missed, cost.cautions, cost.practitioner_changes)
    decimals = (min(n, 99) / size for n, size in zip(parts, (1e2, 1e4, 1e6), strict=True))
    return round(cost.days_off + sum(decimals), 6)


def plain_nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """{"interval.min": ...} as {"interval": {"min": ...}}; the name stands elsewhere."""
    found: dict[str, Any] = {}
    for path, value in values.items():
        if path == "name":
            continue
        *outer, last = path.split(".")
        place = found
        for part in outer:
            place = place.setdefault(part, {})
        place[last] = plain_value(value)
    return found


def plain_value(value: Any) -> Any:
    return {"value": value.n, "unit": value.unit} if isinstance(value, Period) else value


def plain_need(need: NeedRule) -> dict[str, Any]:
    return {
        "kind": need.kind,
        "capability": need.capability,
        "from_minute": need.from_minute,
        "to_minute": need.to_minute,
    }


def plain_line(line: LineRule, named: Mapping[str, str]) -> dict[str, Any]:
    return {
        "fact": line.fact,
        "name": named.get(line.fact, line.fact),
        "severity": line.severity,
        "washout": plain_value(line.washout),
        "source": line.source,
        "washout_source": line.washout_source,
        "note": line.note,
    }


def plain_step(step: Step) -> dict[str, Any]:
    return {
        "kind": step.kind,
        "from_day": step.from_day,
        "to_day": step.to_day,
        "is_approximate": step.is_approximate,
        "text": step.text,
    }


def plain_window(window: Window) -> dict[str, Any]:
    return {"earliest": window.earliest, "target": window.target, "latest": window.latest}
