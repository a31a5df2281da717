"""Writing links: one is made, used, taken back; how often one is tried is counted."""

import datetime as dt
import secrets
import smtplib
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from clinic.audit.services import record
from clinic.kit import clock
from clinic.kit.refusals import Refusal
from clinic.patients.models import Patient
from clinic.staff.models import User
from clinic.staff.selectors import digest_of
from plans.diary.models import Appointment
from plans.links.models import Link, Purpose
from plans.links.selectors import find, links_of, may_mail

SECRET_BYTES = 16
# How long a link opens what it is for: from the visit's end, without a visit from the day it is made.
LIFETIMES = {
    # The longest advice of the catalogue speaks of three months after the treatment.
    Purpose.SHEET: dt.timedelta(days=100),
    Purpose.HEALTH: dt.timedelta(days=1),
    Purpose.HOME_CALENDAR: dt.timedelta(days=366),
}
# When a link was last used is worth a write an hour, not one at each look.
NOTED_EVERY = dt.timedelta(hours=1)
# How often within PACE_SECONDS a link may be used, and one that opens nothing be tried from one address.
PACE_SECONDS = 60 * 60
MOST_USES, MOST_MISSES = 120, 60
MAIL_SECONDS = 10


class Closed(Exception):
    """The secret opens nothing, or was tried too often."""

    def __init__(self, *, is_too_often: bool) -> None:
        super().__init__("closed")
        self.is_too_often = is_too_often


def issue(purpose: str, *, patient: Patient, visit: Appointment | None = None, by: User) -> str:
    """The secret of a new link, told this once: only its digest is kept. Other links of the patient stay good."""
    return issue_all(purpose, [(patient, visit)], by=by)[0]


@transaction.atomic
def issue_all(
    purpose: str, whose: Sequence[tuple[Patient, Appointment | None]], *, by: User
) -> list[str]:
    """The secrets of new links in the order of `whose`. The same number of queries for all of them but for the audit."""
    now, tokens = clock.now(), [secrets.token_urlsafe(SECRET_BYTES) for _ in whose]
    links = Link.objects.bulk_create(
        Link(
            purpose=purpose,
            patient=patient,
            visit=visit,
            digest=digest_of(token),
            expires_at=max(visit.ends_at if visit else now, now) + LIFETIMES[Purpose(purpose)],
            created_at=now,
            created_by=by,
        )
        for (patient, visit), token in zip(whose, tokens, strict=True)
    )
    for link in links:
        record("link_issued", link, by=by, patient_number=link.patient.number, purpose=str(purpose))
    return tokens


@transaction.atomic
def revoke(link: Link, *, by: User) -> None:
    """Let the link open nothing any more; nothing happens to one revoked before."""
    locked = Link.objects.select_for_update().select_related("patient").get(pk=link.pk)
    if locked.revoked_at is not None:
        return
    locked.revoked_at, locked.revoked_by = clock.now(), by
    locked.save(update_fields=["revoked_at", "revoked_by"])
    record(
        "link_revoked", locked, by=by, patient_number=locked.patient.number, purpose=locked.purpose
    )


@transaction.atomic
def revoke_all(patient: Patient, purpose: str, *, by: User) -> int:
    """Let no link of the patient's for `purpose` open anything any more; how many there were."""
    links = list(links_of(patient, purpose))
    for link in links:
        revoke(link, by=by)
    return len(links)


def open_link(secret: str, purpose: str, *, address: str) -> Link:
    """The link that `secret` opens, counted and its use noted. `address`: whoever asks, such as an IP address.

    Raises Closed: the same for a secret unknown, ended, revoked, or made for something else; and when one is
    used, or an address tries, too often.
    """
    link = find(secret, purpose)
    if link is None:
        raise Closed(is_too_often=is_too_often(f"miss {address}", MOST_MISSES))
    if is_too_often(f"link {link.pk}", MOST_USES):
        raise Closed(is_too_often=True)
    now = clock.now()
    is_due = Q(last_used_at=None) | Q(last_used_at__lt=now - NOTED_EVERY)
    Link.objects.filter(is_due, pk=link.pk).update(last_used_at=now)
    return link


def is_too_often(what: str, most: int) -> bool:
    """Count one more of `what`; whether there were more than `most` within the hour."""
    name = f"links:{salted_hmac('plans.links.pace', what).hexdigest()}"
    cache.add(name, 0, PACE_SECONDS)
    try:
        return cache.incr(name) > most
    except ValueError:  # it ran out in between
        return False


# A link by e-mail


@dataclass(frozen=True)
class Letter:
    """An e-mail that brings the link of `secret`. `instead`: what to do where it cannot be sent."""

    patient: Patient
    subject: str
    body: str
    secret: str
    purpose: str
    instead: str


def require_mail(patient: Patient, instead: str) -> None:
    """Raises Refusal without a mail server or an address, or without the patient's consent to e-mail."""
    if not settings.EMAIL_URL:
        raise Refusal(_("No mail server is set, so nothing can be sent. %(instead)s") % {"instead": instead})  # fmt: skip
    if not may_mail(patient):
        raise Refusal(_("The patient has no address or has not agreed to e-mail. %(instead)s") % {"instead": instead})  # fmt: skip


def post_later(letter: Letter, *, by: User) -> None:
    """Send the letter once the transaction stands: the post office may be slow, and the link opens nothing before.

    Raises Refusal, from where the transaction ends, when it could not be sent: then the link is revoked.
    """
    transaction.on_commit(lambda: _post(letter, by))


def _post(letter: Letter, by: User) -> None:
    message = EmailMessage(
        subject=letter.subject,
        body=letter.body,
        to=[letter.patient.email],
        connection=get_connection(timeout=MAIL_SECONDS),
    )
    try:
        message.send()
    except (OSError, smtplib.SMTPException):
        link = find(letter.secret, letter.purpose)
        if link is not None:
            revoke(link, by=by)
        told = {"instead": letter.instead}
        raise Refusal(
            _("The e-mail could not be sent, and its link is revoked. %(instead)s") % told
        ) from None
