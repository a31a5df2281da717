"""What was seen on the patient's skin, on a day."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Assessment(models.Model):
    """One look at the skin. Never changed: a correction is a new one. Codes are those of terms.Sign and terms.Pit."""

    patient = models.ForeignKey(
        "clinic.Patient", on_delete=models.PROTECT, related_name="assessments"
    )
    done_on = models.DateField()
    signs = models.JSONField(default=list)
    pit_types = models.JSONField(default=list)
    pit_depth = models.CharField(max_length=60, blank=True)
    pit_age = models.CharField(max_length=60, blank=True)
    causes = models.JSONField(default=list)
    goodman_baron = models.PositiveSmallIntegerField(
        _("scar grade"), null=True, blank=True, help_text="Goodman and Baron, 1 to 4"
    )
    skin_type = models.PositiveSmallIntegerField(
        _("skin type"), null=True, blank=True, help_text="Fitzpatrick, 1 to 6"
    )
    areas = models.JSONField(default=list)
    note = models.TextField(blank=True, max_length=2000)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        db_table = "assessments_assessment"
        ordering = ("-done_on", "-id")
        indexes = [
            models.Index(fields=["patient", "-done_on", "-id"], name="assessment_by_patient")
        ]
        constraints = [
            models.CheckConstraint(
                name="assessment_grade_known",
                condition=Q(goodman_baron__isnull=True)
                | Q(goodman_baron__gte=1, goodman_baron__lte=4),
                violation_error_message=_("Goodman and Baron grades run from 1 to 4."),
            ),
            models.CheckConstraint(
                name="assessment_skin_type_fitzpatrick",
                condition=Q(skin_type__isnull=True) | Q(skin_type__gte=1, skin_type__lte=6),
                violation_error_message=_("Fitzpatrick skin types run from I to VI."),
            ),
        ]

    def __str__(self) -> str:
        return f"assessment {self.pk}"


@dataclass(frozen=True, slots=True)
class Seen:
    """One look at the skin as somebody writes it down: the columns of Assessment without who and when."""

    done_on: dt.date
    signs: tuple[str, ...] = ()
    pit_types: tuple[str, ...] = ()
    pit_depth: str = ""
    pit_age: str = ""
    causes: tuple[str, ...] = ()
    goodman_baron: int | None = None
    skin_type: int | None = None
    areas: tuple[str, ...] = ()
    note: str = ""
