"""Reading assessments, and what the catalogue advises after one, with the patient's own facts applied."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from django.db.models import QuerySet

from clinic.kit.languages import localized
from clinic.patients.models import Patient
from clinic.places.models import Location
from plans.assessments.models import Assessment
from plans.assessments.tags import (
    CAUSES,
    Terms,
    assessment_line,
    fit_words,
    regimen_words,
    standing_words,
    steps_words,
    unfit_words,
    visits_words,
)
from plans.catalogue.models import Revision, ValueSource
from plans.catalogue.selectors import confirmations, offered_procedures, rulebook
from plans.core.advice import PITS, Advice, Candidate, Found, Standing, advise, purpose, until_free
from plans.core.confirming import stated, unconfirmed
from plans.core.protocol import read_steps, stated_steps
from plans.core.ruleset import Origin, RuleSet
from plans.core.screening import Screener, Screening, Verdict
from plans.courses.selectors import names
from plans.courses.tags import Names, screening_words
from plans.diary.selectors import core_patient
from plans.drafts.models import RevisionState
from plans.protocols.models import ProtocolRevision
from plans.terms.models import Pit, PitKind, Sign

# The advice tells first what can be done, last what nobody needs.
_SECTIONS = (
    Standing.FITS, Standing.WAITS, Standing.REFUSED, Standing.USELESS, Standing.UNFIT,
)  # fmt: skip

# What a procedure is meant for, in the words of its revision.
_PURPOSE = ("suits", "useless_for")

Item = Revision | ProtocolRevision


def assessments_of(patient: Patient) -> QuerySet[Assessment]:
    """A patient's assessments with who made them, latest first. One query."""
    return Assessment.objects.filter(patient=patient).select_related("created_by")


def latest(patient: Patient) -> Assessment | None:
    """The assessment that counts: the latest by its day. One query."""
    return assessments_of(patient).first()


def assessment_at(location: Location, number: int, pk: int) -> Assessment:
    """One assessment of a patient of `location`.  Raises Assessment.DoesNotExist. One query."""
    rows = Assessment.objects.select_related("patient", "created_by")
    return rows.get(pk=pk, patient__number=number, patient__location=location)


def terms() -> Terms:
    """What signs and pits are called. 2 queries."""
    signs = Sign.objects.values_list("code", "name")
    pits = list(Pit.objects.values_list("kind", "code", "name"))

    def of(kind: PitKind) -> dict[str, str]:
        return {code: localized(name) for each, code, name in pits if each == kind}

    return Terms(
        {code: localized(name) for code, name in signs},
        of(PitKind.TYPE),
        of(PitKind.DEPTH),
        of(PitKind.AGE),
    )


@dataclass(frozen=True)
class Summary:
    """An assessment in words, in lists of names."""

    signs: list[str]
    pits: list[str]
    causes: list[str]

    @property
    def line(self) -> str:
        return assessment_line(self.signs, self.pits)


def summary(assessment: Assessment, words: Terms) -> Summary:
    """What was seen, in words; no query."""
    pits = [
        *words.listed("pit_type", assessment.pit_types),
        *words.listed("pit_depth", [assessment.pit_depth] if assessment.pit_depth else []),
        *words.listed("pit_age", [assessment.pit_age] if assessment.pit_age else []),
    ]
    causes = [str(CAUSES.get(code, code)) for code in assessment.causes]
    return Summary(words.listed("sign", assessment.signs), pits, causes)


def latest_in_words(patient: Patient) -> tuple[Assessment, Summary] | None:
    """The assessment that counts and what it says, for the patient's file; 3 queries, one without any."""
    row = latest(patient)
    return (row, summary(row, terms())) if row else None


@dataclass(frozen=True)
class Row:
    """One procedure or protocol of the advice.

    `helps`: what it is for and not for. `useless`: what it is known to do nothing for. `why`: what screening
    says, "" where nothing stands against it. `how`: sessions, regimen or steps.
    """

    advice: Advice
    item: Item
    helps: str
    useless: str
    why: str
    how: str
    instructions: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        return self.advice.candidate.code

    @property
    def title(self) -> str:
        return self.item.title

    @property
    def is_protocol(self) -> bool:
        return self.advice.candidate.is_protocol

    @property
    def is_bookable(self) -> bool:
        return isinstance(self.item, Revision) and not self.item.procedure.is_home

    @property
    def is_startable(self) -> bool:
        """Its use at home can be planned, for as long as its rules say."""
        if not isinstance(self.item, Revision) or not self.item.procedure.is_home:
            return False
        return bool((self.item.regimen or {}).get("course"))

    @property
    def screening(self) -> Screening | None:
        return self.advice.screening

    @property
    def verdict(self) -> Verdict:
        return self.advice.screening.verdict if self.advice.screening else Verdict.OK

    @property
    def earliest(self) -> dt.date | None:
        """The first day on which nothing would block it, where it must wait; None if that is not known."""
        return self.advice.screening.earliest_ok if self.advice.screening else None


@dataclass(frozen=True)
class Section:
    """The rows of one standing, best first."""

    standing: Standing
    title: str
    rows: tuple[Row, ...]

    @property
    def is_recommended(self) -> bool:
        return self.standing in (Standing.FITS, Standing.WAITS)


@dataclass(frozen=True)
class AdvicePage:
    """The advice by standing. `questions`: the facts still open for what fits, most often asked first.

    `unconfirmed`: how many of what fits are meant for it by the catalogue alone, no physician having said so.
    """

    sections: tuple[Section, ...]
    questions: tuple[str, ...]
    unconfirmed: int
    sign: str
    pit_depth: str


