"""The rules at one time, as everything that stands in the diary depends on them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from plans.core.contraindications import one_per_fact
from plans.core.cycles import Cycle
from plans.core.gaps import GapRule
from plans.core.ruleset import MINUTES, NeedRule, RuleSet, falling, missing, visit_minutes
from plans.core.spacing import Interval
from plans.core.verdicts import Gap, Line, PatchTest, Recheck, Rulebook, Rules


@dataclass(frozen=True, slots=True)
class Stay:
    """What a visit takes: its whole length, and who and what it holds from which minute to which."""

    minutes: int
    needs: tuple[NeedRule, ...] = ()


@dataclass(frozen=True)
class World:
    """The rules of screening, and by procedure those of courses and of visits."""

    book: Rulebook
    intervals: Mapping[str, Interval | None]
    stays: Mapping[str, Stay]

    def with_rules(self, changed: Mapping[str, RuleSet], read_as: Mapping[str, str]) -> "World":
        """This world with the rules `changed` of some procedures; those of a procedure it does not know are left out.

        `read_as`: the code that a fact merged into another is read as. Raises ValueError as `is_whole` says.
        """
        known = {code: rules for code, rules in changed.items() if code in self.book.procedures}
        screened = {
            code: screening_rules(rules, self.book.procedures[code], read_as)
            for code, rules in known.items()
        }
        return World(
            replace(self.book, procedures={**self.book.procedures, **screened}),
            {**self.intervals, **{code: interval_of(rules) for code, rules in known.items()}},
            {**self.stays, **{code: stay_of(rules) for code, rules in known.items()}},
        )

    def with_gaps(self, gaps: tuple[GapRule, ...]) -> "World":
        """This world with other gaps."""
        read = tuple(
            Gap(gap.after, gap.before, gap.min, gap.after_is_procedure, gap.before_is_procedure)
            for gap in gaps
        )
        return replace(self, book=replace(self.book, gaps=read))

    def with_rechecks(self, rechecks: Mapping[str, Recheck]) -> "World":
        """This world with another validity of some answers, by the fact's code."""
        book = replace(self.book, rechecks={**self.book.rechecks, **rechecks})
        return replace(self, book=book)


def is_whole(rules: RuleSet) -> bool:
    """Whether anybody can be judged by `rules`: no value of a whole is missing, and none falls that may not."""
    return not any(missing(rules.values)) and not any(falling(rules.values))


def screening_rules(rules: RuleSet, procedure: Rules, read_as: Mapping[str, str]) -> Rules:
    """`rules` as screening reads them; what no revision says (group, clinic or home) is that of `procedure`."""
    values = rules.values
    lines = (
        Line(read_as.get(line.fact, line.fact), line.severity, line.washout)  # type: ignore[arg-type]  # a choice
        for line in rules.lines
    )
    return replace(
        procedure,
        lines=one_per_fact(lines),
        interval_min=values["interval.min"],
        age_min=values["age.min"],
        caution_from=values["age.caution_from"],
        cycle=_cycle(values),
        patch_test=_patch_test(values),
    )


def interval_of(rules: RuleSet) -> Interval | None:
    """How far apart the sessions of a course stand; None without courses in the clinic."""
    least, best, most = (rules.values[f"interval.{end}"] for end in ("min", "recommended", "max"))
    return Interval(least, best, most) if least and best and most else None


def stay_of(rules: RuleSet) -> Stay:
    """What a visit under `rules` takes."""
    setup, treat, cleanup, numbing = (rules.values[place] or 0 for place in MINUTES)
    return Stay(visit_minutes(setup, treat, cleanup, numbing), rules.needs)


def _cycle(values: Mapping[str, Any]) -> Cycle | None:
    on_for, least, most = (
        values[f"on_break.{part}"] for part in ("on_for", "break_min", "break_max")
    )
    if not (on_for and least and most):
        return None
    return Cycle(on_for, least, most, frozenset(values["on_break.counts_together"] or ()))


def _patch_test(values: Mapping[str, Any]) -> PatchTest | None:
    code, read_after, valid_for = (
        values[f"patch_test.{part}"] for part in ("code", "read_after", "valid_for")
    )
    if not (code and read_after and valid_for):
        return None
    return PatchTest(
        code,
        bool(values["patch_test.required"]),
        read_after,
        valid_for,
        bool(values["patch_test.renewed_by_session"]),
    )
