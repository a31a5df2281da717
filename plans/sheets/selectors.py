"""What stands on the paper a patient takes home, as values in the patient's language."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, cast

from django.db.models import Prefetch, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.kit import clock
from clinic.kit.languages import is_missing, localized
from clinic.kit.markdown import blocks
from clinic.kit.tags import date_in_words, day_in_words
from clinic.patients.models import Patient
from clinic.places.models import Location, ResourceKind
from plans.catalogue.models import CareStep, Revision
from plans.core import care
from plans.core.wallclock import midnight
from plans.courses.models import Course
from plans.diary.models import LIVE, Appointment, Occupancy, Status


@dataclass(frozen=True)
class Line:
    """One row of a sheet's table: when, in how many days, what to expect and do, what to leave."""

    when: str
    days: str
    do: tuple[str, ...]
    leave: tuple[str, ...]


@dataclass(frozen=True)
class NextVisit:
    """An appointment still to come, or a session that has no date yet (`when` says so)."""

    when: str
    what: str


@dataclass(frozen=True)
class Sheet:
    """Everything printed, as words; `labels` are the fixed words in the sheet's language."""

    language: str
    title: str
    clinic: dict[str, str]
    who: tuple[tuple[str, str], ...]
    labels: dict[str, str]
    lines: tuple[Line, ...] = ()
    call: tuple[str, ...] = ()
    next_visits: tuple[NextVisit, ...] = ()
    notes: tuple[str, ...] = ()
    foot: str = ""
    patient_number: int = field(default=0)

    def values(self) -> dict[str, Any]:
        """Plain values for the PDF's template; texts as lists of blocks of runs, so that none is markup."""
        lines = [
            {**asdict(line), "do": _marked(line.do), "leave": _marked(line.leave)}
            for line in self.lines
        ]
        marked = {"call": _marked(self.call), "notes": _marked(self.notes)}
        return {**asdict(self), "lines": lines, **marked}


def _marked(texts: Iterable[str]) -> list[list[dict[str, Any]]]:
    """The clinic's texts with their few marks, as values."""
    return [[asdict(block) for block in blocks(text)] for text in texts]


def printable(location: Location) -> QuerySet[Appointment]:
    """Visits for a session at `location` that take place, with what a sheet needs. Seven queries, however many rows."""
    holding = Occupancy.objects.select_related("resource").filter(
        resource__kind=ResourceKind.PRACTITIONER
    )
    siblings = (
        Appointment.objects.filter(status__in=LIVE)
        .select_related("location")
        .prefetch_related(Prefetch("occupancy", holding))
    )
    return (
        Appointment.objects.filter(location=location, session__isnull=False, status__in=LIVE)
        .select_related("patient", "location", "session__course__revision__procedure")
        .prefetch_related(
            Prefetch("occupancy", holding),
            "session__course__revision__care_steps",
            "session__course__sessions",
            Prefetch("session__course__sessions__appointments", siblings),
        )
    )


def on_day(location: Location, day: dt.date) -> list[Appointment]:
    """The day's visits that hold a place in the diary, in order of time, for printing their sheets."""
    start = midnight(day, location.zone)
    end = midnight(day + dt.timedelta(days=1), location.zone)
    visits = printable(location).filter(starts_at__gte=start, starts_at__lt=end)
    return list(visits.order_by("starts_at", "id"))


def aftercare(appointment: Appointment, language: str | None = None) -> Sheet:
    """The aftercare sheet of one visit, dated from its day, in `language` (by default the patient's).

    `appointment` comes from `printable`; no query.
    """
    course = _session(appointment).course
    revision = course.revision
    with translation.override(language or appointment.patient.language):
        lang = (translation.get_language() or "en").split("-")[0]
        steps = [step for step in revision.care_steps.all() if not step.is_precare]
        told = care.advice(map(_step, steps), _local(appointment).date())
        title = _("After your treatment: %(procedure)s")
        return Sheet(
            language=lang,
            title=title % {"procedure": localized(revision.name)},
            clinic=_clinic(appointment.location),
            who=_who(appointment),
            labels=_labels(),
            lines=tuple(_line(row) for row in told.rows),
            call=told.call,
            next_visits=_next_visits(course, after=appointment),
            notes=(*told.next, *_untranslated(steps, lang)),
            foot=_foot(revision),
            patient_number=appointment.patient.number,
        )


def _step(row: CareStep) -> care.Step:
    return care.Step(
        cast(care.StepKind, row.kind),
        localized(row.text),
        row.from_day,
        row.to_day,
        row.is_approximate,
    )


def _who(appointment: Appointment) -> tuple[tuple[str, str], ...]:
    session = _session(appointment)
    values = {
        "day": _long(_local(appointment).date()),
        "ordinal": session.ordinal,
        "count": _count(session.course),
    }
    return (
        (_("Patient"), _patient(appointment.patient)),
        (
            _("Treated") if appointment.status == Status.DONE else _("Visit"),
            _("%(day)s, session %(ordinal)s of %(count)s") % values,
        ),
        (_("By"), practitioner_of(appointment)),
    )


def _patient(patient: Patient) -> str:
    return f"{patient.full_name}, {date_in_words(patient.birth_date)}"


