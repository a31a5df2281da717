"""Reading across rooms: the patient's file, the day at a glance, the worklist, what the health form asks."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import cast

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.kit import clock
from clinic.kit.languages import localized
from clinic.kit.tags import date_in_words, day_in_words
from clinic.patients.models import Fact, FactKind, FactStatus, FactType, Patient
from clinic.patients.selectors import live_facts
from clinic.places.models import Location
from plans.catalogue.selectors import rulebook
from plans.core.drawing import Bar, Lane, Mark, State, Timeline, timeline
from plans.core.screening import Finding, Rulebook, Screener, Screening
from plans.core.screening import Patient as CorePatient
from plans.courses.models import Session
from plans.courses.selectors import (
    CourseView,
    SessionView,
    courses_of,
    courses_with_sessions,
    local_day,
    names,
    view_of,
)
from plans.courses.tags import Names, finding_words
from plans.desk.tags import FACT_TONES, Flag, fact_words, flag, plain_flag, true_on
from plans.diary.models import LIVE, Appointment
from plans.diary.selectors import Rescreened, core_patient, rescreen

# The worklist looks this far ahead for visits that a fact endangers; the files look as far as anything is booked.
ENDANGERED_WITHIN = dt.timedelta(days=60)
# Letters of a course's name that fit into the timeline's gutter; the rest goes below it.
LANE_NAME = 24


@dataclass(frozen=True)
class Todo:
    """One line under "Next": what to do, why, and where the button leads."""

    verdict: str
    icon: str
    what: str
    why: str
    button: str
    url_name: str
    url_args: tuple[object, ...]


@dataclass(frozen=True)
class SessionRow:
    """A session in the file's list: what, its state, its verdict where that stands in the way."""

    course: CourseView
    view: SessionView
    screening: Screening | None
    why: str

    @property
    def sign(self) -> str:
        return "halt" if self.screening and self.screening.verdict.blocks else self.view.sign

    @property
    def sort_day(self) -> dt.date:
        """Where it belongs in time: its day, else the day it is due, else after everything."""
        window = self.view.window
        return self.view.day or (window.target if window else dt.date.max)


@dataclass(frozen=True)
class PatientFile:
    patient: Patient
    age: int
    courses: tuple[CourseView, ...]
    rows: tuple[SessionRow, ...]
    flags: tuple[Flag, ...]
    todos: tuple[Todo, ...]
    drawing: Timeline | None
    today: dt.date


def patient_file(patient: Patient, *, sees_clinical: bool) -> PatientFile:
    """Everything on the file's first page; 17 queries, however many courses and answers there are.

    Without `sees_clinical` no answer about the patient's health shows, only what may be booked when.
    """
    today = clock.today()
    courses = tuple(courses_of(patient, today=today))
    book, words = rulebook(), names()
    known = core_patient(patient)
    screenings = {each.visit.session_id: each.screening for each in rescreen([patient], today)}
    rows = sorted(
        (
            _row(course, view, screenings, words, sees_clinical)
            for course in courses
            for view in course.sessions
        ),
        key=lambda row: (row.sort_day, row.view.ordinal),
    )
    flags = _flags(book, known, courses, words, today) if sees_clinical else ()
    questions = _open_questions(book, known, courses, today)
    return PatientFile(
        patient=patient,
        age=_age(patient.birth_date, today),
        courses=courses,
        rows=tuple(rows),
        flags=flags,
        todos=tuple(_todos(rows, courses, questions, patient, words)),
        drawing=timeline([_lane(course, rows) for course in courses], today) if courses else None,
        today=today,
    )


def _age(birth: dt.date, today: dt.date) -> int:
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))


def _row(
    course: CourseView,
    view: SessionView,
    screenings: Mapping[int | None, Screening],
    words: Names,
    sees_clinical: bool,
) -> SessionRow:
    screening = screenings.get(view.session.pk)
    if screening and screening.verdict.blocks:
        why = finding_words(screening.findings[0], words) if sees_clinical else ""
    elif view.window and view.state in ("booked", "due", "lapsed"):
        why = _("Window %(first)s to %(last)s") % {
            "first": day_in_words(view.window.earliest),
            "last": day_in_words(view.window.latest),
        }
    else:
        why = view.session.written_off_reason
    return SessionRow(course, view, screening, why)


def _owed_procedures(courses: Iterable[CourseView]) -> list[str]:
    return list(dict.fromkeys(c.course.revision.procedure.code for c in courses if not c.is_over))


