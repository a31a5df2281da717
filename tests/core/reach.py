"""Which dates a search may ask about: the reference for the laws of series."""

import datetime as dt
from dataclasses import replace

from plans.core.offers import Wish
from plans.core.problems import LATER_START_DAYS, WIDER_WINDOW_DAYS
from plans.core.spacing import window_after


def reach(wish: Wish, *, relaxing: bool = False) -> tuple[tuple[dt.date, dt.date], ...]:
    """For each session the first and last date it could stand on, ends included; the ranges may overlap.

    `relaxing`: also what is searched for a relaxation once the wish has proved impossible.
    """
    slack = dt.timedelta(days=WIDER_WINDOW_DAYS if relaxing else 0)
    if relaxing:
        wish = _relaxed(wish)
    ranges: list[tuple[dt.date, dt.date]] = []
    for ordinal in wish.ordinals:
        if ordinal in wish.fixed:
            first = last = wish.fixed[ordinal].day
        elif ranges:
            first = window_after(ranges[-1][0], wish.interval).earliest
            last = window_after(ranges[-1][1], wish.interval).latest + slack
        else:
            first, last = wish.first.earliest, wish.first.latest
        ranges.append((first, max(first, last)))
    return tuple(ranges)


def _relaxed(wish: Wish) -> Wish:
    """The widest wish that a relaxation looks at, but for WIDER_WINDOW_DAYS more a window."""
    first = wish.first
    latest = max(first.latest, first.earliest) + dt.timedelta(days=LATER_START_DAYS)
    return replace(wish, first=replace(first, latest=latest), fixed={}, standing={})
