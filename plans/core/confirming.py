"""Which values of the catalogue stand on a source, so that a physician can confirm each of them.

A value has an address ("tca_peel_medium/interval.min") and a text that no language changes ("3 months"). It
counts as confirmed only while both its text and its source are those that were confirmed.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from plans.core.ruleset import NUMBERS, PERIODS, LineRule, Origin, RuleSet
from plans.core.spacing import Period

# What a value says that has a source and no end, such as an effect that lasts.
NO_END = "no known end"
# A longer text is cut; its digest still tells one from another.
LONGEST_TEXT = 300
_WORDED = ("anaesthesia.method", "suits", "useless_for")
_AMOUNTS = ("times", "course")

# The addresses of the values behind a finding, by its kind; {0}, {1}: what its rule names.
_BEHIND = {
    "ci": ("{0}/contraindications.{1}", "{0}/contraindications.{1}.washout"),
    "interval": ("{0}/interval.min",),
    "age": ("{0}/age.min",),
    "age_over": ("{0}/age.caution_from",),
    "break": ("{0}/on_break.on_for", "{0}/on_break.break_min"),
    "patch": ("{0}/patch_test.read_after", "{0}/patch_test.valid_for"),
    "gap": ("gaps/{0}",),
}
# The places of a procedure's values by which screening judges a session.
_DECIDING = (
    "contraindications.",
    "interval.min",
    "age.",
    "on_break.on_for",
    "on_break.break_min",
    "patch_test.",
)


@dataclass(frozen=True, slots=True)
class Stated:
    """A value that stands on a source. `text` is the same in every language; `source` "" = none is named."""

    address: str
    text: str
    source: str = ""
    note: str = ""

    @property
    def path(self) -> str:
        """Its place inside its document: "interval.min" of "tca_peel_medium/interval.min"."""
        return self.address.partition("/")[2]

    def is_same(self, text: str, source: str) -> bool:
        """Whether a confirmation of `text` from `source` still speaks of this value."""
        return (self.text, self.source) == (text, source)


class Confirmed(Protocol):
    """What somebody stood by: the text and the source of a value, as they were."""

    @property
    def value(self) -> str: ...
    @property
    def source(self) -> str: ...


def unconfirmed(values: Iterable[Stated], known: Mapping[str, Confirmed]) -> list[Stated]:
    """Those of `values` that nobody confirmed as they stand now; `known` by address."""
    return [
        one
        for one in values
        if (row := known.get(one.address)) is None or not one.is_same(row.value, row.source)
    ]


def stated(procedure: str, rules: RuleSet) -> tuple[Stated, ...]:
    """Every value of a procedure's `rules` that stands on a source, and every number besides, by place.

    What the rules leave empty, or hold as a bare 0 that no source speaks of, is no statement.
    """
    origins = {origin.path: origin for origin in rules.origins}
    found = [*_values(rules, origins), *_lines(rules.lines, origins)]
    return tuple(
        Stated(f"{procedure}/{path}", _shortened(text), origin.source, origin.note)
        for path, text, origin in found
    )


def stated_gap(rule: str, least: Period, source: str) -> Stated:
    """The gap of a rule's code: "gap:peel_medium>light" stands at "gaps/peel_medium>light"."""
    return Stated(behind(rule)[0], canonical(least), source)


def stated_recheck(fact: str, recheck: Period, source: str) -> Stated:
    """How long an answer about `fact` stays good."""
    return Stated(f"facts/{fact}/recheck", canonical(recheck), source)


def canonical(value: Any) -> str:
    """`value` in a text that is equal exactly where the values are.

    >>> canonical(Period(3, "months")), canonical(18), canonical({"signs": ["scars", "pits"]})
    ('3 months', '18', 'signs: pits, scars')
    """
    if isinstance(value, Period):
        return f"{value.n} {value.unit}"
    if isinstance(value, Mapping):
        parts = {key: canonical(part) for key, part in sorted(value.items())}
        return "; ".join(f"{key}: {text}" for key, text in parts.items() if text)
    if isinstance(value, (list, tuple)):
        return ", ".join(sorted(map(canonical, value)))
    return "" if value is None else str(value)


def _shortened(text: str) -> str:
    if len(text) <= LONGEST_TEXT:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f"{text[: LONGEST_TEXT - len(digest) - 1]} {digest}"


def behind(rule: str) -> tuple[str, ...]:
    """The addresses of the values that a screening finding rests on; () for an open question.

    >>> behind("interval:tca_peel_medium")
    ('tca_peel_medium/interval.min',)
    """
    kind, _colon, named = rule.partition(":")
    names = (*named.split(":", 1), "")
    return tuple(address.format(*names) for address in _BEHIND.get(kind, ()))


def decides(address: str) -> bool:
    """Whether screening reads the value at `address`: it can refuse a session or let it wait."""
    document, _slash, path = address.partition("/")
    return document == "gaps" or path.startswith(_DECIDING)


def _values(rules: RuleSet, origins: Mapping[str, Origin]) -> Iterator[tuple[str, str, Origin]]:
    for path in (*PERIODS, *NUMBERS, *_WORDED):
        value, origin = rules.values.get(path), origins.get(path) or Origin(path, "")
        text = NO_END if value is None and origin.source else canonical(value)
        if text and (value or origin.source):
            yield path, text, origin
    for path, value in _amounts(rules):
        yield path, canonical(value), origins.get(path) or Origin(path, "")


def _amounts(rules: RuleSet) -> Iterator[tuple[str, Any]]:
    """Values inside a list or a mapping: of the regimen, of the parameters."""
    for name in _AMOUNTS if rules.values.get("regimen") else ():
        amount = rules.values["regimen"][name]
        yield f"regimen.{name}", f"{amount['value']} {amount['unit']}"
    for one in rules.values.get("parameters") or ():
        said = {
            key: one[key]
            for key in ("min", "max", "choices", "unit")
            if one.get(key) not in (None, [])
        }
        if said:
            yield f"parameters.{one['key']}", said


def _lines(
    lines: tuple[LineRule, ...], origins: Mapping[str, Origin]
) -> Iterator[tuple[str, str, Origin]]:
    for line in lines:
        path = f"contraindications.{line.fact}"
        yield path, line.severity, Origin(path, line.source, line.note)
        if line.washout is not None:
            washout = f"{path}.washout"
            note = origins[washout].note if washout in origins else ""
            yield washout, canonical(line.washout), Origin(washout, line.washout_source, note)
