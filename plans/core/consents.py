"""Whether a consent once given still counts, on a day."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from plans.core.spacing import Period

State = Literal["valid", "expired", "withdrawn", "later"]


@dataclass(frozen=True, slots=True)
class Given:
    """One signature: from the day it was given, to its last day (None: no end), unless it was taken back."""

    key: int
    signed_on: dt.date
    valid_until: dt.date | None = None
    is_withdrawn: bool = False

    def state(self, on: dt.date) -> State:
        """What it is worth on that day; whoever takes it back takes it back for every day.

        >>> Given(1, dt.date(2026, 1, 5), dt.date(2027, 1, 5)).state(dt.date(2027, 1, 6))
        'expired'
        """
        if self.is_withdrawn:
            return "withdrawn"
        if on < self.signed_on:
            return "later"
        return "expired" if self.valid_until and on > self.valid_until else "valid"


def last_day(signed_on: dt.date, valid_for: Period | None) -> dt.date | None:
    """The last day on which a consent of that day counts; None where it has no end."""
    return valid_for.after(signed_on) if valid_for else None


def counting(given: Iterable[Given], on: dt.date) -> Given | None:
    """The one that counts on that day: of several the last signed."""
    standing = [each for each in given if each.state(on) == "valid"]
    return max(standing, key=lambda each: (each.signed_on, each.key), default=None)


def latest(given: Iterable[Given], on: dt.date) -> Given | None:
    """The one that says best why none counts: the last that was signed by that day."""
    known = [each for each in given if each.state(on) != "later"]
    return max(known, key=lambda each: (each.signed_on, each.key), default=None)
