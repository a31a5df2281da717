"""What the programming interface reads: a question about a patient, and the catalogue in plain values."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from clinic.kit.languages import localized
from clinic.patients.models import Patient
from clinic.patients.selectors import codes_now, get_patient
from clinic.places.models import Location
from plans.catalogue.models import Revision
from plans.catalogue.selectors import (
    confirmations,
    current_revision,
    current_revisions,
    fact_names,
    rulebook,
    ruleset,
    sources,
)
from plans.core import screening as core
from plans.core.confirming import Stated, stated, stated_gap
from plans.core.gaps import GapRule, touching
from plans.core.ruleset import LineRule, NeedRule, Step
from plans.core.spacing import Period
from plans.core.vignette_reading import read_vignette
from plans.core.vignettes import BadVignette, Slip, Vignette
from plans.courses.selectors import local_day, names
from plans.courses.tags import Names, finding_words
from plans.diary.selectors import core_patient, standing_visits
from plans.gaps.selectors import current_table, gap_rules
from plans.sources.selectors import unconfirmed_rules

# Stands in for a patient of the clinic until the rest of the question is read.
_NOBODY = core.Patient(dt.date.min)


@dataclass(frozen=True)
class Asked:
    """A question that can be answered, with the rules that answer it. `patient`: the clinic's own, if one is meant."""

    vignette: Vignette
    book: core.Rulebook
    patient: Patient | None = None


def asked(data: Any, location: Location | None) -> Asked:
    """The question that `data` puts, about the patient in it or one of `location`'s.

    Raises BadVignette with all that is wrong, Patient.DoesNotExist. 6 queries, 13 for a patient of the clinic.
    """
    book, former = rulebook(), codes_now()
    number = _number_in(data)
    if number is None:
        return Asked(read_vignette(data, book, former, is_expecting=False), book)
    rest = {key: value for key, value in data.items() if key not in ("patient", "patient_number")}
    question = read_vignette(rest, book, former, patient=_NOBODY, is_expecting=False)
    if location is None:
        raise Patient.DoesNotExist
    patient = get_patient(number, location)
    return Asked(_about(question, patient), book, patient)


def _number_in(data: Any) -> int | None:
    """The number of a patient of the clinic; None where the patient is described instead.

    Raises BadVignette where it is no number.
    """
    if not isinstance(data, Mapping):
        return None
    key = "patient" if data.get("patient") is not None else "patient_number"
    value = data.get(key)
    if value is None or (key == "patient" and not isinstance(value, int)):
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**31:
        raise BadVignette([Slip(key, "not_a_choice", str(value)[:100])])
    return value


def _about(question: Vignette, patient: Patient) -> Vignette:
    """`question` about what is on record of `patient`.

    A session of this procedure that is booked for that very day is the one asked about, and no reason against itself.
    """
    day = question.session_date
    itself = [
        visit.session
        for visit in standing_visits(patient)
        if visit.session
        and local_day(visit) == day
        and visit.session.course.revision.procedure.code == question.procedure
    ]
    known = core_patient(patient, without=[session.pk for session in itself])
    as_of = question.as_of or day
    if any(fact.status == "denied" and fact.since and fact.since > as_of for fact in known.facts):
        raise BadVignette([Slip("as_of", "answered_after_screening", as_of.isoformat())])
    return replace(question, patient=known)


def screening_of(question: Asked) -> dict[str, Any]:
    """The answer to `question` in words and plain values; 13 queries at most."""
    vignette = question.vignette
    found = vignette.screen(question.book)
    words = names()
    table = current_table()
    numbers = current_revisions().values_list("number", flat=True)
    waiting = unconfirmed_rules(found.reasons)
    return {
        "procedure": vignette.procedure,
        "session_date": vignette.session_date,
        "as_of": vignette.as_of or vignette.session_date,
        "verdict": found.verdict.word,
        "reasons": list(found.reasons),
        "findings": [
            _finding(one, words) | {"is_confirmed": one.rule not in waiting}
            for one in found.findings
        ],
        "earliest_ok": found.earliest_ok,
        "deferred": [{"fact": code, "name": words.fact(code)} for code in found.deferred],
        "rules": {
            "procedure": numbers.get(procedure__code=vignette.procedure),
            "gaps": table.number if table else None,
        },
        "ignored": list(vignette.ignored),
    }


