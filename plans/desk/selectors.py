"""Reading across rooms: the patient's file, the day at a glance, the worklist."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.kit import clock
from clinic.kit.tags import clock as clock_words
from clinic.kit.tags import date_in_words, day_in_words
from clinic.patients.models import Patient
from clinic.places.models import Location
from plans.catalogue.selectors import rulebook
from plans.consents.selectors import Row as ConsentRow
from plans.consents.selectors import of_patient as consents_of
from plans.core.drawing import Timeline, timeline
from plans.core.screening import Finding, Rulebook
from plans.core.screening import Patient as CorePatient
from plans.courses.models import HomeCare, Session
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
from plans.desk.tags import (
    Flag,
    Todo,
    book_todo,
    call_todo,
    course_words,
    flag,
    look_todo,
    move_todo,
    plain_flag,
    summary_paper,
    true_on,
    used_words,
)
from plans.diary.models import LIVE, Appointment
from plans.diary.selectors import Rescreened, core_patient, rescreen
from plans.health.selectors import findings_today, owed_procedures
from plans.hours.selectors import stranded
from plans.hours.tags import stranded_rows
from plans.impact.models import ReviewItem
from plans.impact.selectors import Review, to_review
from plans.impact.tags import cause_words, mark
from plans.photos.selectors import Series, series_of, shots_of
from plans.protocols.selectors import course_lane, due_day, home_care_of, home_lane
from plans.records.selectors import HistoryRow, history, looks_due
from plans.records.tags import harm_words
from plans.sheets.models import HandedOut
from plans.sheets.selectors import handed_out_to
from plans.visits.selectors import Call, calls_due

# The worklist looks this far ahead for visits that a fact endangers; the files look as far as anything is booked.
ENDANGERED_WITHIN = dt.timedelta(days=60)
# Rows of a list in the summary, which is one page.
SUMMARY_ROWS = 8


@dataclass(frozen=True)
class SessionRow:
    """A session in the file's list: what, its state, its verdict where that stands in the way."""

    course: CourseView
    view: SessionView
    judged: Rescreened | None
    why: str

    @property
    def sign(self) -> str:
        return "halt" if self.judged and self.judged.is_endangered else self.view.sign

    @property
    def is_open(self) -> bool:
        """Still owed."""
        return self.view.state in ("booked", "due", "lapsed")

    @property
    def sort_day(self) -> dt.date:
        """Where it belongs in time: its day, else the day it is due or planned for, else after everything."""
        return self.view.day or due_day(self.view) or dt.date.max


@dataclass(frozen=True)
class PatientFile:
    patient: Patient
    age: int
    courses: tuple[CourseView, ...]
    rows: tuple[SessionRow, ...]
    flags: tuple[Flag, ...]
    todos: tuple[Todo, ...]
    home_care: tuple[HomeCare, ...]
    drawing: Timeline | None
    today: dt.date


def patient_file(patient: Patient, *, sees_clinical: bool) -> PatientFile:
    """Everything on the file's first page; 32 queries at most, however many courses and answers there are.

    Without `sees_clinical` no answer about the patient's health shows, only what may be booked when.
    """
    today = clock.today()
    courses = tuple(courses_of(patient, today=today))
    book, words = rulebook(), names()
    known = core_patient(patient)
    judged = {each.visit.session_id: each for each in rescreen([patient], today)}
    rows = sorted(
        (
            _row(course, view, judged, words, sees_clinical)
            for course in courses
            for view in course.sessions
        ),
        key=lambda row: (row.sort_day, row.view.ordinal),
    )
    flags = _flags(book, known, courses, words, today) if sees_clinical else ()
    questions = _open_questions(book, known, courses, today)
    used = home_care_of(patient)
    signs = {row.view.session.pk: row.sign for row in rows}
    lanes = [course_lane(course, signs) for course in courses]
    lanes += [lane] if (lane := home_lane(used, today)) else []
    return PatientFile(
        patient=patient,
        age=_age(patient.birth_date, today),
        courses=courses,
        rows=tuple(rows),
        flags=flags,
        todos=tuple(_todos(rows, courses, questions, patient, words)),
        home_care=tuple(used),
        drawing=timeline(lanes, today) if lanes else None,
        today=today,
    )


