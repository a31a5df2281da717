"""Who is free when, by day: opening hours less what is held."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from plans.core.availability import Range, busy_bits, open_bits
from plans.core.wallclock import skipped, stretches

Held = Mapping[tuple[dt.date, int], Sequence[Range]]
_QUARTER = 15  # minutes


def held_by_day(rows: Iterable[tuple[dt.datetime, dt.datetime, int]], zone: dt.tzinfo) -> Held:
    """Minutes held, by local day and key; `rows`: begin, end and key of each, at most a day long."""
    held: dict[tuple[dt.date, int], list[Range]] = defaultdict(list)
    for starts_at, ends_at, key in rows:
        for day, minutes in stretches(starts_at, ends_at, zone):
            held[day, key].append(minutes)
    return held


def held_by_seconds(rows: Iterable[tuple[int, int, int]], zone: dt.tzinfo) -> Held:
    """As `held_by_day`, of whole seconds since 1970 in UTC: for rows by the thousand."""
    held: dict[tuple[dt.date, int], list[Range]] = defaultdict(list)
    clock = _Clock(zone)
    for starts_at, ends_at, key in rows:
        begin, end = starts_at // 60, -(-ends_at // 60)
        first, start = clock[begin // _QUARTER]
        last, stop = clock[(end - 1) // _QUARTER]
        start, stop = start + begin % _QUARTER, stop + (end - 1) % _QUARTER + 1
        if first == last and stop - start == end - begin:
            held[first, key].append((start, stop))
        else:  # over midnight, or over a change of the clock
            for day, minutes in stretches(_moment(begin), _moment(end), zone):
                held[day, key].append(minutes)
    return held


class _Clock(dict[int, tuple[dt.date, int]]):
    """The local day and minute at which each quarter of an hour begins; clocks are changed between two of them."""

    def __init__(self, zone: dt.tzinfo) -> None:
        super().__init__()
        self._zone = zone

    def __missing__(self, quarter: int) -> tuple[dt.date, int]:
        local = _moment(quarter * _QUARTER).astimezone(self._zone)
        self[quarter] = found = (local.date(), local.hour * 60 + local.minute)
        return found


def _moment(minute: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(minute * 60, dt.UTC)


def free_by_day(
    open_: Mapping[dt.date, Mapping[int, Sequence[Range]]],
    resources: Collection[int],
    held: Held,
    shut: Mapping[dt.date, Sequence[Range]],
    zone: dt.tzinfo | None = None,
) -> dict[dt.date, dict[int, int]]:
    """Free time of each of `resources` as bits of 5 minutes, by day of `open_`; `shut` is nobody's time.

    Who is not at work on a day is not in it. The minutes that the clock in `zone` jumps over are nobody's
    either: nothing starts in them, nothing lasts across them.
    """
    free = {}
    for day, by_resource in open_.items():
        missing = skipped(day, zone) if zone else None
        nobody_s = [*shut.get(day, ()), *((missing,) if missing else ())]
        free[day] = {
            resource: open_bits(ranges) & ~busy_bits([*held.get((day, resource), ()), *nobody_s])
            for resource, ranges in by_resource.items()
            if resource in resources and ranges
        }
    return free
