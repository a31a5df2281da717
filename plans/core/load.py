"""How full days are: minutes booked of minutes open, by day and kind of resource."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from plans.core.availability import STEP_MINUTES, Range, busy_bits, open_bits
from plans.core.freetime import Held

Level = Literal["closed", "free", "some", "nearly", "full"]

NEARLY = 75  # from here on finding a time takes looking
FULL = 95  # what is left is shorter than any visit


@dataclass(frozen=True, slots=True)
class Load:
    """Minutes booked, and minutes in which work is possible: opening hours less what is blocked."""

    booked: int = 0
    open_: int = 0

    @property
    def share(self) -> int:
        """Whole hundredths of the open minutes that are booked, at most 100.

        >>> Load(90, 480).share
        18
        """
        if not self.open_:
            return 100 if self.booked else 0
        return min(100 * self.booked // self.open_, 100)

    @property
    def level(self) -> Level:
        if not self.open_ and not self.booked:
            return "closed"
        if not self.booked:
            return "free"
        return "full" if self.share >= FULL else "nearly" if self.share >= NEARLY else "some"

    def __add__(self, other: "Load") -> "Load":
        return Load(self.booked + other.booked, self.open_ + other.open_)


def load(open_: Iterable[Range], booked: Iterable[Range], blocked: Iterable[Range] = ()) -> Load:
    """One resource on one day; minutes since midnight. What is booked outside the hours counts as open too."""
    taken = busy_bits(booked)
    usable = (open_bits(open_) & ~busy_bits(blocked)) | taken
    return Load(taken.bit_count() * STEP_MINUTES, usable.bit_count() * STEP_MINUTES)


def loads(
    open_: Mapping[dt.date, Mapping[int, Sequence[Range]]],
    booked: Held,
    blocked: Held,
    kinds: Mapping[int, str],
) -> dict[dt.date, dict[str, Load]]:
    """By day and kind the sum over its resources; `kinds`: of each resource that counts, by key."""
    found: dict[dt.date, dict[str, Load]] = {}
    for day, hours in open_.items():
        by_kind = dict.fromkeys(kinds.values(), Load())
        for resource, kind in kinds.items():
            each = day, resource
            by_kind[kind] += load(
                hours.get(resource, ()), booked.get(each, ()), blocked.get(each, ())
            )
        found[day] = by_kind
    return found
