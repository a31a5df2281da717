"""What the catalogue file says, as the content of revisions and as plain values of rows."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from plans.core.gaps import GapRule
from plans.core.ruleset import (
    MINUTES,
    NUMBERS,
    OTHERS,
    PERIODS,
    LineRule,
    NeedRule,
    Origin,
    RuleSet,
    Step,
    held_minutes,
)
from plans.core.spacing import Period
from plans.data.catalogue_layout import CatalogueFile, Fact, Named
from plans.data.catalogue_procedure import CapabilityRef, Contraindication, Procedure, Sheet


def ruleset_of(procedure: Procedure) -> RuleSet:
    """The revision that this part of the file describes."""
    values = _values(procedure)
    return RuleSet(
        values=values,
        needs=_needs(procedure, {place: values[place] for place in MINUTES}),
        lines=tuple(_line(line) for line in procedure.contraindications),
        steps=(*_steps(procedure.precare, True), *_steps(procedure.aftercare, False)),
        origins=tuple(sorted(_origins(procedure), key=lambda origin: origin.path)),
    )


def _values(procedure: Procedure) -> dict[str, Any]:
    plain = procedure.model_dump(mode="json", exclude_none=True)
    numbing = procedure.anaesthesia.wait_minutes if procedure.anaesthesia else 0
    values: dict[str, Any] = {path: _at(plain, path) for path in (*PERIODS, *NUMBERS, *OTHERS)}
    for path in PERIODS:
        values[path] = _period(procedure, path)
    return values | {
        "duration.setup": values["duration.setup"] or 0,
        "duration.treat": values["duration.treat"] or 0,
        "duration.cleanup": values["duration.cleanup"] or 0,
        "anaesthesia.wait_minutes": numbing,
        "on_break.counts_together": sorted(values["on_break.counts_together"] or ()),
        "patch_test.code": values["patch_test.code"] or "",
        "patch_test.required": bool(values["patch_test.required"]),
        "patch_test.renewed_by_session": bool(values["patch_test.renewed_by_session"]),
        "needs.words": _needs_words(procedure),
        "anaesthesia.method": values["anaesthesia.method"] or {},
        "suits": _without_source(plain["suits"]),
        "useless_for": [_without_source(plain["useless_for"])] if "useless_for" in plain else [],
        "parameters": [_without_source(parameter) for parameter in plain["parameters"]],
        "regimen": _regimen(plain),
    }


def _at(plain: Any, path: str) -> Any:
    """The value at `path`, of {"value": n} the n; None where the file says nothing."""
    for name in path.split("."):
        plain = plain.get(name) if isinstance(plain, dict) else None
    return plain.get("value") if isinstance(plain, dict) and "unit" in plain else plain


def _period(procedure: Procedure, path: str) -> Period | None:
    part: Any = procedure
    for name in path.split("."):
        part = getattr(part, name, None)
    # An effect that lasts without a known end has a unit and no value.
    return None if part is None or part.value is None else Period(part.value, part.unit)


def _regimen(plain: dict[str, Any]) -> dict[str, Any] | None:
    regimen = plain.get("regimen")
    if regimen is None:
        return None
    amounts = {
        name: {key: regimen[name][key] for key in ("value", "unit")} for name in ("times", "course")
    }
    return {**amounts, "instructions": regimen["instructions"]}


def _without_source(plain: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in plain.items() if key != "source"}


def _needs_words(procedure: Procedure) -> dict[str, dict[str, str]]:
    words = procedure.needs.words() if procedure.needs else {}
    return {kind: dict(texts.items()) for kind, texts in words.items()}


def _needs(procedure: Procedure, minutes: dict[str, int | None]) -> tuple[NeedRule, ...]:
    if procedure.needs is None:
        return ()
    return tuple(
        NeedRule(ref.kind, ref.code, *(_own_minutes(ref) or held_minutes(ref.kind, minutes)))
        for ref in procedure.needs.refs()
    )


def _own_minutes(ref: CapabilityRef) -> tuple[int, int] | None:
    if ref.from_minute is None or ref.to_minute is None:
        return None
    return ref.from_minute, ref.to_minute


def _line(line: Contraindication) -> LineRule:
    washout = line.washout
    return LineRule(
        fact=line.fact,
        severity=line.severity,
        washout=washout.period if washout else None,
        source=line.source or "",
        washout_source=(washout.source or "") if washout else "",
        note=line.note,
    )


def _steps(sheet: Sheet | None, is_precare: bool) -> Iterator[Step]:
    for step in sheet.steps if sheet else ():
        yield Step(
            is_precare, step.kind, step.from_day, step.to_day, step.approx, dict(step.text.items())
        )


# Parts whose members each have a source, and parts that have one themselves.
_WHOLES = ("course", "interval", "on_break", "regimen", "duration", "age", "consent", "patch_test")
_SINGLES = ("downtime", "effect_lasts", "suits", "useless_for")


def _origins(procedure: Procedure) -> Iterator[Origin]:
    """The source of every number; a contraindication's own stands in its line, its washout's here too."""
    plain = procedure.model_dump(mode="json", exclude_none=True)
    more = {one.path for one in procedure.more_sources}
    yield from (origin for origin in _placed_origins(procedure, plain) if origin.path not in more)
    for one in procedure.more_sources:
        yield Origin(one.path, one.source or "", one.note)


def _placed_origins(procedure: Procedure, plain: dict[str, Any]) -> Iterator[Origin]:
    for path, part in _sourced_parts(plain).items():
        if isinstance(part, dict) and (part.get("source") or part.get("note")):
            yield Origin(path, part.get("source", ""), part.get("note", ""))
    if procedure.anaesthesia and procedure.anaesthesia.method_source:
        yield Origin("anaesthesia.method", procedure.anaesthesia.method_source)
    if procedure.patch_test and procedure.patch_test.note:
        yield Origin("patch_test", "", procedure.patch_test.note)
    for name in ("precare", "aftercare"):
        for n, source in enumerate((plain.get(name) or {}).get("sources", ()), start=1):
            yield Origin(f"{name}.sources.{n}", source)


def _sourced_parts(plain: dict[str, Any]) -> dict[str, Any]:
    """Every part of the procedure that may name a source, by its place."""
    places = {
        f"{whole}.{name}": part
        for whole in _WHOLES
        for name, part in (plain.get(whole) or {}).items()
    }
    places |= {name: plain.get(name) for name in _SINGLES}
    places["anaesthesia.wait_minutes"] = plain.get("anaesthesia")
    for parameter in plain["parameters"]:
        places[f"parameters.{parameter['key']}"] = parameter
    for line in plain["contraindications"]:
        places[f"contraindications.{line['fact']}.washout"] = line.get("washout")
    return places


Rows = Mapping[str, Mapping[str, Any]]
# A fact whose file gives no order comes after all that have one.
NO_ORDER = 10_000


def plain_rows(file: CatalogueFile) -> dict[str, Rows]:
    """The values of the rows that have no revisions, by table ("sources", "facts", ...) and code."""
    return {
        "sources": {
            one.id: {"title": one.title, "url": one.url or "", "is_background": one.background}
            for one in file.sources
        },
        "signs": _named(file.signs),
        "pit_types": _named(file.pit_types, kind="type"),
        "pit_depths": _named(file.pit_depths, kind="depth"),
        "pit_ages": _named(file.pit_ages, kind="age"),
        "groups": {one.code: {"name": one.name} for one in file.groups},
        "capabilities": {
            one.code: {"kind": one.kind, "name": one.name} for one in file.all_capabilities()
        },
        "facts": {one.code: _fact_values(one, n) for n, one in enumerate(file.facts)},
    }


def _named(items: Iterable[Named], **more: str) -> Rows:
    return {one.code: {"name": one.name, "position": n, **more} for n, one in enumerate(items)}


def gap_rules_of(file: CatalogueFile) -> tuple[GapRule, ...]:
    """The clinic's gaps as the file gives them."""
    return tuple(
        GapRule(
            *gap.sides,
            gap.min.period,
            dict(gap.why.items()),
            gap.source,
            after_is_procedure=gap.after_procedure is not None,
            before_is_procedure=gap.before_procedure is not None,
        )
        for gap in file.gaps
    )


def protocol_rows(file: CatalogueFile) -> Rows:
    """What the revisions of the protocols say, by the protocol's code."""
    return {
        one.code: {
            "name": one.name,
            "suits": one.suits.model_dump(mode="json", exclude_none=True),
            "steps": [step.model_dump(mode="json", exclude_none=True) for step in one.steps],
            "source": one.source,
            "note": one.note,
        }
        for one in file.protocols
    }


def _fact_values(fact: Fact, n: int) -> dict[str, Any]:
    recheck = fact.recheck
    values: dict[str, Any] = {
        "category": fact.category,
        "kind": fact.kind,
        "recheck_n": None if recheck.unit == "never" else recheck.value,
        "recheck_unit": "" if recheck.unit == "never" else recheck.unit,
        "recheck_source": recheck.source or "",
        "name": fact.name,
        # What has no order of its own comes last, as in the file.
        "position": NO_ORDER + n if fact.order is None else fact.order,
        "asked_by_practitioner": fact.asked_by == "practitioner",
    }
    # A plain file without questions does not take away those that are there.
    questions = {"question": fact.question, "hint": fact.hint, "end_question": fact.end_question}
    return values | {name: texts for name, texts in questions.items() if texts is not None}
