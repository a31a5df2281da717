"""Constraints that several tables need."""

from typing import TYPE_CHECKING

from django.db.models import CheckConstraint, Q

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise


def all_or_none(name: str, columns: list[str], message: "_StrOrPromise") -> CheckConstraint:
    """Each of `columns` is empty, or each is at least 1: a half-empty rule would pass every comparison."""
    empty = {f"{column}__isnull": True for column in columns}
    given = {f"{column}__isnull": False for column in columns}
    positive = {f"{column}__gte": 1 for column in columns}
    condition = Q(**empty) | Q(**given, **positive)
    return CheckConstraint(name=name, condition=condition, violation_error_message=message)
