"""Which edition of the catalogue file the database was brought up to."""

from django.db import models

from plans.terms.models import person_column


class Edition(models.Model):
    """One file that was loaded; the latest says what an export calls itself."""

    version = models.CharField(max_length=2000)
    status = models.TextField(blank=True)
    severities = models.JSONField(default=list)
    loaded_at = models.DateTimeField()
    loaded_by = person_column()

    class Meta:
        db_table = "catalogue_edition"
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.version
