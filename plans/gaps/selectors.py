"""Reading the clinic's gaps."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from plans.core.gaps import GapRule
from plans.core.spacing import Period
from plans.drafts.models import RevisionState
from plans.gaps.models import Gap, GapTable


def current_table() -> GapTable | None:
    """The table in force; None in an empty catalogue. One query."""
    return GapTable.objects.filter(state=RevisionState.CURRENT).first()


def draft_table() -> GapTable | None:
    """The table being drafted, if any. One query."""
    return GapTable.objects.filter(state=RevisionState.DRAFT).first()


def tables() -> QuerySet[GapTable]:
    """Every table, latest first. One query."""
    return GapTable.objects.select_related("published_by", "created_by")


def gap_rules(table: GapTable | None = None) -> tuple[GapRule, ...]:
    """The lines of `table`, of the one in force by default, in their order. One query."""
    rows = Gap.objects.order_by("id")
    rows = rows.filter(table=table) if table else rows.filter(table__state=RevisionState.CURRENT)
    # Any: the database knows the units, the types do not.
    found: Iterable[Any] = rows.values_list(
        "after__code",
        "after_procedure__code",
        "before__code",
        "before_procedure__code",
        "min_n",
        "min_unit",
        "why",
        "source",
    )
    return tuple(
        GapRule(
            group or procedure,
            later_group or later_procedure,
            Period(n, unit),
            why,
            source,
            after_is_procedure=group is None,
            before_is_procedure=later_group is None,
        )
        for group, procedure, later_group, later_procedure, n, unit, why, source in found
    )
