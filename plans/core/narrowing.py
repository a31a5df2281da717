"""Two rule books cut down to what they say differently: what is left finds the same changes, and finds them fast.

Findings of different facts and of different kinds do not look at each other, so that what both books say alike
finds the same in both. A law in tests/core/test_impact.py holds this against judging with the whole books.
"""

from collections.abc import Collection
from dataclasses import replace

from plans.core.screening import Gap, Line, Recheck, Rulebook, Rules


def judged_otherwise(before: Rulebook, after: Rulebook) -> frozenset[str]:
    """Codes of the procedures whose screening the two books can answer differently."""
    codes = before.procedures.keys() & after.procedures.keys()
    if not _count_alike(before, after):
        return frozenset(codes)
    sides = {gap.before for gap in set(before.gaps) ^ set(after.gaps)}
    return frozenset(
        code
        for code in codes
        if _said(before, code) != _said(after, code)
        or not sides.isdisjoint((code, before.procedures[code].group))
    )


def narrowed(before: Rulebook, after: Rulebook) -> tuple[Rulebook, Rulebook]:
    """Both books without what they say alike; every procedure stays known."""
    if not _count_alike(before, after):
        return before, after
    # Two gaps with one rule code (a group and a procedure of one name) make one finding: both stay.
    changed = {_rule(gap) for gap in set(before.gaps) ^ set(after.gaps)}
    return _without(before, after, changed), _without(after, before, changed)


def _count_alike(before: Rulebook, after: Rulebook) -> bool:
    """Every procedure counts in both as the same thing for others: in gaps, and in cycles."""
    known, known_after = (
        {code: (rules.group, rules.is_home) for code, rules in book.procedures.items()}
        for book in (before, after)
    )
    return known == known_after


def _rule(gap: Gap) -> str:
    return f"{gap.after}>{gap.before}"


def _said(book: Rulebook, code: str) -> tuple[Rules, list[Recheck]]:
    rules = book.procedures[code]
    return rules, [book.rechecks[line.fact] for line in rules.lines]


def _without(book: Rulebook, other: Rulebook, changed: Collection[str]) -> Rulebook:
    """`book` without what `other` says too; of the gaps only those with a `changed` rule."""
    return Rulebook(
        procedures={
            code: _rules_without(rules, other.procedures[code], _lines_without(book, other, code))
            for code, rules in book.procedures.items()
        },
        rechecks=book.rechecks,
        gaps=tuple(gap for gap in book.gaps if _rule(gap) in changed),
    )


def _lines_without(book: Rulebook, other: Rulebook, code: str) -> tuple[Line, ...]:
    theirs = {(line, other.rechecks[line.fact]) for line in other.procedures[code].lines}
    lines = book.procedures[code].lines
    return tuple(line for line in lines if (line, book.rechecks[line.fact]) not in theirs)


def _rules_without(rules: Rules, other: Rules, lines: tuple[Line, ...]) -> Rules:
    return replace(
        rules,
        lines=lines,
        interval_min=None if rules.interval_min == other.interval_min else rules.interval_min,
        age_min=None if rules.age_min == other.age_min else rules.age_min,
        caution_from=None if rules.caution_from == other.caution_from else rules.caution_from,
        cycle=None if rules.cycle == other.cycle else rules.cycle,
        patch_test=None if rules.patch_test == other.patch_test else rules.patch_test,
    )


def looks_back(book: Rulebook, code: str) -> bool:
    """Whether what was done before decides anything in the screening of the procedure."""
    rules = book.procedures[code]
    tested = rules.patch_test is not None and rules.patch_test.required
    gaps = any(gap.before in (code, rules.group) for gap in book.gaps)
    return gaps or tested or rules.interval_min is not None or rules.cycle is not None
