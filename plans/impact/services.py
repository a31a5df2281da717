"""Publishing a change together with what it does to the sessions to come; what an answer does to a patient's."""

import uuid
from collections.abc import Callable, Collection
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.audit.services import record
from clinic.kit import clock
from clinic.kit.refusals import Refusal
from clinic.patients.models import Patient
from plans.catalogue.services import publish
from plans.core.bounds import Bounds
from plans.core.impact import Decision, TouchedSession
from plans.diary.selectors import rescreen
from plans.drafts.models import Drafted, RevisionState
from plans.gaps.services import publish_table
from plans.impact.models import ReviewItem
from plans.impact.selectors import GAPS, Proposal, impact_between
from plans.vignettes.selectors import differences_under

# Rows written at a time.
BATCH = 500


def publish_reviewed(
    proposal: Proposal, decision: Decision, *, by: Any, key: uuid.UUID
) -> tuple[Drafted, int]:
    """Put the draft into force and the sessions it touches, of every location, on the list; says how many.

    Both or neither.  Raises NotADraft, AlreadyDone, or Refusal: no reason, nothing changed, saved since the review,
    or a case that changes its answer and was not agreed to.
    """
    if proposal.draft.state != RevisionState.DRAFT:
        return _publish(proposal, decision, (), by=by, key=key)  # says by whom it was published
    # Before the lock: looking at every session may take seconds, in which nobody could book.
    before, after = proposal.worlds()
    _require_cases(len(differences_under(before.book, after.book)), decision.cases)
    touched = impact_between(before, after, location=None).sessions if decision.lists else ()
    listed = [each for each in touched if each.session not in decision.kept]
    return _publish(proposal, decision, listed, by=by, key=key)


@transaction.atomic
def _publish(
    proposal: Proposal,
    decision: Decision,
    listed: Collection[TouchedSession],
    *,
    by: Any,
    key: uuid.UUID,
) -> tuple[Drafted, int]:
    release = publish_table if proposal.code == GAPS else publish
    published: Drafted = release(
        proposal.draft, reason=decision.reason, by=by, key=key, version=decision.version
    )
    ReviewItem.objects.bulk_create(
        (_item(each, proposal.cause, by) for each in listed), batch_size=BATCH
    )
    record(
        "review_listed",
        published,
        by=by,
        cause=proposal.cause,
        sessions=len(listed),
        kept=len(decision.kept),
    )
    return published, len(listed)


def _require_cases(changing: int, agreed: int) -> None:
    if changing != agreed:
        text = ngettext(
            "%(n)d case changes its answer. Look at it below, then say that it changes as intended, or mend the draft.",
            "%(n)d cases change their answer. Look at them below, then say that they change as intended, or mend the draft.",
            changing,
        )
        raise Refusal(text % {"n": changing})


def _item(each: TouchedSession, cause: str, by: Any) -> ReviewItem:
    return ReviewItem(
        patient_id=each.patient,
        session_id=each.session,
        appointment_id=each.appointment,
        day=each.day,
        kinds=[kind.value for kind in each.kinds],
        cause=cause,
        details=Bounds.of(each.effects).written(),
        created_at=clock.now(),
        created_by=by,
    )


@transaction.atomic
def settle_review(item: ReviewItem, reason: str, *, by: Any) -> ReviewItem:
    """Take the session off the list.  Raises Refusal without a reason; settled before, it stays as it is."""
    if not reason.strip():
        raise Refusal(_("Say what was decided: the reason stays with the session."))
    stored = ReviewItem.objects.select_for_update().select_related("patient").get(pk=item.pk)
    if stored.settled_at is None:
        stored.settled_at, stored.settled_by = clock.now(), by
        stored.settled_reason = reason.strip()
        stored.save(update_fields=["settled_at", "settled_by", "settled_reason"])
        record(
            "review_settled",
            stored,
            by=by,
            patient_number=stored.patient.number,
            reason=stored.settled_reason,
            cause=stored.cause,
        )
    return stored


def note_export(proposal: Proposal, rows: int, *, by: Any) -> None:
    """Record that a list of so many touched sessions left the house."""
    record("impact_exported", proposal.draft, by=by, cause=proposal.cause, rows=rows)


@transaction.atomic
def endangering(patient: Patient, write: Callable[[], object]) -> tuple[int, ...]:
    """Run `write`, and return the keys of the visits that were allowed before it and are not any more.

    One writer for a patient at a time: else two forms would blame each other's answers.
    """
    patient = Patient.objects.select_for_update().get(pk=patient.pk)
    before = set(_endangered(patient))
    write()
    patient.refresh_from_db()
    return tuple(pk for pk in _endangered(patient) if pk not in before)


def _endangered(patient: Patient) -> list[int]:
    return [each.visit.pk for each in rescreen([patient], clock.today()) if each.is_endangered]
