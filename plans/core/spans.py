"""Half-open stretches of time."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From `start` up to, not including, `end`; both aware or both naive, start < end."""

    start: dt.datetime
    end: dt.datetime

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise ValueError("a span ends after it starts")

    def overlaps(self, other: "Span") -> bool:
        return self.start < other.end and other.start < self.end

    @property
    def minutes(self) -> int:
        """Whole minutes between start and end."""
        return int((self.end - self.start).total_seconds() // 60)


def gaps(open_: Span, busy: Iterable[Span]) -> Iterator[Span]:
    """Yield what is left of `open_` once `busy` is taken out.

    `busy` may overlap itself and come in any order. O(n log n) in its length.
    """
    cursor = open_.start
    for span in sorted(busy):
        if span.end <= cursor:
            continue
        if span.start >= open_.end:
            break
        if span.start > cursor:
            yield Span(cursor, span.start)
        cursor = span.end
    if cursor < open_.end:
        yield Span(cursor, open_.end)
