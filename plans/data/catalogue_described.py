"""A revision as a part of the catalogue file: the way back from `catalogue_rules`."""

import datetime as dt
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from plans.core.ruleset import MINUTES, LineRule, Origin, RuleSet, held_minutes
from plans.core.spacing import Period
from plans.data.catalogue_procedure import Procedure
from plans.data.catalogue_rules import ruleset_of

# Units of the numbers that are no periods, by the part of the procedure that they stand in.
_UNITS = {"course": "sessions", "duration": "minutes", "age": "years"}
# Parts of the file that are given whole, with the place of a value without which there is no such part.
_PARTS = {
    "course": "course.min",
    "interval": "interval.min",
    "on_break": "on_break.on_for",
    "age": "age.min",
    "patch_test": "patch_test.code",
}


def procedure_of(
    code: str, group: str, rules: RuleSet, *, is_home: bool, retired_on: dt.date | None = None
) -> Procedure:
    """The part of the file that describes `rules`.  Raises ValidationError for what no file may say."""
    values = rules.values
    part: dict[str, Any] = {
        "code": code,
        "kind": "home" if is_home else "clinic",
        "group": group,
        "name": values["name"],
        "home_allowed": bool(values["home_allowed"]),
        "indications": values["indications"],
        "suits": dict(values["suits"]),
        "useless_for": dict(values["useless_for"][0]) if values["useless_for"] else None,
        "regimen": deepcopy(values["regimen"]),
        "effect_lasts": _plain(values["effect_lasts"]),
        "downtime": _plain(values["downtime"]),
        "anaesthesia": _anaesthesia(values),
        "needs": _needs(rules),
        "consent": _members(values, "consent"),
        "parameters": [dict(one) for one in values["parameters"]],
        "contraindications": [_line(code, line) for line in rules.lines],
        "precare": _sheet(rules, is_precare=True),
        "aftercare": _sheet(rules, is_precare=False),
        "retired_on": retired_on,
    }
    for name, place in _PARTS.items():
        part[name] = _members(values, name) if values[place] not in (None, "") else None
    part["duration"] = _duration(rules)
    left = [origin for origin in rules.origins if not _put(part, origin)]
    part["more_sources"] = [
        {"path": one.path, "source": one.source or None, "note": one.note} for one in left
    ]
    return Procedure.model_validate(_without_nothing(part))


def in_file_form(rules: RuleSet) -> RuleSet:
    """`rules` as they would come back from a file: what differs from this only in form is the same."""
    return ruleset_of(procedure_of("-", "-", rules, is_home=False))


def _plain(value: Any, unit: str = "") -> Any:
    if isinstance(value, Period):
        return {"value": value.n, "unit": value.unit}
    return {"value": value, "unit": unit} if unit and value is not None else value


def _members(values: Mapping[str, Any], whole: str) -> dict[str, Any]:
    """What stands below `whole`, by name."""
    unit = _UNITS.get(whole, "")
    return {
        path.removeprefix(f"{whole}."): _plain(value, unit)
        for path, value in values.items()
        if path.startswith(f"{whole}.") and value is not None
    }


def _duration(rules: RuleSet) -> dict[str, Any] | None:
    """None where nothing takes time and no source says so."""
    part = _members(rules.values, "duration")
    is_said = any(origin.path.startswith("duration.") for origin in rules.origins)
    return part if is_said or any(one["value"] for one in part.values()) else None


def _anaesthesia(values: Mapping[str, Any]) -> dict[str, Any] | None:
    method, wait = values["anaesthesia.method"], values["anaesthesia.wait_minutes"]
    return {"method": method or None, "wait_minutes": wait} if method or wait else None


def _needs(rules: RuleSet) -> dict[str, Any] | None:
    words: Mapping[str, Any] = rules.values["needs.words"]
    minutes = {place: rules.values[place] for place in MINUTES}
    refs: list[dict[str, Any]] = []
    for need in rules.needs:
        ref: dict[str, Any] = {"kind": need.kind, "code": need.capability}
        held = need.from_minute, need.to_minute
        if held != held_minutes(need.kind, minutes):
            ref |= {"from_minute": held[0], "to_minute": held[1]}
        refs.append(ref)
    if not words and not refs:
        return None
    by_kind = {"room": "room", "device": "device", "practitioner": "qualification"}
    named = {name: words[kind] for kind, name in by_kind.items() if kind in words}
    return {**named, "capabilities": refs}


