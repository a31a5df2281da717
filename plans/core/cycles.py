"""Cycles of use: so many months on, then a pause (fruit acids; clinic and home count together).

Source of every rule here: docs/screening.md, section 7.5.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from plans.core.spacing import Period


@dataclass(frozen=True, slots=True)
class Cycle:
    """Use for `on_for`, then pause for `break_min` at least; `break_max` is advice, not a rule.

    `counts_together`: codes of the procedures whose uses share one cycle.
    """

    on_for: Period
    break_min: Period
    break_max: Period
    counts_together: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.break_min.rough_tenths_of_a_day() > self.break_max.rough_tenths_of_a_day():
            raise ValueError("a cycle needs break_min <= break_max")


@dataclass(frozen=True, slots=True, order=True)
class Use:
    """One use from its first to its last day, both included; `end` None = still running."""

    start: dt.date
    end: dt.date | None

    def __post_init__(self) -> None:
        if self.end is not None and self.end < self.start:
            raise ValueError(f"a use ends on {self.end}, before it starts on {self.start}")


@dataclass(frozen=True, slots=True)
class Block:
    """Uses with no full pause between them: its first day and its last (None = still running)."""

    start: dt.date
    end: dt.date | None


@dataclass(frozen=True, slots=True)
class Pause:
    """What a block of use leads to.

    No use on or after `begins` until `may_end`, which is itself allowed again; `advised_end` is the
    upper bound of the advice. Both ends are None while the use still runs.
    """

    begins: dt.date
    may_end: dt.date | None
    advised_end: dt.date | None

    def holds(self, day: dt.date) -> bool:
        """`day` lies in the pause."""
        return self.begins <= day and (self.may_end is None or day < self.may_end)


def blocks_of_use(uses: Iterable[Use], cycle: Cycle) -> tuple[Block, ...]:
    """The blocks, earliest first. A use on or after the end so far + break_min opens a new one.

    `uses` may overlap and come in any order. O(n log n) in their number.
    """
    blocks: list[Block] = []
    for use in sorted(uses, key=lambda use: use.start):
        last = blocks[-1] if blocks else None
        if last is None or _is_rested(last, cycle, use.start):
            blocks.append(Block(use.start, use.end))
        else:
            blocks[-1] = Block(last.start, _later_end(last.end, use.end))
    return tuple(blocks)


def block_on(uses: Iterable[Use], cycle: Cycle, day: dt.date) -> Block | None:
    """The block that a use on `day` would prolong; None if it would open a new one.

    Uses that start after `day` do not count.
    """
    blocks = blocks_of_use((use for use in uses if use.start <= day), cycle)
    if not blocks or _is_rested(blocks[-1], cycle, day):
        return None
    return blocks[-1]


def pause_after(block: Block, cycle: Cycle) -> Pause:
    """When the pause after `block` must begin, and when it may end if nothing more is used.

    >>> acids = Cycle(Period(3, "months"), Period(1, "months"), Period(2, "months"))
    >>> pause_after(Block(dt.date(2026, 8, 1), dt.date(2026, 10, 10)), acids).may_end
    datetime.date(2026, 11, 10)
    """
    begins = cycle.on_for.after(block.start)
    if block.end is None:
        return Pause(begins, None, None)
    return Pause(begins, cycle.break_min.after(block.end), cycle.break_max.after(block.end))


def may_use_on(uses: Iterable[Use], cycle: Cycle, day: dt.date) -> bool:
    """`day` is outside the pause that the uses up to it demand."""
    block = block_on(uses, cycle, day)
    return block is None or not pause_after(block, cycle).holds(day)


def _is_rested(block: Block, cycle: Cycle, day: dt.date) -> bool:
    return block.end is not None and cycle.break_min.after(block.end) <= day


def _later_end(one: dt.date | None, other: dt.date | None) -> dt.date | None:
    return None if one is None or other is None else max(one, other)
