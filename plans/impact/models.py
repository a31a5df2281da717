"""Sessions that a published change touches and that somebody must look at."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from plans.terms.models import person_column


class ReviewItem(models.Model):
    """A session that was put on the list when a change was published; settled by a person, with a reason."""

    patient = models.ForeignKey("clinic.Patient", on_delete=models.PROTECT, related_name="+")
    session = models.ForeignKey(
        "plans.Session", on_delete=models.PROTECT, related_name="review_items"
    )
    appointment = models.ForeignKey(
        "plans.Appointment",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="review_items",
    )
    day = models.DateField(help_text="on which the session stood when it was put here")
    kinds = models.JSONField(default=list, help_text="what the change does to it")
    # What was published: "tca_peel_medium 4", "gaps 2".
    cause = models.CharField(max_length=80)
    details = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()
    created_by = person_column()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    settled_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "impact_reviewitem"
        ordering = ("day", "id")
        constraints = [
            models.UniqueConstraint(fields=["session", "cause"], name="reviewitem_once_per_cause"),
            models.CheckConstraint(
                name="reviewitem_settled_with_reason",
                condition=Q(settled_at__isnull=True) | ~Q(settled_reason=""),
            ),
        ]
        indexes = [
            models.Index(
                fields=["day"], condition=Q(settled_at__isnull=True), name="reviewitem_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.cause}: session {self.session_id}"
