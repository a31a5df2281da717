"""Reading hours for their pages: a week of everybody, the visits outside hours, the blocks to come."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from clinic.kit import clock
from clinic.places.models import HoursException, Location, Resource
from clinic.places.selectors import OpenMinutes, open_minutes, resources_at
from plans.core.hours import Held, outside
from plans.core.wallclock import midnight
from plans.courses.selectors import local_day
from plans.diary.models import LIVE, Appointment, Block, Occupancy, Status

_A_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Stranded:
    """A visit outside the hours of `resources`, which serve it; it stays booked until somebody moves it."""

    visit: Appointment
    resources: tuple[Resource, ...]

    @property
    def day(self) -> dt.date:
        return local_day(self.visit)

    @property
    def can_move(self) -> bool:
        movable = self.visit.status in (Status.BOOKED, Status.CONFIRMED)
        return movable and self.visit.session_id is not None


def stranded(location: Location, today: dt.date, *, until: dt.date | None = None) -> list[Stranded]:
    """The live visits of `location` still to come that stand outside hours, earliest first.

    Visits of `today` count from now on; `until`: the last day looked at. Six queries at most, however many.
    """
    zone = location.zone
    since = max(midnight(today, zone), clock.now())
    rows = Occupancy.objects.filter(
        resource__location=location,
        appointment__status__in=LIVE,
        appointment__starts_at__gte=since,
        starts_at__gte=since,  # says the same and has the index
    )
    if until is not None:
        rows = rows.filter(starts_at__lt=midnight(until + _A_DAY, zone))
    held = [
        Held(*row)
        for row in rows.order_by().values_list("appointment", "resource", "starts_at", "ends_at")
    ]
    if not held:
        return []
    last = max(each.starts_at for each in held).astimezone(zone).date()
    found = outside(held, open_minutes(location, today, last), zone)
    if not found:
        return []
    names = Resource.objects.in_bulk({key for keys in found.values() for key in keys})
    visits = Appointment.objects.filter(pk__in=found).select_related(
        "patient", "location", "session__course__revision__procedure"
    )
    return [Stranded(visit, tuple(names[key] for key in found[visit.pk])) for visit in visits]


@dataclass(frozen=True)
class WeekOfAll:
    """The seven days from `monday` with what is open on each, and what closes or opens the whole location."""

    monday: dt.date
    resources: list[Resource]
    open_: OpenMinutes
    exceptions: Mapping[tuple[dt.date, int | None], HoursException]

    @property
    def days(self) -> list[dt.date]:
        return [self.monday + n * _A_DAY for n in range(7)]


def week_of_all(location: Location, monday: dt.date) -> WeekOfAll:
    """When everybody and everything is open in a week. Six queries."""
    sunday = monday + 6 * _A_DAY
    found = {}
    rows = HoursException.objects.filter(
        location=location, first_day__lte=sunday, last_day__gte=monday
    )
    for row in rows:
        for day in (monday + n * _A_DAY for n in range(7)):
            if row.first_day <= day <= row.last_day:
                found[day, row.resource_id] = row
    return WeekOfAll(monday, resources_at(location), open_minutes(location, monday, sunday), found)


def resource_at(location: Location, pk: int) -> Resource:
    """One resource of `location`.  Raises Resource.DoesNotExist. One query."""
    return Resource.objects.select_related("location").get(pk=pk, location=location, is_active=True)


def exception_at(location: Location, pk: int) -> HoursException:
    """One row of `location`.  Raises HoursException.DoesNotExist. One query."""
    return HoursException.objects.select_related("location", "resource").get(
        pk=pk, location=location
    )


@dataclass(frozen=True)
class BlockedTime:
    """Blocks that were added together, earliest first, the resources of each among them."""

    blocks: tuple[Block, ...]

    @property
    def first(self) -> Block:
        return self.blocks[0]

    @property
    def resources(self) -> list[Resource]:
        return list(dict.fromkeys(block.resource for block in self.blocks))

    @property
    def times(self) -> list[tuple[dt.datetime, dt.datetime]]:
        return list(dict.fromkeys((block.starts_at, block.ends_at) for block in self.blocks))


def blocks_ahead(location: Location) -> list[BlockedTime]:
    """Blocked time of `location` that is not over, those added together in one, earliest first. One query."""
    together: dict[object, list[Block]] = defaultdict(list)
    for block in _blocks(location).filter(ends_at__gt=clock.now()):
        together[block.batch or block.pk].append(block)
    return [BlockedTime(tuple(blocks)) for blocks in together.values()]


def _blocks(location: Location) -> QuerySet[Block]:
    return (
        Block.objects.filter(resource__location=location)
        .select_related("resource")
        .order_by("starts_at", "resource__kind", "resource__position", "id")
    )


def block_at(location: Location, pk: int) -> Block:
    """One block of `location`.  Raises Block.DoesNotExist. One query."""
    return _blocks(location).get(pk=pk)


def blocks_with(block: Block) -> list[Block]:
    """`block` and those added together with it that are not over. One query."""
    if block.batch is None:
        return [block]
    return list(Block.objects.filter(batch=block.batch, ends_at__gt=clock.now()))


def in_the_way(blocks: Iterable[Block]) -> list[Occupancy]:
    """What holds the resources of `blocks` in their time, earliest first. One query."""
    blocks = list(blocks)
    first, last = min(b.starts_at for b in blocks), max(b.ends_at for b in blocks)
    rows = (
        Occupancy.objects.filter(
            resource__in={block.resource_id for block in blocks},
            starts_at__gte=first - _A_DAY,
            starts_at__lt=last,
            ends_at__gt=first,
        )
        .select_related("resource", "block", "appointment__patient", "appointment__location")
        .order_by("starts_at", "id")
    )
    wanted = defaultdict(list)
    for block in blocks:
        wanted[block.resource_id].append((block.starts_at, block.ends_at))
    return [
        row
        for row in rows
        if any(a < row.ends_at and row.starts_at < b for a, b in wanted[row.resource_id])
    ]
