"""What was handed out: which sheet, of which revision, in which words, to whom and how. Never changed."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    AFTERCARE = "aftercare", _("Aftercare sheet")
    PRECARE = "precare", _("Before the visit")
    CARD = "card", _("Appointment card")
    PLAN = "plan", _("Treatment plan")


class Way(models.TextChoices):
    PRINT = "print", _("printed")
    MAIL = "mail", _("sent by e-mail")
    LINK = "link", _("as a link")


class HandedOut(models.Model):
    """One sheet given to a patient. A sheet of two visits has a row for each, with the same digest and link."""

    patient = models.ForeignKey(
        "clinic.Patient", on_delete=models.PROTECT, related_name="handed_out"
    )
    visit = models.ForeignKey(
        "plans.Appointment",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="handed_out",
    )
    kind = models.CharField(max_length=9, choices=Kind)
    revision = models.CharField(
        max_length=200, help_text="codes and numbers of the catalogue: tca_peel_medium 3"
    )
    language = models.CharField(max_length=5)
    paper = models.CharField(max_length=2, help_text="a4 or a5")
    is_large = models.BooleanField(default=False)
    left_out = models.JSONField(
        default=list, blank=True, help_text="keys of the care steps that the practitioner left out"
    )
    digest = models.CharField(max_length=64, help_text="SHA-256 of all its words, in hexadecimal")
    way = models.CharField(max_length=5, choices=Way)
    link = models.ForeignKey(
        "plans.Link",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="handed_out",
        help_text="what its code opens",
    )
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "sheets_handedout"
        ordering = ("-at", "-id")
        indexes = [models.Index(fields=["patient", "at"], name="handedout_by_patient")]
        constraints = [
            models.CheckConstraint(
                name="handedout_kind_known",
                condition=Q(kind__in=[Kind.CARD, Kind.PLAN])
                | Q(kind__in=[Kind.AFTERCARE, Kind.PRECARE], visit__isnull=False),
            ),
            models.CheckConstraint(name="handedout_way_known", condition=Q(way__in=Way.values)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