def _finding(found: core.Finding, words: Names) -> dict[str, Any]:
    return {
        "rule": found.rule,
        "kind": found.kind,
        "level": found.level.word,
        "verdict": found.level.word,
        "severity": found.severity,
        "subject": found.subject,
        "reason": finding_words(found, words),
        "since": found.since,
        "until": found.until,
        "earliest": found.free_day,
        "signed_by": list(found.signers),
    }


def procedure_list() -> list[dict[str, Any]]:
    """Every procedure with the revision in force; one query."""
    return [_head(revision) for revision in current_revisions()]


def procedure_detail(code: str) -> dict[str, Any]:
    """All that the revision in force says of `code`; 11 queries.  Raises Revision.DoesNotExist."""
    revision = current_revision(code)
    rules = ruleset(revision)
    group = revision.procedure.group.code
    gaps = touching(gap_rules(), code, group)
    named, titles = fact_names(), sources()
    values = [*stated(code, rules), *(stated_gap(gap.rule, gap.min, gap.source) for gap in gaps)]
    used = {one.source for one in values}
    return _head(revision) | {
        "in_force_since": revision.published_at,
        "values": _nested(rules.values),
        "needs": [_need(need) for need in rules.needs],
        "contraindications": [_line(line, named) for line in rules.lines],
        "gaps": [_gap(gap) for gap in gaps],
        "precare": [_step(step) for step in rules.steps if step.is_precare],
        "aftercare": [_step(step) for step in rules.steps if not step.is_precare],
        "stated": _stated(values),
        "sources": {one: titles[one].title for one in sorted(used) if one in titles},
    }


def _head(revision: Revision) -> dict[str, Any]:
    procedure = revision.procedure
    return {
        "code": procedure.code,
        "name": revision.name,
        "kind": "home" if procedure.is_home else "clinic",
        "group": procedure.group.code,
        "revision": revision.number,
        "is_offered": procedure.retired_at is None,
    }


def _nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """{"interval.min": ...} as {"interval": {"min": ...}}; the name stands elsewhere."""
    found: dict[str, Any] = {}
    for path, value in values.items():
        if path == "name":
            continue
        *outer, last = path.split(".")
        place = found
        for part in outer:
            place = place.setdefault(part, {})
        place[last] = _plain(value)
    return found


def _plain(value: Any) -> Any:
    return {"value": value.n, "unit": value.unit} if isinstance(value, Period) else value


def _need(need: NeedRule) -> dict[str, Any]:
    return {
        "kind": need.kind,
        "capability": need.capability,
        "from_minute": need.from_minute,
        "to_minute": need.to_minute,
    }


def _line(line: LineRule, named: Mapping[str, str]) -> dict[str, Any]:
    return {
        "fact": line.fact,
        "name": named.get(line.fact, line.fact),
        "severity": line.severity,
        "washout": _plain(line.washout),
        "source": line.source,
        "washout_source": line.washout_source,
        "note": line.note,
    }


def _gap(gap: GapRule) -> dict[str, Any]:
    return {
        "rule": gap.rule,
        "after": gap.after,
        "before": gap.before,
        "min": _plain(gap.min),
        "why": localized(gap.why),
        "source": gap.source,
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "kind": step.kind,
        "from_day": step.from_day,
        "to_day": step.to_day,
        "is_approximate": step.is_approximate,
        "text": step.text,
    }


def _stated(values: Iterable[Stated]) -> list[dict[str, Any]]:
    """Each value with its source, and who confirmed it as it stands now. One query."""
    values = list(values)
    known = confirmations(one.address for one in values)
    found = []
    for one in values:
        row = known.get(one.address)
        is_confirmed = row is not None and one.is_same(row.value, row.source)
        by = row.by.display_name if row and row.by and is_confirmed else None
        on = row.on if row and is_confirmed else None
        said: dict[str, Any] = {
            "address": one.address,
            "value": one.text,
            "source": one.source,
            "note": one.note,
        }
        found.append(said | {"is_confirmed": is_confirmed, "confirmed_by": by, "confirmed_on": on})
    return found
