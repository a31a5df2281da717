"""Reading across rooms: the patient's file, the day at a glance, the worklist."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from textwrap import wrap
from typing import Any, cast

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.kit import clock
from clinic.kit.tags import clock as clock_words
from clinic.kit.tags import date_in_words, day_in_words
from clinic.patients.models import Patient
from clinic.places.models import Location
from plans.catalogue.selectors import rulebook
from plans.core.drawing import Bar, Lane, Mark, State, Timeline, timeline
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
from plans.desk.tags import Flag, flag, plain_flag, true_on
from plans.diary.models import LIVE, Appointment, Status
from plans.diary.selectors import Rescreened, core_patient, rescreen
from plans.health.selectors import findings_today, owed_procedures
from plans.hours.selectors import stranded
from plans.hours.tags import stranded_rows
from plans.impact.models import ReviewItem
from plans.impact.selectors import Review, to_review
from plans.impact.tags import cause_words, mark
from plans.protocols.selectors import home_care_of, home_lane

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
    query: str = ""


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
    def sort_day(self) -> dt.date:
        """Where it belongs in time: its day, else the day it is due or planned for, else after everything."""
        return self.view.day or _day_due(self.view) or dt.date.max


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
    lanes = [_lane(course, rows) for course in courses]
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
            yield _move(row.course.title, row.view.ordinal, row.judged, row.why)
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
            "health:form",
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
    if each.screening.earliest_ok and each.visit.status in (Status.BOOKED, Status.CONFIRMED):
        query = f"?day={each.screening.earliest_ok.isoformat()}"
        return Todo(
            "is-wait", "hourglass-split", what % values, why, _("Move"), "moves:move", (each.visit.pk,), query,
        )  # fmt: skip
    return Todo(
        "is-wait", "hourglass-split", what % values, why, _("See the visit"),
        "visits:visit", (each.visit.pk,),
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
    elif view.planned_on:
        why = _("Planned for %(day)s") % {"day": day_in_words(view.planned_on)}
    return Todo(
        "", "calendar-plus", _("Book %(what)s, session %(n)s of %(count)s") % values, why,
        _("Book"), "courses:course", (course.course.pk,),
    )  # fmt: skip


def _day_due(view: SessionView) -> dt.date | None:
    """The middle of its window; while that is not open, the day that was planned."""
    return view.window.target if view.window else view.planned_on


def _lane(course: CourseView, rows: Iterable[SessionRow]) -> Lane:
    signs = {row.view.session.pk: row.sign for row in rows}
    marks, bars = [], []
    for view in course.sessions:
        window, day = view.window, view.day or _day_due(view)
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


# The worklist


@dataclass(frozen=True)
class Due:
    """A line of the worklist.

    `review`: what somebody settles with a reason, where a published change put it here; `cause`: that change.
    """

    patient: Patient
    todo: Todo
    day: dt.date
    review: ReviewItem | None = None
    cause: str = ""


def worklist(location: Location, *, sees_clinical: bool) -> list[Due]:
    """What today's records endanger, a change of the rules touches, hours strand, or has no date; 26 queries at most.

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
    todo = _move(session.course.revision.title, session.ordinal, each, why)
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
        day = _day_due(view.unbooked[0]) or today
        lines.append(Due(course.patient, _book(view, course.patient), day))
    return sorted(lines, key=lambda line: (line.day, line.patient.number))
