"""Who is free when, by day: opening hours less what is held."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from plans.core.availability import Range, busy_bits, open_bits
from plans.core.wallclock import stretches

Held = Mapping[tuple[dt.date, int], Sequence[Range]]


def held_by_day(rows: Iterable[tuple[dt.datetime, dt.datetime, int]], zone: dt.tzinfo) -> Held:
    """Minutes held, by local day and key; `rows`: begin, end and key of each, at most a day long."""
    held: dict[tuple[dt.date, int], list[Range]] = defaultdict(list)
    for starts_at, ends_at, key in rows:
        for day, minutes in stretches(starts_at, ends_at, zone):
            held[day, key].append(minutes)
    return held


def free_by_day(
    open_: Mapping[dt.date, Mapping[int, Sequence[Range]]],
    resources: Collection[int],
    held: Held,
    shut: Mapping[dt.date, Sequence[Range]],
) -> dict[dt.date, dict[int, int]]:
    """Free time of each of `resources` as bits of 5 minutes, by day of `open_`; `shut` is nobody's time."""
    return {
        day: {
            resource: open_bits(ranges)
            & ~busy_bits([*held.get((day, resource), ()), *shut.get(day, ())])
            for resource, ranges in by_resource.items()
            if resource in resources
        }
        for day, by_resource in open_.items()
    }
