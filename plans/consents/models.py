"""What patients are told before a treatment, and what they signed."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    TREATMENT = "treatment", _("Treatment")
    PHOTO = "photo", _("Photos")


class Way(models.TextChoices):
    SCREEN = "screen", _("signed on the screen")
    TYPED = "typed", _("signed by typing the name")
    PAPER = "paper", _("signed on paper")


def _of_procedure(name: str, *columns: str) -> CheckConstraint:
    """A treatment's has all of `columns`, that for photos none."""
    given = {f"{column}__isnull": False for column in columns}
    empty = {f"{column}__isnull": True for column in columns}
    return CheckConstraint(
        name=name,
        condition=Q(kind=Kind.TREATMENT, **given) | Q(kind=Kind.PHOTO, **empty),
        violation_error_message=_("A consent is for a procedure or for photos."),
    )


class ConsentText(models.Model):
    """What the patient reads, numbered for each procedure; never changed (the database holds that).

    Each column holds a value for each language: a text, the risks by name, and what the signature says.
    """

    kind = models.CharField(max_length=9, choices=Kind)
    procedure = models.ForeignKey(
        "plans.Procedure", on_delete=models.PROTECT, null=True, blank=True, related_name="consent_texts"
    )  # fmt: skip
    number = models.PositiveSmallIntegerField()
    texts = models.JSONField(help_text="Markdown by language")
    risks = models.JSONField(help_text="list of risks by language")
    declarations = models.JSONField(help_text="list of sentences by language")
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+",
        help_text="none: it came with the product",
    )  # fmt: skip

    class Meta:
        db_table = "consents_consenttext"
        ordering = ("procedure", "-number")
        constraints = [
            _of_procedure("consenttext_of_a_procedure_or_photos", "procedure"),
            UniqueConstraint(fields=["procedure", "number"], name="consenttext_number_once"),
            UniqueConstraint(
                fields=["number"],
                condition=Q(procedure__isnull=True),
                name="consenttext_photo_number_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.procedure_id or ''} {self.number}"


class Consent(models.Model):
    """A document that a patient signed: a PDF on disk with its digest. It can only be withdrawn, once."""

    patient = models.ForeignKey("clinic.Patient", on_delete=models.PROTECT, related_name="consents")
    kind = models.CharField(max_length=9, choices=Kind)
    procedure = models.ForeignKey(
        "plans.Procedure", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    revision = models.ForeignKey(
        "plans.Revision", on_delete=models.PROTECT, null=True, blank=True, related_name="consents"
    )
    text = models.ForeignKey(
        ConsentText, on_delete=models.PROTECT, null=True, blank=True, related_name="consents",
        help_text="none: the clinic's own form on paper",
    )  # fmt: skip
    language = models.CharField(max_length=5, choices=settings.LANGUAGES)
    way = models.CharField(max_length=6, choices=Way)
    signed_name = models.CharField(max_length=120)
    signed_on = models.DateField()
    recorded_at = models.DateTimeField()
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    valid_until = models.DateField(null=True, blank=True, help_text="its last day")
    stored = models.CharField(max_length=60, unique=True, help_text="name of the file on disk")
    size = models.PositiveIntegerField(help_text="bytes")
    sha256 = models.CharField(max_length=64, help_text="of the file, in hexadecimal")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "consents_consent"
        ordering = ("-signed_on", "-id")
        indexes = [models.Index(fields=["patient", "revision"], name="consent_by_patient")]
        constraints = [
            _of_procedure("consent_of_a_procedure_or_photos", "procedure", "revision"),
            CheckConstraint(
                name="consent_way_known",
                condition=Q(way__in=Way.values) & (Q(text__isnull=False) | Q(way=Way.PAPER)),
            ),
            CheckConstraint(
                name="consent_withdrawn_with_reason",
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True, withdrawn_reason="")
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdrawn_reason=""),
                violation_error_message=_("Say why the consent is taken back."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"consent {self.pk}"