def card(course: Course, location: Location, language: str | None = None) -> Sheet:
    """The appointment card: every session of `course` with its date, or that it has none yet."""
    with translation.override(language or course.patient.language):
        return Sheet(
            language=(translation.get_language() or "en").split("-")[0],
            title=_("Your appointments: %(procedure)s")
            % {"procedure": localized(course.revision.name)},
            clinic=_clinic(location),
            who=((_("Patient"), _patient(course.patient)),),
            labels=_labels() | {"next": _("All sessions")},
            next_visits=_next_visits(course, after=None),
            notes=(
                _("If you cannot come, please call us: the later sessions move with this one."),
            ),
            foot=_foot(course.revision),
            patient_number=course.patient.number,
        )


def course_for_card(pk: int, location: Location) -> Course:
    """The course with what a card needs.  Raises Course.DoesNotExist if its patient is not of `location`."""
    holding = Occupancy.objects.select_related("resource").filter(
        resource__kind=ResourceKind.PRACTITIONER
    )
    live = (
        Appointment.objects.filter(status__in=LIVE)
        .select_related("location")
        .prefetch_related(Prefetch("occupancy", holding))
    )
    return (
        Course.objects.select_related("patient", "revision__procedure")
        .prefetch_related("sessions", Prefetch("sessions__appointments", live))
        .get(pk=pk, patient__location=location)
    )


def practitioner_of(appointment: Appointment) -> str:
    """Who treats, as the diary holds it; needs `occupancy` prefetched with practitioners only."""
    return ", ".join(dict.fromkeys(held.resource.name for held in appointment.occupancy.all()))


def _session(appointment: Appointment) -> Any:
    if appointment.session is None:
        raise ValueError("a consultation has no aftercare")
    return appointment.session


def _local(appointment: Appointment) -> dt.datetime:
    return timezone.localtime(appointment.starts_at, appointment.location.zone)


def _long(day: dt.date) -> str:
    return day_in_words(day, "year")


def _count(course: Course) -> int:
    return len(course.sessions.all())


def _clinic(location: Location) -> dict[str, str]:
    return {
        "name": location.name,
        "address": location.address,
        "phone": location.phone,
        "after_hours": location.phone_after_hours,
    }


def _labels() -> dict[str, str]:
    return {
        "when": _("When"),
        "do": _("What to expect and do"),
        "leave": _("What to leave"),
        "call_day": _("In the daytime"),
        "call_night": _("Nights and weekends"),
        "next": _("Your next visits"),
        "nothing_next": _("No further visit is booked."),
    }


def _line(row: care.Row) -> Line:
    over = (
        _("Should be over by %(day)s.") % {"day": day_in_words(row.last)}
        if row.expect and row.last
        else ""
    )
    return Line(
        when=_when(row),
        days=_days(row),
        do=(*row.expect, *([over] if over else []), *row.do),
        leave=row.leave,
    )


def _when(row: care.Row) -> str:
    first, last = (day_in_words(day) if day else "" for day in (row.first, row.last))
    if not first and not last:
        return _("Always")
    if not last:
        return _("from %(day)s") % {"day": first}
    if first == last:
        return first
    if row.is_approximate and row.from_day:
        return _("from about %(first)s to %(last)s") % {"first": first, "last": last}
    if not row.from_day:
        about = _("until about %(day)s") if row.is_approximate else _("until %(day)s")
        return about % {"day": last}
    return _("%(first)s to %(last)s") % {"first": first, "last": last}


def _days(row: care.Row) -> str:
    if row.from_day == row.to_day == 0:
        return _("the day of treatment")
    if row.from_day is not None and row.to_day is not None and row.from_day > 0:
        return _("day %(first)s to %(last)s") % {"first": row.from_day, "last": row.to_day}
    if row.to_day:
        return ngettext("%(n)s day", "%(n)s days", row.to_day) % {"n": row.to_day}
    return ""


def _next_visits(course: Course, *, after: Appointment | None) -> tuple[NextVisit, ...]:
    found = []
    for session in course.sessions.all():
        live = next(iter(session.appointments.all()), None)
        if not session.is_owed and after is not None:
            continue
        if after is not None and (live == after or (live and live.starts_at <= after.starts_at)):
            continue
        what = _("session %(ordinal)s of %(count)s") % {
            "ordinal": session.ordinal,
            "count": _count(course),
        }
        if live:
            local = _local(live)
            when = f"{_long(local.date())}, {local:%H:%M}"
            found.append(NextVisit(when, ", ".join(filter(None, [what, practitioner_of(live)]))))
        elif session.is_owed:
            found.append(NextVisit(_("not booked yet"), what))
    return tuple(found)


def _untranslated(steps: Iterable[Any], language: str) -> tuple[str, ...]:
    if any(is_missing(step.text, language) for step in steps):
        return (
            _(
                "Some lines are in English: they are not translated yet. Ask us if anything is unclear."
            ),
        )
    return ()


def _foot(revision: Revision) -> str:
    return _("%(procedure)s, catalogue revision %(number)s. Printed %(at)s.") % {
        "procedure": localized(revision.name),
        "number": revision.number,
        "at": f"{_long(clock.today())}, {timezone.localtime(clock.now()):%H:%M}",
    }
