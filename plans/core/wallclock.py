"""Instants and the wall clock of a place: a visit keeps its local hour across clock changes."""

import datetime as dt

DAY_MINUTES = 24 * 60


def midnight(day: dt.date, zone: dt.tzinfo) -> dt.datetime:
    """The first instant of `day` in `zone`."""
    return dt.datetime(day.year, day.month, day.day, tzinfo=zone)


def instant(day: dt.date, minute: int, zone: dt.tzinfo) -> dt.datetime:
    """The instant, in UTC, at which the clock in `zone` shows `minute` minutes after midnight of `day`.

    >>> import zoneinfo
    >>> instant(dt.date(2026, 11, 26), 600, zoneinfo.ZoneInfo("Europe/Berlin")).isoformat()
    '2026-11-26T09:00:00+00:00'
    """
    hour, minute = divmod(minute, 60)
    local = dt.datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
    return local.astimezone(dt.UTC)


def minute_of(moment: dt.datetime, zone: dt.tzinfo) -> int:
    """Minutes since midnight that the clock in `zone` shows at `moment`."""
    local = moment.astimezone(zone)
    return local.hour * 60 + local.minute


def stretches(
    starts_at: dt.datetime, ends_at: dt.datetime, zone: dt.tzinfo
) -> list[tuple[dt.date, tuple[int, int]]]:
    """What lies between two instants, at most a day apart: by local day, minutes [from, to) of its clock."""
    first, last = starts_at.astimezone(zone).date(), ends_at.astimezone(zone).date()
    begins, ends = minute_of(starts_at, zone), minute_of(ends_at, zone)
    if first == last:
        return [(first, (begins, ends))]
    return [(first, (begins, DAY_MINUTES)), (last, (0, ends))]
