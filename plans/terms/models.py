"""The words that the catalogue is written in: units of time, sources, signs, pits, groups of procedures."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, UniqueConstraint, Value, When
from django.utils.translation import gettext_lazy as _

from clinic.kit.languages import localized
from plans.core.spacing import Period

if TYPE_CHECKING:
    from clinic.staff.models import User


class Unit(models.TextChoices):
    DAYS = "days", _("days")
    WEEKS = "weeks", _("weeks")
    MONTHS = "months", _("months")


def rough_length(prefix: str) -> Case:
    """A period's comparable length, as `Period.rough_tenths_of_a_day`."""
    number, unit = F(f"{prefix}_n"), f"{prefix}_unit"
    ones = Period(1, "days"), Period(1, "weeks"), Period(1, "months")
    lengths = [
        When(Q(**{unit: one.unit}), then=number * Value(one.rough_tenths_of_a_day()))
        for one in ones
    ]
    return Case(*lengths, output_field=models.IntegerField())


def period(row: models.Model, prefix: str) -> Period | None:
    """The period in `<prefix>_n` and `<prefix>_unit` of `row`; None when not set."""
    n: int | None = getattr(row, f"{prefix}_n")
    return None if n is None else Period(n, getattr(row, f"{prefix}_unit"))


def n_column() -> "models.PositiveSmallIntegerField[int | None, int | None]":
    """The number of a period that may be left out."""
    return models.PositiveSmallIntegerField(null=True, blank=True)


def unit_column() -> "models.CharField[str, str]":
    """The unit of a period that may be left out."""
    return models.CharField(max_length=6, choices=Unit, blank=True)


def person_column() -> "models.ForeignKey[User | None, User | None]":
    """Who did it; empty for a file or the command line."""
    user = settings.AUTH_USER_MODEL
    return models.ForeignKey(user, on_delete=models.PROTECT, null=True, related_name="+")


class Term(models.Model):
    """A word of the catalogue: its code, and its name in each language."""

    code = models.SlugField(max_length=60, unique=True)
    name = models.JSONField()

    class Meta:
        abstract = True
        ordering = ("code",)

    def __str__(self) -> str:
        return localized(self.name)


class Source(models.Model):
    """Where a number comes from: an article, a guideline, a label, or the clinic's own custom."""

    code = models.CharField(max_length=60, unique=True)
    title = models.CharField(max_length=300)
    url = models.URLField(max_length=300, blank=True)
    is_background = models.BooleanField(default=False)

    class Meta:
        db_table = "catalogue_source"
        ordering = ("code",)

    def __str__(self) -> str:
        return self.code


class Sign(Term):
    """What the skin shows and a procedure helps with."""

    position = models.PositiveSmallIntegerField(default=0)

    class Meta(Term.Meta):
        db_table = "catalogue_sign"
        ordering = ("position",)


class PitKind(models.TextChoices):
    TYPE = "type", _("Type of pits")
    DEPTH = "depth", _("Depth of pits")
    AGE = "age", _("Age of pits")


class Pit(models.Model):
    """One way in which pits differ: their type, depth or age."""

    kind = models.CharField(max_length=5, choices=PitKind)
    code = models.SlugField(max_length=60)
    name = models.JSONField()
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "catalogue_pit"
        ordering = ("kind", "position")
        constraints = [
            UniqueConstraint(fields=["kind", "code"], name="pit_once"),
            models.CheckConstraint(name="pit_kind_known", condition=Q(kind__in=PitKind.values)),
        ]

    def __str__(self) -> str:
        return localized(self.name)


class Group(Term):
    """Procedures that count alike when gaps between different procedures are kept."""

    class Meta(Term.Meta):
        db_table = "catalogue_group"
