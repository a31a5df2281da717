"""A visit of another length: its phases when it gets shorter or longer, and when it is split in two.

Minutes count from the visit's start, phases are half-open. What a phase holds, and who serves it, stays.
"""

from collections.abc import Sequence
from dataclasses import replace

from plans.core.availability import DAY_MINUTES, STEP_MINUTES, Phase

# A stretch shorter than one step of the diary is no use to anybody.
LEAST_MINUTES = STEP_MINUTES

Phases = tuple[Phase, ...]


def length_of(phases: Sequence[Phase]) -> int:
    """Minutes from the start to the end of the last phase.  ValueError without phases."""
    if not phases:
        raise ValueError("a visit needs at least one phase")
    return max(phase.to_minute for phase in phases)


def shortest(phases: Sequence[Phase]) -> int:
    """The fewest minutes to which a visit can be shortened, each phase keeping its least.

    >>> shortest([Phase("room", 0, 80), Phase("practitioner", 30, 80)])
    35
    """
    latest = max(phase.from_minute for phase in phases) + LEAST_MINUTES
    return -(-latest // STEP_MINUTES) * STEP_MINUTES


def resized(phases: Sequence[Phase], minutes: int) -> Phases:
    """The phases of a visit of `minutes`: those that reach its end follow it, the others stay where they can.

    A phase that would end after the visit ends with it.  ValueError if `minutes` is not on the diary's grid,
    longer than a day, or leaves a phase less than its least.

    >>> resized((Phase("room", 0, 80), Phase("practitioner", 30, 80)), 95)
    (Phase(role='room', from_minute=0, to_minute=95), Phase(role='practitioner', from_minute=30, to_minute=95))
    """
    whole = length_of(phases)
    if minutes == whole:
        return tuple(phases)
    if minutes % STEP_MINUTES or not shortest(phases) <= minutes <= DAY_MINUTES:
        raise ValueError(f"no length for this visit: {minutes} minutes")
    return tuple(
        replace(
            phase, to_minute=minutes if phase.to_minute == whole else min(phase.to_minute, minutes)
        )
        for phase in phases
    )


def split_points(phases: Sequence[Phase]) -> tuple[int, ...]:
    """The minutes at which a visit can be split, so that no part of a phase is shorter than its least."""
    points = range(STEP_MINUTES, length_of(phases), STEP_MINUTES)
    return tuple(point for point in points if _is_split_point(phases, point))


def split_at(phases: Sequence[Phase], minute: int) -> tuple[Phases, Phases]:
    """What is done before `minute` and, counted from there, what is left.  ValueError for no `split_points`.

    >>> first, rest = split_at((Phase("room", 0, 80), Phase("practitioner", 30, 80)), 30)
    >>> first, length_of(rest)
    ((Phase(role='room', from_minute=0, to_minute=30),), 50)
    """
    if (
        minute % STEP_MINUTES
        or not 0 < minute < length_of(phases)
        or not _is_split_point(phases, minute)
    ):
        raise ValueError(f"this visit cannot be split after {minute} minutes")
    first = tuple(
        replace(phase, to_minute=min(phase.to_minute, minute))
        for phase in phases
        if phase.from_minute < minute
    )
    rest = tuple(
        replace(
            phase,
            from_minute=max(phase.from_minute - minute, 0),
            to_minute=phase.to_minute - minute,
        )
        for phase in phases
        if phase.to_minute > minute
    )
    return first, rest


def _is_split_point(phases: Sequence[Phase], minute: int) -> bool:
    """Both parts hold something to their ends, and no piece of a phase is too short."""
    pieces = [
        piece
        for phase in phases
        if phase.from_minute < minute < phase.to_minute
        for piece in (minute - phase.from_minute, phase.to_minute - minute)
    ]
    reaches = max((p.to_minute for p in phases if p.from_minute < minute), default=0) >= minute
    begins = any(p.from_minute <= minute < p.to_minute for p in phases)
    return reaches and begins and all(piece >= LEAST_MINUTES for piece in pieces)
