"""What a session achieved: scores told at its visit. Rows are only added; the newest of a visit counts."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from plans.core.scores import SCAR_SCALES, SPANS, Scale, Scored


def _within(column: str, scale: Scale) -> Q:
    span = SPANS[scale]
    return Q(**{f"{column}__gte": span.least, f"{column}__lte": span.most})


def _none_or_within(column: str, scale: Scale) -> Q:
    return Q(**{f"{column}__isnull": True}) | _within(column, scale)


def _scar_known() -> Q:
    known = Q(scar_scale="", scar_grade__isnull=True)
    for scale in SCAR_SCALES:
        known |= Q(scar_scale=scale.value, scar_grade__isnull=False) & _within("scar_grade", scale)
    return known


class Score(models.Model):
    """The scores of one visit of a session. Never changed: a correction is a row that `replaces` it, whole."""

    visit = models.ForeignKey("plans.Appointment", on_delete=models.PROTECT, related_name="scores")
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    pain = models.PositiveSmallIntegerField(null=True, blank=True)
    satisfaction = models.PositiveSmallIntegerField(null=True, blank=True)
    scar_scale = models.CharField(max_length=20, blank=True)
    scar_grade = models.PositiveSmallIntegerField(null=True, blank=True)
    pigmentation = models.PositiveSmallIntegerField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "outcomes_score"
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=["visit"],
                condition=Q(replaces__isnull=True),
                name="score_first_once",
                violation_error_message=_("Somebody else has scored this visit meanwhile."),
            ),
            models.CheckConstraint(
                name="score_pain_known", condition=_none_or_within("pain", Scale.PAIN)
            ),
            models.CheckConstraint(
                name="score_satisfaction_known",
                condition=_none_or_within("satisfaction", Scale.SATISFACTION),
            ),
            models.CheckConstraint(
                name="score_pigmentation_known",
                condition=_none_or_within("pigmentation", Scale.DARKNESS),
            ),
            models.CheckConstraint(
                name="score_scar_of_its_scale",
                condition=_scar_known(),
                violation_error_message=_("Choose the scale of the scar grade, and a grade of it."),
            ),
            models.CheckConstraint(
                name="score_says_something",
                condition=Q(replaces__isnull=False)
                | Q(pain__isnull=False)
                | Q(satisfaction__isnull=False)
                | Q(scar_grade__isnull=False)
                | Q(pigmentation__isnull=False),
                violation_error_message=_("Give at least one score."),
            ),
        ]

    def __str__(self) -> str:
        return f"score {self.pk}"

    @property
    def scored(self) -> Scored:
        scale = Scale(self.scar_scale) if self.scar_scale else None
        return Scored(self.pain, self.satisfaction, scale, self.scar_grade, self.pigmentation)
