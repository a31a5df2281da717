"""What a load of the catalogue file did."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Count:
    """Rows of one kind after a load. `left`: they differ, and stay as they are until somebody says yes."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """What a load did: rows by kind, and what a person has to know, in sentences."""

    counts: Mapping[str, Count]
    notes: tuple[str, ...]

    @property
    def created(self) -> int:
        return sum(count.created for count in self.counts.values())

    @property
    def changed(self) -> int:
        return sum(count.changed for count in self.counts.values())

    @property
    def unchanged(self) -> int:
        return sum(count.unchanged for count in self.counts.values())


def tally(outcomes: Iterable[str]) -> Count:
    """Count the outcomes, each the name of a field of Count."""
    return Count(**Counter(outcomes))
