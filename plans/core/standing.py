"""What stands on a day for one patient, put together from rows that are read side by side."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any

from plans.core.impact import Held, Upcoming
from plans.core.verdicts import Entry

ONE_MINUTE = dt.timedelta(minutes=1)


class SideBySide:
    """Rows sorted by their first column, a key that rises, handed out key by key. Holds one key's rows at a time."""

    def __init__(self, rows: Iterable[Sequence[Any]]) -> None:
        self._groups = groupby(rows, key=itemgetter(0))
        self._next: tuple[Any, Iterator[Sequence[Any]]] | None = next(self._groups, None)

    def of(self, key: Any) -> list[Sequence[Any]]:
        """The rows of `key`; keys must be asked for in rising order, and none twice.

        >>> rows = SideBySide([(1, "a"), (1, "b"), (3, "c")])
        >>> rows.of(1), rows.of(2), rows.of(3)
        ([(1, 'a'), (1, 'b')], [], [(3, 'c')])
        """
        while self._next is not None and self._next[0] < key:
            self._next = next(self._groups, None)
        if self._next is None or self._next[0] != key:
            return []
        rows = list(self._next[1])
        self._next = next(self._groups, None)
        return rows


@dataclass(frozen=True, slots=True)
class Owed:
    """A session of a course, done or not."""

    key: int
    course: int
    ordinal: int
    procedure: str
    areas: frozenset[str] = frozenset()
    planned_on: dt.date | None = None
    performed_on: dt.date | None = None
    is_written_off: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit in the diary, in the zone where it takes place. `session` None: a consultation."""

    key: int
    session: int | None
    start: dt.datetime
    end: dt.datetime


@dataclass(frozen=True, slots=True)
class Holding:
    """A resource held by a visit; it is somebody else's until `since` and from `until` on, None = nobody's."""

    visit: int
    kind: str
    capabilities: frozenset[str]
    since: dt.datetime | None
    until: dt.datetime | None


def done_of(sessions: Iterable[Owed]) -> tuple[Entry, ...]:
    """What was performed, as it counts for everything else."""
    return tuple(
        Entry(each.procedure, each.performed_on, areas=each.areas)
        for each in sessions
        if each.performed_on is not None
    )


def standing_of(
    sessions: Iterable[Owed], visits: Iterable[Visit], held: Iterable[Holding], as_of: dt.date
) -> tuple[Upcoming, ...]:
    """The sessions not performed that stand on a day: that of their visit, else the one planned, not before `as_of`.

    `sessions` in the order of courses and ordinals. One counts from the session before it, those written off left
    out; where that one has no day, nothing is known.
    """
    diary = _Diary(visits, held)
    found: list[Upcoming] = []
    course: int | None = None
    previous: dt.date | None = None
    for each in sessions:
        if each.course != course:
            course, previous = each.course, None
        if each.is_written_off:
            continue
        visit = None if each.performed_on else diary.by_session.get(each.key)
        day = each.performed_on or _day(each, visit, as_of)
        if day is not None and each.performed_on is None:
            entry = Entry(each.procedure, day, areas=each.areas)
            found.append(diary.upcoming(visit, each.key, entry, previous))
        previous = day
    return tuple(found)


class _Diary:
    """A patient's visits with what they hold, and the next visit after each."""

    def __init__(self, visits: Iterable[Visit], held: Iterable[Holding]) -> None:
        ordered = sorted(visits, key=lambda visit: visit.start)
        self.by_session = {visit.session: visit for visit in ordered if visit.session is not None}
        self._next = {one.key: other.start for one, other in pairwise(ordered)}
        self._held: dict[int, list[Holding]] = defaultdict(list)
        for holding in held:
            self._held[holding.visit].append(holding)

    def upcoming(
        self, visit: Visit | None, key: int, entry: Entry, previous: dt.date | None
    ) -> Upcoming:
        if visit is None:
            return Upcoming(key, entry, previous)
        minutes = _minutes(visit.start, visit.end)
        held = tuple(_held(visit, one) for one in self._held.get(visit.key, ()))
        free_until = _minutes(visit.start, self._next.get(visit.key))
        return Upcoming(key, entry, previous, minutes, held, free_until)


def _day(each: Owed, visit: Visit | None, as_of: dt.date) -> dt.date | None:
    if visit is not None:
        return visit.start.date()
    return each.planned_on if each.planned_on and each.planned_on >= as_of else None


def _minutes(start: dt.datetime, end: dt.datetime | None) -> int | None:
    return None if end is None else (end - start) // ONE_MINUTE


def _held(visit: Visit, one: Holding) -> Held:
    return Held(
        one.kind,
        one.capabilities,
        _minutes(visit.start, one.since),
        _minutes(visit.start, one.until),
    )
