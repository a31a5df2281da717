"""Procedures and the rules they are booked under."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.db.models.lookups import LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from clinic.kit.constraints import all_or_none
from clinic.kit.languages import localized
from clinic.places.models import ResourceKind
from plans.core.spacing import Interval
from plans.drafts.models import Drafted, numbered_once
from plans.terms.models import (
    Group,
    Unit,
    n_column,
    period,
    person_column,
    rough_length,
    unit_column,
)

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise


def _not_above(least: str, most: str, message: "_StrOrPromise") -> CheckConstraint:
    """The period `least` is not longer than `most`, and both have a unit; empty ones are looked at elsewhere."""
    units = {f"{prefix}_unit__in": Unit.values for prefix in (least, most)}
    return CheckConstraint(
        name=f"revision_{least}_not_above_{most}",
        condition=Q(**{f"{least}_n__isnull": True})
        | Q(LessThanOrEqual(rough_length(least), rough_length(most)), **units),
        violation_error_message=message,
    )


class Procedure(models.Model):
    """A treatment's identity; what it asks for stands in its revisions."""

    code = models.SlugField(max_length=60, unique=True)
    is_home = models.BooleanField(default=False)
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="procedures")
    position = models.PositiveSmallIntegerField(default=0)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "catalogue_procedure"
        ordering = ("position", "code")

    def __str__(self) -> str:
        return self.code


