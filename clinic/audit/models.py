"""Who changed what and who saw what: rows are only ever added (the database holds that)."""

from django.conf import settings
from django.db import models


class Entry(models.Model):
    """One thing that somebody did or saw. Holds codes and numbers, never a name, a phone or an answer."""

    at = models.DateTimeField(db_index=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    action = models.CharField(max_length=40)
    subject = models.CharField(
        max_length=60, help_text="kind and key of the row, such as appointment:17"
    )
    patient_number = models.PositiveIntegerField(null=True, db_index=True)
    reason = models.TextField(blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        db_table = "audit_entry"
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"


class Submission(models.Model):
    """A form that was sent and what came of it, so that a second click answers the same instead of doing it twice."""

    key = models.UUIDField(unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    outcome = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "audit_submission"

    def __str__(self) -> str:
        return str(self.key)
