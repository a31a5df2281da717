"""Writing what becomes of a visit, for somebody who saw how it stood; and the call that follows."""

import uuid
from datetime import date

from clinic.audit.services import claim, record, settle
from clinic.kit import clock
from clinic.kit.contention import one_transaction
from clinic.kit.refusals import Refusal
from clinic.staff.models import User
from plans.catalogue.models import Revision
from plans.core.calling import ENDING, call_day
from plans.courses.selectors import local_day
from plans.diary.models import Appointment, Status, refused_words
from plans.diary.services import change_status, locked
from plans.moves.selectors import last_step
from plans.moves.services import Stale
from plans.moves.tags import stale_words
from plans.visits.models import CallTry, FollowUp
from plans.visits.tags import SETTLED_WORDS


@one_transaction(refused_words)
def set_status(
    visit: Appointment, to: str, version: int, *, by: User, reason: str = "", key: uuid.UUID
) -> Appointment:
    """As `bring_to`, unless somebody changed the visit meanwhile: then Stale, with who did what.

    `version`: the key of the last step in its history that the person has seen; 0 for none.
    """
    row = locked(visit)
    last = last_step(row)
    if last is not None and last.pk != version:
        claim(key, by=by)  # a second sending is told so: the step it does not know is its own
        raise Stale(stale_words(row, last))
    return bring_to(row, to, by=by, reason=reason, key=key)


@one_transaction(refused_words)
def bring_to(
    visit: Appointment, to: str, *, by: User, reason: str = "", key: uuid.UUID
) -> Appointment:
    """As `change_status`; a treatment that is done leaves a follow-up call behind."""
    row = change_status(visit, to, by=by, reason=reason, key=key)
    if to == Status.DONE and row.session is not None:
        due = call_day(local_day(row), _healing_days(row.session.course.revision))
        _put_on_list(row, due, by)
    return row


def _put_on_list(visit: Appointment, due: date, by: User) -> None:
    FollowUp.objects.get_or_create(
        visit=visit, defaults={"due_on": due, "created_at": clock.now(), "created_by": by}
    )


def _healing_days(revision: Revision) -> int | None:
    """How long one is off work, roughly in days: only whether it is none at all decides."""
    if revision.downtime_n is None:
        return None
    return int(revision.downtime_n) * {"weeks": 7, "months": 30}.get(revision.downtime_unit, 1)


@one_transaction(refused_words)
def note_call(
    visit: Appointment, outcome: str, note: str = "", *, by: User, key: uuid.UUID
) -> CallTry:
    """Write down a try at the visit's follow-up call; one that ends it takes it off the list.

    Raises Refusal where nothing is to be called, or the call has ended; AlreadyDone on a second sending.
    """
    submission = claim(key, by=by)
    row = FollowUp.objects.select_for_update().filter(visit=visit).first()
    if row is None or row.tries.filter(outcome__in=ENDING).exists():
        raise Refusal(str(SETTLED_WORDS))
    tried = CallTry(follow_up=row, outcome=outcome, note=note.strip(), at=clock.now(), by=by)
    tried.full_clean()
    tried.save(force_insert=True)
    record("call_noted", visit, by=by, patient_number=visit.patient.number, outcome=outcome)
    settle(submission, str(visit.pk))
    return tried
