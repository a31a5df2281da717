"""Writing when a location and what belongs to it is open. What held before today stays as it was."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import gcd, lcm
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from clinic.audit.services import record
from clinic.kit import clock
from clinic.kit.refusals import Refusal
from clinic.places.models import HoursException, Location, Resource, WorkingHours
from clinic.places.selectors import LONGEST_RHYTHM, holidays_in, week_number

Hours = tuple[dt.time, dt.time]
_A_DAY = dt.timedelta(days=1)


@transaction.atomic
def add_holidays(
    location: Location, year: int, *, by: Any, days: Collection[dt.date] | None = None
) -> list[HoursException]:
    """Close `location` on the public holidays of its country and region; days closed already stay as they are.

    `days`: only those of them. Returns the new rows.  Raises Refusal for a country or region without a calendar
    of holidays.
    """
    rows = [
        HoursException(location=location, first_day=each.day, last_day=each.day, reason=each.name)
        for each in holidays_in(location, year)
        if each.row is None and (days is None or each.day in days)
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
def remove_exception(row: HoursException, *, by: Any) -> None:
    """Take an absence, a closed or an extra day back; of one that has begun, what is still to come.

    Raises Refusal for one that is over: what was, stays on record.
    """
    row = HoursException.objects.select_for_update().select_related("location").get(pk=row.pk)
    today = clock.today(row.location.zone)
    if row.last_day < today:
        raise Refusal(_("These days are over. What was, stays on record."))
    record("exception_removed", row, by=by, location=row.location_id, resource=row.resource_id)
    if row.first_day < today:
        row.last_day = today - _A_DAY
        row.save(update_fields=["last_day"])
    else:
        row.delete()


@transaction.atomic
def set_week(
    resource: Resource,
    week: Mapping[int, Iterable[Hours]],
    valid_from: dt.date,
    *,
    by: Any,
    valid_until: dt.date | None = None,
    every_weeks: int = 1,
) -> None:
    """The weekly hours of `resource` by weekday (ISO, 1 is Monday) from `valid_from` on, in every n-th week.

    A break is the gap between two stretches of a day; a weekday that `week` does not hold is closed. What held
    before stays, so do the other weeks where `every_weeks` is more than one; after `valid_until` holds again what
    would have held without this.  Raises Refusal when hours overlap, end before they begin, or would change days
    that are over.
    """
    new = _Place(valid_from, valid_until, every_weeks)
    _require_ahead(resource, new)
    for weekday in range(1, 8):
        _set_day(resource, weekday, week.get(weekday, ()), new)
    first = valid_from.isoformat()
    record("week_set", resource, by=by, valid_from=first, every_weeks=every_weeks)


@transaction.atomic
def close_hours(resource: Resource, last_day: dt.date, *, by: Any) -> None:
    """No weekly hours after `last_day`; planned ones go.  Raises Refusal where nothing would end, or in the past."""
    _require_ahead(resource, _Place(last_day + _A_DAY, None, 1))
    later = _same_days(resource).filter(Q(valid_until=None) | Q(valid_until__gt=last_day))
    if not later:
        raise Refusal(_("There are no hours after this day. Nothing was changed."))
    later.filter(valid_from__gt=last_day).delete()
    later.update(valid_until=last_day)
    record("hours_closed", resource, by=by, last_day=last_day.isoformat())


@transaction.atomic
def remove_hours(resource: Resource, valid_from: dt.date, every_weeks: int = 1, *, by: Any) -> None:
    """Take back hours that begin on `valid_from`, after today; what would have ended for them holds on.

    Raises Refusal if there are none, if they have begun, or if other planned hours stand in the way.
    """
    if valid_from <= clock.today(resource.location.zone):
        raise Refusal(_("These hours hold already. Set new ones, or end them."))
    planned = _same_days(resource).filter(valid_from=valid_from, every_weeks=every_weeks)
    first = planned.first()
    if first is None:
        raise Refusal(_("These hours were changed meanwhile. Load the page again."))
    until = first.valid_until
    planned.delete()
    try:
        with transaction.atomic():
            _same_days(resource).filter(valid_until=valid_from - _A_DAY).update(valid_until=until)
    except IntegrityError:
        raise Refusal(
            _("Hours of other weeks begin at the same time. Set the hours of these weeks anew.")
        ) from None
    record("hours_removed", resource, by=by, valid_from=valid_from.isoformat())


@dataclass(frozen=True)
class _Place:
    """The weeks that hours are to hold in."""

    valid_from: dt.date
    valid_until: dt.date | None
    every_weeks: int

    def row(
        self, resource: Resource, weekday: int, opens: dt.time, closes: dt.time
    ) -> WorkingHours:
        return WorkingHours(
            resource=resource,
            weekday=weekday,
            opens=opens,
            closes=closes,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            every_weeks=self.every_weeks,
        )


def _same_days(resource: Resource) -> QuerySet[WorkingHours]:
    return WorkingHours.objects.select_for_update().filter(resource=resource)


def _require_ahead(resource: Resource, new: _Place) -> None:
    """Refuse to rewrite hours that have held; a resource without any may get them from any day on."""
    if new.valid_until is not None and new.valid_until < new.valid_from:
        raise Refusal(_("The last day cannot be before the first."))
    today = clock.today(resource.location.zone)
    held = Q(valid_until=None) | Q(valid_until__gte=new.valid_from)
    if new.valid_from < today and _same_days(resource).filter(held, valid_from__lt=today):
        raise Refusal(_("What has been, stays on record. Choose today or a later day."))


def _set_day(resource: Resource, weekday: int, hours: Iterable[Hours], new: _Place) -> None:
    for row in _same_days(resource).filter(weekday=weekday):
        _make_room(row, new)
    rows = [new.row(resource, weekday, *span) for span in hours]
    for row in rows:
        _check(row)
    try:
        with transaction.atomic():
            WorkingHours.objects.bulk_create(rows)
    except IntegrityError:
        raise Refusal(
            _("These hours overlap. Let the second begin when the first has ended.")
        ) from None


def _make_room(row: WorkingHours, new: _Place) -> None:
    """Cut the weeks of `new` out of `row`: what is left before, in the other weeks, and after."""
    if not _meet(row, new):
        return
    pieces = list(_left_over(row, new))
    if row.valid_from < new.valid_from:
        WorkingHours.objects.filter(pk=row.pk).update(valid_until=new.valid_from - _A_DAY)
    else:
        row.delete()
    WorkingHours.objects.bulk_create(
        piece.row(row.resource, row.weekday, row.opens, row.closes) for piece in pieces
    )


def _meet(row: WorkingHours, new: _Place) -> bool:
    """Whether both speak of a common week."""
    apart = week_number(row.valid_from) - week_number(new.valid_from)
    return (
        apart % gcd(row.every_weeks, new.every_weeks) == 0
        and (new.valid_until is None or row.valid_from <= new.valid_until)
        and (row.valid_until is None or new.valid_from <= row.valid_until)
    )


def _left_over(row: WorkingHours, new: _Place) -> Iterator[_Place]:
    """Where `row` goes on beside `new` and after it."""
    rhythm = lcm(row.every_weeks, new.every_weeks)
    start = max(row.valid_from, new.valid_from)
    ends = [day for day in (row.valid_until, new.valid_until) if day is not None]
    others = [
        shift
        for shift in range(rhythm)
        if (week_number(start) + shift - week_number(row.valid_from)) % row.every_weeks == 0
        and (week_number(start) + shift - week_number(new.valid_from)) % new.every_weeks
    ]
    if others and rhythm > LONGEST_RHYTHM:
        raise Refusal(
            _("These rhythms cannot be mixed: hours come back after eight weeks at most.")
        )
    for shift in others:
        yield from _valid(_in_week(start, shift), min(ends, default=None), rhythm)
    if new.valid_until is not None:
        after = new.valid_until + _A_DAY
        wait = (week_number(row.valid_from) - week_number(after)) % row.every_weeks
        yield from _valid(_in_week(after, wait), row.valid_until, row.every_weeks)


def _in_week(day: dt.date, shift: int) -> dt.date:
    """`day` itself, or the Monday `shift` weeks later."""
    return day + dt.timedelta(days=7 * shift - day.weekday()) if shift else day


def _valid(first: dt.date, last: dt.date | None, every_weeks: int) -> Iterator[_Place]:
    if last is None or first <= last:
        yield _Place(first, last, every_weeks)


def _check(row: HoursException | WorkingHours) -> None:
    try:
        row.full_clean()
    except ValidationError as error:
        raise Refusal(" ".join(error.messages)) from error