def _age(birth: dt.date, today: dt.date) -> int:
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))


def _row(
    course: CourseView,
    view: SessionView,
    judged: Mapping[int | None, Rescreened],
    words: Names,
    sees_clinical: bool,
) -> SessionRow:
    found = judged.get(view.session.pk)
    if found and found.is_endangered:
        why = finding_words(found.screening.findings[0], words) if sees_clinical else ""
    elif view.window and view.state in ("booked", "due", "lapsed"):
        why = _("Window %(first)s to %(last)s") % {
            "first": day_in_words(view.window.earliest),
            "last": day_in_words(view.window.latest),
        }
    else:
        why = view.session.written_off_reason
    return SessionRow(course, view, found, why)


def _flags(
    book: Rulebook, known: CorePatient, courses: Iterable[CourseView], words: Names, today: dt.date
) -> tuple[Flag, ...]:
    """What stands today against the procedures that are owed, the strongest first; then what else is true today."""
    strongest: dict[str, Finding] = {}
    for finding in findings_today(book, known, owed_procedures(courses), today):
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
    found = findings_today(book, known, owed_procedures(courses), today)
    return list(dict.fromkeys(finding.subject for finding in found if finding.kind == "ask"))


def _todos(
    rows: Iterable[SessionRow],
    courses: Iterable[CourseView],
    questions: Sequence[str],
    patient: Patient,
    words: Names,
) -> Iterable[Todo]:
    for row in rows:
        if row.judged and row.judged.is_endangered:
            yield move_todo(row.course.title, row.view.ordinal, row.judged, row.why)
    for course in courses:
        if course.unbooked:
            yield book_todo(course)
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
            "health:form",
            (patient.number,),
        )


# The rest of the file: what other rooms know of the patient


@dataclass(frozen=True)
class Around:
    """Records and what went wrong, photos by what they show, consents, what was handed out; each for who may see it."""

    records: Sequence[HistoryRow]
    strips: Sequence[Series]
    consents: Sequence[ConsentRow]
    handed_out: Sequence[HandedOut]

    @property
    def with_harm(self) -> list[HistoryRow]:
        """The records under which a reaction or an adverse event was written down."""
        return [row for row in self.records if row.reactions or row.events]


def around(patient: Patient, may: Callable[[str], bool]) -> Around:
    """What stands in the file beside the courses; 10 queries at most. `may`: whether the reader has an operation."""
    return Around(
        history(patient) if may("see_clinical") else (),
        series_of(shots_of(patient)) if may("see_photo") else (),
        consents_of(patient, clock.today(patient.location.zone)) if may("keep_consent") else (),
        list(handed_out_to(patient)) if may("print_sheet") else (),
    )


def summary(patient: Patient) -> dict[str, Any]:
    """The file on one page, as plain words; 42 queries at most, however much there is."""
    file = patient_file(patient, sees_clinical=True)
    records = history(patient)
    due = [(todo.what, todo.why) for todo in file.todos]
    courses = [(course.title, course_words(course)) for course in file.courses]
    done = [(date_in_words(row.day), row.title) for row in records[:SUMMARY_ROWS]]
    harm = [
        (date_in_words(row.day), "; ".join([*row.reactions, *map(harm_words, row.events)]))
        for row in records
        if row.reactions or row.events
    ]
    parts = (
        (_("Alerts"), [(flag.name, flag.words.strip(" ,:")) for flag in file.flags]),
        (_("Next"), due),
        (_("Courses"), courses),
        (_("Home care"), [(care.revision.title, used_words(care)) for care in file.home_care]),
        (_("Treatments on record"), done),
        (_("Reactions and adverse events"), harm[:SUMMARY_ROWS]),
    )
    return summary_paper(patient, file.age, parts)


