"""Writing the diary: book a series, change a visit's status, sign for it, move it. The database guards the time."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.utils.translation import gettext as _

from clinic.audit.services import claim, record, settle
from clinic.kit import clock
from clinic.kit.contention import lock_days, one_transaction
from clinic.kit.refusals import Refusal
from clinic.kit.tags import day_in_words
from clinic.patients.models import Patient
from clinic.patients.selectors import live_facts
from clinic.places.models import Location
from clinic.places.selectors import resources_at
from clinic.staff.models import User
from plans.catalogue.models import Revision, RevisionState, Sign
from plans.catalogue.selectors import phases
from plans.core.availability import Needs
from plans.core.case import Case, basis_of, misplaced
from plans.core.chosen import Chosen, ChosenSeries
from plans.core.screening import Screening
from plans.core.wallclock import instant
from plans.courses.models import Course, Override, Session
from plans.courses.selectors import CourseView, course_at, local_day, names, view_of
from plans.courses.services import mark_performed, open_course
from plans.courses.tags import (
    finding_words,
    misplaced_words,
    not_allowed_words,
    too_near_words,
)
from plans.diary.models import OPERATIONS, TRANSITIONS, Appointment, Occupancy, Status, StatusChange
from plans.diary.selectors import (
    candidates,
    case_of,
    check_in,
    free_days,
    visits,
)
from plans.diary.tags import moved_words, taken_words, unfit_words

LEAST_REASON = 10  # letters that a signature's reason must have


class TimeTaken(Refusal):
    """Somebody else was faster, or somebody needed is not at work then."""


class NotAllowed(Refusal):
    """The rules of treatment say no to this day."""


def _refusal(error: IntegrityError) -> Exception:
    said = str(error)
    if "occupancy_no_overlap" in said:
        words = _(
            "Somebody else was faster: one of these times is taken. Nothing was booked; choose again."
        )
        return TimeTaken(words)
    if "appointment_one_live_per_session" in said or "diary_appointment.session_id" in said:
        words = _("This session already has a visit. Open it instead of booking a second one.")
        return Refusal(words)
    return error


@one_transaction(_refusal)
def book_series(offer: ChosenSeries, *, by: User, key: uuid.UUID) -> Course:
    """Book every session of `offer`, or none.

    Raises TimeTaken, NotAllowed or another Refusal with nothing written; AlreadyDone (the course's key as
    its outcome) if the form was sent before.
    """
    location = Location.objects.get(pk=offer.location)
    # One writer for a patient at a time: two series booked at once must know of each other.
    patient = Patient.objects.select_for_update().get(number=offer.patient, location=location)
    lock_days(location.pk, offer.days)
    submission = claim(key, by=by)
    booked = course_at(location, offer.course) if offer.course else None
    revision = (
        booked.course.revision
        if booked
        else Revision.objects.select_related("procedure__group").get(pk=offer.revision)
    )
    if booked is None and revision.state != RevisionState.CURRENT:
        words = _("The rules of %(procedure)s have changed. Nothing was booked; choose again.")
        raise Refusal(words % {"procedure": revision.title})
    screenings = _allowed(offer, patient, revision, location, booked, by)
    for place in offer.sessions:
        _require_free(place, revision, location, patient)
    course = booked.course if booked else _open(offer, patient, revision, by)
    sessions = {session.ordinal: session for session in course.sessions.all()}
    for place, screening in zip(offer.sessions, screenings, strict=True):
        _write(sessions[place.ordinal], place, screening, course, location, by)
    settle(submission, str(course.pk))
    return course


def _open(offer: ChosenSeries, patient: Patient, revision: Revision, by: User) -> Course:
    sign = Sign.objects.filter(code=offer.sign).first() if offer.sign else None
    return open_course(
        patient,
        revision,
        len(offer.sessions),
        by=by,
        sign=sign,
        pit_depth=offer.pit_depth,
        areas=offer.areas,
    )


def _allowed(
    offer: ChosenSeries,
    patient: Patient,
    revision: Revision,
    location: Location,
    booked: CourseView | None,
    by: User,
) -> list[Screening]:
    """The screening of each session, as of today.  Raises NotAllowed if a rule forbids one."""
    left = booked.remaining() if booked and booked.unbooked else None
    if booked and (left is None or any(p.ordinal in left.fixed for p in offer.sessions)):
        raise Refusal(_("These sessions are booked by now. Open the course to see them."))
    dates = {view.ordinal: view.day for view in booked.sessions if view.day} if booked else {}
    new = {place.ordinal: place.day for place in offer.sessions}
    today = clock.today(location.zone)
    if min(offer.days) < today:
        raise TimeTaken(taken_words(min(offer.days), offer.sessions[0].minute))
    _require_windows(dates | new, revision, since=min(new), may_be_late=min(new))
    case = case_of(
        patient,
        revision.procedure.code,
        today,
        areas=booked.course.areas if booked else offer.areas,
        without=left.sessions if left else (),
    )
    screenings = [case.screen(day, offer.days[:n]) for n, day in enumerate(offer.days)]
    for day, screening in zip(offer.days, screenings, strict=True):
        _require_allowed(day, screening, by)
    _require_no_harm(case, offer.days)
    return screenings


def _require_windows(
    dates: Mapping[int, dt.date], revision: Revision, *, since: int, may_be_late: int = 0
) -> None:
    """Refuse dates, by ordinal, that do not keep the distance that the course asks for."""
    if revision.interval is None:
        return
    found = misplaced(dates, revision.interval, since=since, may_be_late=may_be_late)
    if found:
        raise NotAllowed(misplaced_words(found[0], dates[found[0]], found[1]))


def _require_allowed(day: dt.date, screening: Screening, by: User) -> None:
    if screening.verdict.blocks:
        sees = by.has_perm("clinic.see_screening")
        why = finding_words(screening.findings[0], names()) if sees else _("Ask a practitioner")
        raise NotAllowed(not_allowed_words(day, why))


def _require_no_harm(case: Case, days: Iterable[dt.date]) -> None:
    """Refuse days that would endanger a later visit of the patient."""
    endangered = case.endangered(days)
    if endangered:
        rows = Appointment.objects.select_related("location", "session__course__revision")
        visit = rows.get(pk=endangered[0].key)
        title = visit.session.course.revision.title if visit.session else ""
        raise NotAllowed(too_near_words(title, local_day(visit)))


def _require_free(
    place: Chosen,
    revision: Revision,
    location: Location,
    patient: Patient,
    without: Iterable[int] = (),
) -> None:
    """Everybody and everything needed is at work, able and not taken; else TimeTaken."""
    needs = Needs(phases(revision), candidates(revision, resources_at(location)))
    held = set(place.resources.values())
    free = free_days(location, held, place.day, place.day, without=tuple(without), patient=patient)
    if not needs.is_served(place.minute, free.get(place.day, {}), place.resources):
        raise TimeTaken(taken_words(place.day, place.minute))


def _write(
    session: Session,
    place: Chosen,
    screening: Screening,
    course: Course,
    location: Location,
    by: User,
) -> Appointment:
    starts_at = instant(place.day, place.minute, location.zone)
    visit = Appointment.objects.create(
        patient=course.patient,
        location=location,
        session=session,
        starts_at=starts_at,
        ends_at=starts_at + _length(course.revision),
        screening=_snapshot(screening, course),
        created_at=clock.now(),
        created_by=by,
    )
    _hold(visit, place.resources, course.revision)
    _note(visit, "", Status.BOOKED, by)
    record(
        "booked",
        visit,
        by=by,
        patient_number=course.patient.number,
        day=place.day.isoformat(),
        session=session.ordinal,
        verdict=screening.verdict.word,
    )
    return visit


def _length(revision: Revision) -> dt.timedelta:
    return dt.timedelta(minutes=max(phase.to_minute for phase in phases(revision)))


def _snapshot(screening: Screening, course: Course) -> dict[str, object]:
    """What the screening said and what it rested on, to be compared later."""
    return {
        "verdict": screening.verdict.word,
        "reasons": list(screening.reasons),
        "deferred": list(screening.deferred),
        "as_of": clock.today().isoformat(),
        "revision": course.revision.number,
        "facts": [row.pk for row in live_facts([course.patient.pk])],
    }


def _hold(visit: Appointment, resources: Mapping[str, int], revision: Revision) -> None:
    """Take the time: a row for each phase, of the resource that serves it."""
    Occupancy.objects.bulk_create(
        Occupancy(
            resource_id=resources[phase.role],
            starts_at=visit.starts_at + dt.timedelta(minutes=phase.from_minute),
            ends_at=visit.starts_at + dt.timedelta(minutes=phase.to_minute),
            appointment=visit,
        )
        for phase in phases(revision)
    )


def _note(visit: Appointment, was: str, became: str, by: User, reason: str = "") -> None:
    StatusChange.objects.create(
        appointment=visit, was=was, became=became, at=clock.now(), by=by, reason=reason[:300]
    )


def _locked(visit: Appointment) -> Appointment:
    """The row as it stands now, held until the transaction ends."""
    Appointment.objects.select_for_update().get(pk=visit.pk)
    return visits().get(pk=visit.pk)


@one_transaction(_refusal)
def change_status(
    visit: Appointment, to: str, *, by: User, reason: str = "", key: uuid.UUID
) -> Appointment:
    """Bring the visit into status `to`.

    Cancelling and a no-show need a reason; cancelling gives the time back. Treating needs a clear check-in.
    Raises PermissionDenied for a role that may not, Refusal if it does not follow, AlreadyDone on a second
    sending.
    """
    if to not in OPERATIONS or not by.has_perm(f"clinic.{OPERATIONS[to]}"):
        raise PermissionDenied
    visit, reason = _locked(visit), reason.strip()
    submission = claim(key, by=by)
    was = visit.status
    if to not in TRANSITIONS[was]:
        raise Refusal(unfit_words(was, to))
    _require_time(visit, to, reason)
    # Once begun, a treatment is recorded as done whatever was found meanwhile.
    if to in (Status.IN_TREATMENT, Status.DONE) and was != Status.IN_TREATMENT:
        _require_clear(visit)
    visit.status = to
    visit.save(update_fields=["status"])
    if to == Status.CANCELLED:
        Occupancy.objects.filter(appointment=visit).delete()
    if to == Status.DONE and visit.session:
        mark_performed(visit.session, local_day(visit), by=by)
    _note(visit, was, to, by, reason)
    record(str(to), visit, by=by, patient_number=visit.patient.number, reason=reason, was=was)
    settle(submission, str(visit.pk))
    return visit


def _require_time(visit: Appointment, to: str, reason: str) -> None:
    """What a status asks of the calendar and of the person who sets it."""
    if to in (Status.CANCELLED, Status.NO_SHOW) and not reason:
        raise Refusal(_("Say why, in a few words."))
    today, day = clock.today(visit.location.zone), local_day(visit)
    # What was begun on its day may be written down later: the session counts from the visit's own day.
    is_late = to == Status.DONE and visit.status == Status.IN_TREATMENT and day < today
    if to in (Status.ARRIVED, Status.IN_TREATMENT, Status.DONE) and day != today and not is_late:
        words = _("This visit is on %(day)s, not today. Move it to today first.")
        raise Refusal(words % {"day": day_in_words(day)})
    if to == Status.NO_SHOW and day > today:
        raise Refusal(_("This visit is still to come. Cancel or move it instead."))


def _require_clear(visit: Appointment) -> None:
    """Nobody is treated while the check-in leaves something open."""
    checked = check_in(visit, clock.today(visit.location.zone))
    if checked and checked.open_findings:
        said = names()
        what = "; ".join(finding_words(found, said) for found in checked.open_findings[:3])
        raise NotAllowed(_("Not yet: %(what)s. Settle it first.") % {"what": what})


@one_transaction(_refusal)
def sign(visit: Appointment, rule: str, reason: str, *, by: User, key: uuid.UUID) -> Override:
    """Sign for one finding of the visit as judged today; good while its basis is the same (screening.md, 8).

    Raises PermissionDenied for somebody who may not sign for it, Refusal if nobody may, if the finding no
    longer stands, or if the reason says nothing.
    """
    visit, reason = _locked(visit), reason.strip()
    submission = claim(key, by=by)
    checked, session = check_in(visit, clock.today(visit.location.zone)), visit.session
    standing = checked.open_findings if checked else []
    found = next((finding for finding in standing if finding.rule == rule), None)
    if found is None or session is None:
        raise Refusal(_("This point is settled or has changed. Load the page again."))
    if not found.signers:
        raise Refusal(_("Nobody can sign for this: it stands until its reason is gone."))
    needed = "sign_caution" if "practitioner" in found.signers else "override_wait"
    if not by.has_perm(f"clinic.{needed}"):
        raise PermissionDenied
    if len(reason) < LEAST_REASON:
        raise Refusal(_("Give the reason in at least %(n)d letters.") % {"n": LEAST_REASON})
    signature = Override.objects.create(
        session=session,
        session_date=local_day(visit),
        rule=rule,
        revision=session.course.revision,
        basis=basis_of(found),
        reason=reason,
        by=by,
        at=clock.now(),
    )
    record("signed", visit, by=by, patient_number=visit.patient.number, reason=reason, rule=rule)
    settle(submission, str(visit.pk))
    return signature


@one_transaction(_refusal)
def move_appointment(
    visit: Appointment, to: Chosen, *, by: User, reason: str = "", key: uuid.UUID
) -> Appointment:
    """The visit at another time; refused where that breaks its window, a later session's, or the screening.

    `to.ordinal` is not looked at. Raises TimeTaken, NotAllowed, another Refusal, or AlreadyDone.
    """
    patient = Patient.objects.select_for_update().get(pk=visit.patient_id)
    visit, reason = _locked(visit), reason.strip()
    lock_days(visit.location_id, [local_day(visit), to.day])
    submission = claim(key, by=by)
    session = visit.session
    if session is None or visit.status not in (Status.BOOKED, Status.CONFIRMED):
        raise Refusal(_("Only a visit that is booked or confirmed can be moved."))
    screening = _allowed_move(visit, session, to.day, by)
    revision = session.course.revision
    _require_free(to, revision, visit.location, patient, without=[visit.pk])
    was, before = visit.status, visit.starts_at
    visit.starts_at = instant(to.day, to.minute, visit.location.zone)
    visit.ends_at = visit.starts_at + _length(revision)
    visit.status = Status.BOOKED  # whoever confirmed the old time has not confirmed this one
    visit.screening = _snapshot(screening, session.course)
    visit.save(update_fields=["starts_at", "ends_at", "status", "screening"])
    Occupancy.objects.filter(appointment=visit).delete()
    _hold(visit, to.resources, revision)
    _note(visit, was, visit.status, by, moved_words(before, reason))
    times = {"before": before.isoformat(), "after": visit.starts_at.isoformat()}
    record("moved", visit, by=by, patient_number=patient.number, reason=reason, **times)
    settle(submission, str(visit.pk))
    return visit


def _allowed_move(visit: Appointment, session: Session, day: dt.date, by: User) -> Screening:
    course, today = session.course, clock.today(visit.location.zone)
    dates = {each.ordinal: each.day for each in view_of(course, today).sessions if each.day}
    _require_windows(dates | {session.ordinal: day}, course.revision, since=session.ordinal)
    code = course.revision.procedure.code
    case = case_of(visit.patient, code, today, areas=course.areas, without=[session.pk])
    screening = case.screen(day)
    _require_allowed(day, screening, by)
    _require_no_harm(case, [day])
    return screening
