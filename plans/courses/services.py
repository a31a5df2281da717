"""Opening courses, and settling what becomes of their sessions."""

import datetime as dt
import uuid
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.audit.services import claim, record, settle
from clinic.kit import clock
from clinic.kit.refusals import Refusal
from clinic.kit.tags import day_in_words
from clinic.patients.models import Patient
from clinic.staff.models import User
from plans.catalogue.models import Revision, RevisionState, Sign
from plans.courses.models import Course, PatchTest, Plan, Session
from plans.courses.selectors import is_patch_test, stands_in_diary


class ImpossibleDay(Refusal):
    """The day given cannot be true."""


@transaction.atomic
def open_course(
    patient: Patient,
    revision: Revision,
    count: int,
    *,
    by: User,
    sign: Sign | None = None,
    pit_depth: str = "",
    areas: Sequence[str] = (),
) -> Course:
    """A plan with one course of `count` sessions, all of them owed.

    Raises Refusal for a procedure that is not offered in the clinic, rules that are not in force, or
    more sessions than the procedure allows.
    """
    _require_offered(revision, count)
    now = clock.now()
    plan = Plan.objects.create(
        patient=patient, sign=sign, pit_depth=pit_depth, created_at=now, created_by=by
    )
    course = Course.objects.create(
        plan=plan, patient=patient, revision=revision, areas=list(areas), created_at=now
    )
    Session.objects.bulk_create(
        Session(course=course, ordinal=ordinal) for ordinal in range(1, count + 1)
    )
    record(
        "course_opened",
        course,
        by=by,
        patient_number=patient.number,
        procedure=revision.procedure.code,
        revision=revision.number,
        sessions=count,
    )
    return course


def _require_offered(revision: Revision, count: int) -> None:
    procedure = revision.procedure
    if procedure.is_home or procedure.retired_at or revision.state != RevisionState.CURRENT:
        raise Refusal(
            _("%(procedure)s cannot be booked any more. Choose it again from the list.")
            % {"procedure": revision.title}
        )
    most = revision.sessions_max
    if count < 1 or (most is not None and count > most):
        raise Refusal(
            ngettext(
                "%(procedure)s has at most %(most)d session. Ask for fewer.",
                "%(procedure)s has at most %(most)d sessions. Ask for fewer.",
                most or 1,
            )
            % {"procedure": revision.title, "most": most or 1}
        )


@transaction.atomic
def write_off(session: Session, reason: str, *, by: User) -> None:
    """End what is owed without treatment.  Raises Refusal without a reason, or while a visit is booked."""
    session = _locked(session)
    if not reason.strip():
        raise Refusal(_("Say why the session is written off."))
    if not session.is_owed:
        raise Refusal(_("This session is not owed any more: it was done or written off before."))
    if any(stands_in_diary(appointment.status) for appointment in session.appointments.all()):
        raise Refusal(_("This session is booked. Cancel its visit first, then write it off."))
    session.written_off_on = clock.today()
    session.written_off_reason = reason.strip()
    session.save(update_fields=["written_off_on", "written_off_reason"])
    record(
        "session_written_off",
        session,
        by=by,
        patient_number=session.course.patient.number,
        reason=session.written_off_reason,
        ordinal=session.ordinal,
    )


@transaction.atomic
def mark_performed(session: Session, on: dt.date, *, by: User) -> None:
    """The session was given on `on`.  Raises Refusal if it was done or written off before."""
    session = _locked(session)
    if not session.is_owed:
        raise Refusal(_("This session is not owed any more: it was done or written off before."))
    session.performed_on = on
    session.save(update_fields=["performed_on"])
    record(
        "session_performed",
        session,
        by=by,
        patient_number=session.course.patient.number,
        ordinal=session.ordinal,
    )


@transaction.atomic
def record_patch_test(
    patient: Patient, code: str, done_on: dt.date, *, by: User, note: str = "", key: uuid.UUID
) -> PatchTest:
    """The test `code` was done on `done_on`, without a reaction so far; `key`: of the form that says so.

    Raises ImpossibleDay for a day to come, before birth or recorded before; Refusal for a code that no
    rules in force know; AlreadyDone (the test's key as its outcome) if the form was sent before.
    """
    submission = claim(key, by=by)
    if not is_patch_test(code):
        raise Refusal(
            _("No procedure asks for a test %(code)s. Choose the procedure again.") % {"code": code}
        )
    # One writer for a patient at a time: of two forms sent at once, the second finds the first one's test.
    patient = Patient.objects.select_for_update().get(pk=patient.pk)
    today = clock.today()
    _require_possible(patient, code, done_on, today)
    test = PatchTest.objects.create(
        patient=patient,
        code=code,
        done_on=done_on,
        note=note.strip(),
        recorded_on=today,
        recorded_at=clock.now(),
        recorded_by=by,
    )
    details = {"code": code, "done_on": done_on.isoformat()}
    record("patch_test_recorded", test, by=by, patient_number=patient.number, **details)
    settle(submission, str(test.pk))
    return test


def _require_possible(patient: Patient, code: str, done_on: dt.date, today: dt.date) -> None:
    if done_on > today:
        raise ImpossibleDay(
            _(
                "%(day)s is still to come. A test is recorded once it is done: take today or earlier."
            )
            % {"day": day_in_words(done_on, "year")}
        )
    if done_on < patient.birth_date:
        raise ImpossibleDay(_("This is before the birth date. Check the year."))
    if PatchTest.objects.filter(patient=patient, code=code, done_on=done_on).exists():
        raise ImpossibleDay(
            _("This test is recorded for %(day)s already. Check the date.")
            % {"day": day_in_words(done_on, "year")}
        )


def _locked(session: Session) -> Session:
    """The row as it stands now, held until the transaction ends."""
    return (
        Session.objects.select_for_update(of=("self",))
        .select_related("course__patient")
        .get(pk=session.pk)
    )
