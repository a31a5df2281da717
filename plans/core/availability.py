"""Free time as bits: when can a session start, and who and what serves it.

A day of a resource is one integer, one bit per step of 5 minutes of the location's wall-clock day:
bit i stands for the minutes [5i, 5i + 5) since local midnight, 288 bits in all. A set bit is free.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

STEP_MINUTES = 5
DAY_MINUTES = 24 * 60
NOON = DAY_MINUTES // 2
DAY_STEPS = DAY_MINUTES // STEP_MINUTES
ALL_DAY = (1 << DAY_STEPS) - 1

PRACTITIONER = "practitioner"

Range = tuple[int, int]


def open_bits(ranges: Iterable[Range]) -> int:
    """The steps wholly inside one of `ranges`, minutes [from, to): a started step is not open.

    >>> list(ranges_of(open_bits([(541, 600)])))
    [(545, 600)]
    """
    bits = 0
    for start, end in ranges:
        bits |= _steps(-(-start // STEP_MINUTES), end // STEP_MINUTES)
    return bits


def busy_bits(ranges: Iterable[Range]) -> int:
    """The steps that one of `ranges`, minutes [from, to), touches: a started step is taken.

    >>> list(ranges_of(busy_bits([(541, 599)])))
    [(540, 600)]
    """
    bits = 0
    for start, end in ranges:
        if start < end:
            bits |= _steps(start // STEP_MINUTES, -(-end // STEP_MINUTES))
    return bits


def _steps(first: int, end: int) -> int:
    """Bits [first, end), cut to the day: of a night shift only this day's part counts."""
    first, end = max(first, 0), min(end, DAY_STEPS)
    return (1 << end) - (1 << first) if first < end else 0


def ranges_of(bits: int) -> Iterator[Range]:
    """The stretches of set bits as minutes [from, to), in order, none touching the next."""
    offset = 0
    while bits:
        gap = (bits & -bits).bit_length() - 1
        bits >>= gap
        length = (~bits & (bits + 1)).bit_length() - 1
        offset += gap
        yield offset * STEP_MINUTES, (offset + length) * STEP_MINUTES
        offset += length
        bits >>= length


def minutes_of(starts: int) -> Iterator[int]:
    """The minute since midnight of each set bit, in order."""
    while starts:
        lowest = starts & -starts
        yield (lowest.bit_length() - 1) * STEP_MINUTES
        starts ^= lowest


