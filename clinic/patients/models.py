"""Patients and what is known about their health."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField


class Sex(models.TextChoices):
    FEMALE = "female", _("Female")
    MALE = "male", _("Male")
    OTHER = "other", _("Other")
    UNKNOWN = "", _("Not recorded")


class Patient(models.Model):
    number = models.PositiveIntegerField(_("number"), unique=True)
    location = models.ForeignKey("clinic.Location", on_delete=models.PROTECT, related_name="+")
    given_name = models.CharField(_("given name"), max_length=80)
    family_name = models.CharField(_("family name"), max_length=80)
    birth_date = models.DateField(_("birth date"))
    sex = models.CharField(_("sex"), max_length=6, choices=Sex, blank=True)
    phone = PhoneNumberField(_("phone"), blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(
        _("language"), max_length=5, choices=settings.LANGUAGES, default="en"
    )
    may_email = models.BooleanField(_("agrees to e-mail"), default=False)
    may_text = models.BooleanField(_("agrees to text messages"), default=False)
    skin_type = models.PositiveSmallIntegerField(
        _("skin type"), null=True, blank=True, help_text="Fitzpatrick, 1 to 6"
    )
    skin_type_on = models.DateField(null=True, blank=True)
    # Folded by selectors.fold: names in Latin letters, digits of the phone, birth date and number.
    search_text = models.CharField(max_length=400, editable=False)
    registered_on = models.DateField()

    class Meta:
        db_table = "patients_patient"
        ordering = ("family_name", "given_name", "number")
        indexes = [models.Index(fields=["location", "birth_date"], name="patient_by_birth")]
        constraints = [
            models.CheckConstraint(
                name="patient_skin_type_fitzpatrick",
                condition=Q(skin_type__isnull=True) | Q(skin_type__gte=1, skin_type__lte=6),
                violation_error_message=_("Fitzpatrick skin types run from I to VI."),
            ),
            models.CheckConstraint(
                name="patient_skin_type_dated",
                condition=Q(skin_type__isnull=True, skin_type_on__isnull=True)
                | Q(skin_type__isnull=False, skin_type_on__isnull=False),
            ),
            models.CheckConstraint(
                name="patient_birth_not_after_registration",
                condition=Q(birth_date__lte=F("registered_on")),
                violation_error_message=_("The birth date is in the future. Check the year."),
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.family_name}"


class FactCategory(models.TextChoices):
    STATE = "state", _("State")
    CONDITION = "condition", _("Condition")
    MEDICATION = "medication", _("Medication")
    ALLERGY = "allergy", _("Allergy")
    HISTORY = "history", _("History")


class FactKind(models.TextChoices):
    EPISODE = "episode", _("Has a beginning and an end")
    EVENT = "event", _("Happens on a day")
    LIFELONG = "lifelong", _("Stays for life")
    DERIVED = "derived", _("Follows from another field")


class FactType(models.Model):
    """One thing that can be true of a patient: the question, and how long its answer stays usable."""

    code = models.SlugField(max_length=60, unique=True)
    category = models.CharField(max_length=12, choices=FactCategory)
    kind = models.CharField(max_length=10, choices=FactKind)
    # Both empty: asked once, never again. n = 0 with unit "session": asked at every session.
    recheck_n = models.PositiveSmallIntegerField(null=True)
    recheck_unit = models.CharField(max_length=8, blank=True)
    recheck_source = models.CharField(max_length=60, blank=True)
    name = models.JSONField(help_text="text by language")
    question = models.JSONField(default=dict, blank=True)
    hint = models.JSONField(default=dict, blank=True)
    end_question = models.JSONField(default=dict, blank=True)
    asked_by_practitioner = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="merged",
        help_text="the fact that this one is read as; that one is merged into none",
    )

    class Meta:
        db_table = "patients_facttype"
        ordering = ("position", "code")
        constraints = [
            models.CheckConstraint(
                name="facttype_recheck_whole",
                condition=Q(recheck_n__isnull=True, recheck_unit="")
                | Q(recheck_n__isnull=False, recheck_n=0, recheck_unit="session")
                | Q(recheck_n__isnull=False, recheck_n__gte=1)
                & Q(recheck_unit__in=["days", "weeks", "months"]),
            ),
            models.CheckConstraint(
                name="facttype_not_merged_into_itself",
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("pk")),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def stands_for(self) -> "FactType":
        """The fact that answers of this type are read as: itself, unless it was merged into another."""
        return self.merged_into or self


class FormerCode(models.Model):
    """A code that a fact had before it was renamed: rules, files and callers may still use it."""

    code = models.SlugField(max_length=60, unique=True)
    fact_type = models.ForeignKey(FactType, on_delete=models.PROTECT, related_name="former_codes")

    class Meta:
        db_table = "patients_formercode"
        ordering = ("code",)

    def __str__(self) -> str:
        return self.code


class Precision(models.TextChoices):
    DAY = "day", _("day")
    MONTH = "month", _("month")
    YEAR = "year", _("year")


class FactStatus(models.TextChoices):
    PRESENT = "present", _("Yes")
    DENIED = "denied", _("No")
    UNKNOWN = "unknown", _("Not known")


class Fact(models.Model):
    """One answer. Never changed: a correction is a new row that names the one it replaces."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="facts")
    fact_type = models.ForeignKey(FactType, on_delete=models.PROTECT, related_name="facts")
    status = models.CharField(max_length=8, choices=FactStatus)
    since = models.DateField(
        null=True, blank=True, help_text="present: first day; denied: day of the answer"
    )
    until = models.DateField(
        null=True, blank=True, help_text="last day, included; only when present"
    )
    # How the two days were told: a month or a year is kept as its most cautious day.
    since_precision = models.CharField(
        max_length=5, choices=Precision, default=Precision.DAY, db_default="day"
    )
    until_precision = models.CharField(
        max_length=5, choices=Precision, default=Precision.DAY, db_default="day"
    )
    note = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )

    class Meta:
        db_table = "patients_fact"
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                name="fact_status_known", condition=Q(status__in=FactStatus.values)
            ),
            models.CheckConstraint(
                name="fact_since_not_after_until",
                condition=Q(since__isnull=True) | Q(until__isnull=True) | Q(since__lte=F("until")),
                violation_error_message=_("The last day cannot be before the first."),
            ),
            models.CheckConstraint(
                name="fact_end_only_when_present",
                condition=Q(until__isnull=True) | Q(status=FactStatus.PRESENT),
                violation_error_message=_("Only something that was true has a last day."),
            ),
            models.CheckConstraint(
                name="fact_precision_known",
                condition=Q(
                    since_precision__in=Precision.values, until_precision__in=Precision.values
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fact_type_id}:{self.status}"


@dataclass(frozen=True, slots=True)
class PatientDetails:
    """What the desk writes down about a person; `phone` in E.164 or empty."""

    given_name: str
    family_name: str
    birth_date: dt.date
    sex: str = ""
    phone: str = ""
    email: str = ""
    language: str = "en"
    may_email: bool = False
    may_text: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the health form. A denial is dated: `since` is its day, by default today.

    A month or a year is given as its most cautious day, with the precision with which it was told.
    """

    code: str
    status: str
    since: dt.date | None = None
    until: dt.date | None = None
    note: str = ""
    since_precision: str = Precision.DAY
    until_precision: str = Precision.DAY
