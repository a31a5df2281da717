"""Opening courses, and settling what becomes of their sessions."""

import datetime as dt
import uuid
from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.audit.services import claim, record, settle
from clinic.kit import clock
from clinic.kit.refusals import Refusal
from clinic.kit.tags import day_in_words
from clinic.patients.models import Patient
from clinic.staff.models import User
from plans.catalogue.models import Revision
from plans.core.screening import Finding
from plans.core.signatures import LEAST_REASON, basis_of
from plans.courses.models import Course, HomeCare, Override, PatchTest, Plan, Session
from plans.courses.selectors import is_patch_test, stands_in_diary
from plans.drafts.models import RevisionState
from plans.terms.models import Sign


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
    return _new_course(plan, revision, [None] * count, areas, None, by=by)


@transaction.atomic
def add_course(
    plan: Plan,
    revision: Revision,
    days: Sequence[dt.date],
    *,
    by: User,
    areas: Sequence[str] = (),
    step: int | None = None,
) -> Course:
    """A course in `plan`, a session intended for each of `days`; `step`: of the plan's protocol.

    Raises Refusal as `open_course` does.
    """
    _require_offered(revision, len(days))
    return _new_course(plan, revision, days, areas, step, by=by)


def _new_course(
    plan: Plan,
    revision: Revision,
    days: Sequence[dt.date | None],
    areas: Sequence[str],
    step: int | None,
    *,
    by: User,
) -> Course:
    course = Course.objects.create(
        plan=plan,
        patient=plan.patient,
        revision=revision,
        areas=list(areas),
        protocol_step=step,
        created_at=plan.created_at,
    )
    Session.objects.bulk_create(
        Session(course=course, ordinal=ordinal, planned_on=day)
        for ordinal, day in enumerate(days, start=1)
    )
    record(
        "course_opened",
        course,
        by=by,
        patient_number=plan.patient.number,
        procedure=revision.procedure.code,
        revision=revision.number,
        sessions=len(days),
    )
    return course


@transaction.atomic
def start_home_care(
    plan: Plan,
    revision: Revision,
    starts_on: dt.date,
    ends_on: dt.date | None,
    *,
    by: User,
    step: int | None = None,
) -> HomeCare:
    """Use at home from `starts_on` to `ends_on`, both included; None: until it is stopped.

    Raises Refusal for a procedure that is not offered for use at home, or rules that are not in force.
    """
    procedure = revision.procedure
    if (
        not procedure.is_home
        or procedure.retired_at is not None
        or revision.state != RevisionState.CURRENT
    ):
        words = _("%(procedure)s is not offered for use at home. Choose it again from the list.")
        raise Refusal(words % {"procedure": revision.title})
    care = HomeCare.objects.create(
        plan=plan,
        patient=plan.patient,
        revision=revision,
        starts_on=starts_on,
        ends_on=ends_on,
        protocol_step=step,
        created_at=clock.now(),
        created_by=by,
    )
    record(
        "home_care_started",
        care,
        by=by,
        patient_number=plan.patient.number,
        procedure=procedure.code,
        revision=revision.number,
    )
    return care


@transaction.atomic
def stop_home_care(care: HomeCare, last_day: dt.date, reason: str, *, by: User) -> HomeCare:
    """End it early: `last_day` is the last day of use, the day before its first if it was never used.

    What is planned and booked is judged by the new end from this moment on. Raises ImpossibleDay for a day that
    cannot be its last, Refusal without a reason or if it was stopped before.
    """
    rows = HomeCare.objects.select_for_update(of=("self",)).select_related("patient")
    stored = rows.get(pk=care.pk)
    if not reason.strip():
        raise Refusal(_("Say why it is stopped."))
    if stored.stopped_on is not None:
        raise Refusal(_("This home care was stopped before. Its page says when and why."))
    first = stored.starts_on - dt.timedelta(days=1)
    if not first <= last_day <= (stored.ends_on or dt.date.max):
        words = _("Its last day lies between %(first)s (never used) and %(last)s.")
        until = day_in_words(stored.ends_on, "year") if stored.ends_on else _("any later day")
        raise ImpossibleDay(words % {"first": day_in_words(first, "year"), "last": until})
    stored.stopped_on = last_day
    stored.stopped_reason = reason.strip()[:300]
    stored.save(update_fields=["stopped_on", "stopped_reason"])
    number = stored.patient.number
    day = last_day.isoformat()
    record("home_care_stopped", stored, by=by, patient_number=number, last_day=day)
    return stored


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


def sign_finding(
    session: Session, day: dt.date, found: Finding, reason: str, *, by: User
) -> Override:
    """A signature for one finding of `session` on `day`; good while its basis is the same (screening.md, 8).

    Runs in the transaction of whoever signs. Raises PermissionDenied for somebody who may not sign for it, Refusal
    if nobody may or if the reason says nothing.
    """
    if not found.signers:
        raise Refusal(_("Nobody can sign for this: it stands until its reason is gone."))
    needed = "sign_caution" if "practitioner" in found.signers else "override_wait"
    if not by.has_perm(f"clinic.{needed}"):
        raise PermissionDenied
    reason = reason.strip()
    if len(reason) < LEAST_REASON:
        raise Refusal(_("Give the reason in at least %(n)d letters.") % {"n": LEAST_REASON})
    signature = Override.objects.create(
        session=session,
        session_date=day,
        rule=found.rule,
        revision=session.course.revision,
        basis=basis_of(found),
        reason=reason[:500],
        by=by,
        at=clock.now(),
    )
    number = session.course.patient.number
    record("signed", signature, by=by, patient_number=number, reason=reason, rule=found.rule)
    return signature
