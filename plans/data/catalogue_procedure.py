"""The layout of one procedure in the catalogue file: what is not described here is refused.

Besides the full layout a plain one is read: a text instead of texts by language is English, sheets may hold
`lines` without days instead of `steps`, and needs may be words alone.
"""

import datetime as dt
import re
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from plans.core.spacing import Period

LONGEST_INTERVAL_DAYS = 730

# A visit of the longest set-up, treatment and clearing up, after the longest numbing.
LONGEST_VISIT_MINUTES = 2040

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,50}$")]
# Codes of which the order says nothing.
CodeSet = Annotated[list[Code], AfterValidator(lambda codes: sorted(set(codes)))]
SourceId = Annotated[str, StringConstraints(min_length=1, max_length=60)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Note = Annotated[str, StringConstraints(max_length=2000)]
Kind = Literal["practitioner", "room", "device"]
Severity = Literal["absolute", "temporary", "relative"]
LANGUAGES = ("en", "ru", "es", "de")


def _by_language(value: Any) -> Any:
    return {"en": value} if isinstance(value, str) else value


Language = Literal["en", "ru", "es", "de"]
Texts = Annotated[dict[Language, Words], BeforeValidator(_by_language), Field(min_length=1)]


class Part(BaseModel):
    """A mapping of the file; unknown fields and values of another type are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Sourced(Part):
    source: SourceId | None = None
    note: Note = ""


class Length(Sourced):
    """A period; `value` of 0 means none at all."""

    value: int = Field(ge=0, le=3650)
    unit: Literal["days", "weeks", "months"]

    @property
    def period(self) -> Period:
        return Period(self.value, self.unit)


class Spacing(Length):
    """The time between two sessions: between a day and two years."""

    value: int = Field(ge=1, le=LONGEST_INTERVAL_DAYS)

    @model_validator(mode="after")
    def _two_years_at_most(self) -> Self:
        if self.period.rough_tenths_of_a_day() > LONGEST_INTERVAL_DAYS * 10:
            raise ValueError(
                f"{self.value} {self.unit} is longer than {LONGEST_INTERVAL_DAYS} days"
            )
        return self


class Lasting(Sourced):
    """How long an effect lasts; no value: no end is known, and the unit says nothing."""

    value: int | None = Field(ge=1, le=3650)
    unit: Literal["days", "weeks", "months"]

    @model_validator(mode="before")
    @classmethod
    def _endless(cls, value: Any) -> Any:
        endless = isinstance(value, dict) and value.get("unit") in ("days", "weeks")
        return value | {"unit": "months"} if endless and value.get("value", 0) is None else value


class Sessions(Sourced):
    value: int = Field(ge=1, le=60)
    unit: Literal["sessions"]


class Minutes(Sourced):
    value: int = Field(ge=0, le=600)
    unit: Literal["minutes"]


class Years(Sourced):
    value: int = Field(ge=0, le=120)
    unit: Literal["years"]


class Count(Sourced):
    value: int = Field(ge=1, le=3650)
    unit: Annotated[str, StringConstraints(min_length=1, max_length=20)]


def _refuse_falling(steps: dict[str, tuple[int, str]]) -> None:
    """Raise ValueError naming the first two of `steps` (length and words by name) that fall."""
    named = list(steps.items())
    for (name, (length, words)), (later, (more, more_words)) in pairwise(named):
        if length > more:
            raise ValueError(f"{name} ({words}) is more than {later} ({more_words})")


def _in_order(**lengths: Length) -> None:
    _refuse_falling(
        {
            name: (one.period.rough_tenths_of_a_day(), f"{one.value} {one.unit}")
            for name, one in lengths.items()
        }
    )


class Course(Part):
    min: Sessions
    recommended: Sessions
    max: Sessions

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        parts = {"min": self.min, "recommended": self.recommended, "max": self.max}
        _refuse_falling({name: (part.value, str(part.value)) for name, part in parts.items()})
        return self


class Interval(Part):
    min: Spacing
    recommended: Spacing
    max: Spacing

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        _in_order(min=self.min, recommended=self.recommended, max=self.max)
        return self


class OnBreak(Part):
    on_for: Spacing
    break_min: Spacing
    break_max: Spacing
    counts_together: CodeSet

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        _in_order(break_min=self.break_min, break_max=self.break_max)
        return self


class Regimen(Part):
    times: Count
    course: Count
    instructions: list[Texts]


class Duration(Part):
    setup: Minutes
    treat: Minutes
    cleanup: Minutes


class Age(Part):
    min: Years
    caution_from: Years | None = None


class Anaesthesia(Sourced):
    method: Texts | None = None
    method_source: SourceId | None = None
    wait_minutes: int = Field(ge=0, le=240)


class CapabilityRef(Part):
    """What a visit holds; without minutes as long as its kind usually is held."""

    kind: Kind
    code: Code
    from_minute: int | None = Field(default=None, ge=0, le=LONGEST_VISIT_MINUTES)
    to_minute: int | None = Field(default=None, ge=1, le=LONGEST_VISIT_MINUTES)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if (self.from_minute is None) != (self.to_minute is None):
            raise ValueError("give both minutes or none")
        if self.from_minute is not None and self.from_minute >= (self.to_minute or 0):
            raise ValueError("to_minute must be after from_minute")
        return self


class Needs(Part):
    """Who and what a visit holds; without `capabilities` each of the words is one."""

    room: Texts | None = None
    device: Texts | None = None
    qualification: Texts | None = None
    capabilities: list[CapabilityRef] | None = None

    def words(self) -> dict[Kind, dict[Language, str]]:
        found: dict[Kind, dict[Language, str] | None] = {
            "practitioner": self.qualification,
            "room": self.room,
            "device": self.device,
        }
        return {kind: words for kind, words in found.items() if words}

    def refs(self) -> list[CapabilityRef]:
        if self.capabilities is not None:
            return self.capabilities
        return [CapabilityRef(kind=kind, code=slug(words)) for kind, words in self.words().items()]


def slug(texts: dict[Language, str]) -> str:
    """A code made of the English words, else of the first there are.

    >>> slug({"en": "procedure room with running water"})
    'procedure_room_with_running_water'
    """
    words = texts.get("en") or next(iter(texts.values()))
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")[:50].strip("_")


class Consent(Part):
    required: bool
    valid_for: Spacing | None = None


class PatchTest(Part):
    code: Code
    required: bool
    read_after: Length
    valid_for: Spacing
    renewed_by_session: bool
    note: Note = ""


Bound = Annotated[int | float, Field(ge=-1_000_000, le=1_000_000, allow_inf_nan=False)]
Choice = (
    Annotated[str, StringConstraints(min_length=1, max_length=200)]
    | Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
)


class Parameter(Part):
    key: Code
    label: Texts
    type: Literal["number", "integer", "choice", "multichoice", "text", "date", "bool"]
    unit: Annotated[str, StringConstraints(max_length=20)] | None = None
    min: Bound | None = None
    max: Bound | None = None
    choices: list[Choice] | None = None
    required: bool
    source: SourceId | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min ({self.min}) is more than max ({self.max})")
        return self


class Contraindication(Part):
    rule: str | None = None
    fact: Code
    severity: Severity
    source: SourceId | None = None
    washout: Length | None = None
    note: Note = ""


class CareStep(Part):
    from_day: int | None = Field(default=None, ge=-365, le=3650)
    to_day: int | None = Field(default=None, ge=-365, le=3650)
    kind: Literal["expect", "do", "leave", "call", "next"]
    approx: bool = False
    text: Texts

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.from_day is not None and self.to_day is not None and self.from_day > self.to_day:
            raise ValueError(f"from_day ({self.from_day}) is after to_day ({self.to_day})")
        return self


class Sheet(Part):
    sources: list[SourceId]
    steps: list[CareStep]

    @model_validator(mode="before")
    @classmethod
    def _undated_lines(cls, value: Any) -> Any:
        if (
            isinstance(value, dict)
            and "steps" not in value
            and isinstance(value.get("lines"), list)
        ):
            steps = [{"kind": "do", "text": line} for line in value["lines"]]
            return {key: part for key, part in value.items() if key != "lines"} | {"steps": steps}
        return value


class Suits(Part):
    signs: list[Code] = []
    pit_types: list[Code] = []
    pit_depths: list[Code] = []
    pit_ages: list[Code] = []
    source: SourceId | None = None


class UselessFor(Suits):
    why: Texts | None = None


class PathSource(Part):
    """Where a value comes from that has no place of its own for it, such as `patch_test.required`."""

    path: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    source: SourceId | None = None
    note: Note = ""


class Procedure(Part):
    code: Code
    kind: Literal["clinic", "home"]
    group: Code
    name: Texts
    home_allowed: bool = False
    indications: list[Texts] = []
    suits: Suits = Suits()
    useless_for: UselessFor | None = None
    course: Course | None
    interval: Interval | None
    on_break: OnBreak | None = None
    regimen: Regimen | None = None
    duration: Duration | None
    downtime: Length | None = None
    effect_lasts: Lasting | None = None
    age: Age | None = None
    anaesthesia: Anaesthesia | None = None
    needs: Needs | None = None
    consent: Consent = Consent(required=False)
    patch_test: PatchTest | None = None
    parameters: list[Parameter] = []
    contraindications: list[Contraindication] = []
    precare: Sheet | None = None
    aftercare: Sheet | None = None
    more_sources: list[PathSource] = []
    retired_on: dt.date | None = None
