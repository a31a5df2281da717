"""What stands on the paper a patient takes home, as values in the patient's language."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from django.db.models import Count, Max, Prefetch, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from clinic.kit import clock
from clinic.kit.calendars import Line
from clinic.kit.languages import is_missing, localized
from clinic.patients.models import Patient
from clinic.places.models import Location, ResourceKind
from plans.catalogue.models import CareStep, Revision
from plans.core import care
from plans.core.opposing import Opposed, opposed
from plans.core.spacing import is_lapsed
from plans.core.wallclock import midnight
from plans.courses.models import Course, HomeCare
from plans.courses.selectors import courses_of
from plans.diary.models import LIVE, Appointment, Occupancy, Status, StatusChange
from plans.homecare.selectors import InUse
from plans.records.tags import area_words
from plans.sheets.models import HandedOut
from plans.sheets.tags import (
    NextVisit,
    Sheet,
    chart_of,
    clinic_words,
    foot_words,
    home_lines,
    joined,
    labels,
    line_before,
    line_of,
    local_start,
    long,
    next_visit,
    of_count,
    patient_words,
    planned_words,
    practitioner_of,
    session_lines,
    session_words,
    treated_at,
    unbooked_lines,
)


@dataclass(frozen=True)
class Visits:
    """The visits of one patient on one day, which share a sheet; in order of time, at least one."""

    all: tuple[Appointment, ...]

    @property
    def first(self) -> Appointment:
        return self.all[0]

    @property
    def patient(self) -> Patient:
        return self.first.patient

    @property
    def day(self) -> dt.date:
        return local_start(self.first).date()

    @property
    def revisions(self) -> list[Revision]:
        """Of what is treated, each once."""
        every = [visit.session.course.revision for visit in self.all if visit.session]
        return list({revision.pk: revision for revision in every}.values())

    @property
    def treated_at(self) -> dt.datetime | None:
        """When the first of them really was; None while it is to come."""
        return treated_at(self.first)


def printable(location: Location) -> QuerySet[Appointment]:
    """Visits for a session at `location` that take place, with what a sheet needs. At most 14 queries, however many rows."""
    holding = Prefetch("occupancy", _practitioners())
    standing = Appointment.objects.filter(status__in=LIVE).select_related("location")
    theirs = standing.select_related("session__course__revision").order_by("starts_at", "id")
    steps = StatusChange.objects.filter(became__in=(Status.IN_TREATMENT, Status.DONE))
    at_home = HomeCare.objects.select_related("revision__procedure__group")
    return (
        Appointment.objects.filter(location=location, session__isnull=False, status__in=LIVE)
        .select_related("patient", "location", "session__course__revision__procedure")
        .prefetch_related(
            holding,
            Prefetch("changes", steps),
            "session__course__revision__care_steps",
            "session__course__sessions",
            Prefetch("session__course__sessions__appointments", standing),
            Prefetch(
                "patient__appointments",
                theirs.prefetch_related(holding, "session__course__sessions"),
            ),
            Prefetch("patient__home_care", at_home),
        )
        .order_by("starts_at", "id")
    )


def _practitioners() -> QuerySet[Occupancy]:
    kind = ResourceKind.PRACTITIONER
    return Occupancy.objects.select_related("resource").filter(resource__kind=kind)


def on_day(location: Location, day: dt.date) -> list[Visits]:
    """The day's visits that hold a place in the diary, those of one patient together, in order of time."""
    start = midnight(day, location.zone)
    end = midnight(day + dt.timedelta(days=1), location.zone)
    together: dict[int, list[Appointment]] = {}
    for visit in printable(location).filter(starts_at__gte=start, starts_at__lt=end):
        together.setdefault(visit.patient_id, []).append(visit)
    return [Visits(tuple(visits)) for visits in together.values()]


def visits_with(location: Location, pk: int) -> Visits:
    """The visit and the others of its patient on its day.  Raises Appointment.DoesNotExist."""
    at = Appointment.objects.select_related("location").get(
        pk=pk, location=location, session__isnull=False, status__in=LIVE
    )
    day = local_start(at).date()
    return next(each for each in on_day(location, day) if each.patient.pk == at.patient_id)


def aftercare(visits: Visits, language: str | None = None, left_out: Iterable[int] = ()) -> Sheet:
    """The aftercare sheet of a day's visits, dated from the real treatment, in `language` (by default the patient's).

    `left_out`: keys of lines that the practitioner leaves off. No query.
    """
    with translation.override(language or visits.patient.language):
        lang = _lang()
        steps = _kept(visits, left_out, is_precare=False)
        told = care.advice(steps, visits.day, named=len(visits.revisions) > 1)
        title = _("After your treatment: %(procedure)s")
        return Sheet(
            language=lang,
            title=title % {"procedure": joined(_titles(visits))},
            clinic=clinic_words(visits.first.location),
            who=_who(visits),
            labels=labels(),
            lines=tuple(map(line_of, told.rows)),
            chart=chart_of(care.glance(told.rows, visits.day)),
            call=told.call,
            home=_home(visits),
            next_visits=_next_visits(visits),
            notes=(*told.next, *_untranslated(visits, lang, is_precare=False)),
            foot=foot_words(visits.revisions),
            patient_number=visits.patient.number,
        )


