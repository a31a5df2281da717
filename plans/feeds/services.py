"""Writing feeds: a link is made, replaced and taken back; when one was read is noted."""

import datetime as dt
import secrets
import uuid

from django.db import transaction
from django.db.models import Q

from clinic.audit.services import claim, record, settle
from clinic.kit import clock
from clinic.patients.models import Patient
from clinic.staff.models import User
from clinic.staff.selectors import digest_of
from plans.feeds.models import Feed
from plans.feeds.selectors import Owner, feeds_of

SECRET_BYTES = 32
# When a link was last read is worth a write an hour, not one at each look of a calendar program.
NOTED_EVERY = dt.timedelta(hours=1)
# How often within an hour a link may be read, and a link that opens nothing be tried from one address.
MOST_READINGS, MOST_MISSES = 120, 60


@transaction.atomic
def issue_feed(owner: Owner, *, by: User, key: uuid.UUID) -> str:
    """A new secret link to the calendar of `owner`, in place of the one before. It is told this once: its digest is kept.

    Raises AlreadyDone if the form was sent before.
    """
    submission = claim(key, by=by)
    _revoke(owner, by)
    token = secrets.token_urlsafe(SECRET_BYTES)
    patient, resource = (owner, None) if isinstance(owner, Patient) else (None, owner)
    feed = Feed.objects.create(
        patient=patient,
        resource=resource,
        digest=digest_of(token),
        created_at=clock.now(),
        created_by=by,
    )
    record("feed_issued", feed, by=by, patient_number=_number(owner))
    settle(submission, str(feed.pk))
    return token


@transaction.atomic
def revoke_feed(owner: Owner, *, by: User, key: uuid.UUID) -> None:
    """Let no link open the calendar of `owner` any more.  Raises AlreadyDone if the form was sent before."""
    submission = claim(key, by=by)
    _revoke(owner, by)
    settle(submission, "")


def _revoke(owner: Owner, by: User) -> None:
    for feed in feeds_of(owner).filter(revoked_at=None).select_for_update():
        feed.revoked_at, feed.revoked_by = clock.now(), by
        feed.save(update_fields=["revoked_at", "revoked_by"])
        record("feed_revoked", feed, by=by, patient_number=_number(owner))


def _number(owner: Owner) -> int | None:
    return owner.number if isinstance(owner, Patient) else None


def note_reading(feed: Feed) -> None:
    """Remember when the link was last read, to the hour."""
    now = clock.now()
    is_due = Q(last_read_at=None) | Q(last_read_at__lt=now - NOTED_EVERY)
    Feed.objects.filter(is_due, pk=feed.pk).update(last_read_at=now)
