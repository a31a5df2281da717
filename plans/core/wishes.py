"""Series that meet every wish where that is possible, else the ones that come nearest."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from plans.core.availability import DAY_MINUTES, PRACTITIONER, busy_bits
from plans.core.offers import Offer, Wish
from plans.core.problems import Impossible
from plans.core.screening import Finding, Screening
from plans.core.series import Days, Judge, propose

MOST_OFFERS = 3


@dataclass(frozen=True, slots=True)
class Choices:
    """Up to three offers, best first; `keeps_wishes`: the best one meets every wish."""

    offers: tuple[Offer, ...]
    keeps_wishes: bool
    impossible: Impossible | None


@dataclass(frozen=True)
class Series:
    """One offer, with the screening of each of its sessions in their order."""

    offer: Offer
    screenings: tuple[Screening, ...]


@dataclass(frozen=True)
class Answer:
    """Up to three series, or why there is none.

    `asked`: the screening of the first day asked for; when it blocks, the series begin on its
    `earliest_ok`, which is `starts_from` (None: no day is known), and `waits` says what for.
    `keeps_wishes`: the best meets every wish.
    """

    series: tuple[Series, ...]
    asked: Screening
    starts_from: dt.date | None
    waits: tuple[Finding, ...] = ()
    keeps_wishes: bool = True
    impossible: Impossible | None = None


def choose(wish: Wish, days: Days, judge: Judge) -> Choices:
    """The offers for `wish`.

    A wish is not a rule: the target day costs more than a missed wish. But whoever asks for mornings with
    one practitioner wants those first; so wishes are rules in a first search, and wishes again in a
    second one if the first finds nothing.
    """
    strict = _strict(wish)
    found = propose(strict, kept(wish, days), judge)
    if found.offers:
        offers = [*found.offers, *_with_others(wish, days, judge, found.offers)]
        return Choices(tuple(offers[:MOST_OFFERS]), True, None)
    loose = propose(wish, days, judge)
    return Choices(loose.offers, False, loose.impossible)


def _strict(wish: Wish) -> Wish:
    if wish.practitioner is None or PRACTITIONER not in wish.candidates:
        return wish
    only = tuple(p for p in wish.candidates[PRACTITIONER] if p == wish.practitioner)
    return replace(wish, candidates={**wish.candidates, PRACTITIONER: only})


def _with_others(wish: Wish, days: Days, judge: Judge, offers: tuple[Offer, ...]) -> list[Offer]:
    """The same wish without the practitioner asked for: one real alternative, if it is another series."""
    if wish.practitioner is None:
        return []
    others = tuple(p for p in wish.candidates.get(PRACTITIONER, ()) if p != wish.practitioner)
    other = replace(wish, candidates={**wish.candidates, PRACTITIONER: others})
    found = propose(other, kept(wish, days), judge).offers[:1]
    return [
        replace(offer, kind="other_practitioner")
        for offer in found
        if all(offer.places != known.places for known in offers)
    ]


def kept(wish: Wish, days: Days) -> Days:
    """`days` with nothing free outside the weekdays and the part of day wished for."""
    taken = 0
    if wish.part_of_day is not None:
        first, stop = wish.part_of_day
        minutes = max(phase.to_minute for phase in wish.phases)
        # A start of the grid before `stop` ends before this; a later one does not.
        end = stop - wish.every + minutes
        taken = busy_bits([(0, first), (end, DAY_MINUTES)])

    def free(day: dt.date) -> Mapping[int, int]:
        if day.isoweekday() not in wish.weekdays:
            return {}
        return {resource: bits & ~taken for resource, bits in days(day).items()}

    return free
