"""When a patient is called after a treatment (docs/decisions/0022-follow-up-calls.md)."""

import datetime as dt
from collections.abc import Iterable
from typing import Literal

# source: clinic default. Skin that has to heal tells within a day whether it heals; toxins and fillers need longer.
AFTER_HEALING = dt.timedelta(days=1)
WITHOUT_HEALING = dt.timedelta(days=3)

Outcome = Literal["called", "not_reached", "not_needed"]
# What takes a call off the list; after "not reached" it comes back on the next day.
ENDING: frozenset[Outcome] = frozenset({"called", "not_needed"})


def call_day(treated_on: dt.date, healing_days: int | None) -> dt.date:
    """The day of the follow-up call; `healing_days`: how long one is off work, None where nobody said.

    >>> call_day(dt.date(2026, 11, 26), 10)
    datetime.date(2026, 11, 27)
    >>> call_day(dt.date(2026, 11, 26), 0)
    datetime.date(2026, 11, 29)
    """
    return treated_on + (WITHOUT_HEALING if healing_days == 0 else AFTER_HEALING)


def due_day(due_on: dt.date, tries: Iterable[tuple[str, dt.date]]) -> dt.date | None:
    """When a call is due that was tried so: outcome and day of each; None once it has ended."""
    last = due_on
    for outcome, day in tries:
        if outcome in ENDING:
            return None
        last = max(last, day + dt.timedelta(days=1))
    return last