def _findings_today(
    book: Rulebook, known: CorePatient, procedures: Iterable[str], today: dt.date
) -> list[Finding]:
    return [
        finding
        for procedure in procedures
        for finding in Screener(book, procedure, known, today).judge(today)
    ]


def _flags(
    book: Rulebook, known: CorePatient, courses: Iterable[CourseView], words: Names, today: dt.date
) -> tuple[Flag, ...]:
    """What stands today against the procedures that are owed, the strongest first; then what else is true today."""
    strongest: dict[str, Finding] = {}
    for finding in _findings_today(book, known, _owed_procedures(courses), today):
        held = strongest.get(finding.subject)
        if finding.kind in ("ci", "age") and (held is None or finding.level > held.level):
            strongest[finding.subject] = finding
    ordered = sorted(strongest.values(), key=lambda finding: (-finding.level, finding.subject))
    others = [code for code in true_on(known, today) if code not in strongest]
    return (*(flag(finding, words) for finding in ordered), *(plain_flag(c, words) for c in others))


def _open_questions(
    book: Rulebook, known: CorePatient, courses: Iterable[CourseView], today: dt.date
) -> list[str]:
    """Codes of the facts whose answer is missing or too old for what is owed."""
    found = _findings_today(book, known, _owed_procedures(courses), today)
    return list(dict.fromkeys(finding.subject for finding in found if finding.kind == "ask"))


def _todos(
    rows: Iterable[SessionRow],
    courses: Iterable[CourseView],
    questions: Sequence[str],
    patient: Patient,
    words: Names,
) -> Iterable[Todo]:
    for row in rows:
        if row.screening and row.screening.verdict.blocks:
            each = Rescreened(row.view.appointment, row.screening)
            yield _move(row.course.title, row.view.ordinal, each, row.why)
    for course in courses:
        if course.unbooked:
            yield _book(course, patient)
    if questions:
        named = ", ".join(words.fact(code) for code in questions[:6])
        more = len(questions) - 6
        yield Todo(
            "is-ask",
            "question-circle-fill",
            ngettext("%(n)s question is open", "%(n)s questions are open", len(questions))
            % {"n": len(questions)},
            _("%(names)s and %(n)s more") % {"names": named, "n": more} if more > 0 else named,
            _("Answer the questions"),
            "desk:health",
            (patient.number,),
        )


def _move(title: str, ordinal: int, each: Rescreened, why: str) -> Todo:
    values = {
        "what": title,
        "n": ordinal,
        "day": day_in_words(local_day(each.visit)),
        "earliest": day_in_words(each.screening.earliest_ok),
    }
    what = (
        _("Move %(what)s %(n)s, now %(day)s: not before %(earliest)s")
        if each.screening.earliest_ok
        else _("Move or cancel %(what)s %(n)s, now %(day)s")
    )
    return Todo(
        "is-wait", "hourglass-split", what % values, why, _("See the visit"),
        "diary:visit", (each.visit.pk,),
    )  # fmt: skip


def _book(course: CourseView, patient: Patient) -> Todo:
    view = course.unbooked[0]
    values = {"what": course.title, "n": view.ordinal, "count": course.count}
    if view.state == "lapsed" and view.window:
        what = _("Decide on %(what)s: session %(n)s of %(count)s lapsed on %(day)s") % {
            **values,
            "day": day_in_words(view.window.latest),
        }
        return Todo(
            "is-wait", "calendar-x", what, _("Go on, start anew or write off. A practitioner decides."),
            _("Decide"), "courses:course", (course.course.pk,),
        )  # fmt: skip
    why = ""
    if view.window:
        why = _("Window %(first)s to %(last)s") % {
            "first": day_in_words(view.window.earliest),
            "last": day_in_words(view.window.latest),
        }
    return Todo(
        "", "calendar-plus", _("Book %(what)s, session %(n)s of %(count)s") % values, why,
        _("Book"), "courses:course", (course.course.pk,),
    )  # fmt: skip


def _lane(course: CourseView, rows: Iterable[SessionRow]) -> Lane:
    signs = {row.view.session.pk: row.sign for row in rows}
    marks, bars = [], []
    for view in course.sessions:
        window = view.window
        day = view.day or (window.target if window else None)
        if view.state == "written_off" or day is None:
            continue
        label = f"{view.ordinal} · {date_in_words(day, 'no year')}"
        marks.append(Mark(day, cast(State, signs[view.session.pk]), label))
        if window and view.state in ("booked", "due"):
            bars.append(Bar(window.earliest, window.latest, "window", window.target))
        elif window and view.state == "lapsed":
            bars.append(Bar(window.earliest, window.latest, "lapsed"))
    progress = _("%(done)s of %(count)s done") % {"done": course.done, "count": course.count}
    name, *rest = wrap(course.title, LANE_NAME)
    return Lane(
        name, (" ".join(rest), progress) if rest else (progress,), tuple(marks), tuple(bars)
    )


