"""What stands in the diary, and which resources it holds."""

from django.conf import settings
from django.db import IntegrityError, models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinic.kit.refusals import Refusal


class Status(models.TextChoices):
    BOOKED = "booked", _("Booked")
    CONFIRMED = "confirmed", _("Confirmed")
    ARRIVED = "arrived", _("Arrived")
    IN_TREATMENT = "in_treatment", _("In treatment")
    DONE = "done", _("Done")
    NO_SHOW = "no_show", _("No-show")
    CANCELLED = "cancelled", _("Cancelled")


# The one table of what may follow what.
TRANSITIONS: dict[str, frozenset[str]] = {
    Status.BOOKED: frozenset({Status.CONFIRMED, Status.ARRIVED, Status.NO_SHOW, Status.CANCELLED}),
    Status.CONFIRMED: frozenset({Status.BOOKED, Status.ARRIVED, Status.NO_SHOW, Status.CANCELLED}),
    Status.ARRIVED: frozenset(
        {Status.CONFIRMED, Status.IN_TREATMENT, Status.DONE, Status.CANCELLED}
    ),
    Status.IN_TREATMENT: frozenset({Status.DONE, Status.ARRIVED}),
    Status.DONE: frozenset(),
    Status.NO_SHOW: frozenset({Status.ARRIVED}),
    Status.CANCELLED: frozenset(),
}
# Who may bring a visit into a status; the names are those of clinic/kit/operations.py.
OPERATIONS: dict[str, str] = {
    Status.BOOKED: "book_session",
    Status.CONFIRMED: "book_session",
    Status.CANCELLED: "book_session",
    Status.ARRIVED: "mark_arrived",
    Status.NO_SHOW: "mark_arrived",
    Status.IN_TREATMENT: "mark_done",
    Status.DONE: "mark_done",
}
LIVE = (Status.BOOKED, Status.CONFIRMED, Status.ARRIVED, Status.IN_TREATMENT, Status.DONE)
HOLDING = (*LIVE, Status.NO_SHOW)
MOVABLE = (Status.BOOKED, Status.CONFIRMED)
# Whoever has arrived stays where they are; their visit may only last longer or shorter.
STRETCHABLE = (*MOVABLE, Status.ARRIVED, Status.IN_TREATMENT)


class Appointment(models.Model):
    """A visit: for a session, or a consultation without one."""

    patient = models.ForeignKey(
        "clinic.Patient", on_delete=models.PROTECT, related_name="appointments"
    )
    location = models.ForeignKey("clinic.Location", on_delete=models.PROTECT, related_name="+")
    session = models.ForeignKey(
        "plans.Session",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="appointments",
    )
    continues = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="continuations",
        help_text="the visit of which this is the second part, on the same day",
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    status = models.CharField(max_length=12, choices=Status, default=Status.BOOKED)
    # What the screening said when it was booked: verdict, reasons, the facts and the revision it rested on.
    screening = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        db_table = "diary_appointment"
        ordering = ("starts_at", "id")
        indexes = [
            models.Index(fields=["location", "starts_at"], name="appointment_by_day"),
            models.Index(fields=["patient", "starts_at"], name="appointment_by_patient"),
        ]
        constraints = [
            models.CheckConstraint(
                name="appointment_start_before_end", condition=Q(starts_at__lt=F("ends_at"))
            ),
            models.CheckConstraint(
                name="appointment_status_known", condition=Q(status__in=Status.values)
            ),
            models.CheckConstraint(
                name="appointment_continuation_without_session",
                condition=Q(continues__isnull=True) | Q(session__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["session"],
                condition=Q(status__in=LIVE),
                name="appointment_one_live_per_session",
                violation_error_message=_("This session already has an appointment."),
            ),
        ]

    def __str__(self) -> str:
        return f"appointment {self.pk}"


class StatusChange(models.Model):
    """A step in an appointment's history: its status or its time, by whom and why."""

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="changes")
    was = models.CharField(max_length=12, blank=True)
    became = models.CharField(max_length=12, choices=Status)
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    reason = models.CharField(max_length=300, blank=True)
    # What the rules said when the treatment began: as Appointment.screening; empty for other steps.
    screening = models.JSONField(null=True, blank=True)
    # What the step replaced: starts_at, ends_at (ISO, UTC), resources by role, status; enough to undo it.
    before = models.JSONField(null=True, blank=True)
    batch = models.UUIDField(null=True, blank=True, help_text="shared by all steps of one act")

    class Meta:
        db_table = "diary_statuschange"
        ordering = ("id",)
        indexes = [
            models.Index(fields=["batch"], name="statuschange_by_batch"),
        ]

    def __str__(self) -> str:
        return f"{self.was} -> {self.became}"


class Block(models.Model):
    """Time in which a resource cannot be booked: lunch, cleaning, service."""

    resource = models.ForeignKey("clinic.Resource", on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=80)
    batch = models.UUIDField(
        null=True, blank=True, help_text="shared by the blocks that were added together"
    )
    created_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        db_table = "diary_block"
        ordering = ("starts_at",)
        constraints = [
            models.CheckConstraint(
                name="block_start_before_end", condition=Q(starts_at__lt=F("ends_at"))
            ),
        ]

    def __str__(self) -> str:
        return self.reason


class Occupancy(models.Model):
    """A resource is held from one instant to another. No two rows of a resource overlap: the database refuses.

    A cancelled appointment gives its rows back; its own row and its history stay.
    """

    resource = models.ForeignKey(
        "clinic.Resource", on_delete=models.PROTECT, related_name="occupancy"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    appointment = models.ForeignKey(
        Appointment, on_delete=models.CASCADE, null=True, related_name="occupancy"
    )
    block = models.ForeignKey(Block, on_delete=models.CASCADE, null=True, related_name="occupancy")

    class Meta:
        db_table = "diary_occupancy"
        ordering = ("starts_at", "resource")
        indexes = [
            models.Index(fields=["starts_at", "resource"], name="occupancy_by_day"),
            models.Index(fields=["resource", "starts_at", "ends_at"], name="occupancy_by_resource"),
        ]
        constraints = [
            models.CheckConstraint(
                name="occupancy_start_before_end", condition=Q(starts_at__lt=F("ends_at"))
            ),
            models.CheckConstraint(
                name="occupancy_one_owner",
                condition=Q(appointment__isnull=False, block__isnull=True)
                | Q(appointment__isnull=True, block__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource_id} {self.starts_at:%Y-%m-%d %H:%M}"


class TimeTaken(Refusal):
    """Somebody else was faster, or somebody needed is not at work then."""


def refused_words(error: IntegrityError) -> Exception:
    """What the database's guards refused, as a Refusal in words; the error itself where it is none of theirs."""
    said = str(error)
    if "occupancy_no_overlap" in said:
        words = gettext(
            "Somebody else was faster: one of these times is taken. Nothing was booked; choose again."
        )
        return TimeTaken(words)
    if "appointment_one_live_per_session" in said or "diary_appointment.session_id" in said:
        words = gettext(
            "This session already has a visit. Open it instead of booking a second one."
        )
        return Refusal(words)
    return error
