"""Dates that matter to a patient, kept clear of the time in which a session heals."""

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import replace

from plans.core.offers import Judgement
from plans.core.spacing import Period

Judge = Callable[[dt.date], Judgement]

SAME_DAY = Period(0, "days")


def occasion_rule(day: dt.date) -> str:
    """The reason a judgement gives when healing would reach the occasion on `day`.

    >>> occasion_rule(dt.date(2027, 3, 12))
    'occasion:2027-03-12'
    """
    return f"occasion:{day.isoformat()}"


def reached(
    day: dt.date, occasions: Collection[dt.date], healing: Period | None
) -> tuple[dt.date, ...]:
    """The occasions on which a session of `day` still heals: from its day to `healing` later, ends included."""
    until = (healing or SAME_DAY).after(day)
    return tuple(sorted(occasion for occasion in occasions if day <= occasion <= until))


def keeping_clear(
    judge: Judge,
    occasions: Collection[dt.date],
    healing: Period | None,
) -> Judge:
    """`judge`, with every day blocked whose session would still heal on an occasion.

    A day that was blocked before stays so for its own reasons; `earliest` minds both.
    """
    if not occasions:
        return judge

    def judged(day: dt.date) -> Judgement:
        found = judge(day)
        met = reached(day, occasions, healing)
        if found.blocked:
            if found.earliest is None:
                return found
            return replace(found, earliest=_first_clear(judge, occasions, healing, found.earliest))
        if not met:
            return found
        return Judgement(
            True,
            found.level,
            (*found.reasons, *map(occasion_rule, met)),
            _first_clear(judge, occasions, healing, met[-1] + dt.timedelta(days=1)),
            met,
        )

    return judged


def _first_clear(
    judge: Judge, occasions: Collection[dt.date], healing: Period | None, day: dt.date
) -> dt.date | None:
    """The first day from `day` on that is allowed and reaches no occasion; None if it is not known."""
    while True:
        met = reached(day, occasions, healing)
        if met:
            day = met[-1] + dt.timedelta(days=1)
            continue
        found = judge(day)
        if not found.blocked:
            return day
        if found.earliest is None or found.earliest <= day:
            return None
        day = found.earliest
