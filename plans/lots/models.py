"""Lots of products: which were received, until when they may be used, which were recalled."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Unit(models.TextChoices):
    """In what a use of the lot is counted."""

    UNITS = "U", _("units (U)")
    MILLILITRES = "ml", _("ml")
    GRAMS = "g", _("g")
    PIECES = "pc", _("pieces")


class Lot(models.Model):
    """One lot of a product as a location received it. Never deleted; once used, only its recall changes."""

    location = models.ForeignKey("clinic.Location", on_delete=models.PROTECT, related_name="+")
    product = models.CharField(_("product"), max_length=120)
    number = models.CharField(_("lot number"), max_length=60)
    folded = models.CharField(
        max_length=200, help_text="product and number in one spelling, parted by a space"
    )
    unit = models.CharField(_("counted in"), max_length=2, choices=Unit, default=Unit.MILLILITRES)
    expires_on = models.DateField(_("use by"), help_text="the last day of use, included")
    received_on = models.DateField(_("received on"))
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    recalled_at = models.DateTimeField(null=True, blank=True)
    recalled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    recall_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "lots_lot"
        ordering = ("product", "expires_on", "number")
        indexes = [models.Index(fields=["location", "expires_on"], name="lot_by_expiry")]
        constraints = [
            models.UniqueConstraint(
                fields=["location", "folded"],
                name="lot_once_per_location",
                violation_error_message=_("This lot of this product is on the list already."),
            ),
            models.CheckConstraint(name="lot_unit_known", condition=Q(unit__in=Unit.values)),
            models.CheckConstraint(
                name="lot_received_before_it_expires",
                condition=Q(received_on__lte=F("expires_on")),
                violation_error_message=_("It expired before it was received. Check both dates."),
            ),
            models.CheckConstraint(
                name="lot_recalled_with_reason",
                condition=Q(recalled_at__isnull=True, recalled_by__isnull=True, recall_reason="")
                | Q(recalled_at__isnull=False, recalled_by__isnull=False) & ~Q(recall_reason=""),
                violation_error_message=_("Say why the lot is recalled."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.number}"
