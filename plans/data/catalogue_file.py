"""Reading a catalogue file: text in, typed values out, or every fault with its line and field."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from pydantic import ValidationError

from plans.data.catalogue_layout import CatalogueFile
from plans.data.catalogue_procedure import LANGUAGES, Procedure

LARGEST_FILE = 2 * 1024 * 1024
DEEPEST = 20
MOST_VALUES = 200_000

# Control characters, except the end of a line and the tabulator, and halves of characters.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

Place = tuple[str | int, ...]

# What pydantic calls a fault -> what an editor of the file needs to hear.
_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "unknown field",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "dict_type": "must hold texts by language",
    "model_type": "must be a mapping",
    "string_too_short": "must not be empty",
    "string_pattern_mismatch": "must be letters, digits, - and _ (an address: http or https)",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of the file; `path` is empty for one of the file as a whole, `line` 0 where none is known."""

    line: int
    path: str
    message: str

    def __str__(self) -> str:
        where = ", ".join(filter(None, [f"line {self.line}" if self.line else "", self.path]))
        return f"{where}: {self.message}" if where else self.message


class BadFile(ValueError):
    """The file cannot be used; `problems` says all that is wrong, in the order of its lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(
            sorted(set(problems), key=lambda problem: (problem.line, problem.path))
        )
        super().__init__("\n".join(map(str, self.problems)))


def read_catalogue(text: str) -> CatalogueFile:
    """The catalogue in `text` (YAML, 2 MB at most).  Raises BadFile with every fault found."""
    tree = _Tree(text)
    faults = list(tree.faults)
    try:
        file = CatalogueFile.model_validate(tree.data)
    except ValidationError as error:
        faults += [
            tree.problem(_known(fault["loc"], fault["type"], tree.data), _words(fault))
            for fault in error.errors(include_url=False)
        ]
        raise BadFile(faults) from None
    faults += [tree.problem(place, message) for place, message in _references(file, tree.data)]
    if faults:
        raise BadFile(faults)
    return file


def read_bytes(file: Any) -> bytes:
    """What an opened file holds, one byte more than it may at most."""
    content: bytes = file.read(LARGEST_FILE + 1)
    return content


def decoded(content: bytes) -> str:
    """`content` as text.  Raises BadFile naming the line of what is not UTF-8, or for what is too large."""
    if len(content) > LARGEST_FILE:
        raise BadFile([_too_large()])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BadFile([Problem(line, "", "is not UTF-8 text; save the file as UTF-8")]) from None


def _too_large() -> Problem:
    return Problem(0, "", f"the file is larger than {LARGEST_FILE // 1024 // 1024} MB")


def _words(fault: Any) -> str:
    if fault["loc"][-1:] == ("[key]",):
        return f"no such language; there are {', '.join(LANGUAGES)}"
    if fault["type"] == "value_error":
        return str(fault["ctx"]["error"])
    return _WORDS.get(fault["type"], str(fault["msg"]))


def _known(loc: Place, kind: str, data: Any) -> Place:
    """`loc` without the marks that pydantic puts between the names of the file."""
    place: list[str | int] = []
    for part in loc:
        is_there = (isinstance(data, dict) and part in data) or (
            isinstance(data, list) and isinstance(part, int) and part < len(data)
        )
        if is_there:
            data = data[part]
        if is_there or (kind == "missing" and part == loc[-1]):
            place.append(part)
    return tuple(place)


class _Tree:
    """The file as plain values, with the line of each. Raises BadFile for what is no usable YAML."""

    def __init__(self, text: str) -> None:
        if len(text.encode()) > LARGEST_FILE:
            raise BadFile([_too_large()])
        self._lines: dict[Place, int] = {}
        self._faults: list[tuple[Place, int, str]] = []
        self.data: Any = None
        try:
            _refuse_bombs(text)
            loader = yaml.CSafeLoader(text)
            node = loader.get_single_node()
            self.data = None if node is None else self._plain(loader, node, ())
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 0
            raise BadFile(
                [Problem(line, "", f"not YAML that can be read: {error.problem}")]
            ) from None
        except yaml.YAMLError as error:
            raise BadFile([Problem(0, "", f"not YAML that can be read: {error}")]) from None
        if not isinstance(self.data, dict):
            raise BadFile([Problem(0, "", "the file holds no catalogue")])

    @property
    def faults(self) -> Iterator[Problem]:
        for place, line, message in self._faults:
            yield Problem(line, self.path(place), message)

    def problem(self, place: Place, message: str) -> Problem:
        nearest = place
        while nearest and nearest not in self._lines:
            nearest = nearest[:-1]
        return Problem(self._lines.get(nearest, 0), self.path(place), message)

    def path(self, place: Place) -> str:
        """`place` in words: an item of a list by its code where it has one, by its number from 0 otherwise."""
        words, here = "", self.data
        for part in place:
            inside = isinstance(here, dict) and part in here
            here = (
                here[part] if inside or (isinstance(here, list) and isinstance(part, int)) else None
            )
            code = (here.get("code") or here.get("id")) if isinstance(here, dict) else None
            if not isinstance(part, int):
                words += f".{part}"
            else:
                # A reference such as {kind, code} is named by its number: its code is what may be wrong.
                words += (
                    f".{code}"
                    if isinstance(code, str) and len(place) > 2 and part == place[1]
                    else f"[{part}]"
                )
        return words.lstrip(".")

    def _plain(self, loader: yaml.CSafeLoader, node: yaml.Node, place: Place) -> Any:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(loader, node, place)
        self._lines.setdefault(place, node.start_mark.line + 1)
        if isinstance(node, yaml.SequenceNode):
            return [self._plain(loader, item, (*place, n)) for n, item in enumerate(node.value)]
        if not node.value.isprintable() and _UNPRINTABLE.search(node.value):
            message = "holds a sign that is no letter; take it out"
            self._faults.append((place, node.start_mark.line + 1, message))
        try:
            return loader.construct_object(node)
        except (ValueError, OverflowError):
            problem = f"no such value: {node.value[:40]}"
            raise yaml.MarkedYAMLError(
                problem=problem, problem_mark=_mark(node.start_mark)
            ) from None

    def _mapping(
        self, loader: yaml.CSafeLoader, node: yaml.MappingNode, place: Place
    ) -> dict[str, Any]:
        self._lines.setdefault(place, node.start_mark.line + 1)
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key, line = str(key_node.value), key_node.start_mark.line + 1
            if key in found:
                self._faults.append(((*place, key), line, "stands twice in one mapping"))
            self._lines[(*place, key)] = line
            found[key] = self._plain(loader, value_node, (*place, key))
        return found


def _mark(mark: Any) -> Any:
    """A mark of the fast reader where the types ask for one of the slow reader: both know their line."""
    return mark


def _refuse_bombs(text: str) -> None:
    """Raise MarkedYAMLError for what grows when read: aliases, deep nesting, values without end, foreign tags."""
    depth = 0
    for number, event in enumerate(yaml.parse(text, Loader=yaml.CSafeLoader)):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        problem = None
        if isinstance(event, yaml.AliasEvent):
            problem = "aliases (*name) are not read; write the value out"
        elif getattr(event, "tag", None):
            problem = "tags (!name) are not read"
        elif depth > DEEPEST:
            problem = f"nested deeper than {DEEPEST} levels"
        elif number > MOST_VALUES:
            problem = f"more than {MOST_VALUES} values"
        if problem:
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=_mark(event.start_mark))


Fault = tuple[Place, str]
_LISTS = ("sources", "signs", "groups", "facts", "procedures", "capabilities", "protocols")


def _references(file: CatalogueFile, data: dict[str, Any]) -> Iterator[Fault]:
    """What names something that the file does not hold, or says a thing twice."""
    sources = {source.id for source in file.sources}
    for place, code in used_sources(data):
        yield from _unknown(place, "source", [code], sources, whole=True)
    for name in _LISTS:
        codes = [item.get("code", item.get("id")) for item in data.get(name) or ()]
        yield from _twice((name,), codes)
    yield from _fact_faults(file)
    yield from _gap_faults(file)
    for n, procedure in enumerate(file.procedures):
        for place, message in _procedure_faults(file, procedure):
            yield ("procedures", n, *place), message
    known = {procedure.code for procedure in file.procedures}
    for n, protocol in enumerate(file.protocols):
        for m, step in enumerate(protocol.steps):
            yield from _unknown(
                ("protocols", n, "steps", m, "procedure"),
                "procedure",
                [step.procedure],
                known,
                whole=True,
            )


def used_sources(data: Any, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """Every code of a source that `data`, values as the file holds them, names; with its place."""
    if isinstance(data, list):
        for n, item in enumerate(data):
            yield from used_sources(item, (*place, n))
    elif isinstance(data, dict):
        for key, value in data.items():
            if key in ("source", "method_source") and value is not None:
                yield (*place, key), value
            elif key == "sources" and place:
                yield from (((*place, key, n), code) for n, code in enumerate(value))
            else:
                yield from used_sources(value, (*place, key))


def _unknown(
    place: Place, what: str, codes: Iterable[str], known: set[str], *, whole: bool = False
) -> Iterator[Fault]:
    """Codes that are not `known`; `whole`: `place` holds the one code itself, not a list of them."""
    for n, code in enumerate(codes):
        if code not in known:
            yield (place if whole else (*place, n)), f"unknown {what} '{code}'"


def _twice(place: Place, codes: list[Any]) -> Iterator[Fault]:
    seen: Counter[Any] = Counter()
    for n, code in enumerate(codes):
        seen[code] += 1
        if seen[code] == 2:
            yield (*place, n), f"'{code}' is here a second time"


def _gap_faults(file: CatalogueFile) -> Iterator[Fault]:
    groups = {group.code for group in file.groups}
    procedures = {procedure.code for procedure in file.procedures}
    known = {"group": groups, "procedure": procedures}
    yield from _twice(("gaps",), [">".join(gap.sides) for gap in file.gaps])
    for n, gap in enumerate(file.gaps):
        for name, what in _SIDES.items():
            codes = [code] if (code := getattr(gap, name)) else []
            yield from _unknown(("gaps", n, name), what, codes, known[what], whole=True)
        rule = f"gap:{'>'.join(gap.sides)}"
        if gap.rule not in (None, rule):
            yield ("gaps", n, "rule"), f"the rule of this gap is {rule}"


_SIDES = {
    "after": "group",
    "before": "group",
    "after_procedure": "procedure",
    "before_procedure": "procedure",
}


def _fact_faults(file: CatalogueFile) -> Iterator[Fault]:
    """Former codes that mean two facts, and facts merged into what cannot take them."""
    facts = {fact.code: fact for fact in file.facts}
    seen = set(facts)
    for n, fact in enumerate(file.facts):
        for m, code in enumerate(fact.former_codes):
            if code in seen:
                yield ("facts", n, "former_codes", m), f"'{code}' is the code of another fact"
            seen.add(code)
        if fact.merged_into is None:
            continue
        place: Place = ("facts", n, "merged_into")
        yield from _unknown(place, "fact", [fact.merged_into], set(facts), whole=True)
        into = facts.get(fact.merged_into)
        if into is fact or (into is not None and into.merged_into is not None):
            yield place, "a fact is merged into one that stands for itself"
        elif into is not None and (into.kind != fact.kind or fact.kind == "derived"):
            yield place, "facts of different kinds, and derived ones, are not merged"


def _procedure_faults(file: CatalogueFile, procedure: Procedure) -> Iterator[Fault]:
    groups = {group.code for group in file.groups}
    yield from _unknown(("group",), "group", [procedure.group], groups, whole=True)
    facts = {fact.code for fact in file.facts}
    lines = procedure.contraindications
    yield from _twice(("contraindications",), [line.fact for line in lines])
    for n, line in enumerate(lines):
        yield from _unknown(
            ("contraindications", n, "fact"), "fact", [line.fact], facts, whole=True
        )
        rule = f"ci:{procedure.code}:{line.fact}"
        if line.rule not in (None, rule):
            yield ("contraindications", n, "rule"), f"the rule of this line is {rule}"
    yield from _twice(("parameters",), [parameter.key for parameter in procedure.parameters])
    if procedure.on_break is not None:
        codes = {other.code for other in file.procedures}
        together = procedure.on_break.counts_together
        yield from _unknown(("on_break", "counts_together"), "procedure", together, codes)
    yield from _suits_faults(file, procedure)
    yield from _needs_faults(file, procedure)


def _suits_faults(file: CatalogueFile, procedure: Procedure) -> Iterator[Fault]:
    known = {
        "signs": {sign.code for sign in file.signs},
        "pit_types": {one.code for one in file.pit_types},
        "pit_depths": {one.code for one in file.pit_depths},
        "pit_ages": {one.code for one in file.pit_ages},
    }
    for place, suits in (("suits", procedure.suits), ("useless_for", procedure.useless_for)):
        for name, codes in known.items() if suits else ():
            yield from _unknown(
                (place, name), name[:-1].replace("_", " "), getattr(suits, name), codes
            )


def _needs_faults(file: CatalogueFile, procedure: Procedure) -> Iterator[Fault]:
    if procedure.needs is None:
        return
    kinds = {capability.code: capability.kind for capability in file.all_capabilities()}
    place: Place = ("needs", "capabilities")
    refs = procedure.needs.refs()
    yield from _twice(place, [ref.code for ref in refs])
    for n, ref in enumerate(refs):
        if ref.code not in kinds:
            yield (*place, n, "code"), f"unknown capability '{ref.code}'"
        elif kinds[ref.code] != ref.kind:
            yield (*place, n, "kind"), f"'{ref.code}' is a {kinds[ref.code]}"