def _line(code: str, line: LineRule) -> dict[str, Any]:
    washout = _plain(line.washout)
    if washout and line.washout_source:
        washout["source"] = line.washout_source
    return {
        "rule": f"ci:{code}:{line.fact}",
        "fact": line.fact,
        "severity": line.severity,
        "source": line.source or None,
        "washout": washout,
        "note": line.note,
    }


def _sheet(rules: RuleSet, *, is_precare: bool) -> dict[str, Any] | None:
    name = "precare" if is_precare else "aftercare"
    steps = [
        {
            "from_day": step.from_day,
            "to_day": step.to_day,
            "kind": step.kind,
            "approx": step.is_approximate,
            "text": dict(step.text),
        }
        for step in rules.steps
        if step.is_precare is is_precare
    ]
    sources = [source for _n, source in sorted(_numbered(rules, f"{name}.sources."))]
    return {"sources": sources, "steps": steps} if steps or sources else None


def _numbered(rules: RuleSet, prefix: str) -> Iterator[tuple[int, str]]:
    """The sources of a sheet with their numbers."""
    for origin in rules.origins:
        if origin.path.startswith(prefix) and origin.path.removeprefix(prefix).isdecimal():
            yield int(origin.path.removeprefix(prefix)), origin.source


def _put(part: dict[str, Any], origin: Origin) -> bool:
    """Write `origin` at the place that the file has for it; whether there is one."""
    path, _, last = origin.path.rpartition(".")
    if origin.path == "patch_test" and part["patch_test"] and not origin.source:
        part["patch_test"]["note"] = origin.note
        return True
    if path in ("precare.sources", "aftercare.sources") and not origin.note:
        return last.isdecimal()
    if origin.path == "anaesthesia.method" and part["anaesthesia"] and not origin.note:
        part["anaesthesia"]["method_source"] = origin.source
        return True
    place = _place(part, origin.path)
    if place is None or (origin.note and "key" in place):
        return False
    return _say(place, origin)


def _say(place: dict[str, Any], origin: Origin) -> bool:
    if place.get("source", origin.source) != origin.source:
        return False  # the line and its row of sources contradict each other: keep both
    if origin.source:
        place["source"] = origin.source
    if origin.note:
        place["note"] = origin.note
    return True


def _place(part: dict[str, Any], path: str) -> dict[str, Any] | None:
    """The mapping of the file that says where the value at `path` comes from."""
    first, _, rest = path.partition(".")
    found: Any = None
    if path == "anaesthesia.wait_minutes":
        found = part["anaesthesia"]
    elif first == "effect_lasts" and not rest:
        # Without a value there is still to say why no end is known.
        part["effect_lasts"] = part["effect_lasts"] or {"value": None, "unit": "months"}
        found = part["effect_lasts"]
    elif first == "parameters":
        found = next((one for one in part["parameters"] if one["key"] == rest), None)
    elif first == "contraindications" and rest.endswith(".washout"):
        fact = rest.removesuffix(".washout")
        lines = (line["washout"] for line in part["contraindications"] if line["fact"] == fact)
        found = next(lines, None)
    elif first in _SOURCED:
        found = part[first] if not rest else (part[first] or {}).get(rest)
    return found if isinstance(found, dict) and (rest or first in _SINGLES) else None


_SINGLES = ("downtime", "effect_lasts", "suits", "useless_for")
_SOURCED = (*_PARTS, "duration", "consent", "regimen", *_SINGLES)


def _without_nothing(part: Any) -> Any:
    """`part` without what is None, except the parts that the file always names."""
    return {
        key: value
        for key, value in part.items()
        if value is not None or key in ("course", "interval", "duration")
    }
