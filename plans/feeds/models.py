"""Calendar feeds: who may read whose appointments by a secret link."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Feed(models.Model):
    """A link to the appointments of a practitioner or of a patient. The link's secret is not kept, only its digest."""

    resource = models.ForeignKey(
        "clinic.Resource", on_delete=models.PROTECT, null=True, blank=True, related_name="feeds"
    )
    patient = models.ForeignKey(
        "clinic.Patient", on_delete=models.PROTECT, null=True, blank=True, related_name="feeds"
    )
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256, in hexadecimal")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    last_read_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        db_table = "feeds_feed"
        ordering = ("-created_at",)
        constraints = [
            models.CheckConstraint(
                name="feed_of_one",
                condition=Q(resource__isnull=False, patient__isnull=True)
                | Q(resource__isnull=True, patient__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"feed {self.pk}"
