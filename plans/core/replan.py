"""A session moves: where the later ones go, before and after."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from plans.core.occasions import Judge
from plans.core.offers import Booked, Offer, Place, Wish, make_offer
from plans.core.problems import Impossible, explain
from plans.core.reading import Days, Reading
from plans.core.search import Search

Mode = Literal["shift", "keep"]


@dataclass(frozen=True, slots=True)
class Change:
    """One session before and after; gaps in days from the session before it, where known."""

    ordinal: int
    before: Booked | None
    after: Place
    gap_before: int | None
    gap_after: int | None

    @property
    def is_moved(self) -> bool:
        """Another day, time or resource than before."""
        return self.before is None or (
            (self.before.day, self.before.start_minute, self.before.end_minute)
            != (self.after.day, self.after.start_minute, self.after.end_minute)
            or dict(self.before.resources) != dict(self.after.resources)
        )


@dataclass(frozen=True, slots=True)
class Replan:
    """The cascade, moved session first; or no changes and `impossible`."""

    changes: tuple[Change, ...]
    offer: Offer | None
    impossible: Impossible | None = None


def replan(
    wish: Wish,
    booked: Mapping[int, Booked],
    days: Days,
    judge: Judge,
    *,
    mode: Mode,
    previous: dt.date | None = None,
) -> Replan:
    """Place the moved session `wish.first_ordinal` within `wish.first` and the later ones after it.

    `booked` tells where the sessions stood, by ordinal; bitmaps must leave their own time free.
    "shift" places all later sessions anew, counted from the moved one; "keep" leaves as many as the
    rules and the diary allow where they stand, and then costs as always. Unless the wish says else,
    starts stay near the hour the moved session had. `previous`: date of the session before it, for
    the gaps.
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
    places = search.cheapest()
    if places is None:
        return Replan((), None, explain(search))
    changes = []
    day_before = day_after = previous
    for place in places:
        before = booked.get(place.ordinal)
        changes.append(
            Change(
                place.ordinal,
                before,
                place,
                (before.day - day_before).days if before and day_before else None,
                (place.day - day_after).days if day_after else None,
            )
        )
        day_before, day_after = before.day if before else None, place.day
    return Replan(tuple(changes), make_offer("best", wish, places, None))
