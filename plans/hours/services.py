"""Writing hours so that nobody strands a visit unseen, and blocking time that is free."""

import datetime as dt
import uuid
from collections.abc import Callable, Collection, Sequence

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from clinic.audit.services import claim, record, settle
from clinic.kit import clock
from clinic.kit.contention import lock_days, one_transaction
from clinic.kit.refusals import Refusal
from clinic.places import services as places
from clinic.places.models import HoursException, Location, Resource
from clinic.staff.models import User
from plans.core.hours import MOST_DAYS, MOST_WEEKS, WishedBlock, WishedDays, WishedWeek, existing
from plans.diary.models import Block, Occupancy, TimeTaken, refused_words
from plans.hours.selectors import Stranded, blocks_with, in_the_way, stranded
from plans.hours.tags import in_the_way_words

# Rows of one wish to block time; all of them stand, or none.
MOST_BLOCKS = 500

_A_DAY = dt.timedelta(days=1)

Keys = Collection[int]
NOBODY: Keys = frozenset()


class Strands(Exception):
    """The change would leave visits outside hours that nobody has looked at yet; nothing was written."""

    def __init__(self, visits: Sequence[Stranded]) -> None:
        super().__init__(f"{len(visits)} visits")
        self.visits = tuple(visits)


def change_week(
    resource: Resource, wish: WishedWeek, *, by: User, key: uuid.UUID, agreed: Keys = NOBODY
) -> None:
    """The weekly hours of `resource` from a day on.

    `agreed`: keys of the visits that were shown and may be stranded. Raises Strands if others are, Refusal, or
    AlreadyDone; with nothing written.
    """

    def change() -> None:
        places.set_week(
            resource,
            wish.days,
            wish.valid_from,
            by=by,
            valid_until=wish.valid_until,
            every_weeks=wish.every_weeks,
        )

    _settled(resource.location, change, by, key, agreed)


def end_hours(
    resource: Resource, last_day: dt.date, *, by: User, key: uuid.UUID, agreed: Keys = NOBODY
) -> None:
    """No hours after `last_day`.  Raises as `change_week`."""
    _settled(
        resource.location, lambda: places.close_hours(resource, last_day, by=by), by, key, agreed
    )


def take_back_hours(
    resource: Resource,
    valid_from: dt.date,
    every_weeks: int,
    *,
    by: User,
    key: uuid.UUID,
    agreed: Keys = NOBODY,
) -> None:
    """Planned hours that shall not come.  Raises as `change_week`."""

    def change() -> None:
        places.remove_hours(resource, valid_from, every_weeks, by=by)

    _settled(resource.location, change, by, key, agreed)


def add_days(
    location: Location,
    wish: WishedDays,
    *,
    by: User,
    key: uuid.UUID,
    agreed: Keys = NOBODY,
    resource: Resource | None = None,
) -> None:
    """An absence or an extra day of `resource`, or of the whole location.  Raises as `change_week`."""

    def change() -> None:
        places.add_exception(
            location,
            wish.first,
            wish.last,
            by=by,
            hours=wish.hours,
            resource=resource,
            reason=wish.reason,
        )

    _settled(location, change, by, key, agreed)


def remove_days(row: HoursException, *, by: User, key: uuid.UUID, agreed: Keys = NOBODY) -> None:
    """Take an absence, a holiday or an extra day back.  Raises as `change_week`."""
    _settled(row.location, lambda: places.remove_exception(row, by=by), by, key, agreed)


def close_on_holidays(
    location: Location,
    year: int,
    days: Collection[dt.date],
    *,
    by: User,
    key: uuid.UUID,
    agreed: Keys = NOBODY,
) -> None:
    """Close the location on these of the year's public holidays.  Raises as `change_week`."""

    def change() -> None:
        places.add_holidays(location, year, by=by, days=days)

    _settled(location, change, by, key, agreed)


@one_transaction(refused_words)
def _settled(
    location: Location, change: Callable[[], None], by: User, key: uuid.UUID, agreed: Keys
) -> None:
    """Carry out `change`, unless it strands visits that were not shown: then nothing stands, and Strands is raised."""
    if not by.has_perm("clinic.keep_hours"):
        raise PermissionDenied
    submission = claim(key, by=by)
    today = clock.today(location.zone)
    before = {each.visit.pk for each in stranded(location, today)}
    change()
    new = [each for each in stranded(location, today) if each.visit.pk not in before]
    if not {each.visit.pk for each in new} <= set(agreed):
        raise Strands(new)
    if new:
        record("visits_stranded", location, by=by, visits=[each.visit.pk for each in new])
    settle(submission, str(location.pk))


