"""The dates of a series: the best offer and two real alternatives, or why there is none."""

from dataclasses import dataclass

from plans.core.availability import PRACTITIONER
from plans.core.occasions import Judge
from plans.core.offers import (
    EVERY_WEEKDAY,
    Booked,
    Cost,
    Judgement,
    Offer,
    OfferKind,
    Place,
    Reason,
    Wish,
    main_practitioner,
    make_offer,
)
from plans.core.problems import Impossible, Relaxation, explain
from plans.core.reading import Days, Reading
from plans.core.search import Search

__all__ = [
    "EVERY_WEEKDAY",
    "Booked",
    "Cost",
    "Days",
    "Impossible",
    "Judge",
    "Judgement",
    "Offer",
    "OfferKind",
    "Place",
    "Proposals",
    "Reason",
    "Relaxation",
    "Wish",
    "propose",
]


@dataclass(frozen=True, slots=True)
class Proposals:
    """Offers, best first, each different from the others; or none and `impossible`."""

    offers: tuple[Offer, ...]
    impossible: Impossible | None = None


def propose(wish: Wish, days: Days, judge: Judge) -> Proposals:
    """The best series, one that ends soonest and one with another practitioner, where they differ.

    `days` and `judge` are asked at most once a date, and only about dates on which a session of the
    series could stand; when the wish is impossible also about those of its relaxations. `judge`
    speaks of everything but this series: its interval and its cycle are kept here. Bitmaps must not
    hold the `standing` sessions' own time as busy.
    """
    reading = Reading(wish, days, judge)
    search = Search(wish, reading)
    places = search.cheapest()
    if places is None:
        return Proposals((), explain(search))
    best = make_offer("best", wish, places, None)
    offers = [best]
    soonest = search.cheapest(soonest=True)
    if soonest is not None and soonest[-1].day < places[-1].day:
        offers.append(make_offer("soonest", wish, soonest, best))
    main = main_practitioner(places)
    if main is not None and any(one != main for one in wish.able[PRACTITIONER]):
        others = Search(wish, reading, without=main).cheapest()
        if others is not None and all(others != offer.places for offer in offers):
            offers.append(make_offer("other_practitioner", wish, others, best))
    return Proposals(tuple(offers))
