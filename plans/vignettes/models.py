"""The clinic's own cases: a patient, a procedure and a date, and what the rules must answer."""

from django.db import models

from plans.terms.models import person_column


class Vignette(models.Model):
    """One case, in the form of the cases that the product ships with."""

    code = models.SlugField(max_length=60, unique=True)
    note = models.CharField(max_length=200, blank=True)
    case = models.JSONField(help_text="procedure, dates, patient and what is expected")
    created_at = models.DateTimeField()
    created_by = person_column()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "vignettes_vignette"
        ordering = ("code",)

    def __str__(self) -> str:
        return self.code
