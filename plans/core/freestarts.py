"""Free starts of single days: who and what serves each, and why a day has none."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from plans.core.availability import PRACTITIONER, grid
from plans.core.cycles import may_use_on
from plans.core.occasions import Judge
from plans.core.offers import EVERY_WEEKDAY, Judgement, Wish, narrowed
from plans.core.reading import Days, Reading
from plans.core.spacing import window_after
from plans.core.wishes import kept

Obstacle = Literal["screening", "occasion", "cycle", "window", "closed", "no_common_time"]


@dataclass(frozen=True, slots=True)
class FreeStart:
    """A free start: minutes since local midnight, resource by role."""

    minute: int
    end_minute: int
    resources: Mapping[str, int]

    @property
    def practitioner(self) -> int | None:
        return self.resources.get(PRACTITIONER)


@dataclass(frozen=True, slots=True)
class DayOfStarts:
    """One day: its starts in order, one for each practitioner who could serve; or why there is none.

    `keeps_wishes`: these starts meet the wishes for practitioner, rooms and part of day; where none does,
    all others stand here.
    """

    day: dt.date
    starts: tuple[FreeStart, ...]
    judged: Judgement
    obstacle: Obstacle | None = None
    keeps_wishes: bool = True

    @property
    def one_each(self) -> tuple[FreeStart, ...]:
        """One start for each minute: that of the practitioner who comes first."""
        first: dict[int, FreeStart] = {}
        for start in self.starts:
            first.setdefault(start.minute, start)
        return tuple(first.values())


def starts_by_day(
    wish: Wish, days: Days, judge: Judge, first: dt.date, last: dt.date
) -> tuple[DayOfStarts, ...]:
    """Every day from `first` to `last`, ends included, for the first session of `wish`.

    The one after it, where that stays (`fixed`), still has to fit its window. The weekdays wished for are not
    looked at: whoever asks for a day wants to see that day. A day is read only if it is in the window and allowed.
    """
    asked = replace(wish, candidates=narrowed(wish, practitioner=True, rooms=True))
    asked = replace(asked, weekdays=EVERY_WEEKDAY)
    wanted = Reading(asked, kept(asked, days), judge)
    anyhow = Reading(replace(wish, weekdays=EVERY_WEEKDAY, part_of_day=None), days, judge)
    length = (last - first).days + 1
    return tuple(_day(wanted, anyhow, first + dt.timedelta(days=n)) for n in range(length))


def _day(wanted: Reading, anyhow: Reading, day: dt.date) -> DayOfStarts:
    wish = anyhow.wish
    after = wish.fixed.get(wish.first_ordinal + 1)
    if day not in wish.first or (after and after.day not in window_after(day, wish.interval)):
        return DayOfStarts(day, (), Judgement(), "window")
    judged = anyhow.judgement(day)
    if judged.blocked:
        return DayOfStarts(day, (), judged, "occasion" if judged.occasions else "screening")
    if wish.cycle is not None and not may_use_on(wish.uses, wish.cycle, day):
        return DayOfStarts(day, (), judged, "cycle")
    for reading in (wanted, anyhow):
        starts = tuple(_starts(reading, day))
        if starts:
            return DayOfStarts(day, starts, judged, keeps_wishes=reading is wanted)
    return DayOfStarts(day, (), judged, "closed" if anyhow.is_closed(day) else "no_common_time")


def _starts(reading: Reading, day: dt.date) -> Iterator[FreeStart]:
    """In order of time; at one time in the order of the candidates."""
    needs, free, wish = reading.needs, reading.free(day), reading.wish
    role = PRACTITIONER if PRACTITIONER in needs.roles else None
    for minute, resources in needs.ways(role, free, grid(wish.every)):
        yield FreeStart(minute, minute + needs.minutes, resources)
