"""What the programming interface writes: who had whom screened, and a series booked once, however often it is sent."""

import datetime as dt
import uuid
from contextlib import suppress

from django.db import transaction

from clinic.audit.models import Submission
from clinic.audit.services import record
from clinic.kit.refusals import AlreadyDone
from clinic.patients.models import Patient
from clinic.staff.models import User
from plans.api.selectors import Planned, accepted_keys
from plans.core.act_reading import MoveRequest, StatusRequest
from plans.core.acts import Act
from plans.core.chosen import ChosenSeries
from plans.courses.models import Course
from plans.diary.models import Appointment, Status
from plans.moves import services as moves
from plans.moves.selectors import last_step, latest_steps
from plans.moves.services import Stale
from plans.moves.tags import stale_words
from plans.series.services import book_series
from plans.visits.services import bring_to


@transaction.atomic
def note_screening(patient: Patient, procedure: str, day: dt.date, *, by: User) -> None:
    """Write down that `by` had `patient` screened; what was found is not written down."""
    record(
        "screened",
        patient,
        by=by,
        patient_number=patient.number,
        procedure=procedure,
        session_date=day.isoformat(),
    )


@transaction.atomic
def note_search(patient: Patient, procedure: str, *, by: User) -> None:
    """Write down that `by` searched for a series of `patient`: the answer tells of the patient's health."""
    record("opened", patient, by=by, patient_number=patient.number, page="api", procedure=procedure)


class OtherRequest(Exception):
    """The idempotency key was used before, for something else."""


def book(chosen: ChosenSeries, *, by: User, key: uuid.UUID) -> tuple[Course, bool]:
    """The course with every session of `chosen` booked, and whether it was booked now.

    False: the same key booked it before. Raises OtherRequest where it booked something else, TimeTaken or another
    Refusal.
    """
    try:
        return book_series(chosen, by=by, key=key), True
    except AlreadyDone as done:
        return _booked_before(done.outcome, chosen), False


def replay(chosen: ChosenSeries, *, by: User, key: uuid.UUID) -> Course | None:
    """The course that the same key booked before, however old its token is by now; None if it booked none."""
    earlier = Submission.objects.filter(key=key, by=by).first()
    return _booked_before(earlier.outcome, chosen) if earlier else None


def _booked_before(outcome: str, chosen: ChosenSeries) -> Course:
    rows = Course.objects.select_related("patient", "revision")
    course = rows.filter(pk=int(outcome) if outcome.isdecimal() else 0).first()
    is_it = course is not None and (course.patient.number, course.revision_id) == (
        chosen.patient,
        chosen.revision,
    )
    if course is None or not is_it:
        raise OtherRequest
    return course


def set_status(visit: Appointment, wish: StatusRequest, *, by: User, key: uuid.UUID) -> None:
    """Bring the visit into the status wished for, once for each `key`.  Raises Stale, another Refusal, PermissionDenied."""
    version = latest_steps([visit.pk]).get(visit.pk, 0)
    if wish.to in (Status.CANCELLED, Status.NO_SHOW):
        act = Act(wish.to, visit.pk, version if wish.version is None else wish.version)  # type: ignore[arg-type]  # the act's kind is the status
        with suppress(AlreadyDone):
            moves.carry_out(act, by=by, key=key, reason=wish.reason)
        return
    if wish.version not in (None, version) and not _is_sent_before(key, by):
        raise Stale(stale_words(visit, last_step(visit)))
    with suppress(AlreadyDone):
        bring_to(visit, wish.to, by=by, reason=wish.reason, key=key)


def require_current(planned: Planned, wish: MoveRequest) -> None:
    """Raises Stale where the caller knows another version of the visit than there is: then nothing else is worth telling."""
    if wish.version not in (None, planned.known.version):
        visit = planned.known.visit
        raise Stale(stale_words(visit, last_step(visit)))


def carry_out(planned: Planned, wish: MoveRequest, *, by: User, key: uuid.UUID) -> tuple[str, int]:
    """Move the visit and what may move with it: the act's number and how many moved; "" and 0 if `key` was sent before.

    Raises Stale, TimeTaken or another Refusal.
    """
    chosen = None if wish.accept is None else accepted_keys(planned.known, wish.accept)
    try:
        done = moves.carry_out(planned.act, by=by, key=key, reason=wish.reason, accepted=chosen)
    except AlreadyDone:
        return "", 0
    return str(done.batch), done.moved


def _is_sent_before(key: uuid.UUID, by: User) -> bool:
    return Submission.objects.filter(key=key, by=by).exists()
