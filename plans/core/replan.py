"""A session moves: where the later ones go."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from plans.core.occasions import Judge
from plans.core.offers import Booked, Place, Wish
from plans.core.problems import Impossible, explain
from plans.core.reading import Days, Reading
from plans.core.search import Search

Mode = Literal["shift", "keep"]


def replan(
    wish: Wish, booked: Mapping[int, Booked], days: Days, judge: Judge, *, mode: Mode
) -> tuple[Place, ...] | Impossible:
    """Place the moved session `wish.first_ordinal` within `wish.first` and the later ones after it.

    `booked` tells where the sessions stood, by ordinal; bitmaps must leave their own time free.
    "shift" places all later sessions anew, counted from the moved one; "keep" leaves as many as the
    rules and the diary allow where they stand, and then costs as always. Unless the wish says else,
    starts stay near the hour the moved session had.
    """
    moved = booked.get(wish.first_ordinal)
    if wish.around is None and moved is not None:
        wish = replace(wish, around=moved.start_minute)
    if mode == "keep":
        later = [
            n
            for n in wish.ordinals
            if n in booked and n != wish.first_ordinal and n not in wish.fixed
        ]
        wish = replace(wish, standing={ordinal: booked[ordinal] for ordinal in later})
    search = Search(wish, Reading(wish, days, judge))
    return search.cheapest() or explain(search)
