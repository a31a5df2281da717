"""Instants and the wall clock of a place: a visit keeps its local hour across clock changes.

A day has 23 or 25 hours where the clocks change: minutes that the clock jumps over are no time at all, and of a
minute that it shows twice the first one is meant.
"""

import datetime as dt
from functools import lru_cache

from plans.core.availability import DAY_MINUTES

_MINUTE = dt.timedelta(minutes=1)
_A_DAY = dt.timedelta(days=1)


def midnight(day: dt.date, zone: dt.tzinfo) -> dt.datetime:
    """The first instant of `day` in `zone`."""
    return dt.datetime(day.year, day.month, day.day, tzinfo=zone)


def instant(day: dt.date, minute: int, zone: dt.tzinfo) -> dt.datetime:
    """The instant, in UTC, at which the clock in `zone` shows `minute` minutes after midnight of `day`.

    Minute 1440 is the midnight that ends the day. Shown twice: the first time. Jumped over: the instant of the
    jump, so that a stretch from 02:30 on a day without that hour begins when there is time again.

    >>> import zoneinfo
    >>> instant(dt.date(2026, 11, 26), 600, zoneinfo.ZoneInfo("Europe/Berlin")).isoformat()
    '2026-11-26T09:00:00+00:00'
    """
    more, minute = divmod(minute, DAY_MINUTES)
    day += dt.timedelta(days=more)
    local = dt.datetime(day.year, day.month, day.day, *divmod(minute, 60), tzinfo=zone)
    missing = skipped(day, zone)
    if missing and missing[0] <= minute < missing[1]:
        local -= (minute - missing[0]) * _MINUTE
    return local.astimezone(dt.UTC)


def minute_of(moment: dt.datetime, zone: dt.tzinfo) -> int:
    """Minutes since midnight that the clock in `zone` shows at `moment`."""
    local = moment.astimezone(zone)
    return local.hour * 60 + local.minute


def over(moment: dt.datetime, zone: dt.tzinfo) -> tuple[int, int]:
    """The minutes [from, to) of its day at which nothing can begin any more at `moment`.

    While an hour is shown for the second time, all of it is over: a minute of it means the first time.
    """
    local = moment.astimezone(zone)
    twice = repeated(local.date(), zone)
    minute = local.hour * 60 + local.minute
    if twice and local.fold and twice[0] <= minute < twice[1]:
        return 0, twice[1]
    return 0, minute


def skipped(day: dt.date, zone: dt.tzinfo) -> tuple[int, int] | None:
    """The minutes [from, to) of `day` that the clock jumps over; None on all other days.

    >>> import zoneinfo
    >>> skipped(dt.date(2026, 3, 29), zoneinfo.ZoneInfo("Europe/Berlin"))
    (120, 180)
    """
    jump = _jump(day, zone)
    return jump if jump and jump[0] < jump[1] else None


def repeated(day: dt.date, zone: dt.tzinfo) -> tuple[int, int] | None:
    """The minutes [from, to) of `day` that the clock shows twice; None on all other days.

    >>> import zoneinfo
    >>> repeated(dt.date(2026, 10, 25), zoneinfo.ZoneInfo("Europe/Berlin"))
    (120, 180)
    """
    jump = _jump(day, zone)
    return (jump[1], jump[0]) if jump and jump[1] < jump[0] else None


@lru_cache(maxsize=4096)
def _jump(day: dt.date, zone: dt.tzinfo) -> tuple[int, int] | None:
    """What the clock showed before and after it was changed on `day`, in minutes; None if it was not."""
    start = midnight(day, zone).astimezone(dt.UTC)
    end = midnight(day + _A_DAY, zone).astimezone(dt.UTC)
    first = dt.datetime(day.year, day.month, day.day)  # noqa: DTZ001  # a reading of the clock
    begins = (_reading(start, zone) - first) // _MINUTE
    if begins > 0:
        return 0, begins
    if end - start == _A_DAY:
        return None
    low, high = 0, (end - start) // _MINUTE
    while high - low > 1:
        middle = (low + high) // 2
        shown = (_reading(start + middle * _MINUTE, zone) - first) // _MINUTE
        low, high = (middle, high) if shown == middle else (low, middle)
    after = (_reading(start + high * _MINUTE, zone) - first) // _MINUTE
    return high, after


def _reading(moment: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    """What the clock shows."""
    return moment.astimezone(zone).replace(tzinfo=None)


def stretches(
    starts_at: dt.datetime, ends_at: dt.datetime, zone: dt.tzinfo
) -> list[tuple[dt.date, tuple[int, int]]]:
    """What lies between two instants, by local day: minutes [from, to) that its clock shows, in order.

    One range a day. Where the clock is put back in between, all that it showed, an hour shown twice as a whole.
    """
    begins, ends = starts_at.astimezone(zone), ends_at.astimezone(zone)
    if begins.date() == ends.date() and begins.utcoffset() == ends.utcoffset():
        return [(begins.date(), (begins.hour * 60 + begins.minute, ends.hour * 60 + ends.minute))]
    found = []
    day, begin = begins.date(), starts_at.astimezone(dt.UTC)
    while begin < ends_at:
        end = min(ends_at.astimezone(dt.UTC), midnight(day + _A_DAY, zone).astimezone(dt.UTC))
        found.append((day, _shown(day, begin, end, zone)))
        day, begin = day + _A_DAY, end
    return found


def _shown(day: dt.date, begin: dt.datetime, end: dt.datetime, zone: dt.tzinfo) -> tuple[int, int]:
    """The range of what the clock shows between two instants of `day`; `end` may be the next midnight."""
    first, jump = minute_of(begin, zone), _jump(day, zone)
    last = minute_of(end, zone) if end.astimezone(zone).date() == day else DAY_MINUTES
    if jump is None:
        return first, last
    before, after = jump
    changed = midnight(day, zone).astimezone(dt.UTC) + before * _MINUTE
    if end == changed:
        return first, before
    return (min(first, after), max(last, before)) if begin < changed < end else (first, last)
