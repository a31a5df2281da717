"""May a lot still be used on a day, and how one finds it again however it was typed."""

import datetime as dt
import unicodedata
from dataclasses import dataclass
from enum import IntEnum

# So many days before its last day a lot is warned of.
NOTICE_DAYS = 30


class Level(IntEnum):
    """How a lot stands on a day, from the best to the worst."""

    GOOD = 0
    SOON = 1
    EXPIRED = 2
    RECALLED = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """`days_left`: from the day asked for to the lot's last day; 0 on that day, below 0 after it."""

    level: Level
    days_left: int

    @property
    def is_usable(self) -> bool:
        return self.level < Level.EXPIRED

    @property
    def is_warned_of(self) -> bool:
        return self.level > Level.GOOD


@dataclass(frozen=True, slots=True)
class Received:
    """What stands on the box, and when it came. `unit`: in what its uses are counted (U, ml, g, pc)."""

    product: str
    number: str
    unit: str
    expires_on: dt.date
    received_on: dt.date


def standing(expires_on: dt.date, on: dt.date, recalled_on: dt.date | None = None) -> Standing:
    """How a lot stands on the day `on`. It may be used on its last day; from the day of its recall on never.

    A use before the recall stays what it was: right on its day.

    >>> standing(dt.date(2026, 12, 9), dt.date(2026, 11, 9))
    Standing(level=<Level.SOON: 1>, days_left=30)
    """
    days_left = (expires_on - on).days
    if recalled_on is not None and recalled_on <= on:
        return Standing(Level.RECALLED, days_left)
    if days_left < 0:
        return Standing(Level.EXPIRED, days_left)
    return Standing(Level.SOON if days_left <= NOTICE_DAYS else Level.GOOD, days_left)


def folded(text: str) -> str:
    """One spelling for the ways in which a product or a lot number is typed: its letters and figures alone.

    >>> folded("TCA 30 %") == folded("tca-30%")
    True
    """
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(character for character in plain if character.isalnum())


def folded_lot(product: str, number: str) -> str:
    """What tells one lot from another: its product and its number, each in one spelling."""
    return f"{folded(product)} {folded(number)}"
