"""Photos of patients: what each shows, when it was taken, and which file it is."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from plans.diary.models import Appointment


class View(models.TextChoices):
    """From where the camera looks. Left and right are the patient's own."""

    FRONT = "front", _("Front")
    HALF_LEFT = "half_left", _("Half left")
    LEFT = "left", _("Left side")
    HALF_RIGHT = "half_right", _("Half right")
    RIGHT = "right", _("Right side")
    CLOSE = "close", _("Close up")


class Photo(models.Model):
    """One photo. Its row never changes but to say that the photo was deleted; then its files are gone.

    The files lie in settings.MEDIA_ROOT / "photos", under a random name that says nothing.
    """

    patient = models.ForeignKey("clinic.Patient", on_delete=models.PROTECT, related_name="photos")
    visit = models.ForeignKey(
        "plans.Appointment", on_delete=models.PROTECT, null=True, blank=True, related_name="photos"
    )
    # The course of the visit's session: kept here so that one index finds the strip of a course.
    course = models.ForeignKey(
        "plans.Course", on_delete=models.PROTECT, null=True, blank=True, related_name="photos"
    )
    area = models.CharField(max_length=20, help_text="a code of tags.PHOTO_AREAS")
    view = models.CharField(max_length=10, choices=View)
    taken_at = models.DateTimeField()
    name = models.CharField(max_length=32, unique=True, help_text="of its files: 128 random bits")
    sha256 = models.CharField(max_length=64, help_text="of the file in full size, hexadecimal")
    size = models.PositiveIntegerField(help_text="bytes of its three files together")
    width = models.PositiveIntegerField(help_text="pixels, in full size")
    height = models.PositiveIntegerField(help_text="pixels, in full size")
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    deleted_at = models.DateTimeField(null=True, blank=True)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    deleted_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "photos_photo"
        ordering = ("taken_at", "id")
        indexes = [models.Index(fields=["patient", "taken_at"], name="photo_by_patient")]
        constraints = [
            models.CheckConstraint(
                name="photo_deleted_whole",
                condition=Q(deleted_at__isnull=True, deleted_by__isnull=True, deleted_reason="")
                | (Q(deleted_at__isnull=False, deleted_by__isnull=False) & ~Q(deleted_reason="")),
                violation_error_message=_("Say why the photo is deleted."),
            ),
            models.CheckConstraint(name="photo_view_known", condition=Q(view__in=View.values)),
            models.CheckConstraint(
                name="photo_not_added_before_taken",
                condition=Q(taken_at__lte=models.F("added_at")),
                violation_error_message=_("A photo is kept once it is taken, not before."),
            ),
        ]

    def __str__(self) -> str:
        return f"photo {self.pk}"

    @property
    def is_deleted(self) -> bool:
        return self.deleted_at is not None


@dataclass(frozen=True, slots=True)
class Taken:
    """What a photo shows, at which visit it was taken, and on which day."""

    area: str
    view: str
    on: dt.date
    visit: Appointment | None = None