def advice_for(assessment: Assessment, day: dt.date, today: dt.date) -> AdvicePage:
    """What is advised for a first session on `day`, as known today; at most 18 queries, whatever is offered.

    Nothing retired is advised, nor a protocol that needs something retired.
    """
    seen, words, said = Found.of(assessment), terms(), names()
    items = _items()
    confirmed = _confirmed(items)
    candidates = [_candidate(key, item, key in confirmed) for key, item in items.items()]
    advice = advise(seen, candidates, _screened(assessment, day, today))
    rows = [_row(each, items[_key(each.candidate)], words, said) for each in advice]
    by_standing = {
        standing: tuple(row for row in rows if row.advice.standing is standing)
        for standing in _SECTIONS
    }
    sections = (Section(each, standing_words(each), found) for each, found in by_standing.items())
    return AdvicePage(
        tuple(section for section in sections if section.rows),
        _questions(rows, said),
        sum(each.is_recommended and not each.candidate.is_confirmed for each in advice),
        PITS if PITS in seen.signs else min(seen.signs, default=""),
        seen.pit_depth,
    )


def _key(candidate: Candidate) -> tuple[bool, str]:
    return candidate.is_protocol, candidate.code


def _items() -> dict[tuple[bool, str], Item]:
    """What is offered, by whether it is a protocol and by code. 2 queries."""
    offered = {revision.procedure.code: revision for revision in offered_procedures()}
    protocols = (
        ProtocolRevision.objects.filter(
            state=RevisionState.CURRENT, protocol__retired_at__isnull=True
        )
        .select_related("protocol")
        .order_by("protocol__position", "protocol__code")
    )
    items: dict[tuple[bool, str], Item] = {
        (False, code): revision for code, revision in offered.items()
    }
    for protocol in protocols:
        if all(code in offered for code in _required(protocol)):
            items[True, protocol.protocol.code] = protocol
    return items


def _required(protocol: ProtocolRevision) -> tuple[str, ...]:
    return tuple(step.procedure for step in read_steps(protocol.steps) if not step.is_optional)


def _confirmed(items: Mapping[tuple[bool, str], Item]) -> set[tuple[bool, str]]:
    """Those whose purpose, or steps, the physician has confirmed as they stand. 2 queries."""
    revisions = [item.pk for item in items.values() if isinstance(item, Revision)]
    rows = ValueSource.objects.filter(revision__in=revisions, path__in=_PURPOSE)
    origins: dict[int, list[Origin]] = defaultdict(list)
    for pk, path, source in rows.values_list("revision", "path", "source"):
        origins[pk].append(Origin(path, source))
    values = {
        key: stated(
            key[1],
            RuleSet(
                {path: getattr(item, path) for path in _PURPOSE}, origins=tuple(origins[item.pk])
            ),
        )
        if isinstance(item, Revision)
        else stated_steps(key[1], read_steps(item.steps), item.source)
        for key, item in items.items()
    }
    known = confirmations(one.address for said in values.values() for one in said)
    return {key for key, said in values.items() if said and not unconfirmed(said, known)}


def _candidate(key: tuple[bool, str], item: Item, is_confirmed: bool) -> Candidate:
    is_protocol, code = key
    if isinstance(item, Revision):
        meant = purpose(item.suits, item.useless_for)
        return Candidate(code, meant, item.procedure.position, (code,), is_confirmed=is_confirmed)
    required = _required(item)
    meant = purpose(item.suits)
    return Candidate(code, meant, item.protocol.position, required, is_protocol, is_confirmed)


def _screened(assessment: Assessment, day: dt.date, today: dt.date) -> Callable[[str], Screening]:
    """The patient before any procedure, each judged once. Rulebook and patient are read here."""
    book, patient = rulebook(), core_patient(assessment.patient)
    areas = frozenset(assessment.areas)

    @cache
    def screened(code: str) -> Screening:
        return until_free(Screener(book, code, patient, today, areas), day)

    return screened


def _row(advice: Advice, item: Item, words: Terms, said: Names) -> Row:
    fit, screening = advice.fit, advice.screening
    why = screening_words(screening, said) if screening and screening.findings else ""
    helps = fit_words(fit, words) if fit.helps else unfit_words(fit, advice.candidate.meant, words)
    useless = localized(fit.useless.why) if fit.useless else ""
    return Row(advice, item, helps, useless, why, *_how(item, said))


def _how(item: Item, said: Names) -> tuple[str, tuple[str, ...]]:
    """What doing it means, and how a home product is used."""
    if isinstance(item, ProtocolRevision):
        return steps_words(read_steps(item.steps), said), ()
    if item.procedure.is_home:
        regimen = item.regimen or {}
        return regimen_words(regimen), tuple(map(localized, regimen.get("instructions", ())))
    return visits_words(item.sessions_recommended, item.total_minutes), ()


def _questions(rows: Iterable[Row], said: Names) -> tuple[str, ...]:
    """The names of facts that are open for what is recommended, most often asked first."""
    open_ = Counter(
        found.subject
        for row in rows
        if row.advice.is_recommended and row.screening
        for found in row.screening.findings
        if found.kind == "ask"
    )
    return tuple(said.fact(code) for code, _n in sorted(open_.items(), key=lambda i: (-i[1], i[0])))
