"""Writing a catalogue file: typed values in, YAML text out that `read_catalogue` reads back equal."""

from collections.abc import Hashable, Iterator
from functools import lru_cache
from typing import Any

import yaml
from pydantic import BaseModel

from plans.data.catalogue_layout import CatalogueFile
from plans.data.catalogue_procedure import LANGUAGES, Sourced

WIDTH = 160
# A mapping longer than this is written one entry a line, unless it is an item of a list.
_LONGEST_ON_A_LINE = 140

HEADER = """\
# Cadence: the catalogue of procedures, as a file. Every number names its source: an id in `sources`; "article" is the text that the clinic
# started from, "clinic default" is customary and uncited. A rule's `source` backs the contraindication; its washout names its own.
#
# Steps of precare and aftercare: days count from the visit (day 0 is its day, before it they are negative); both ends belong to the step. `to_day: null` with a
# `from_day` means "from then on"; both null means undated, it always holds. `approx: true`: no source gives the exact day; it is the usual course.
# Kinds: expect (what will happen), do, leave (what to leave off), call (when to call at once), next (about the next session).
# Facts: `question` is what a patient can tick as true; `order` puts first what matters most; `asked_by: practitioner` is judged in the clinic, not asked by form.
# Needs: one practitioner, room or device holds each capability.
"""

# Lists whose items are long enough to be read entry by entry.
_IN_BLOCKS = frozenset({"facts", "procedures", "protocols"})
# Written although empty: here "nothing" says something.
_ALWAYS = frozenset({"from_day", "to_day"})


def write_catalogue(file: CatalogueFile) -> str:
    """The catalogue as YAML in the full layout, the same text for equal values."""
    return HEADER + "\n".join(_entries(plain(file), 0)) + "\n"


def plain(part: Any) -> Any:
    """`part` as mappings, lists and values of the file; what is left at its default is left out."""
    if isinstance(part, BaseModel):
        return {
            field.alias or name: plain(value)
            for name, field in _fields(part).items()
            if (value := getattr(part, name)) != field.get_default(call_default_factory=True)
            or field.is_required()
            or name in _ALWAYS
        }
    if isinstance(part, dict):
        # Texts: English alone is a text; a database may have lost the order of the languages.
        ordered = {code: part[code] for code in LANGUAGES if code in part}
        return ordered["en"] if ordered.keys() == {"en"} else ordered
    return [plain(item) for item in part] if isinstance(part, list) else part


def _fields(part: BaseModel) -> dict[str, Any]:
    """The fields in the order of the file: what a value says before where it comes from."""
    fields = type(part).model_fields
    last = Sourced.model_fields if isinstance(part, Sourced) else {}
    own = {name: field for name, field in fields.items() if name not in last}
    return own | {name: fields[name] for name in last}


def _entries(mapping: dict[str, Any], indent: int) -> Iterator[str]:
    """The lines of a mapping in block style, `indent` columns from the left."""
    for key, value in mapping.items():
        start = f"{' ' * indent}{key}:"
        if isinstance(value, dict) and len(_inline(value)) > _LONGEST_ON_A_LINE:
            yield start
            yield from _entries(value, indent + 2)
        elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
            yield start
            for item in value:
                yield from _item(item, indent + 2, is_block=key in _IN_BLOCKS)
        else:
            yield f"{start} {_flow(value, len(start) + 1)}"


def _item(item: Any, indent: int, *, is_block: bool) -> Iterator[str]:
    lines = (
        list(_entries(item, indent + 2))
        if is_block
        else [" " * indent + "  " + _flow(item, indent + 2)]
    )
    yield f"{' ' * indent}- {lines[0][indent + 2 :]}"
    yield from lines[1:]


def _flow(value: Any, column: int) -> str:
    """`value` in brackets beginning at `column`, broken between its parts where the line would be too long."""
    whole = _inline(value)
    if not isinstance(value, dict | list) or column + len(whole) <= WIDTH:
        return whole
    text, at = whole[0], column + 1
    for n, (key, part) in enumerate(_parts(value)):
        length = len(key) + len(_inline(part)) + 2
        if n and at + length > WIDTH:
            text, at = f"{text}\n{' ' * (column + 1)}", column + 1
        elif n:
            text, at = f"{text} ", at + 1
        written = f"{key}{_flow(part, at + len(key))},"
        text += written
        at = len(written) - written.rfind("\n") - 1 if "\n" in written else at + len(written)
    return text[:-1] + whole[-1]


def _inline(value: Any) -> str:
    """`value` on one line."""
    if not isinstance(value, dict | list):
        return _scalar(value, type(value).__name__)
    text = ", ".join(f"{key}{_inline(part)}" for key, part in _parts(value))
    return f"{{{text}}}" if isinstance(value, dict) else f"[{text}]"


def _parts(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [(f"{key}: ", part) for key, part in value.items()]
    return [("", part) for part in value]


@lru_cache(maxsize=20_000)
def _scalar(value: Hashable, _kind: str) -> str:
    """`value` as it may stand inside brackets. `_kind` keeps 1 and True apart, which are equal."""
    if isinstance(value, str) and not value.isprintable():
        return '"' + "".join(map(_escaped, value)) + '"'
    text: str = yaml.dump(
        [value],
        Dumper=yaml.CSafeDumper,
        default_flow_style=True,
        width=10**6,
        allow_unicode=True,
    )
    return text.strip()[1:-1]


def _escaped(letter: str) -> str:
    if letter == "\n":
        return "\\n"
    return letter if letter.isprintable() and letter not in '"\\' else f"\\U{ord(letter):08x}"
