"""What a catalogue file would change in a catalogue, both given as files."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from plans.core.gaps import GapChange, GapRule, gap_changes
from plans.core.ruleset import Difference, RuleSet, differences
from plans.core.spacing import Period
from plans.core.verdicts import Recheck
from plans.data.catalogue_file import BadFile, Problem
from plans.data.catalogue_layout import CatalogueFile, Fact
from plans.data.catalogue_procedure import Procedure
from plans.data.catalogue_rules import gap_rules_of, protocol_rows, ruleset_of
from plans.data.catalogue_writer import plain

# The parts of the file whose items are rows without revisions.
TABLES = (
    "sources",
    "signs",
    "pit_types",
    "pit_depths",
    "pit_ages",
    "groups",
    "capabilities",
    "facts",
    "procedures",
    "protocols",
)
# What of an item stands outside its revisions; of the other tables it is everything.
_ROW_FIELDS = {
    "procedures": ("kind", "group", "retired_on"),
    "protocols": ("retired_on",),
}
# A file that leaves these out says nothing about them.
_MAY_BE_SILENT = frozenset(
    {"order", "question", "hint", "end_question", "former_codes", "merged_into", "retired_on"}
)
# Changed on a page of their own, where who is touched is seen: a file only names them.
ONLY_NAMED = frozenset({"former_codes", "merged_into", "retired_on"})


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row that says something else in the file. `key` names it in forms: "facts.pregnancy"."""

    table: str
    code: str
    changes: tuple[Difference, ...]

    @property
    def key(self) -> str:
        return f"{self.table}.{self.code}"

    @property
    def is_named_only(self) -> bool:
        return all(change.path in ONLY_NAMED for change in self.changes)

    @property
    def needs_tick(self) -> bool:
        """Whether it screens or books at once: who loads the file must say yes to it."""
        if self.is_named_only:
            return False
        kind_changes = any(change.path == "kind" for change in self.changes)
        return self.table in ("facts", "procedures") or (
            self.table == "capabilities" and kind_changes
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that a file would change. `new` and `absent`: codes by part of the file.

    `absent` is what the file leaves out: it stays. `procedures` and `protocols`: what differs from the
    revision in force; `gaps` from the table in force.
    """

    edition: tuple[Difference, ...]
    new: Mapping[str, tuple[str, ...]]
    rows: tuple[RowChange, ...]
    procedures: Mapping[str, tuple[Difference, ...]]
    gaps: tuple[GapChange, ...]
    protocols: Mapping[str, tuple[Difference, ...]]
    absent: Mapping[str, tuple[str, ...]]

    @property
    def is_empty(self) -> bool:
        parts = (self.edition, self.rows, self.procedures, self.gaps, self.protocols)
        return not any(parts) and not any(self.new.values())

    def change(self, key: str) -> RowChange | None:
        return next((row for row in self.rows if row.key == key), None)


def compare(stored: CatalogueFile, file: CatalogueFile) -> Comparison:
    """What `file` would change in `stored`; its facts are named as in `stored` (see `in_stored_codes`)."""
    pairs = {table: (by_code(stored, table), by_code(file, table)) for table in TABLES}
    return Comparison(
        edition=_edition(stored, file),
        new=_only_in(pairs, 1),
        rows=tuple(_rows(pairs)),
        procedures=_revisions(_rule_sets(stored), _rule_sets(file)),
        gaps=_gaps(gap_rules_of(stored), gap_rules_of(file)),
        protocols=_protocols(stored, file),
        absent=_only_in(pairs, 0),
    )


def by_code(file: CatalogueFile, table: str) -> dict[str, Any]:
    """The items of one part of the file by their codes."""
    items: Iterable[Any] = (
        file.all_capabilities() if table == "capabilities" else getattr(file, table)
    )
    return {getattr(item, "code", None) or item.id: item for item in items}


Pairs = Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]]


def _only_in(pairs: Pairs, side: int) -> dict[str, tuple[str, ...]]:
    return {
        table: tuple(code for code in pair[side] if code not in pair[1 - side])
        for table, pair in pairs.items()
    }


def _rows(pairs: Pairs) -> Iterator[RowChange]:
    for table, (stored, file) in pairs.items():
        for code, item in file.items():
            if code in stored and (changes := _item_changes(table, stored[code], item)):
                yield RowChange(table, code, changes)


def _item_changes(table: str, old: BaseModel, new: BaseModel) -> tuple[Difference, ...]:
    fields = _ROW_FIELDS.get(table) or tuple(type(new).model_fields)
    return tuple(
        Difference(name, plain(before), plain(after))
        for name in fields
        if (before := getattr(old, name)) != (after := getattr(new, name))
        and not (name in _MAY_BE_SILENT and not after)
        and not (name == "former_codes" and set(after) <= set(before))
    )


def _edition(stored: CatalogueFile, file: CatalogueFile) -> tuple[Difference, ...]:
    return tuple(
        Difference(name, plain(getattr(stored, name)), plain(getattr(file, name)))
        for name in ("version", "status", "severities")
        if getattr(stored, name) != getattr(file, name)
    )


def _rule_sets(file: CatalogueFile) -> dict[str, RuleSet]:
    return {procedure.code: ruleset_of(procedure) for procedure in file.procedures}


def _revisions(
    stored: Mapping[str, RuleSet], file: Mapping[str, RuleSet]
) -> dict[str, tuple[Difference, ...]]:
    found = {
        code: differences(stored[code], rules) for code, rules in file.items() if code in stored
    }
    return {code: changes for code, changes in found.items() if changes}


def _gaps(stored: tuple[GapRule, ...], file: tuple[GapRule, ...]) -> tuple[GapChange, ...]:
    """Nothing for a file without gaps: it does not speak of them."""
    return gap_changes(stored, file) if file else ()


def _protocols(stored: CatalogueFile, file: CatalogueFile) -> dict[str, tuple[Difference, ...]]:
    old, new = protocol_rows(stored), protocol_rows(file)
    found = {
        code: tuple(
            Difference(name, old[code][name], value)
            for name, value in values.items()
            if old[code][name] != value
        )
        for code, values in new.items()
        if code in old
    }
    return {code: changes for code, changes in found.items() if changes}


def new_rechecks(comparison: Comparison, file: CatalogueFile) -> dict[str, Recheck]:
    """How long answers would stay good, for the facts that are new or of which the file says something else."""
    changed = set(comparison.new["facts"]) | {
        row.code
        for row in comparison.rows
        if row.table == "facts" and any(change.path == "recheck" for change in row.changes)
    }
    return {fact.code: _recheck(fact) for fact in file.facts if fact.code in changed}


def _recheck(fact: Fact) -> Recheck:
    unit = fact.recheck.unit
    if unit == "session" or unit == "never":  # a membership test would not narrow the type
        return unit
    return Period(fact.recheck.value, unit)


def in_stored_codes(file: CatalogueFile, stored: CatalogueFile) -> CatalogueFile:
    """`file` with its facts named as in `stored`, where one of both has the other's code as a former one.

    Raises BadFile if two of its facts are one in `stored`.
    """
    current = {fact.code: fact.code for fact in stored.facts}
    former = {old: fact.code for fact in stored.facts for old in fact.former_codes}
    known = former | current
    codes: dict[str, str] = {}
    for fact in file.facts:
        names = (fact.code, *fact.former_codes)
        codes[fact.code] = next((known[name] for name in names if name in known), fact.code)
    if all(old == new for old, new in codes.items()):
        return file
    _refuse_two_in_one(codes)
    facts = [
        fact.model_copy(
            update={
                "code": codes[fact.code],
                "former_codes": sorted({fact.code, *fact.former_codes} - {codes[fact.code]}),
                "merged_into": codes.get(fact.merged_into or "", fact.merged_into),
            }
        )
        for fact in file.facts
    ]
    procedures = [_renamed(procedure, codes) for procedure in file.procedures]
    return file.model_copy(update={"facts": facts, "procedures": procedures})


def _refuse_two_in_one(codes: Mapping[str, str]) -> None:
    seen: dict[str, str] = {}
    for old, new in codes.items():
        if new in seen:
            message = f"'{seen[new]}' and '{old}' are one fact here, '{new}': leave one of them out"
            raise BadFile([Problem(0, f"facts.{old}", message)])
        seen[new] = old


def _renamed(procedure: Procedure, codes: Mapping[str, str]) -> Procedure:
    lines = [
        line.model_copy(update={"fact": codes[line.fact], "rule": None})
        for line in procedure.contraindications
    ]
    return procedure.model_copy(update={"contraindications": lines})
