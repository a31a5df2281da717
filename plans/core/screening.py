"""May this procedure be done to this patient on this date?

Source of every rule here: docs/screening.md; the section is named beside each. Values come in,
values go out: the day of the screening is an argument.
"""

import datetime as dt
from collections.abc import Iterator

from plans.core.contraindications import ONE_DAY, watches
from plans.core.cycles import Cycle
from plans.core.history import break_findings, holds, patch_record, spacing_findings, uses
from plans.core.verdicts import (
    Entry,
    Fact,
    Finding,
    Gap,
    Kind,
    Line,
    PatchTest,
    Patient,
    Recheck,
    Rulebook,
    Rules,
    Screening,
    Severity,
    Verdict,
    skin_type_facts,
    validate_fact,
)

__all__ = [
    "Cycle",
    "Entry",
    "Fact",
    "Finding",
    "Gap",
    "Kind",
    "Line",
    "PatchTest",
    "Patient",
    "Recheck",
    "Rulebook",
    "Rules",
    "Screener",
    "Screening",
    "Severity",
    "Verdict",
    "birthday",
    "screen",
    "skin_type_facts",
    "validate_fact",
]


def screen(
    book: Rulebook,
    procedure: str,
    patient: Patient,
    session_date: dt.date,
    as_of: dt.date | None = None,
    areas: frozenset[str] = frozenset(),
) -> Screening:
    """The screening of `procedure` on `session_date`, run on `as_of` (missing: on the day itself).

    Raises ValueError if the procedure or a history entry is not in the catalogue, `as_of` is after
    `session_date`, or a denial is dated after `as_of`. For many dates make one `Screener`.
    """
    return Screener(book, procedure, patient, as_of or session_date, areas).screen(session_date)


def birthday(birth: dt.date, years: int) -> dt.date:
    """The day on which somebody born on `birth` is `years` old (§6.1).

    A birthday on 29 February falls on 1 March in common years.

    >>> birthday(dt.date(2008, 2, 29), 18)
    datetime.date(2026, 3, 1)
    """
    if (birth.month, birth.day) == (2, 29):
        return dt.date(birth.year + years, 2, 28) + ONE_DAY
    return birth.replace(year=birth.year + years)


class Screener:
    """One procedure against one patient, as known on one day, for as many session dates as needed.

    What no session date changes is worked out once, so that a further date costs little.
    """

    def __init__(
        self,
        book: Rulebook,
        procedure: str,
        patient: Patient,
        as_of: dt.date,
        areas: frozenset[str] = frozenset(),
    ) -> None:
        """Raises ValueError as `screen` does."""
        rules = book.rules(procedure)
        self._rules = rules
        self._as_of = as_of
        self._of_age = None if rules.age_min is None else birthday(patient.birth, rules.age_min)
        self._older = (
            None if rules.caution_from is None else birthday(patient.birth, rules.caution_from)
        )
        self._watches = watches(book, rules, patient.facts, as_of)
        self._holds = holds(book, rules, patient.history, areas)
        self._uses = uses(book, rules, patient.history)
        self._patch = patch_record(rules, patient.history, as_of)

    def screen(self, day: dt.date) -> Screening:
        """The whole answer for a session on `day`. Raises ValueError if `day` is before `as_of`."""
        findings = self.judge(day)
        verdict = findings[0].level if findings else Verdict.OK
        earliest_ok = self.earliest_ok(day) if verdict.blocks else None
        later = self._watches if self._as_of < day else ()
        deferred = tuple(watch.line.fact for watch in later if watch.is_left_to_check_in(day))
        return Screening(verdict, findings, earliest_ok, deferred)

    def judge(self, day: dt.date) -> tuple[Finding, ...]:
        """The findings for a session on `day`, strongest first, then by code (§1.2)."""
        stated = list(self._stated(day))
        named = {found.subject for found in stated if found.kind == "ci"}
        questions = (
            watch.question(self._rules.code, day)
            for watch in self._watches
            if watch.line.fact not in named
        )
        findings = [*stated, *(question for question in questions if question is not None)]
        return tuple(sorted(findings, key=lambda found: (-found.level, found.rule)))

    def blocks(self, day: dt.date) -> bool:
        """A session on `day` would be refused or have to wait; stops at the first such finding."""
        return any(found.level.blocks for found in self._stated(day))

    def earliest_ok(self, day: dt.date) -> dt.date | None:
        """The first date from `day` on that neither refuse nor wait holds; None if unknown (§1.4)."""
        while True:
            free_days = [found.free_day for found in self._stated(day) if found.level.blocks]
            known = [free_day for free_day in free_days if free_day is not None]
            if len(known) < len(free_days):
                return None
            if not known:
                return day
            day = max(known)

    def _stated(self, day: dt.date) -> Iterator[Finding]:
        """All findings but the open questions, which never block a date."""
        if day < self._as_of:
            raise ValueError(f"screened on {self._as_of}, after the session on {day}")
        yield from self._age_findings(day)
        yield from spacing_findings(self._holds, day)
        yield from break_findings(self._rules.code, self._rules.cycle, self._uses, day)
        if self._patch is not None:
            yield from self._patch.findings(day)
        for watch in self._watches:
            found = watch.contraindication(self._rules.code, day)
            if found is not None:
                yield found

    def _age_findings(self, day: dt.date) -> Iterator[Finding]:
        code, years = self._rules.code, self._rules.age_min
        if self._of_age is not None and day < self._of_age:
            yield Finding(f"age:{code}", Verdict.REFUSE, "age", code, self._of_age, years=years)
        if self._older is not None and day >= self._older:
            years = self._rules.caution_from
            yield Finding(f"age_over:{code}", Verdict.CAUTION, "age_over", code, years=years)
