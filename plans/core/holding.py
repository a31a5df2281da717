"""What a visit holds, read back from its rows: which resource serves which role, from when to when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from plans.core.availability import Phase

Row = tuple[int, str, int, int]  # resource, its kind, from and to in minutes after the start


@dataclass(frozen=True, slots=True)
class Held:
    """The phases of a visit as it stands, and the resource in each role."""

    phases: tuple[Phase, ...]
    resources: Mapping[str, int]


def roles_of(rows: Iterable[Row], wanted: Sequence[Phase]) -> Held:
    """Give each row the role of `wanted` that it fits best; one that no role fits is named by its kind.

    Of several of a kind the one with the same times serves, else the first in order. A role begins with its
    kind's name.

    >>> roles_of([(7, "room", 0, 80), (3, "practitioner", 30, 80)], (Phase("practitioner", 30, 80),)).resources
    {'practitioner': 3, 'room': 7}
    """
    left = sorted(rows, key=lambda row: (row[2], row[3], row[0]))
    phases: list[Phase] = []
    resources: dict[str, int] = {}
    for phase in wanted:
        row = _best(left, phase)
        if row is not None:
            left.remove(row)
            phases.append(Phase(phase.role, row[2], row[3]))
            resources[phase.role] = row[0]
    for pk, kind, start, end in left:
        role = _free_name(kind, resources)
        phases.append(Phase(role, start, end))
        resources[role] = pk
    return Held(tuple(phases), resources)


def _best(rows: Sequence[Row], phase: Phase) -> Row | None:
    kind = phase.role.partition("_")[0]
    fitting = [row for row in rows if row[1] == kind]
    same = (row for row in fitting if (row[2], row[3]) == (phase.from_minute, phase.to_minute))
    return next(same, next(iter(fitting), None))


def _free_name(kind: str, taken: Mapping[str, int]) -> str:
    number, name = 1, kind
    while name in taken:
        number += 1
        name = f"{kind}_{number}"
    return name
