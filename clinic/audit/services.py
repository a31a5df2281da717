"""Writing the record of what happened, inside the transaction in which it happens."""

import uuid
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from clinic.audit.models import Entry, Submission
from clinic.kit import clock
from clinic.kit.refusals import AlreadyDone, Refusal


def record(
    action: str,
    subject: Model | str,
    *,
    by: Any,
    patient_number: int | None = None,
    reason: str = "",
    **details: Any,
) -> Entry:
    """Add one line: who, what, when, why. `details` takes codes, numbers and dates, never personal data.

    Must run in the transaction of the change itself, so that neither stands without the other.
    """
    name = subject if isinstance(subject, str) else f"{subject._meta.model_name}:{subject.pk}"
    return Entry.objects.create(
        at=clock.now(),
        by=by if getattr(by, "pk", None) else None,
        action=action,
        subject=name,
        patient_number=patient_number,
        reason=reason,
        details=details,
    )


def claim(key: uuid.UUID, *, by: Any) -> Submission:
    """Take the form's key for this transaction.  Raises AlreadyDone with the earlier outcome if it was sent before.

    The unique column decides, also between two requests that arrive together: the second waits for the first.
    """
    try:
        with transaction.atomic():
            return Submission.objects.create(key=key, by=by, at=clock.now())
    except IntegrityError:
        earlier = Submission.objects.get(key=key)
        if earlier.by_id != by.pk:
            raise Refusal(
                _("Somebody else has sent this form before. Load the page again and repeat it.")
            ) from None
        raise AlreadyDone(earlier.outcome) from None


def settle(submission: Submission, outcome: str) -> None:
    """Remember where a second click shall lead."""
    submission.outcome = outcome
    submission.save(update_fields=["outcome"])