@one_transaction(refused_words)
def add_blocks(location: Location, wish: WishedBlock, *, by: User, key: uuid.UUID) -> list[Block]:
    """Block the time in all its resources and days, or nothing.

    A clock that jumps over all of it leaves that day out. Raises TimeTaken, naming what stands there, where the
    time is held; Refusal for days that are over or too many; AlreadyDone.
    """
    if not by.has_perm("clinic.book_session"):
        raise PermissionDenied
    resources = _resources(location, wish)
    lock_days(location.pk, wish.days)
    submission = claim(key, by=by)
    blocks = _blocks(location, wish, resources, by)
    try:
        with transaction.atomic():
            Block.objects.bulk_create(blocks)
            Occupancy.objects.bulk_create(_held(block) for block in blocks)
            # The guard lets nothing be held for more than 24 hours; one day a year has 25.
            Occupancy.objects.bulk_create(
                _held(block, _A_DAY) for block in blocks if block.ends_at > block.starts_at + _A_DAY
            )
    except IntegrityError as error:
        said = refused_words(error)
        if not isinstance(said, TimeTaken):
            raise
        raise TimeTaken(in_the_way_words(in_the_way(blocks))) from error
    batch, keys = str(blocks[0].batch), sorted(wish.resources)
    record("blocked", location, by=by, batch=batch, resources=keys, count=len(blocks))
    settle(submission, str(location.pk))
    return blocks


def _held(block: Block, after: dt.timedelta = dt.timedelta()) -> Occupancy:
    """At most a day of what `block` holds, so long `after` it begins."""
    start = block.starts_at + after
    end = min(block.ends_at, start + _A_DAY)
    return Occupancy(resource_id=block.resource_id, starts_at=start, ends_at=end, block=block)


def _resources(location: Location, wish: WishedBlock) -> list[Resource]:
    """Those that the wish names.  Raises Refusal for one that makes no sense."""
    if wish.first < clock.today(location.zone):
        raise Refusal(_("These days are over. Choose today or a later day."))
    if wish.reaches_too_far:
        said = {"days": MOST_DAYS, "weeks": MOST_WEEKS}
        raise Refusal(
            _("At most %(days)s days in a row and %(weeks)s weeks. Write the rest as an absence.")
            % said
        )
    if len(wish.days) * len(wish.resources) > MOST_BLOCKS:
        raise Refusal(
            _("That is too much at once. Choose fewer resources, or fewer weeks at a time.")
        )
    found = list(Resource.objects.filter(location=location, pk__in=wish.resources))
    if not found or len(found) < len(set(wish.resources)):
        raise ValueError("no resource to block, or one of another location")
    return found


def _blocks(
    location: Location, wish: WishedBlock, resources: Sequence[Resource], by: User
) -> list[Block]:
    batch, now = uuid.uuid4(), clock.now()
    spans = [existing(day, wish.minutes, location.zone) for day in wish.days]
    blocks = [
        Block(
            resource=resource,
            starts_at=span[0],
            ends_at=span[1],
            reason=wish.reason,
            batch=batch,
            created_at=now,
            created_by=by,
        )
        for resource in resources
        for span in spans
        if span is not None
    ]
    if not blocks:
        raise Refusal(_("The clock jumps over this time. Choose another one."))
    return blocks


@one_transaction(refused_words)
def remove_blocks(block: Block, *, whole: bool, by: User, key: uuid.UUID) -> int:
    """Free the time again; with `whole` also that of the blocks added together with it, as far as not over.

    Returns how many.  Raises Refusal for a block that is over, AlreadyDone.
    """
    if not by.has_perm("clinic.book_session"):
        raise PermissionDenied
    location = block.resource.location
    gone = blocks_with(block) if whole else [block]
    gone = [each for each in gone if each.ends_at > clock.now()]
    if not gone:
        raise Refusal(_("This time is over. What was, stays on record."))
    lock_days(location.pk, {each.starts_at.astimezone(location.zone).date() for each in gone})
    submission = claim(key, by=by)
    keys = [each.pk for each in gone]
    Occupancy.objects.filter(block__in=keys).delete()
    Block.objects.filter(pk__in=keys).delete()
    record("unblocked", block.resource, by=by, batch=str(block.batch or ""), count=len(keys))
    settle(submission, str(location.pk))
    return len(keys)
