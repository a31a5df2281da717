"""Signatures under findings: what each rests on, what makes it void, and what is kept of a screening.

Source of the rules: docs/screening.md, section 8.
"""

import datetime as dt
from collections.abc import Container, Iterable, Mapping
from typing import Literal, Protocol, TypeVar

from plans.core.screening import Finding, Screening

# Letters that the reason of a signature has at least (§8.2).
LEAST_REASON = 10

Basis = Mapping[str, str]
# moved: the session has another date. rule: the catalogue's line changed. record: what is known of the patient
# changed. gone: nothing stands any more that would need it.
Void = Literal["moved", "rule", "record", "gone"]

_OF_THE_RULE = ("severity", "washout", "spacing", "years")


def basis_of(found: Finding) -> dict[str, str]:
    """What a finding rests on: the record and the catalogue's line. A signature lives while this is the same."""
    is_question = found.kind == "ask"
    parts = {
        "level": found.level.word,
        "severity": found.severity,
        "since": found.since,
        "until": found.until,
        "washout": found.washout and f"{found.washout.n} {found.washout.unit}",
        "spacing": found.spacing and f"{found.spacing.n} {found.spacing.unit}",
        "entry": found.entry and f"{found.entry.procedure} {found.entry.date} {found.entry.until}",
        "years": found.years,
        "evidence": found.evidence if is_question else None,
        "answer": "unknown" if is_question and found.is_recorded_unknown else None,
    }
    return {name: str(part) for name, part in parts.items() if part is not None}


def why_void(signed_for: dt.date, basis: Basis, day: dt.date, found: Finding | None) -> Void | None:
    """Why a signature given for `signed_for` on `basis` does not count on `day`; None: it counts.

    `found`: what its rule finds now, if anything.
    """
    if signed_for != day:
        return "moved"
    if found is None:
        return "gone"
    now = basis_of(found)
    if now == basis:
        return None
    return "rule" if any(now.get(name) != basis.get(name) for name in _OF_THE_RULE) else "record"


def rule_now(rule: str, codes: Mapping[str, str]) -> str:
    """`rule` with the code that its fact has now; `codes`: the present one by each former one.

    >>> rule_now("ci:tca_peel:roaccutane", {"roaccutane": "isotretinoin_oral"})
    'ci:tca_peel:isotretinoin_oral'
    """
    kind, *rest = rule.split(":")
    if kind not in ("ci", "ask") or len(rest) < 2:
        return rule
    return ":".join([kind, *rest[:-1], codes.get(rest[-1], rest[-1])])


class Signed(Protocol):
    """What a signature says of itself."""

    @property
    def rule(self) -> str: ...
    @property
    def session_date(self) -> dt.date: ...
    @property
    def basis(self) -> Basis: ...


Row = TypeVar("Row", bound=Signed)


def sorted_out(
    rows: Iterable[Row], day: dt.date, found: Iterable[Finding], codes: Mapping[str, str]
) -> tuple[dict[str, Row], list[tuple[Row, Void]]]:
    """A session's signatures that count on `day`, by rule; then the void ones of other rules, each with why.

    `codes`: as in `rule_now`.
    """
    findings = {each.rule: each for each in found}
    alive: dict[str, Row] = {}
    void: list[tuple[Row, Void]] = []
    for row in rows:
        rule = rule_now(row.rule, codes)
        why = why_void(row.session_date, row.basis, day, findings.get(rule))
        if why is None:
            alive[rule] = row
        else:
            void.append((row, why))
    return alive, [each for each in void if rule_now(each[0].rule, codes) not in alive]


def unsigned(found: Iterable[Finding], signed: Container[str]) -> list[Finding]:
    """Which of the findings keep a session off its date although there are reasons for the rules `signed` (§8.2, §8.3)."""
    return [
        each
        for each in found
        if each.level.blocks and not (each.overridable and each.rule in signed)
    ]


def excused(screenings: Mapping[int, Screening], signed: Container[str]) -> list[int]:
    """The sessions of a course, by ordinal, that may come too early: there is a reason for their interval's wait."""
    return [
        ordinal
        for ordinal, screening in screenings.items()
        if any(f.kind == "interval" and f.rule in signed for f in screening.findings)
    ]


def snapshot(
    screening: Screening, *, as_of: dt.date, revision: int, gaps: int | None, facts: Iterable[int]
) -> dict[str, object]:
    """A screening with all that it rested on, as it is kept beside a booking or a treatment.

    `revision`: number of the procedure's rules in force; `gaps`: of the table of gaps; `facts`: keys of the
    answers that stood.
    """
    return {
        "verdict": screening.verdict.word,
        "reasons": list(screening.reasons),
        "deferred": list(screening.deferred),
        "earliest_ok": screening.earliest_ok and screening.earliest_ok.isoformat(),
        "as_of": as_of.isoformat(),
        "revision": revision,
        "gaps": gaps,
        "facts": list(facts),
        "findings": [
            {"rule": found.rule, "level": found.level.word, "basis": basis_of(found)}
            for found in screening.findings
        ],
    }