@cache
def grid(every: int) -> int:
    """Starts on a step of `every` minutes counted from midnight; a positive multiple of 5."""
    if every <= 0 or every % STEP_MINUTES:
        raise ValueError(f"no start grid of {every} minutes")
    return sum(1 << step for step in range(0, DAY_STEPS, every // STEP_MINUTES))


def starts(free: int, from_minute: int, to_minute: int) -> int:
    """The steps s for which `free` covers [s + from, s + to), minutes rounded outwards."""
    first, end = from_minute // STEP_MINUTES, -(-to_minute // STEP_MINUTES)
    covered = 1
    while covered < end - first:
        shift = min(covered, end - first - covered)
        free &= free >> shift
        covered += shift
    return free >> first


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of a session that needs one resource: `role` from minute to minute after the start.

    Phases of one role are served by one resource. Numbing: the room from 0 to 80, the practitioner
    from 30 to 80.
    """

    role: str
    from_minute: int
    to_minute: int

    def __post_init__(self) -> None:
        if not 0 <= self.from_minute < self.to_minute:
            raise ValueError(
                f"a phase ends after it starts: {self.from_minute} to {self.to_minute}"
            )

    def meets(self, other: "Phase") -> bool:
        """Do both hold a common step, so that one resource cannot serve both?"""
        return self.from_minute // STEP_MINUTES < -(
            -other.to_minute // STEP_MINUTES
        ) and other.from_minute // STEP_MINUTES < -(-self.to_minute // STEP_MINUTES)


class Needs:
    """What a session needs, prepared once and asked for many days.

    A resource that is a candidate for two roles serves both only where their phases never meet.
    """

    def __init__(self, phases: Sequence[Phase], candidates: Mapping[str, Sequence[int]]) -> None:
        if not phases:
            raise ValueError("a session needs at least one phase")
        self.roles = tuple(dict.fromkeys(phase.role for phase in phases))
        self.minutes = max(phase.to_minute for phase in phases)
        self.candidates = {
            role: tuple(dict.fromkeys(candidates.get(role, ()))) for role in self.roles
        }
        self._phases = {role: tuple(p for p in phases if p.role == role) for role in self.roles}
        self._rivals = {role: self._rivals_of(role) for role in self.roles}

    def _rivals_of(self, role: str) -> frozenset[str]:
        """The roles that may want a resource of `role` at the same time."""
        return frozenset(
            other
            for other in self.roles
            if other != role
            and not set(self.candidates[role]).isdisjoint(self.candidates[other])
            and any(a.meets(b) for a in self._phases[role] for b in self._phases[other])
        )

    def _starts(self, role: str, free: int) -> int:
        bits = ALL_DAY
        for phase in self._phases[role]:
            bits &= starts(free, phase.from_minute, phase.to_minute)
        return bits

    def _starts_by_role(self, day: Mapping[int, int]) -> dict[str, dict[int, int]]:
        """By role and resource the steps at which that resource could serve it; never zero."""
        return {
            role: {
                resource: bits
                for resource in self.candidates[role]
                if resource in day and (bits := self._starts(role, day[resource]))
            }
            for role in self.roles
        }

    def free_starts(self, day: Mapping[int, int]) -> int:
        """The steps at which every role can be served. `day`: free bits by resource."""
        return self._served(self._starts_by_role(day))

    def starts_by(self, role: str, day: Mapping[int, int]) -> dict[int, int]:
        """The same steps told apart by the resource that serves `role`; never zero."""
        by_role = self._starts_by_role(day)
        own = by_role.pop(role)
        if self._rivals[role]:
            found = {
                resource: self._served({role: {resource: own[resource]}} | by_role)
                for resource in own
            }
        else:
            rest = self._served(by_role)
            found = {resource: bits & rest for resource, bits in own.items()}
        return {resource: bits for resource, bits in found.items() if bits}

    def _served(self, by_role: Mapping[str, Mapping[int, int]]) -> int:
        """The steps at which some assignment serves all roles of `by_role`."""
        served = ALL_DAY
        rivals = []
        for role, resources in by_role.items():
            if self._rivals[role]:
                rivals.append(role)
                continue
            anyone = 0
            for bits in resources.values():
                anyone |= bits
            served &= anyone
        return self._shared_out(rivals, by_role, {}, served, 0) if rivals and served else served

    def _shared_out(
        self,
        rivals: Sequence[str],
        by_role: Mapping[str, Mapping[int, int]],
        held: dict[str, int],
        open_: int,
        found: int,
    ) -> int:
        """`found`, and the steps of `open_` at which resources not yet held can serve `rivals`."""
        if not rivals:
            return found | open_
        role, *others = rivals
        for resource, bits in by_role[role].items():
            left = open_ & bits & ~found
            if left and self._may_take(role, resource, held):
                found = self._shared_out(others, by_role, held | {role: resource}, left, found)
        return found

    def _may_take(self, role: str, resource: int, held: Mapping[str, int]) -> bool:
        return all(held.get(rival) != resource for rival in self._rivals[role])

    def assign(
        self,
        start_minute: int,
        day: Mapping[int, int],
        preferred: Collection[int] = (),
        given: Mapping[str, int] | None = None,
    ) -> dict[str, int] | None:
        """Who and what serves each role at `start_minute`, or None.

        The first assignment in this order: preferred resources before others, then the order of the
        candidates; earlier roles choose first. `given`: the only resource that may serve a role.
        """
        step = 1 << start_minute // STEP_MINUTES
        by_role = {
            role: [
                resource
                for resource in self.candidates[role]
                if self._starts(role, day.get(resource, 0)) & step
                and (given is None or given.get(role, resource) == resource)
            ]
            for role in self.roles
        }
        for resources in by_role.values():
            resources.sort(key=lambda resource: resource not in preferred)
        return self._assign(self.roles, by_role, {})

    def _assign(
        self, roles: Sequence[str], by_role: Mapping[str, Sequence[int]], held: dict[str, int]
    ) -> dict[str, int] | None:
        if not roles:
            return held
        role, *others = roles
        for resource in by_role[role]:
            if self._may_take(role, resource, held):
                whole = self._assign(others, by_role, held | {role: resource})
                if whole is not None:
                    return whole
        return None

    def ways(
        self, role: str | None, day: Mapping[int, int], steps: int
    ) -> Iterator[tuple[int, dict[str, int]]]:
        """The free starts among `steps` by minute, with who and what serves; one for each that serves `role`."""
        by_role = self._starts_by_role(day)
        by_one = self.starts_by(role, day) if role else {None: self.free_starts(day)}
        for minute in minutes_of(_any_of(by_one.values()) & steps):
            step = 1 << minute // STEP_MINUTES
            free = {r: [one for one, bits in by_role[r].items() if bits & step] for r in self.roles}
            for one, bits in by_one.items():
                only = {role: [one]} if role and one is not None else {}
                found = self._assign(self.roles, free | only, {}) if bits & step else None
                if found is not None:
                    yield minute, found

    def is_served(self, start_minute: int, day: Mapping[int, int], by: Mapping[str, int]) -> bool:
        """Is every role free at `start_minute` when exactly the resources `by` serve?"""
        step = 1 << start_minute // STEP_MINUTES
        return all(
            by.get(role) in self.candidates[role]
            and self._starts(role, day.get(by[role], 0)) & step
            and self._may_take(role, by[role], by)
            for role in self.roles
        )


def _any_of(several: Iterable[int]) -> int:
    found = 0
    for bits in several:
        found |= bits
    return found
