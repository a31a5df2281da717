"""How long after one procedure, or one of a group, another may come: the clinic's gaps as values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from plans.core.spacing import Period


@dataclass(frozen=True, slots=True)
class GapRule:
    """A line of the clinic's gaps: codes of groups, or of single procedures where that is said."""

    after: str
    before: str
    min: Period
    why: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    after_is_procedure: bool = False
    before_is_procedure: bool = False

    @property
    def rule(self) -> str:
        """The rule's code (docs/screening.md §7.3)."""
        return f"gap:{self.after}>{self.before}"

    @property
    def place(self) -> tuple[str, str, bool, bool]:
        """What there is one line for."""
        return self.after, self.before, self.after_is_procedure, self.before_is_procedure


@dataclass(frozen=True, slots=True)
class GapChange:
    """One line before and after; None = no line. `path`: the rule's code."""

    path: str
    old: GapRule | None
    new: GapRule | None


def gap_changes(old: Iterable[GapRule], new: Iterable[GapRule]) -> tuple[GapChange, ...]:
    """What changed from `old` to `new`, in the order of the lines."""
    before, after = {one.place: one for one in old}, {one.place: one for one in new}
    places = dict.fromkeys([*before, *after])
    return tuple(
        GapChange((after.get(place) or before[place]).rule, before.get(place), after.get(place))
        for place in places
        if before.get(place) != after.get(place)
    )


def concerns(rule: GapRule, code: str, group: str) -> tuple[bool, bool]:
    """Whether `rule` asks for a wait before this procedure, and after it: by itself or as one of its group."""
    before = rule.before == (code if rule.before_is_procedure else group)
    after = rule.after == (code if rule.after_is_procedure else group)
    return before, after


def touching(rules: Iterable[GapRule], code: str, group: str) -> list[GapRule]:
    """Those of `rules` that stand on either side of a procedure."""
    return [rule for rule in rules if any(concerns(rule, code, group))]
