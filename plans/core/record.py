"""What is written down of a treatment: fields from a procedure's parameters, what was typed, and what it differs from."""

import dataclasses
import datetime as dt
import hashlib
import json
import math
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

FieldType = Literal["text", "integer", "number", "choice", "multichoice", "date", "bool"]
# `outside`: readable, but beyond the limits; it can be signed with a reason, since what was done was done.
Problem = Literal["missing", "unreadable", "unknown_choice", "outside"]
Typed = str | Sequence[str]
# A text, a number, a list of choices, True or False; a date as ISO text; what could not be read stays as typed.
Value = Any

LONGEST_TEXT = 200
# The zones treated stand on the map of the face, not among the other fields.
ZONES = "zones"
# The three that a product lot of the store answers.
PRODUCT, LOT, EXPIRES = "product", "lot", "expires"
# What is seen or taken anew each time: filled in from the last session it would be believed, not looked at.
_SEEN_ANEW = frozenset(
    {
        LOT, EXPIRES, "pain_score", "endpoint", "frost_grade", "frost_seconds", "aspirated",
        "year_total_ml",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One value to be written down. `least` and `most` are included; `label` is a text by language."""

    key: str
    label: Mapping[str, str]
    type: FieldType
    unit: str = ""
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()
    is_required: bool = False

    @property
    def is_carried(self) -> bool:
        """Whether the value of the last session is filled in, to be changed where it differs."""
        return self.key not in _SEEN_ANEW and not self.key.endswith(f"_{LOT}")

    @property
    def is_number(self) -> bool:
        return self.type in ("integer", "number")


@dataclass(frozen=True)
class Entry:
    """What a field holds, None for nothing; `problem` says what keeps it from being signed as it is."""

    field: Field
    value: Value
    problem: Problem | None = None

    @property
    def is_empty(self) -> bool:
        return self.value in (None, "", [])


def scheme(parameters: Iterable[Mapping[str, Any]]) -> tuple[Field, ...]:
    """The fields that a revision asks for, in its order; `parameters` as the catalogue holds them."""
    return tuple(
        Field(
            one["key"],
            one["label"],
            one["type"],
            one.get("unit") or "",
            one.get("min"),
            one.get("max"),
            tuple(str(choice) for choice in one.get("choices") or ()),
            bool(one.get("required")),
        )
        for one in parameters
    )


def read(field: Field, typed: Typed | None) -> Entry:
    """What `typed` means for `field`; text that cannot be read is kept as it is, so that a draft loses nothing.

    >>> layers = Field("layers", {"en": "Layers"}, "integer", least=1, most=6)
    >>> read(layers, "3").value, read(layers, "9").problem, read(layers, "three").problem
    (3, 'outside', 'unreadable')
    """
    if field.type == "multichoice":
        picked = [typed] if isinstance(typed, str) else list(typed or ())
        return _picked(field, [one for one in picked if one])
    text = (typed if isinstance(typed, str) else "").strip()
    if not text:
        return Entry(field, None, "missing" if field.is_required else None)
    if field.is_number:
        return _number(field, text)
    if field.type == "choice":
        return Entry(field, text, None if text in field.choices else "unknown_choice")
    if field.type == "bool":
        said = {"yes": True, "no": False}
        return Entry(field, said[text]) if text in said else Entry(field, text, "unknown_choice")
    if field.type == "date":
        return Entry(field, text, None if _is_date(text) else "unreadable")
    return Entry(field, text[:LONGEST_TEXT])


def read_all(fields: Iterable[Field], typed: Mapping[str, Typed | None]) -> tuple[Entry, ...]:
    """Each field with what was typed for it."""
    return tuple(read(field, typed.get(field.key)) for field in fields)


def entries_of(fields: Iterable[Field], values: Mapping[str, Value]) -> tuple[Entry, ...]:
    """Each field with the value that a record holds, judged as if it were typed again."""
    return tuple(read(field, typed_of(values.get(field.key))) for field in fields)


def typed_of(value: Value) -> Typed:
    """How a value stands in its form.

    >>> typed_of(2.0), typed_of(0.5), typed_of(True), typed_of(None)
    ('2', '0.5', 'yes', '')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list):
        return [str(one) for one in value]
    return str(value)


def values_of(entries: Iterable[Entry]) -> dict[str, Value]:
    """What a record keeps: every field that says something, by its key."""
    return {entry.field.key: entry.value for entry in entries if not entry.is_empty}


def carried(fields: Iterable[Field], before: Mapping[str, Value]) -> dict[str, Value]:
    """What is filled in from the last session's values: settings, not what was seen or taken that day."""
    found = {field.key: before.get(field.key) for field in fields if field.is_carried}
    return {key: value for key, value in found.items() if value is not None}


def differs(entry: Entry, before: Mapping[str, Value]) -> bool:
    """Whether the field says something else than last time; what was not said then, or is not now, does not count."""
    then = before.get(entry.field.key)
    if entry.is_empty or then is None:
        return False
    if isinstance(then, list) and isinstance(entry.value, list):
        return sorted(then) != sorted(entry.value)
    return bool(entry.value != then)


@dataclass(frozen=True)
class Batch:
    """A product lot as the record names it."""

    product: str
    number: str
    expires_on: dt.date | None


@dataclass(frozen=True)
class Use:
    """Of a product lot, by its key: how much, in the lot's unit, and where."""

    lot: int
    units: Decimal | None = None
    sites: str = ""


@dataclass(frozen=True)
class Written:
    """All that the form of a record holds; `values` as `read` gives them, `areas` are codes."""

    values: Mapping[str, Value] = dataclasses.field(default_factory=dict)
    areas: tuple[str, ...] = ()
    anaesthesia: str = ""
    anaesthesia_at: dt.datetime | None = None
    notes: str = ""
    outside_reason: str = ""
    uses: tuple[Use, ...] = ()


@dataclass(frozen=True)
class Harm:
    """A reaction or an adverse event as somebody tells it: its kind by code, its severity from 1 to 4."""

    kind: str
    severity: int
    note: str = ""


@dataclass(frozen=True)
class Saving:
    """From which open page a draft is saved, and which version of it that page has seen; 0: none yet."""

    version: int
    tab: uuid.UUID


def unready(entries: Iterable[Entry], *, has_reason: bool) -> tuple[Entry, ...]:
    """What keeps a record from being signed; a value beyond its limits no longer where its reason is given."""
    return tuple(
        entry
        for entry in entries
        if entry.problem and not (entry.problem == "outside" and has_reason)
    )


def with_batch(
    fields: Iterable[Field], values: Mapping[str, Value], lot: Batch
) -> dict[str, Value]:
    """`values` with the product, number and last day of a lot from the store, where the fields ask for them."""
    expires = lot.expires_on.isoformat() if lot.expires_on else None
    said = {PRODUCT: lot.product, LOT: lot.number, EXPIRES: expires}
    asked = {field.key for field in fields}
    return {**values, **{key: text for key, text in said.items() if key in asked and text}}


def is_expired(values: Mapping[str, Value], day: dt.date) -> bool:
    """Whether the product written down was past its last day on `day`."""
    text = values.get(EXPIRES)
    return isinstance(text, str) and _is_date(text) and dt.date.fromisoformat(text) < day


def digest(content: Mapping[str, Any]) -> str:
    """SHA-256 of the content in one fixed form, in hexadecimal: the same content gives the same on every machine.

    >>> digest({"b": 1, "a": "ä"}) == digest({"a": "ä", "b": 1})
    True
    """
    plain = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(plain.encode()).hexdigest()


def _picked(field: Field, picked: list[str]) -> Entry:
    if not picked:
        return Entry(field, [], "missing" if field.is_required else None)
    is_known = set(picked) <= set(field.choices)
    # In the order of the scheme, so that the same ticks are the same value.
    known = [choice for choice in field.choices if choice in picked]
    return Entry(field, known if is_known else picked, None if is_known else "unknown_choice")


def _number(field: Field, text: str) -> Entry:
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return Entry(field, text, "unreadable")
    if not math.isfinite(number) or (field.type == "integer" and not number.is_integer()):
        return Entry(field, text, "unreadable")
    value = int(number) if number.is_integer() else number
    low = field.least is not None and value < field.least
    high = field.most is not None and value > field.most
    return Entry(field, value, "outside" if low or high else None)


def _is_date(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True
