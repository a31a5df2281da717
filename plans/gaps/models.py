"""The clinic's gaps between different procedures: one numbered table, drafted and published as a whole."""

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from plans.drafts.models import Drafted, numbered_once
from plans.terms.models import Group, Unit


class GapTable(Drafted):
    """All gaps as they were from one publication to the next."""

    class Meta:
        db_table = "catalogue_gaptable"
        ordering = ("-number",)
        constraints = numbered_once("gaptable")

    def __str__(self) -> str:
        return f"gaps r{self.number}"


def _one_of(group: str, procedure: str) -> Q:
    groups, procedures = {f"{group}__isnull": True}, {f"{procedure}__isnull": True}
    return Q(**groups) & ~Q(**procedures) | ~Q(**groups) & Q(**procedures)


class Gap(models.Model):
    """How long after a procedure (or one of a group) another (or one of another group) may come."""

    table = models.ForeignKey(GapTable, on_delete=models.CASCADE, related_name="gaps")
    after = models.ForeignKey(
        Group, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    before = models.ForeignKey(
        Group, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    after_procedure = models.ForeignKey(
        "plans.Procedure", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    before_procedure = models.ForeignKey(
        "plans.Procedure", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    min_n = models.PositiveSmallIntegerField()
    min_unit = models.CharField(max_length=6, choices=Unit)
    why = models.JSONField(default=dict)
    source = models.CharField(max_length=60)

    class Meta:
        db_table = "catalogue_gap"
        ordering = ("table", "id")
        constraints = [
            CheckConstraint(name="gap_one_before", condition=_one_of("before", "before_procedure")),
            CheckConstraint(name="gap_one_after", condition=_one_of("after", "after_procedure")),
            CheckConstraint(
                name="gap_at_least_a_day",
                condition=Q(min_n__gte=1, min_unit__in=Unit.values),
                violation_error_message=_("A gap is at least one day."),
            ),
            *(
                UniqueConstraint(
                    fields=["table", after, before],
                    condition=Q(**{f"{after}__isnull": False, f"{before}__isnull": False}),
                    name=f"gap_once_{n}",
                )
                for n, (after, before) in enumerate(
                    [
                        ("after", "before"),
                        ("after", "before_procedure"),
                        ("after_procedure", "before"),
                        ("after_procedure", "before_procedure"),
                    ]
                )
            ),
        ]

    def __str__(self) -> str:
        return f"gap {self.pk}"
