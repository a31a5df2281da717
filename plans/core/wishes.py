"""Series that meet every wish where that is possible, else the ones that come nearest."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from plans.core.availability import DAY_MINUTES, NOON, PRACTITIONER, busy_bits
from plans.core.offers import EVERY_WEEKDAY, Offer, Wish, make_offer, narrowed
from plans.core.problems import Impossible, explain
from plans.core.reading import Reading
from plans.core.screening import Finding, Screening
from plans.core.search import Search
from plans.core.series import Days, Judge, propose

MOST_OFFERS = 3
DIFFERENT_MINUTES = 120  # two starts of one day that are nearer than this are no choice


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
    """The offers for `wish`; `days` and `judge` are asked at most once a date.

    A wish is not a rule: the target day costs more than a missed wish. But whoever asks for mornings with
    one practitioner wants those first; so wishes are rules in a first search, and wishes again in a
    second one if the first finds nothing. Where there are fewer than three, others are looked for that
    somebody would really choose between: on other days, then at another time of day.
    """
    days, judge = cache(days), cache(judge)
    strict = replace(wish, candidates=narrowed(wish, practitioner=True, rooms=True))
    found = propose(strict, kept(wish, days), judge)
    if found.offers:
        offers = [*found.offers, *_with_others(wish, days, judge, found.offers)]
        return Choices(_filled(strict, kept(wish, days), judge, offers), True, None)
    loose = propose(wish, days, judge)
    offers = [*loose.offers]
    return Choices(_filled(wish, days, judge, offers), False, loose.impossible)


def best_choice(wish: Wish, days: Days, judge: Judge) -> Choices:
    """The first of the offers of `choose` alone, for less work; `first_free` is not looked at."""
    strict = replace(wish, candidates=narrowed(wish, practitioner=True, rooms=True))
    for asked, free in ((strict, kept(wish, days)), (wish, days)):
        search = Search(asked, Reading(asked, free, judge))
        places = search.cheapest()
        if places is not None:
            return Choices((make_offer("best", wish, places, None),), asked is strict, None)
    return Choices((), False, explain(search))


def _filled(wish: Wish, days: Days, judge: Judge, offers: list[Offer]) -> tuple[Offer, ...]:
    """Three offers where there are as many; what ends soonest first if that is what is asked for."""
    others = (_on_other_days, _at_another_time)
    for look in others if offers else ():
        if len(offers) < MOST_OFFERS:
            found = look(wish, days, judge, offers[0])
            offers += [
                offer for offer in found if all(is_different(offer, known) for known in offers)
            ]
    if wish.first_free:
        offers = sorted(offers, key=lambda offer: offer.kind != "soonest")
    return tuple(offers[:MOST_OFFERS])


def is_different(offer: Offer, other: Offer) -> bool:
    """Somebody may have a reason to take one and not the other: a day, a person, or two hours at least."""
    return any(
        a.day != b.day
        or a.practitioner != b.practitioner
        or abs(a.start_minute - b.start_minute) >= DIFFERENT_MINUTES
        for a, b in zip(offer.places, other.places, strict=True)
    )


def _on_other_days(wish: Wish, days: Days, judge: Judge, best: Offer) -> list[Offer]:
    taken = {place.day for place in best.places if not place.stays}
    places = Search(wish, Reading(wish, days, judge), but_days=taken).cheapest()
    return [make_offer("other_days", wish, places, best)] if places else []


def _at_another_time(wish: Wish, days: Days, judge: Judge, best: Offer) -> list[Offer]:
    """All in the morning where the best begins in the afternoon, and the other way round."""
    new = [place for place in best.places if not place.stays]
    if wish.part_of_day is not None or not new:
        return []
    part = (NOON, DAY_MINUTES) if new[0].start_minute < NOON else (0, NOON)
    free = kept(replace(wish, part_of_day=part, weekdays=EVERY_WEEKDAY), days)
    places = Search(wish, Reading(wish, free, judge)).cheapest()
    return [make_offer("other_time", wish, places, best)] if places else []


def _with_others(wish: Wish, days: Days, judge: Judge, offers: tuple[Offer, ...]) -> list[Offer]:
    """The same wish without the practitioner asked for: one real alternative, if it is another series."""
    if wish.practitioner is None or wish.practitioner_only:
        return []
    others = tuple(p for p in wish.candidates.get(PRACTITIONER, ()) if p != wish.practitioner)
    able = {**narrowed(wish, rooms=True), PRACTITIONER: others}
    other = replace(wish, candidates=able)
    places = Search(other, Reading(other, kept(wish, days), judge)).cheapest()
    if places is None:
        return []
    offer = make_offer("other_practitioner", wish, places, offers[0])
    return [offer] if all(is_different(offer, known) for known in offers) else []


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
