"""Which days to read at once: those about the best places first, farther ones in growing stretches."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping

from plans.core.offers import Wish
from plans.core.reading import Days
from plans.core.spacing import window_after

Stretch = tuple[dt.date, dt.date]  # first and last day, ends included
Load = Callable[[dt.date, dt.date], Mapping[dt.date, Mapping[int, int]]]

NEAR_BEFORE, NEAR_AFTER = 1, 3
FIRST_FAR_DAYS = 4


def near(wish: Wish) -> tuple[Stretch, ...]:
    """The days about which a search asks first: the targets of the sessions, each on the one before it.

    Ordered and apart; stretches with less than a week between them are read as one.
    """
    stretches = [_about(target) for target in _targets(wish)]
    return merged(stretches)


def merged(stretches: Iterable[Stretch], apart_days: int = 7) -> tuple[Stretch, ...]:
    """Ordered, with those made one that have fewer than `apart_days` between them."""
    ordered = sorted(stretches)
    found: list[Stretch] = ordered[:1]
    for first, last in ordered[1:]:
        start, end = found[-1]
        if (first - end).days < apart_days:
            found[-1] = (start, max(end, last))
        else:
            found.append((first, last))
    return tuple(found)


def _targets(wish: Wish) -> list[dt.date]:
    days: list[dt.date] = []
    for ordinal in wish.ordinals:
        if ordinal in wish.fixed:
            days.append(wish.fixed[ordinal].day)
        elif days:
            days.append(window_after(days[-1], wish.interval).target)
        else:
            days.append(wish.first.target)
    return days


def _about(day: dt.date) -> Stretch:
    return day - dt.timedelta(days=NEAR_BEFORE), day + dt.timedelta(days=NEAR_AFTER)


class ReadAhead:
    """Days asked for one by one, read in stretches: `nearby` ones whole, then stretches each twice as long as the one before.

    However many days are asked for, `load` is called once for each stretch nearby and a few times more.
    """

    def __init__(self, load: Load, nearby: Iterable[Stretch]) -> None:
        self._load = load
        self._nearby = tuple(nearby)
        self._far = FIRST_FAR_DAYS
        self._known: dict[dt.date, Mapping[int, int]] = {}

    def __call__(self, day: dt.date) -> Mapping[int, int]:
        """Free bits by resource."""
        if day not in self._known:
            self._read(*self._stretch(day))
        return self._known[day]

    def _stretch(self, day: dt.date) -> Stretch:
        for first, last in self._nearby:
            if first <= day <= last:
                return first, last
        last = day + dt.timedelta(days=self._far - 1)
        self._far *= 2
        return day, last

    def _read(self, first: dt.date, last: dt.date) -> None:
        found = self._load(first, last)
        for n in range((last - first).days + 1):
            day = first + dt.timedelta(days=n)
            self._known.setdefault(day, found.get(day, {}))


def days_of(load: Load, wish: Wish) -> Days:
    """The free time of single days for a search of `wish`, read as it goes."""
    return ReadAhead(load, near(wish))