class Revision(Drafted):
    """A numbered set of rules of one procedure; immutable once published (the database holds that)."""

    procedure = models.ForeignKey(Procedure, on_delete=models.PROTECT, related_name="revisions")

    name = models.JSONField(help_text="text by language")
    sessions_min = models.PositiveSmallIntegerField(null=True, blank=True)
    sessions_recommended = models.PositiveSmallIntegerField(null=True, blank=True)
    sessions_max = models.PositiveSmallIntegerField(null=True, blank=True)
    interval_min_n, interval_min_unit = n_column(), unit_column()
    interval_recommended_n, interval_recommended_unit = n_column(), unit_column()
    interval_max_n, interval_max_unit = n_column(), unit_column()
    cycle_on_n, cycle_on_unit = n_column(), unit_column()
    cycle_break_min_n, cycle_break_min_unit = n_column(), unit_column()
    cycle_break_max_n, cycle_break_max_unit = n_column(), unit_column()
    cycle_counts_together = models.JSONField(default=list, blank=True, help_text="codes")
    setup_minutes = models.PositiveSmallIntegerField(default=0)
    treat_minutes = models.PositiveSmallIntegerField(default=0)
    cleanup_minutes = models.PositiveSmallIntegerField(default=0)
    numbing_minutes = models.PositiveSmallIntegerField(default=0)
    downtime_n, downtime_unit = n_column(), unit_column()
    effect_n, effect_unit = n_column(), unit_column()
    age_min = models.PositiveSmallIntegerField(null=True, blank=True, help_text="years")
    age_caution_from = models.PositiveSmallIntegerField(null=True, blank=True, help_text="years")
    patch_code = models.CharField(max_length=60, blank=True)
    patch_required = models.BooleanField(default=False)
    patch_read_after_n, patch_read_after_unit = n_column(), unit_column()
    patch_valid_n, patch_valid_unit = n_column(), unit_column()
    patch_renewed_by_session = models.BooleanField(default=False)
    home_allowed = models.BooleanField(null=True, blank=True)
    consent_required = models.BooleanField(default=False)
    consent_valid_n, consent_valid_unit = n_column(), unit_column()
    needs_words = models.JSONField(default=dict, blank=True, help_text="as the source says it")
    anaesthesia = models.JSONField(default=dict, blank=True)
    indications = models.JSONField(default=list, blank=True, help_text="list of texts by language")
    suits = models.JSONField(default=dict, blank=True, help_text="codes of signs and of pits")
    useless_for = models.JSONField(default=list, blank=True)
    parameters = models.JSONField(default=list, blank=True)
    regimen = models.JSONField(null=True, blank=True)

    class Meta:
        db_table = "catalogue_revision"
        ordering = ("procedure", "-number")
        constraints = [
            *numbered_once("revision", "procedure"),
            all_or_none(
                "revision_sessions_whole",
                ["sessions_min", "sessions_recommended", "sessions_max"],
                _("Give all three numbers of sessions: least, recommended and most."),
            ),
            CheckConstraint(
                name="revision_sessions_in_order",
                condition=Q(sessions_min__lte=F("sessions_recommended"))
                & Q(sessions_recommended__lte=F("sessions_max")),
                violation_error_message=_("Sessions: least, recommended and most must not fall."),
            ),
            all_or_none(
                "revision_interval_whole",
                ["interval_min_n", "interval_recommended_n", "interval_max_n"],
                _("Give all three intervals: shortest, recommended and longest."),
            ),
            _not_above(
                "interval_min",
                "interval_recommended",
                _("The shortest interval cannot be longer than the recommended one."),
            ),
            _not_above(
                "interval_recommended",
                "interval_max",
                _("The recommended interval cannot be longer than the longest one."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.procedure_id} r{self.number}"

    @property
    def title(self) -> str:
        """The procedure's name in the page's language."""
        return localized(self.name)

    @property
    def interval(self) -> Interval | None:
        """How far apart the sessions of a course stand; None for a procedure without courses in the clinic."""
        parts = (period(self, f"interval_{part}") for part in ("min", "recommended", "max"))
        least, recommended, most = parts
        return Interval(least, recommended, most) if least and recommended and most else None

    @property
    def total_minutes(self) -> int:
        """From the patient's entering the room to its being ready for the next (decisions/0004)."""
        fits = self.setup_minutes >= self.numbing_minutes
        before = self.setup_minutes if fits else self.numbing_minutes + self.setup_minutes
        return before + self.treat_minutes + self.cleanup_minutes


class Need(models.Model):
    """A capability held by the visit from one minute to another, counted from its start."""

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="needs")
    kind = models.CharField(max_length=12, choices=ResourceKind)
    capability = models.ForeignKey(
        "clinic.Capability",
        on_delete=models.PROTECT,
        related_name="+",
        help_text="what the resource must be able to do",
    )
    from_minute = models.PositiveSmallIntegerField(default=0)
    to_minute = models.PositiveSmallIntegerField()

    class Meta:
        db_table = "catalogue_need"
        ordering = ("revision", "id")
        constraints = [
            CheckConstraint(
                name="need_minutes_in_order",
                condition=Q(from_minute__lt=F("to_minute")),
                violation_error_message=_("The last minute must be after the first."),
            ),
            UniqueConstraint(fields=["revision", "capability"], name="need_once_per_capability"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.from_minute}-{self.to_minute}"


class Severity(models.TextChoices):
    ABSOLUTE = "absolute", _("Refuse")
    TEMPORARY = "temporary", _("Wait")
    RELATIVE = "relative", _("Caution")


class Contraindication(models.Model):
    """One line: this fact stands against this procedure, how strongly, and for how long after it ended."""

    revision = models.ForeignKey(
        Revision, on_delete=models.CASCADE, related_name="contraindications"
    )
    fact_type = models.ForeignKey("clinic.FactType", on_delete=models.PROTECT, related_name="+")
    severity = models.CharField(max_length=9, choices=Severity)
    washout_n, washout_unit = n_column(), unit_column()
    source = models.CharField(max_length=60)
    washout_source = models.CharField(max_length=60, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        db_table = "catalogue_contraindication"
        ordering = ("revision", "id")
        constraints = [
            UniqueConstraint(fields=["revision", "fact_type"], name="contraindication_once"),
            CheckConstraint(
                name="contraindication_severity_known", condition=Q(severity__in=Severity.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fact_type_id} {self.severity}"


class ValueSource(models.Model):
    """Where one number of a revision comes from."""

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="value_sources")
    path = models.CharField(max_length=80, help_text="the number's place, such as interval.min")
    source = models.CharField(max_length=60, blank=True, help_text="empty: only a note")
    note = models.TextField(blank=True)

    class Meta:
        db_table = "catalogue_valuesource"
        ordering = ("revision", "path")
        constraints = [
            UniqueConstraint(fields=["revision", "path"], name="valuesource_once_per_path")
        ]

    def __str__(self) -> str:
        return f"{self.path}: {self.source}"

    @property
    def path_now(self) -> str:
        """`path` with the code that its fact has today: the row keeps the one it was written with.

        No query where the revision's contraindications are prefetched with their facts' former codes.
        """
        kind, _dot, rest = self.path.partition(".")
        written, dot, last = rest.partition(".")
        lines = self.revision.contraindications.all() if kind == "contraindications" else ()
        facts = [line.fact_type for line in lines]
        if not lines or any(fact.code == written for fact in facts):
            return self.path
        renamed = (f for f in facts if any(old.code == written for old in f.former_codes.all()))
        return f"{kind}.{next((fact.code for fact in renamed), written)}{dot}{last}"


class StepKind(models.TextChoices):
    EXPECT = "expect", _("What to expect")
    DO = "do", _("What to do")
    LEAVE = "leave", _("What to leave")
    CALL = "call", _("When to call")
    NEXT = "next", _("What comes next")


class CareStep(models.Model):
    """One line of the aftercare or pre-care sheet, with its days counted from the day of treatment."""

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="care_steps")
    is_precare = models.BooleanField(default=False)
    kind = models.CharField(max_length=6, choices=StepKind)
    from_day = models.SmallIntegerField(
        null=True, blank=True, help_text="0 is the day of treatment; empty: undated"
    )
    to_day = models.SmallIntegerField(null=True, blank=True)
    is_approximate = models.BooleanField(default=False)
    text = models.JSONField(help_text="text by language")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "catalogue_carestep"
        ordering = ("revision", "is_precare", "position", "id")
        constraints = [
            CheckConstraint(
                name="carestep_days_in_order",
                condition=Q(from_day__isnull=True)
                | Q(to_day__isnull=True)
                | Q(from_day__lte=F("to_day")),
                violation_error_message=_("The last day cannot be before the first."),
            ),
        ]

    def __str__(self) -> str:
        return localized(self.text)


class Confirmation(models.Model):
    """The clinic's physician has looked at one value and stands by it.

    Append-only. A value is confirmed while the latest row of its address is not withdrawn and names the value
    and the source that stand there (docs/decisions/0011).
    """

    address = models.CharField(max_length=200, help_text="such as tca_peel_medium/interval.min")
    value = models.CharField(max_length=300, help_text="in no language: 3 months")
    source = models.CharField(max_length=60, blank=True)
    by = person_column()
    on = models.DateField()
    at = models.DateTimeField()
    is_withdrawn = models.BooleanField(default=False)

    class Meta:
        db_table = "catalogue_confirmation"
        ordering = ("id",)
        indexes = [models.Index(fields=["address"], name="confirmation_by_address")]

    def __str__(self) -> str:
        return f"{self.address}: {self.value}"
