"""Aftercare and pre-care with real dates: steps counted in days become rows of calendar dates."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

StepKind = Literal["expect", "do", "leave", "call", "next"]
# Further from the treatment than this, a step says "for good" and has no last date worth printing.
_FAR = 10_000


@dataclass(frozen=True, slots=True)
class Step:
    """One line of advice. Days count from the treatment (0); None for both: it always holds; ends included."""

    kind: StepKind
    text: str
    from_day: int | None = None
    to_day: int | None = None
    is_approximate: bool = False


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


def advice(steps: Iterable[Step], treated_on: dt.date) -> Advice:
    """Put dates on `steps` for a treatment on `treated_on`; steps over the same days share a row."""
    steps = tuple(steps)
    grouped: dict[tuple[int | None, int | None, bool], list[Step]] = {}
    for step in steps:
        if step.kind in ("expect", "do", "leave"):
            grouped.setdefault((step.from_day, step.to_day, step.is_approximate), []).append(step)
    rows = sorted(
        (_row(key, members, treated_on) for key, members in grouped.items()),
        key=lambda row: (row.first is None and row.last is None, row.from_day or 0, _last_day(row)),
    )
    return Advice(
        rows=tuple(rows),
        call=tuple(step.text for step in steps if step.kind == "call"),
        next=tuple(step.text for step in steps if step.kind == "next"),
    )


def _last_day(row: Row) -> int:
    return _FAR if row.to_day is None else row.to_day


def _row(key: tuple[int | None, int | None, bool], members: list[Step], treated_on: dt.date) -> Row:
    from_day, to_day, is_approximate = key

    def texts(kind: StepKind) -> tuple[str, ...]:
        return tuple(step.text for step in members if step.kind == kind)

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
