"""What the answers to one question come to on a day: true, over, denied, not known, or too old to count."""

import datetime as dt
from collections.abc import Sequence
from typing import Literal

from plans.core.verdicts import Fact, Recheck

# ahead: begins later. stale: denied, but too long ago to count.
State = Literal["true", "ahead", "over", "unknown", "denied", "stale", "never"]


def state_on(day: dt.date, records: Sequence[Fact], recheck: Recheck) -> State:
    """The state of one fact; `records`: the answers to it that stand, in the order in which they were given.

    >>> state_on(dt.date(2026, 11, 23), [Fact("fever", "denied", dt.date(2026, 11, 20))], "session")
    'stale'
    """
    present = [record for record in records if record.status == "present"]
    if any(is_true(record, day) for record in present):
        return "true"
    if any(record.since is not None and record.since > day for record in present):
        return "ahead"
    if records and records[-1].status == "unknown":
        return "unknown"
    if present:
        return "over"
    told = last_told(records)
    if told is None:
        return "unknown" if records else "never"
    until = good_until(told, recheck)
    return "stale" if until is not None and until < day else "denied"


def is_true(record: Fact, day: dt.date) -> bool:
    """The record says that the fact is true on `day`."""
    return (
        record.status == "present"
        and (record.since is None or record.since <= day)
        and (record.until is None or record.until >= day)
    )


def last_told(records: Sequence[Fact]) -> dt.date | None:
    """The last day of which an absence is known: of a denial, or the end of what was true."""
    days = (
        record.since if record.status == "denied" else record.until
        for record in records
        if record.status != "unknown"
    )
    return max((day for day in days if day is not None), default=None)


def good_until(told: dt.date, recheck: Recheck) -> dt.date | None:
    """The last day on which an absence known of the day `told` counts (docs/screening.md §5); None: for ever."""
    if recheck == "never":
        return None
    return told if recheck == "session" else recheck.after(told)
