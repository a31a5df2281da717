"""Reading what must be asked for what is planned, and which visits the answers endanger."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from clinic.kit import clock
from clinic.kit.tags import date_in_words
from clinic.patients.models import Fact, FactKind, FactStatus, FactType, Patient
from clinic.patients.selectors import (
    answers_of,
    every_question,
    live_facts,
    reasons_of_corrections,
)
from plans.catalogue.selectors import rulebook
from plans.core.answers import State, is_true, last_told, state_on
from plans.core.screening import Fact as CoreFact
from plans.core.screening import (
    Finding,
    Recheck,
    Rulebook,
    Screener,
    Verdict,
    skin_type_facts,
)
from plans.core.screening import Patient as CorePatient
from plans.courses.selectors import CourseView, courses_of, local_day, names
from plans.courses.tags import Names, finding_words
from plans.diary.models import LIVE, Appointment
from plans.diary.selectors import Rescreened, case_of, core_patient, rescreen
from plans.health.tags import (
    GROUP_TITLES,
    STATES,
    core_fact,
    counted_words,
    fact_words,
    good_words,
)


def owed_procedures(courses: Iterable[CourseView]) -> list[str]:
    """Codes of the procedures of which `courses` still owe a session, each once, the soonest first."""
    owing = sorted((c for c in courses if not c.is_over), key=_next_day)
    return list(dict.fromkeys(c.course.revision.procedure.code for c in owing))


def _next_day(course: CourseView) -> dt.date:
    """The day on which its next session is booked, planned or due; far off when nothing says."""
    days = [
        view.day or view.session.planned_on or (view.window.target if view.window else dt.date.max)
        for view in course.sessions
        if view.session.is_owed
    ]
    return min(days, default=dt.date.max)


def findings_today(
    book: Rulebook, known: CorePatient, procedures: Iterable[str], today: dt.date
) -> list[Finding]:
    """What each of the `procedures` would meet, were it done today."""
    return [
        finding
        for procedure in procedures
        for finding in Screener(book, procedure, known, today).judge(today)
    ]


@dataclass(frozen=True)
class Question:
    """One question that is due, and when it was answered last; the day is None in a group of one day."""

    fact_type: FactType
    last_asked: dt.date | None = None


@dataclass(frozen=True)
class QuestionGroup:
    """Questions under one heading. `code`: of GROUP_TITLES."""

    code: str
    title: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Questions:
    """What to ask today: by group, for which procedures; what else could be asked; what stands as true.

    `lifelong`: name and words of what stands and has no end.
    """

    groups: tuple[QuestionGroup, ...]
    more: tuple[FactType, ...]
    procedures: tuple[str, ...]
    standing: tuple[Fact, ...]
    lifelong: tuple[tuple[str, str], ...] = ()

    @property
    def types(self) -> tuple[FactType, ...]:
        """The questions that are due, in the order in which they are asked."""
        return tuple(each.fact_type for group in self.groups for each in group.questions)


def questions_for(
    patient: Patient, procedure: str = "", shown: Collection[str] | None = None
) -> Questions:
    """The facts whose answer is missing or too old, were the owed procedures (and `procedure`) done today.

    Those of `procedure` come first, then those of the soonest visit. With nothing planned: every question
    that has never been answered. `shown`: codes of the questions of a page that is sent, which stay as they
    are whatever was answered meanwhile. The same queries however much there is: 20 at most.
    """
    today, book, known = clock.today(), rulebook(), core_patient(patient)
    codes = owed_procedures(courses_of(patient, today=today))
    if procedure in book.procedures:
        codes = list(dict.fromkeys([procedure, *codes]))
    asked = codes or [code for code, rules in book.procedures.items() if not rules.is_home]
    due: dict[str, Finding] = {}
    for finding in findings_today(book, known, asked, today):
        if finding.kind == "ask":
            due.setdefault(finding.subject, finding)
    open_facts = _open_facts(patient, today)
    true_now = {fact.fact_type.stands_for.code for fact in open_facts}
    types = list(every_question())
    wanted = due if shown is None else shown
    titles = names()
    return Questions(
        groups=_grouped([t for t in types if t.code in wanted], due, asked, book),
        more=tuple(t for t in types if t.code not in wanted and t.code not in true_now),
        procedures=tuple(titles.procedure(code) for code in codes),
        standing=tuple(f for f in open_facts if f.fact_type.kind != FactKind.LIFELONG),
        lifelong=tuple(
            (titles.fact(f.fact_type.stands_for.code), fact_words(f))
            for f in open_facts
            if f.fact_type.kind == FactKind.LIFELONG
        ),
    )


def questions_of_visit(visit: Appointment, shown: Collection[str] | None = None) -> Questions:
    """What the visit's own procedure needs answered by its day and is not: 13 queries at most.

    Before the day the questions of every session are left out: only an answer of the day counts for them.
    `shown`: as for `questions_for`; a code that the procedure does not ask for is not asked. Nothing for a
    consultation, and for a visit that is over.
    """
    day, today, session = local_day(visit), clock.today(visit.location.zone), visit.session
    if session is None or day < today or session.performed_on or visit.status not in LIVE:
        return Questions((), (), (), ())
    course, code = session.course, session.course.revision.procedure.code
    case = case_of(visit.patient, code, day, areas=course.areas, without=[session.pk])
    due = {found.subject: found for found in case.screener.judge(day) if found.kind == "ask"}
    asks = {line.fact for line in case.book.rules(code).lines}
    wanted = set(due) if shown is None else asks & set(shown)
    types = [
        kind
        for kind in every_question()
        if kind.code in wanted and (day == today or kind.recheck_unit != "session")
    ]
    return Questions(_grouped(types, due, [code], case.book), (), (course.revision.title,), ())


def _open_facts(patient: Patient, today: dt.date) -> list[Fact]:
    """What stands as true and has not ended by `today`; one query. An event is over with its day."""
    return [
        fact
        for fact in live_facts([patient.pk])
        if fact.status == FactStatus.PRESENT
        and fact.fact_type.kind not in (FactKind.EVENT, FactKind.DERIVED)
        and (fact.until is None or fact.until > today)
    ]


def _grouped(
    types: Iterable[FactType],
    due: Mapping[str, Finding],
    procedures: Sequence[str],
    book: Rulebook,
) -> tuple[QuestionGroup, ...]:
    """The questions under their headings, those of the first procedures first."""
    first_needed = {
        line.fact: place
        for place, code in reversed(list(enumerate(procedures)))
        for line in book.rules(code).lines
    }
    by_group: dict[str, list[FactType]] = {code: [] for code in GROUP_TITLES}
    for kind in sorted(types, key=lambda kind: first_needed.get(kind.code, len(procedures))):
        by_group[_group_of(kind, due.get(kind.code))].append(kind)
    return tuple(_group(code, kinds, due) for code, kinds in by_group.items() if kinds)


def _group_of(kind: FactType, finding: Finding | None) -> str:
    if kind.recheck_unit == "session":
        return "now"
    if finding is not None and finding.is_recorded_unknown:
        return "unknown"
    return "lapsed" if finding is not None and finding.evidence else "new"


def _group(code: str, kinds: Iterable[FactType], due: Mapping[str, Finding]) -> QuestionGroup:
    """One day of last asking stands in the heading, several stand beside their questions."""
    title = str(GROUP_TITLES[code])
    if code != "lapsed":
        return QuestionGroup(code, title, tuple(map(Question, kinds)))
    questions = tuple(Question(kind, _evidence(due.get(kind.code))) for kind in kinds)
    days = {question.last_asked for question in questions}
    if len(days) > 1:
        return QuestionGroup(code, title, questions)
    title = _("Since we last asked, on %(day)s") % {"day": date_in_words(days.pop(), "")}
    return QuestionGroup(code, title, tuple(map(Question, kinds)))


def _evidence(finding: Finding | None) -> dt.date | None:
    return finding.evidence if finding else None


def endangered_visits(patient: Patient) -> list[Rescreened]:
    """The visits to come that would have to wait or be refused, by what is known now; 12 queries at most."""
    return [each for each in rescreen([patient], clock.today()) if each.is_endangered]


@dataclass(frozen=True)
class EndangeredLine:
    """A visit that must move: its screening in words, and whether the last answers made it so."""

    visit: Appointment
    title: str
    verdict: Verdict
    why: str
    earliest: dt.date | None
    is_new: bool


def endangered_line(each: Rescreened, said: Names, *, is_new: bool) -> EndangeredLine:
    """What a page says of an endangered visit; no query."""
    screening, session = each.screening, each.visit.session
    blocking = [found for found in screening.findings if found.level.blocks]
    return EndangeredLine(
        each.visit,
        session.course.revision.title if session else "",
        screening.verdict,
        "; ".join(finding_words(found, said) for found in blocking),
        screening.earliest_ok,
        is_new,
    )


# The facts page


@dataclass(frozen=True)
class HistoryRow:
    """One answer as it was given; `replaced_by`: the one that took its place, and `why`, its own reason to do so."""

    fact: Fact
    words: str
    counted: str
    why: str
    replaced_by: Fact | None


@dataclass(frozen=True)
class FactView:
    """One fact: its state today, what it touches of what is planned, and every answer, the latest first."""

    name: str
    state: State
    words: str
    good: str
    touches: tuple[str, ...]
    rows: tuple[HistoryRow, ...]
    open_facts: tuple[tuple[Fact, str], ...]

    @property
    def sign(self) -> tuple[str, str, str]:
        """Class, icon and word of the state."""
        tone, icon, word = STATES[self.state]
        return tone, icon, str(word)


@dataclass(frozen=True)
class FactsPage:
    """Every fact on record, what is true first; `never`: names of what is needed and was never asked."""

    views: tuple[FactView, ...]
    never: tuple[str, ...]

    @property
    def groups(self) -> list[tuple[str, list[FactView], bool]]:
        """Heading, facts and whether they stand open: what is or was true, then what was denied."""
        told = [view for view in self.views if view.state not in ("stale", "denied")]
        stale = [view for view in self.views if view.state == "stale"]
        denied = [view for view in self.views if view.state == "denied"]
        groups = [
            (_("True, over or not known"), told, True),
            (_("No, to be asked again"), stale, False),
            (_("No, still good"), denied, False),
        ]
        return [group for group in groups if group[1]]


_ORDER: tuple[State, ...] = ("true", "ahead", "unknown", "stale", "over", "denied")


def facts_page(patient: Patient) -> FactsPage:
    """What is known of the patient with all its history; 16 queries, however much it is."""
    today, book, titles = clock.today(), rulebook(), names()
    planned = owed_procedures(courses_of(patient, today=today))
    whys = reasons_of_corrections(patient)
    rows: dict[str, list[Fact]] = defaultdict(list)
    for fact in answers_of(patient):
        rows[fact.fact_type.stands_for.code].append(fact)
    touched: dict[str, list[str]] = defaultdict(list)
    for code in planned:
        for line in book.rules(code).lines:
            touched[line.fact].append(titles.procedure(code))
    views = [
        _fact_view(facts, titles.fact(code), book.rechecks[code], touched[code], whys, today)
        for code, facts in rows.items()
    ]
    derived = {fact.code for fact in skin_type_facts(None, None)}
    never = [code for code in touched if code not in rows and code not in derived]
    return FactsPage(
        tuple(sorted(views, key=lambda view: (_ORDER.index(view.state), view.name))),
        tuple(titles.fact(code) for code in never),
    )


def _fact_view(
    facts: Sequence[Fact],
    name: str,
    recheck: Recheck,
    touches: Iterable[str],
    whys: Mapping[int, str],
    today: dt.date,
) -> FactView:
    replaced = {fact.replaces_id: fact for fact in facts if fact.replaces_id}
    live = [fact for fact in facts if fact.pk not in replaced]
    records = [core_fact(fact) for fact in live]
    state = state_on(today, records, recheck)
    told = [fact for fact in live if fact.status == FactStatus.PRESENT] or live[-1:]
    rows = [
        HistoryRow(
            fact,
            fact_words(fact),
            counted_words(fact),
            whys.get(fact.pk, ""),
            replaced.get(fact.pk),
        )
        for fact in reversed(facts)
    ]
    still_true = [
        (fact, fact_words(fact))
        for fact, record in zip(live, records, strict=True)
        if _can_end(fact, record, today)
    ]
    words = "; ".join(fact_words(fact) for fact in told)
    good = good_words(state, last_told(records), recheck)
    return FactView(name, state, words, good, tuple(touches), tuple(rows), tuple(still_true))


def _can_end(fact: Fact, record: CoreFact, today: dt.date) -> bool:
    is_open = fact.until is None or fact.until > today
    return is_open and is_true(record, today) and fact.fact_type.kind == FactKind.EPISODE
