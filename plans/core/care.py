"""Aftercare and pre-care with real dates: steps counted in days become rows of calendar dates.

Several procedures of one visit share a sheet: what each of them says in the same words is said once, for as long as
the longest asks; where two of them contradict each other is found in `opposing.py`.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

StepKind = Literal["expect", "do", "leave", "call", "next"]
# What is drawn beside the table: the two weeks in which most of it happens, the day of the treatment among them.
_GLANCE_DAYS = 14
# Further from the treatment than this, a step says "for good" and has no last date worth printing.
_FAR = 10_000


@dataclass(frozen=True, slots=True)
class Step:
    """One line of advice. Days count from the treatment (0); None for both: it always holds; ends included.

    `of`: the procedures that give it, by name. `key`: what the catalogue knows the line by.
    """

    kind: StepKind
    text: str
    from_day: int | None = None
    to_day: int | None = None
    is_approximate: bool = False
    of: tuple[str, ...] = ()
    key: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """What holds from `first` to `last` (both included; None: always, or from then on)."""

    first: dt.date | None
    last: dt.date | None
    from_day: int | None
    to_day: int | None
    is_approximate: bool
    expect: tuple[str, ...]
    do: tuple[str, ...]
    leave: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """A sheet's advice in the order in which it matters: dated rows, undated rows last."""

    rows: tuple[Row, ...]
    call: tuple[str, ...]
    next: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lane:
    """A row of the advice as a stretch of days after the treatment, both ends included; `text`: its first words."""

    text: str
    first: int
    last: int
    is_approximate: bool


@dataclass(frozen=True, slots=True)
class Glance:
    """The days from the treatment on, and what fills them."""

    days: tuple[dt.date, ...]
    lanes: tuple[Lane, ...]


def treated_at(begun: Iterable[dt.datetime], done: Iterable[dt.datetime]) -> dt.datetime | None:
    """When the treatment really was: the last time it was begun, else when it was done; None while it is to come."""
    return max(begun, default=None) or max(done, default=None)


def merged(parts: Sequence[Iterable[Step]]) -> tuple[Step, ...]:
    """The steps of several procedures of one day as those of one sheet, each procedure's in its own order.

    The same words of the same kind are one step, over the days of both where these touch; the vaguer of the two wins.
    """
    found: list[Step] = []
    for step in (step for part in parts for step in part):
        same = (n for n, other in enumerate(found) if _are_one(step, other))
        place = next(same, None)
        if place is None:
            found.append(step)
        else:
            found[place] = _united(found[place], step)
    return tuple(found)


def _are_one(one: Step, other: Step) -> bool:
    if (one.kind, one.text) != (other.kind, other.text):
        return False
    if one.kind == "call" or _is_undated(one) or _is_undated(other):
        return one.kind == "call" or _is_undated(one) == _is_undated(other)
    (a, b), (c, d) = _days(one), _days(other)
    return a <= d + 1 and c <= b + 1


def _united(one: Step, other: Step) -> Step:
    firsts, lasts = {one.from_day, other.from_day}, {one.to_day, other.to_day}
    return replace(
        one,
        from_day=None if None in firsts else min(day for day in firsts if day is not None),
        to_day=None if None in lasts else max(day for day in lasts if day is not None),
        is_approximate=one.is_approximate or other.is_approximate,
        of=tuple(dict.fromkeys((*one.of, *other.of))),
    )


def _is_undated(step: Step) -> bool:
    return step.from_day is None and step.to_day is None


def _days(step: Step) -> tuple[int, int]:
    return (
        -_FAR if step.from_day is None else step.from_day,
        _FAR if step.to_day is None else step.to_day,
    )


def share_days(one: Step, other: Step) -> bool:
    """Whether there is a day on which both hold."""
    (a, b), (c, d) = _days(one), _days(other)
    return a <= d and c <= b


def advice(steps: Iterable[Step], treated_on: dt.date, *, named: bool = False) -> Advice:
    """Put dates on `steps` for a treatment on `treated_on`; steps over the same days share a row.

    `named`: says which procedures give a line, where these are not all of them, behind the last of their lines.
    """
    steps = tuple(steps)
    everybody = frozenset(name for step in steps for name in step.of) if named else frozenset()
    grouped: dict[tuple[int | None, int | None, bool], list[Step]] = {}
    for step in steps:
        if step.kind in ("expect", "do", "leave"):
            grouped.setdefault((step.from_day, step.to_day, step.is_approximate), []).append(step)
    rows = sorted(
        (_row(key, members, treated_on, everybody) for key, members in grouped.items()),
        key=lambda row: (row.first is None and row.last is None, row.from_day or 0, _last_day(row)),
    )
    return Advice(
        rows=tuple(rows),
        call=tuple(step.text for step in steps if step.kind == "call"),
        next=_said((step for step in steps if step.kind == "next"), everybody),
    )


def _said(steps: Iterable[Step], everybody: frozenset[str]) -> tuple[str, ...]:
    """The texts of `steps`, those that not `everybody` gives under the names of who does; {}: without names."""
    texts = []
    for of, group in groupby(steps, key=lambda step: step.of):
        said = [step.text for step in group]
        if not everybody <= set(of):
            said[-1] = f"{said[-1]} ({', '.join(of)})"
        texts += said
    return tuple(texts)


def _last_day(row: Row) -> int:
    return _FAR if row.to_day is None else row.to_day


def _row(
    key: tuple[int | None, int | None, bool],
    members: list[Step],
    treated_on: dt.date,
    everybody: frozenset[str],
) -> Row:
    from_day, to_day, is_approximate = key

    def texts(kind: StepKind) -> tuple[str, ...]:
        return _said((step for step in members if step.kind == kind), everybody)

    return Row(
        first=None if from_day is None else treated_on + dt.timedelta(days=from_day),
        last=None if to_day is None else treated_on + dt.timedelta(days=to_day),
        from_day=from_day,
        to_day=to_day,
        is_approximate=is_approximate,
        expect=texts("expect"),
        do=texts("do"),
        leave=texts("leave"),
    )


def glance(rows: Iterable[Row], treated_on: dt.date) -> Glance | None:
    """The rows that end within two weeks; None where fewer than two do, or all of them on the first days."""
    lanes = tuple(
        Lane((*row.expect, *row.do, *row.leave)[0], first, row.to_day, row.is_approximate)
        for row in rows
        if row.to_day is not None
        and (first := max(row.from_day or 0, 0)) <= row.to_day <= _GLANCE_DAYS
    )
    last = max((lane.last for lane in lanes), default=0)
    if len(lanes) < 2 or last < 3:  # one bar, or three days, are read faster as words
        return None
    return Glance(tuple(treated_on + dt.timedelta(days=day) for day in range(last + 1)), lanes)