# The worklist


@dataclass(frozen=True)
class Due:
    """A line of the worklist.

    `review`: what somebody settles with a reason, where a published change put it here; `cause`: that change.
    `call`: a follow-up call, with its form.
    """

    patient: Patient
    todo: Todo
    day: dt.date
    review: ReviewItem | None = None
    cause: str = ""
    call: Call | None = None


def worklist(location: Location, *, sees_clinical: bool) -> list[Due]:
    """What today's records endanger, a change of the rules touches, hours strand, whom to call or look at again, or what has no date; 29 queries at most.

    Each the most urgent first. A visit that is both stands here once. Without `sees_clinical` it says that a visit
    must move, and not why.
    """
    today = clock.today(location.zone)
    words, reviews = names(), to_review(location)
    by_visit = {each.visit.pk: each for each in reviews if each.visit}
    lines = [
        _because(_endangered(each, words, sees_clinical), by_visit.pop(each.visit.pk, None), words)
        for each in endangered(location, today)
    ]
    left = [each for each in reviews if each.visit is None or each.visit.pk in by_visit]
    outside = stranded(location, today, until=today + ENDANGERED_WITHIN)
    return [
        *lines,
        *(_review(each, words) for each in left),
        *(
            Due(one.visit.patient, call_todo(one), one.row.due_on, call=one)
            for one in calls_due(location, today)
        ),
        *(
            Due(event.record.visit.patient, look_todo(event, sees_clinical=sees_clinical), on)
            for event, on in looks_due(location, today)
        ),
        *map(_outside_hours, stranded_rows(outside)),
        *_without_date(location, today),
    ]


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
        if each.is_endangered and local_day(each.visit) <= until
    ]


def _endangered(each: Rescreened, words: Names, sees_clinical: bool) -> Due:
    session = each.visit.session
    if session is None:
        raise ValueError("a consultation endangers nobody")
    why = finding_words(each.screening.findings[0], words) if sees_clinical else ""
    todo = move_todo(session.course.revision.title, session.ordinal, each, why)
    return Due(each.visit.patient, todo, local_day(each.visit))


def _because(line: Due, review: Review | None, words: Names) -> Due:
    if review is None:
        return line
    return replace(line, review=review.item, cause=cause_words(review.item.cause, words))


def _outside_hours(row: Mapping[str, Any]) -> Due:
    """A visit outside the hours of somebody or something that it needs."""
    visit = row["visit"]
    day = local_day(visit)
    values = {"what": row["what"], "day": day_in_words(day), "time": clock_words(visit.starts_at)}
    what = _("%(what)s: move it from %(day)s, %(time)s") % values
    why = _("Outside the hours of %(who)s") % {"who": row["who"]}
    button, page = (
        (_("Move"), "moves:move") if row["can_move"] else (_("See the visit"), "visits:visit")
    )
    todo = Todo("is-wait", "clock", what, why, button, page, (visit.pk,))
    return Due(visit.patient, todo, day)


def _review(each: Review, words: Names) -> Due:
    session = each.item.session
    values = {
        "what": session.course.revision.title,
        "n": session.ordinal,
        "day": day_in_words(each.day),
        "kinds": ", ".join(mark(kind).words for kind in each.item.kinds),
    }
    where = ("visits:visit", each.visit.pk) if each.visit else ("courses:course", session.course_id)
    todo = Todo(
        "is-wait",
        "clipboard-check",
        _("Review %(what)s %(n)s, %(day)s: %(kinds)s") % values,
        "",
        _("See the visit") if each.visit else _("See the course"),
        where[0],
        (where[1],),
    )
    return _because(Due(each.item.patient, todo, each.day), each, words)


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
        day = due_day(view.unbooked[0]) or today
        lines.append(Due(course.patient, book_todo(view), day))
    return sorted(lines, key=lambda line: (line.day, line.patient.number))