def precare(visits: Visits, language: str | None = None, left_out: Iterable[int] = ()) -> Sheet:
    """The sheet before a visit: what to do and leave from which day on, counted back from it. No query."""
    with translation.override(language or visits.patient.language):
        lang, today = _lang(), clock.today(visits.first.location.zone)
        told = care.advice(
            _kept(visits, left_out, is_precare=True), visits.day, named=len(visits.revisions) > 1
        )
        words = labels() | {"do": _("What to do"), "next": _("Your visits")}
        title = _("Before your treatment: %(procedure)s")
        return Sheet(
            language=lang,
            title=title % {"procedure": joined(_titles(visits))},
            clinic=clinic_words(visits.first.location),
            who=_who(visits),
            labels=words,
            lines=tuple(line_before(row, today) for row in told.rows),
            call=told.call,
            home=_home(visits),
            next_visits=_next_visits(visits, with_these=True),
            notes=(*told.next, *_untranslated(visits, lang, is_precare=True)),
            foot=foot_words(visits.revisions),
            patient_number=visits.patient.number,
        )


MAKERS = {"aftercare": aftercare, "precare": precare}


def oppositions(visits: Visits, kind: str) -> tuple[Opposed, ...]:
    """Lines of the sheet that contradict each other, home care among them, in the page's language. No query."""
    steps = _steps(visits, is_precare=kind == "precare")
    english = {row.pk: row.text.get("en", "") for row in _rows(visits, kind == "precare")}
    said = [(step, english.get(step.key, "")) for step in steps]
    for use in _in_use(visits):
        group = localized(use.care.revision.procedure.group.name, "en")
        words = f"{localized(use.care.revision.name, 'en')}. {group}"
        last = (use.last - visits.day).days if use.last else None
        step = care.Step("do", use.title, (use.first - visits.day).days, last, of=(use.title,))
        said.append((step, words))
    return opposed(said)


def card(course: Course, location: Location, language: str | None = None) -> Sheet:
    """The appointment card: every session of `course` with its date, or that it has none yet."""
    with translation.override(language or course.patient.language):
        return Sheet(
            language=_lang(),
            title=_("Your appointments: %(procedure)s") % {"procedure": course.revision.title},
            clinic=clinic_words(location),
            who=((_("Patient"), patient_words(course.patient)),),
            labels=labels() | {"next": _("All sessions")},
            next_visits=session_lines(course),
            notes=(
                _("If you cannot come, please call us: the later sessions move with this one."),
            ),
            foot=foot_words([course.revision]),
            patient_number=course.patient.number,
        )


def plan(patient: Patient, location: Location, language: str | None = None) -> Sheet:
    """The treatment plan: every open course with its sessions' dates, or the window in which each belongs.

    Some queries, the same number however many courses; who treats stands on the card.
    """
    with translation.override(language or patient.language):
        today = clock.today(location.zone)
        open_ = [view for view in courses_of(patient) if not view.is_over]
        unbooked = [view for course in open_ for view in course.unbooked]
        rows = [
            NextVisit(planned_words(view, today), of_count(course, view.ordinal, course.count))
            for course in open_
            for view in course.sessions
            if view.state != "written_off"
        ]
        uses = HomeCare.objects.filter(patient=patient).select_related("revision__procedure")
        return Sheet(
            language=_lang(),
            title=_("Your treatment plan"),
            clinic=clinic_words(location),
            who=((_("Patient"), patient_words(patient)),),
            labels=labels() | {"next": _("Sessions"), "nothing_next": _("Nothing is planned.")},
            home=home_lines([InUse(use, today) for use in uses]),
            next_visits=tuple(rows),
            notes=(_("A session without a date is best between the two days that are given."),)
            if any(view.window and not is_lapsed(view.window, today) for view in unbooked)
            else (),
            foot=foot_words([course.course.revision for course in open_]),
            patient_number=patient.number,
        )


def open_courses(patient: Patient) -> list[Course]:
    """The patient's courses of which something is still owed, as `plan` shows them."""
    return [view.course for view in courses_of(patient) if not view.is_over]


