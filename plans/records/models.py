"""What was done at a visit: written as a draft, signed once, then only added to (the database holds that)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from plans.core.record import Batch


class RecordState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SIGNED = "signed", _("Signed")


class Severity(models.IntegerChoices):
    """How bad a reaction or an event is, in four grades after CTCAE 5.0; the fifth would be death."""

    MILD = 1, _("mild: nothing needs to be done")
    MODERATE = 2, _("moderate: treated in the clinic or at home")
    SEVERE = 3, _("severe: a physician must see it at once")
    DANGEROUS = 4, _("life-threatening")


class ReactionKind(models.TextChoices):
    PAIN = "pain", _("Strong pain")
    ERYTHEMA = "erythema", _("Redness")
    OEDEMA = "oedema", _("Swelling")
    BLEEDING = "bleeding", _("Bleeding")
    BRUISE = "bruise", _("Bruise")
    BLISTER = "blister", _("Blister or burn")
    ALLERGY = "allergy", _("Allergic reaction")
    FAINT = "faint", _("Faintness")
    PALLOR = "pallor", _("Pale skin, sign of a blocked vessel")
    INFECTION = "infection", _("Infection")
    PIGMENT = "pigment", _("Change of colour")
    SCAR = "scar", _("Scar")
    OTHER = "other", _("Something else (say it in the note)")


class TreatmentRecord(models.Model):
    """The record of one visit. `values`: by the key of the revision's parameters, as core.record reads them."""

    visit = models.OneToOneField(
        "plans.Appointment", on_delete=models.PROTECT, related_name="record"
    )
    revision = models.ForeignKey(
        "plans.Revision",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="whose parameters are written down; none for a consultation",
    )
    values = models.JSONField(default=dict, blank=True)
    areas = models.JSONField(default=list, blank=True, help_text="codes")
    anaesthesia = models.CharField(max_length=200, blank=True)
    anaesthesia_at = models.DateTimeField(null=True, blank=True)
    notes = models.TextField(blank=True, max_length=5000)
    outside_reason = models.CharField(
        max_length=300, blank=True, help_text="why a value is beyond its limits"
    )
    state = models.CharField(max_length=6, choices=RecordState, default=RecordState.DRAFT)
    version = models.PositiveIntegerField(default=0, help_text="counts the saves of the draft")
    saved_from = models.UUIDField(null=True, help_text="the open page that saved it last")
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    digest = models.CharField(
        max_length=64, blank=True, help_text="SHA-256 of all that was signed, in hexadecimal"
    )

    class Meta:
        db_table = "records_treatmentrecord"
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                name="record_signed_whole",
                condition=Q(
                    state="draft", signed_at__isnull=True, signed_by__isnull=True, digest=""
                )
                | Q(state="signed", signed_at__isnull=False, signed_by__isnull=False)
                & ~Q(digest=""),
            ),
        ]

    def __str__(self) -> str:
        return f"record {self.pk}"

    @property
    def is_signed(self) -> bool:
        return self.state == RecordState.SIGNED


class LotUse(models.Model):
    """How much of a product lot the patient got, and where."""

    record = models.ForeignKey(TreatmentRecord, on_delete=models.PROTECT, related_name="lot_uses")
    lot = models.ForeignKey("plans.Lot", on_delete=models.PROTECT, related_name="uses")
    units = models.DecimalField(
        max_digits=8, decimal_places=2, null=True, blank=True, help_text="in the lot's unit"
    )
    sites = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "records_lotuse"
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=["record", "lot"],
                name="lotuse_once_per_record",
                violation_error_message=_("This lot stands in the record already."),
            ),
            models.CheckConstraint(
                name="lotuse_some",
                condition=Q(units__isnull=True) | Q(units__gt=0),
                violation_error_message=_("Write an amount above nothing."),
            ),
        ]

    def __str__(self) -> str:
        return f"lot {self.lot_id} in record {self.record_id}"

    @property
    def batch(self) -> Batch:
        return Batch(self.lot.product, self.lot.number, self.lot.expires_on)


class Reaction(models.Model):
    """What the skin or the patient did during the visit."""

    record = models.ForeignKey(TreatmentRecord, on_delete=models.PROTECT, related_name="reactions")
    kind = models.CharField(max_length=12, choices=ReactionKind)
    severity = models.PositiveSmallIntegerField(choices=Severity)
    at = models.DateTimeField()
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "records_reaction"
        ordering = ("at", "id")
        constraints = [
            models.CheckConstraint(
                name="reaction_severity_known",
                condition=Q(severity__range=(Severity.values[0], Severity.values[-1])),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.severity}"


class AdverseEvent(models.Model):
    """Harm that came of a treatment, whenever it was told. Never changed; its course stands in the entries."""

    record = models.ForeignKey(TreatmentRecord, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=12, choices=ReactionKind)
    severity = models.PositiveSmallIntegerField(choices=Severity)
    began_on = models.DateField()
    note = models.CharField(max_length=500)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "records_adverseevent"
        ordering = ("began_on", "id")
        constraints = [
            models.CheckConstraint(
                name="adverseevent_severity_known",
                condition=Q(severity__range=(Severity.values[0], Severity.values[-1])),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.severity}"


class EventEntry(models.Model):
    """One step in following an adverse event up: what was found or done, when to look again, or that it is over."""

    event = models.ForeignKey(AdverseEvent, on_delete=models.PROTECT, related_name="entries")
    note = models.CharField(max_length=500)
    next_on = models.DateField(null=True, blank=True, help_text="when to look again")
    is_over = models.BooleanField(default=False)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "records_evententry"
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                name="evententry_over_or_next",
                condition=Q(is_over=False) | Q(next_on__isnull=True),
                violation_error_message=_("What is over needs no further look."),
            ),
        ]

    def __str__(self) -> str:
        return f"entry {self.pk}"


class Addendum(models.Model):
    """What the one who signed adds afterwards."""

    record = models.ForeignKey(TreatmentRecord, on_delete=models.PROTECT, related_name="addenda")
    text = models.TextField(max_length=2000)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "records_addendum"
        ordering = ("id",)

    def __str__(self) -> str:
        return f"addendum {self.pk}"
