"""Reading links: what a secret opens, and which links a patient has."""

from django.conf import settings
from django.db.models import QuerySet

from clinic.kit import clock
from clinic.patients.models import Patient
from clinic.staff.selectors import digest_of
from plans.links.models import Link


def find(secret: str, purpose: str) -> Link | None:
    """The link that `secret` opens for `purpose`; None for one unknown, ended, revoked or made for something else.

    With its patient and visit and their locations; one query.
    """
    found: Link | None = (
        living()
        .filter(digest=digest_of(secret), purpose=purpose)
        .select_related("patient__location", "visit__location", "created_by")
        .first()
    )
    return found


def living() -> QuerySet[Link]:
    """Every link that opens something now."""
    return Link.objects.filter(revoked_at=None, expires_at__gt=clock.now())


def links_of(patient: Patient, purpose: str) -> QuerySet[Link]:
    """The patient's links that open something now, the newest first; one query."""
    return living().filter(patient=patient, purpose=purpose).select_related("created_by", "visit")


def may_mail(patient: Patient) -> bool:
    """Whether a link can be sent: there is a mail server, an address, and the patient has agreed to e-mail."""
    return bool(settings.EMAIL_URL and patient.email and patient.may_email)
