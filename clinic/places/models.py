"""Where treatment happens and with whom: locations, and what can be booked in them."""

import zoneinfo

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Location(models.Model):
    """A clinic's address. Its zone decides which calendar date it is there."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    phone_after_hours = models.CharField(
        _("phone at nights and weekends"), max_length=40, blank=True
    )
    country = models.CharField(
        _("country"), max_length=2, default="DE", help_text="ISO 3166-1, for its holidays"
    )
    subdivision = models.CharField(
        _("region"), max_length=10, blank=True, help_text="ISO 3166-2 part, for its holidays"
    )
    time_zone = models.CharField(_("time zone"), max_length=50, default="Europe/Berlin")
    staff = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="locations", db_table="places_location_staff"
    )

    class Meta:
        db_table = "places_location"
        ordering = ("id",)

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)


class ResourceKind(models.TextChoices):
    PRACTITIONER = "practitioner", _("Practitioner")
    ROOM = "room", _("Room")
    DEVICE = "device", _("Device")


class Capability(models.Model):
    """What a procedure can ask of a practitioner, a room or a device."""

    code = models.SlugField(max_length=60, unique=True)
    kind = models.CharField(max_length=12, choices=ResourceKind)
    name = models.JSONField(help_text="text by language")

    class Meta:
        db_table = "places_capability"
        ordering = ("kind", "code")
        constraints = [
            models.CheckConstraint(
                name="capability_kind_known", condition=Q(kind__in=ResourceKind.values)
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Resource(models.Model):
    """A practitioner, a room or a device: one table, so that one guard covers all three."""

    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="resources")
    kind = models.CharField(_("kind"), max_length=12, choices=ResourceKind)
    name = models.CharField(_("name"), max_length=80)
    note = models.CharField(
        _("note"), max_length=80, blank=True, help_text=_("Shown under the name in the diary")
    )
    capabilities = models.ManyToManyField(
        Capability, related_name="resources", db_table="places_resource_capability"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="resources",
    )
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        db_table = "places_resource"
        ordering = ("kind", "position", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["location", "name"], name="resource_name_once_per_location"
            ),
            models.CheckConstraint(
                name="resource_kind_known", condition=Q(kind__in=ResourceKind.values)
            ),
            models.CheckConstraint(
                name="resource_user_only_for_practitioner",
                condition=Q(user__isnull=True) | Q(kind=ResourceKind.PRACTITIONER),
                violation_error_message=_("Only a practitioner has a user."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class WorkingHours(models.Model):
    """Weekly hours of a resource, wall-clock in its location's zone, valid for a range of dates."""

    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="hours")
    weekday = models.PositiveSmallIntegerField(help_text="ISO: 1 is Monday, 7 is Sunday")
    opens = models.TimeField()
    closes = models.TimeField()
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True, help_text="last day, included")
    every_weeks = models.PositiveSmallIntegerField(
        default=1, help_text="1 is every week; n is every n-th, counted from the week of valid_from"
    )

    class Meta:
        db_table = "places_workinghours"
        ordering = ("resource", "weekday", "opens")
        constraints = [
            models.CheckConstraint(
                name="hours_open_before_close",
                condition=Q(opens__lt=F("closes")),
                violation_error_message=_("Closing time must be after opening time."),
            ),
            models.CheckConstraint(
                name="hours_weekday_iso", condition=Q(weekday__gte=1, weekday__lte=7)
            ),
            models.CheckConstraint(
                name="hours_every_weeks",
                condition=Q(every_weeks__gte=1, every_weeks__lte=8),
                violation_error_message=_("Hours come back after one to eight weeks."),
            ),
            models.CheckConstraint(
                name="hours_valid_range",
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                violation_error_message=_("The last day cannot be before the first."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens:%H:%M}-{self.closes:%H:%M}"


class HoursException(models.Model):
    """Days on which the weekly hours do not hold: closed, or open at other hours.

    Without a resource it speaks of the whole location: a public holiday, an extra Saturday.
    """

    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="exceptions")
    resource = models.ForeignKey(
        Resource, on_delete=models.PROTECT, null=True, blank=True, related_name="exceptions"
    )
    first_day = models.DateField()
    last_day = models.DateField()
    opens = models.TimeField(null=True, blank=True, help_text="empty: closed")
    closes = models.TimeField(null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=80, blank=True)

    class Meta:
        db_table = "places_hoursexception"
        ordering = ("first_day", "id")
        indexes = [
            models.Index(fields=["location", "first_day", "last_day"], name="exception_by_day")
        ]
        constraints = [
            models.CheckConstraint(
                name="exception_day_order", condition=Q(first_day__lte=F("last_day"))
            ),
            models.CheckConstraint(
                name="exception_closed_or_open_hours",
                condition=Q(opens__isnull=True, closes__isnull=True)
                | Q(opens__isnull=False, closes__isnull=False, opens__lt=F("closes")),
                violation_error_message=_(
                    "Give both times, the second after the first, or none for closed."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_day} {self.reason}"