def to_come(patient: Patient, now: dt.datetime) -> list[Line]:
    """The patient's appointments from `now` on, as a calendar tells them, by their start. One query."""
    rows = (
        Appointment.objects.filter(patient=patient, status__in=LIVE, ends_at__gt=now)
        .annotate(steps=Count("changes"), changed_at=Max("changes__at"))
        .order_by("starts_at", "id")
    )
    return [
        Line(
            row.pk, row.starts_at, row.ends_at, False, max(row.steps - 1, 0),
            row.changed_at or row.created_at,
        )
        for row in rows
    ]  # fmt: skip


def course_for_card(pk: int, location: Location) -> Course:
    """The course with what a card needs.  Raises Course.DoesNotExist if its patient is not of `location`."""
    live = (
        Appointment.objects.filter(status__in=LIVE)
        .select_related("location")
        .prefetch_related(Prefetch("occupancy", _practitioners()))
    )
    return (
        Course.objects.select_related("patient", "revision__procedure")
        .prefetch_related("sessions", Prefetch("sessions__appointments", live))
        .get(pk=pk, patient__location=location)
    )


def handed_out_to(patient: Patient) -> QuerySet[HandedOut]:
    """What the patient was given, the newest first; one query."""
    return HandedOut.objects.filter(patient=patient).select_related("by", "visit__location")


def handed_out_at(visits: Visits) -> QuerySet[HandedOut]:
    """What was given for these visits, the newest first; one query."""
    return HandedOut.objects.filter(visit=visits.first).select_related("by")


def _lang() -> str:
    return (translation.get_language() or "en").split("-")[0]


def _titles(visits: Visits) -> list[str]:
    return [revision.title for revision in visits.revisions]


def _rows(visits: Visits, is_precare: bool) -> list[CareStep]:
    return [
        step
        for revision in visits.revisions
        for step in revision.care_steps.all()
        if step.is_precare is is_precare
    ]


def _steps(visits: Visits, *, is_precare: bool) -> list[care.Step]:
    return [
        care.Step(
            cast(care.StepKind, row.kind),
            localized(row.text),
            row.from_day,
            row.to_day,
            row.is_approximate,
            (revision.title,),
            row.pk,
        )
        for revision in visits.revisions
        for row in revision.care_steps.all()
        if row.is_precare is is_precare
    ]


def _kept(visits: Visits, left_out: Iterable[int], *, is_precare: bool) -> tuple[care.Step, ...]:
    gone = set(left_out)
    steps = _steps(visits, is_precare=is_precare)
    return care.merged([[step for step in steps if step.key not in gone]])


def _who(visits: Visits) -> tuple[tuple[str, str], ...]:
    treated = visits.treated_at
    day = long(visits.day)
    if treated:
        day = f"{day}, {timezone.localtime(treated, visits.first.location.zone):%H:%M}"
    where = [session_words(visit.session) for visit in visits.all if visit.session]
    doctors = dict.fromkeys(filter(None, map(practitioner_of, visits.all)))
    codes = [code for visit in visits.all if visit.session for code in visit.session.course.areas]
    areas = [area_words(code) for code in dict.fromkeys(codes)]
    return (
        (_("Patient"), patient_words(visits.patient)),
        (
            _("Treated") if treated or visits.first.status == Status.DONE else _("Visit"),
            ", ".join([day, *(where if len(where) == 1 else [])]),
        ),
        (_("By"), ", ".join(doctors)),
        *([(_("Where"), ", ".join(areas))] if areas else []),
    )


def _in_use(visits: Visits) -> list[InUse]:
    """What is used at home on the day or later."""
    uses = [InUse(use, visits.day) for use in visits.patient.home_care.all()]
    return [use for use in uses if use.is_open]


def _home(visits: Visits) -> tuple[NextVisit, ...]:
    return home_lines(_in_use(visits))


def _next_visits(visits: Visits, *, with_these: bool = False) -> tuple[NextVisit, ...]:
    """The patient's appointments after these, whatever for, then the sessions of their courses without a date."""
    these = {visit.pk for visit in visits.all}
    start = visits.first.starts_at
    courses = {
        visit.session.course_id: visit.session.course for visit in visits.all if visit.session
    }
    names_course = len(courses) > 1
    coming = [
        next_visit(
            visit,
            names_course=names_course
            or bool(visit.session and visit.session.course_id not in courses),
        )
        for visit in visits.patient.appointments.all()
        if visit.starts_at >= start and (with_these or visit.pk not in these)
    ]
    owed = [
        line
        for course in courses.values()
        for line in unbooked_lines(course, names_course=names_course)
    ]
    return (*coming, *owed)


def _untranslated(visits: Visits, language: str, *, is_precare: bool) -> Sequence[str]:
    if any(is_missing(step.text, language) for step in _rows(visits, is_precare)):
        words = _(
            "Some lines are in English: they are not translated yet. Ask us if anything is unclear."
        )
        return (words,)
    return ()
