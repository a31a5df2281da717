"""Where things stand in the picture of one day: whole hours from opening to closing, in rows of 5 minutes.

Times are minutes since local midnight; what comes out counts from the picture's first hour.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from plans.core.availability import Range, busy_bits, open_bits, ranges_of

STEP = 5
LONGEST = 12 * 60  # the styles know stretches of half a day at most
USUAL = (8 * 60, 18 * 60)


@dataclass(frozen=True, slots=True)
class Frame:
    """The hours shown: from minute `first`, `hours` whole ones."""

    first: int
    hours: int

    @property
    def last(self) -> int:
        return self.first + self.hours * 60

    @property
    def marks(self) -> list[tuple[int, str]]:
        """Each hour's place and its words."""
        return [(60 * n, f"{self.first // 60 + n:02}:00") for n in range(self.hours)]

    def cell(self, start: int, end: int) -> "Cell | None":
        """The place of [start, end), cut to the frame; None when all of it is outside."""
        start, end = max(start, self.first), min(end, self.last)
        if start >= end:
            return None
        at = (start - self.first) // STEP * STEP
        length = -(-(end - self.first) // STEP) * STEP - at
        return Cell(at, min(length, LONGEST))

    def closed(self, open_: Iterable[Range]) -> list["Cell"]:
        """What is not open, in stretches that the styles can draw."""
        shown = open_bits([(self.first, self.last)]) & ~open_bits(open_)
        cells = []
        for start, end in ranges_of(shown):
            for part in range(start, end, LONGEST):
                cells.append(Cell(part - self.first, min(LONGEST, end - part)))
        return cells


@dataclass(frozen=True, slots=True)
class Cell:
    """A stretch in the picture: minutes after its first hour, and how many."""

    at: int
    minutes: int


def frame(*days: Sequence[Range]) -> Frame:
    """The hours that show every stretch of `days`; the usual ones when there is none.

    >>> frame([(530, 1000)], [(600, 1085)])
    Frame(first=480, hours=11)
    """
    held = busy_bits(stretch for day in days for stretch in day)
    shown = list(ranges_of(held)) or [USUAL]
    first = shown[0][0] // 60 * 60
    return Frame(first, max(-(-(shown[-1][1] - first) // 60), 1))
