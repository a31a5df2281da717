"""Links that patients are given: what each opens, until when. A link's secret is not kept, only its digest."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Purpose(models.TextChoices):
    """The one thing that a link opens."""

    SHEET = "sheet", _("the sheet of a visit")
    HEALTH = "health", _("the questions before a visit")
    HOME_CALENDAR = "home_calendar", _("the calendar of home care")


class Link(models.Model):
    """A secret address for one patient and one purpose: it can be taken back, and ends by itself."""

    purpose = models.CharField(max_length=14, choices=Purpose)
    patient = models.ForeignKey("clinic.Patient", on_delete=models.PROTECT, related_name="links")
    visit = models.ForeignKey(
        "plans.Appointment", on_delete=models.PROTECT, null=True, blank=True, related_name="links"
    )
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256, in hexadecimal")
    expires_at = models.DateTimeField(help_text="from then on it opens nothing")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="to the hour")

    class Meta:
        db_table = "links_link"
        ordering = ("-created_at", "-id")
        indexes = [models.Index(fields=["patient", "purpose"], name="link_by_patient")]
        constraints = [
            models.CheckConstraint(
                name="link_purpose_known", condition=Q(purpose__in=Purpose.values)
            ),
            models.CheckConstraint(
                name="link_of_a_visit",
                condition=Q(purpose=Purpose.HOME_CALENDAR) | Q(visit__isnull=False),
            ),
            models.CheckConstraint(
                name="link_revoked_by_somebody",
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"link {self.pk}"