# The health form


@dataclass(frozen=True)
class FactRow:
    """An answer on record, as the file shows it."""

    pk: int
    name: str
    answer: str
    words: str
    tone: str


@dataclass(frozen=True)
class Questions:
    """What to ask today, and for which procedures."""

    types: tuple[FactType, ...]
    procedures: tuple[str, ...]


def questions_for(patient: Patient, procedure: str = "") -> Questions:
    """The facts whose answer is missing or too old, were the owed procedures (and `procedure`) done today.

    With nothing planned: every question that has never been answered. 10 queries, 11 with nothing planned.
    """
    today = clock.today()
    book = rulebook()
    known = core_patient(patient)
    codes = _owed_procedures(courses_of(patient, today=today))
    if procedure in book.procedures and procedure not in codes:
        codes.append(procedure)
    asked = codes or [code for code, rules in book.procedures.items() if not rules.is_home]
    due = {f.subject for f in _findings_today(book, known, asked, today) if f.kind == "ask"}
    types = [
        kind for kind in FactType.objects.filter(code__in=due) if kind.kind != FactKind.DERIVED
    ]
    titles = names()
    return Questions(tuple(types), tuple(titles.procedure(code) for code in codes))


def facts_on_record(patient: Patient) -> list[FactRow]:
    """The answers that stand, what is true first, then what is open, then the denials; one query."""
    order = [FactStatus.PRESENT, FactStatus.UNKNOWN, FactStatus.DENIED]
    latest: dict[tuple[int, str], Fact] = {}
    present = []
    for fact in live_facts([patient.pk]):
        if fact.status == FactStatus.PRESENT:
            present.append(fact)
        else:
            latest[fact.fact_type_id, fact.status] = fact
    shown = [*present, *latest.values()]
    return [
        _fact_row(fact)
        for fact in sorted(shown, key=lambda fact: order.index(FactStatus(fact.status)))
    ]


def _fact_row(fact: Fact) -> FactRow:
    status = FactStatus(fact.status)
    name = localized(fact.fact_type.name)
    return FactRow(fact.pk, name, str(status.label), fact_words(fact, status), FACT_TONES[status])


# The worklist


@dataclass(frozen=True)
class Due:
    """A line of the worklist."""

    patient: Patient
    todo: Todo
    day: dt.date


def worklist(location: Location, *, sees_clinical: bool) -> list[Due]:
    """Visits that today's records endanger, then courses without a date, each the most urgent first; 16 queries.

    Without `sees_clinical` it says that a visit must move, and not why.
    """
    today = clock.today(location.zone)
    words = names()
    lines = [_endangered(each, words, sees_clinical) for each in endangered(location, today)]
    return [*lines, *_without_date(location, today)]


def endangered(location: Location, today: dt.date) -> list[Rescreened]:
    """The visits of the next weeks that would have to wait or be refused, judged by what is known today."""
    visits = Appointment.objects.filter(
        location=location,
        status__in=LIVE,
        session__performed_on__isnull=True,
        starts_at__range=(clock.now(), clock.now() + ENDANGERED_WITHIN),
    )
    patients = list(Patient.objects.filter(pk__in=visits.values("patient")))
    until = today + ENDANGERED_WITHIN
    return [
        each
        for each in rescreen(patients, today)
        if each.screening.verdict.blocks and local_day(each.visit) <= until
    ]


def _endangered(each: Rescreened, words: Names, sees_clinical: bool) -> Due:
    session = each.visit.session
    if session is None:
        raise ValueError("a consultation endangers nobody")
    why = finding_words(each.screening.findings[0], words) if sees_clinical else ""
    todo = _move(session.course.revision.title, session.ordinal, each, why)
    return Due(each.visit.patient, todo, local_day(each.visit))


def _without_date(location: Location, today: dt.date) -> list[Due]:
    owing = Session.objects.filter(
        performed_on__isnull=True, written_off_on__isnull=True, course__patient__location=location
    ).exclude(appointments__status__in=LIVE)
    courses = courses_with_sessions().filter(pk__in=owing.values("course"))
    lines = []
    for course in courses:
        view = view_of(course, today)
        if not view.unbooked:
            continue
        window = view.unbooked[0].window
        lines.append(
            Due(course.patient, _book(view, course.patient), window.target if window else today)
        )
    return sorted(lines, key=lambda line: (line.day, line.patient.number))
