"""Writing when a location and what belongs to it is open."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

import holidays
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from clinic.audit.services import record
from clinic.kit.refusals import Refusal
from clinic.places.models import HoursException, Location, Resource, WorkingHours

Hours = tuple[dt.time, dt.time]


@transaction.atomic
def add_holidays(location: Location, year: int, *, by: Any) -> list[HoursException]:
    """Close `location` on the public holidays of its country and region; those already written stay as they are.

    Returns the new rows.  Raises Refusal for a country or region without a calendar of holidays.
    """
    try:
        calendar = holidays.country_holidays(
            location.country, subdiv=location.subdivision or None, years=year
        )
    except NotImplementedError:
        raise Refusal(
            _(
                "No holidays are known for %(country)s %(region)s. Check country and region of the location."
            )
            % {"country": location.country, "region": location.subdivision}
        ) from None
    known = set(
        HoursException.objects.filter(
            location=location,
            resource=None,
            opens=None,
            first_day__year__lte=year,
            last_day__year__gte=year,
        ).values_list("first_day", "reason")
    )
    rows = [
        HoursException(location=location, first_day=day, last_day=day, reason=name[:80])
        for day, name in sorted(calendar.items())
        if (day, name[:80]) not in known
    ]
    added = HoursException.objects.bulk_create(rows)
    record("holidays_added", location, by=by, year=year, count=len(added))
    return added


@transaction.atomic
def add_exception(
    location: Location,
    first_day: dt.date,
    last_day: dt.date,
    *,
    by: Any,
    hours: Hours | None = None,
    resource: Resource | None = None,
    reason: str = "",
) -> HoursException:
    """Close `resource`, or the whole `location`, from `first_day` to `last_day`; or open it at other `hours`.

    Raises Refusal when the days or the times are in the wrong order.
    """
    if resource is not None and resource.location_id != location.pk:
        raise ValueError("the resource belongs to another location")
    opens, closes = hours or (None, None)
    row = HoursException(
        location=location,
        resource=resource,
        first_day=first_day,
        last_day=last_day,
        opens=opens,
        closes=closes,
        reason=reason,
    )
    _check(row)
    row.save(force_insert=True)
    record(
        "exception_added",
        row,
        by=by,
        location=location.pk,
        resource=resource.pk if resource else None,
    )
    return row


@transaction.atomic
def set_hours(
    resource: Resource, weekday: int, hours: Iterable[Hours], valid_from: dt.date, *, by: Any
) -> list[WorkingHours]:
    """The weekly `hours` of `resource` on `weekday` (ISO, 1 is Monday) from `valid_from` on; what was before stays.

    No hours at all: closed on that weekday.  Raises Refusal when they overlap or end before they begin.
    """
    same_day = WorkingHours.objects.select_for_update().filter(resource=resource, weekday=weekday)
    same_day.filter(valid_from__gte=valid_from).delete()
    running = Q(valid_until__isnull=True) | Q(valid_until__gte=valid_from)
    same_day.filter(running).update(valid_until=valid_from - dt.timedelta(days=1))
    rows = [
        WorkingHours(
            resource=resource, weekday=weekday, opens=opens, closes=closes, valid_from=valid_from
        )
        for opens, closes in hours
    ]
    for row in rows:
        _check(row)
    try:
        with transaction.atomic():
            WorkingHours.objects.bulk_create(rows)
    except IntegrityError:
        raise Refusal(
            _("These hours overlap. Let the second begin when the first has ended.")
        ) from None
    record("hours_set", resource, by=by, weekday=weekday, count=len(rows))
    return rows


def _check(row: HoursException | WorkingHours) -> None:
    try:
        row.full_clean()
    except ValidationError as error:
        raise Refusal(" ".join(error.messages)) from error
