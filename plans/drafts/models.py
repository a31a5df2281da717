"""What is drafted, reviewed and published under a number, and then never changes."""

from django.db import models
from django.db.models import Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from plans.terms.models import person_column


class RevisionState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    CURRENT = "current", _("Current")
    SUPERSEDED = "superseded", _("Earlier")


class Drafted(models.Model):
    """A numbered set of rules; immutable once published (the database holds that)."""

    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=RevisionState, default=RevisionState.DRAFT)
    version = models.PositiveIntegerField(default=0, help_text="counts the saves of a draft")
    reason = models.CharField(_("why"), max_length=300, blank=True)
    created_at = models.DateTimeField()
    created_by = person_column()
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = person_column()

    class Meta:
        abstract = True


def numbered_once(name: str, *of: str) -> list[models.BaseConstraint]:
    """Each number once, one draft and one current set at a time, for each value of the fields `of`.

    Without `of` there is one such document in the whole clinic.
    """
    states = [
        UniqueConstraint(
            fields=list(of) or ["state"], condition=Q(state=state), name=f"{name}_one_{state}"
        )
        for state in (RevisionState.DRAFT, RevisionState.CURRENT)
    ]
    return [UniqueConstraint(fields=[*of, "number"], name=f"{name}_number_once"), *states]
