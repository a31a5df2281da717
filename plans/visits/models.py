"""What is still to be done after a visit: the follow-up call, and how often it was tried."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class FollowUp(models.Model):
    """A call that is due after a treatment. It is made with the visit's last step and never changed."""

    visit = models.OneToOneField(
        "plans.Appointment", on_delete=models.PROTECT, related_name="follow_up"
    )
    due_on = models.DateField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        db_table = "visits_followup"
        ordering = ("due_on", "id")

    def __str__(self) -> str:
        return f"call after visit {self.visit_id}"


class CallTry(models.Model):
    """One try at a follow-up call; one that ends the call is the last."""

    class Outcome(models.TextChoices):
        CALLED = "called", _("called")
        NOT_REACHED = "not_reached", _("not reached")
        NOT_NEEDED = "not_needed", _("not needed")

    follow_up = models.ForeignKey(FollowUp, on_delete=models.PROTECT, related_name="tries")
    outcome = models.CharField(max_length=11, choices=Outcome)
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "visits_calltry"
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                name="calltry_outcome_known",
                condition=Q(outcome__in=["called", "not_reached", "not_needed"]),
            ),
            models.UniqueConstraint(
                fields=["follow_up"],
                condition=~Q(outcome="not_reached"),
                name="calltry_one_end",
                violation_error_message=_("This call is settled already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} {self.follow_up_id}"
