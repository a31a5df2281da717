"""The layout of one procedure in the catalogue file: what is not described here is refused.

Besides the full layout a plain one is read: a text instead of texts by language is English, sheets may hold
`lines` without days instead of `steps`, and needs may be words alone.
"""

import re
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from plans.core.spacing import Period

LONGEST_INTERVAL_DAYS = 730

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,50}$")]
SourceId = Annotated[str, StringConstraints(min_length=1, max_length=60)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Note = Annotated[str, StringConstraints(max_length=2000)]
Kind = Literal["practitioner", "room", "device"]
Severity = Literal["absolute", "temporary", "relative"]
LANGUAGES = ("en", "ru", "es", "de")


def _by_language(value: Any) -> Any:
    return {"en": value} if isinstance(value, str) else value


Texts = Annotated[
    dict[Literal["en", "ru", "es", "de"], Words], BeforeValidator(_by_language), Field(min_length=1)
]


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
    """How long an effect lasts; no value: no end is known."""

    value: int | None = Field(ge=1, le=3650)
    unit: Literal["days", "weeks", "months"]


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
    counts_together: list[Code]

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
    method: Texts
    method_source: SourceId | None = None
    wait_minutes: int = Field(ge=0, le=240)


class CapabilityRef(Part):
    kind: Kind
    code: Code


class Needs(Part):
    """Who and what a visit holds; without `capabilities` each of the words is one."""

    room: Words | None = None
    device: Words | None = None
    qualification: Words | None = None
    capabilities: list[CapabilityRef] | None = None

    def words(self) -> dict[Kind, str]:
        found: dict[Kind, str | None] = {
            "practitioner": self.qualification,
            "room": self.room,
            "device": self.device,
        }
        return {kind: words for kind, words in found.items() if words}

    def refs(self) -> list[CapabilityRef]:
        if self.capabilities is not None:
            return self.capabilities
        return [CapabilityRef(kind=kind, code=slug(words)) for kind, words in self.words().items()]


def slug(words: str) -> str:
    """A code made of words.

    >>> slug("procedure room with running water")
    'procedure_room_with_running_water'
    """
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


class Parameter(Part):
    key: Code
    label: Texts
    type: Literal["number", "integer", "choice", "multichoice", "text", "date", "bool"]
    unit: Annotated[str, StringConstraints(max_length=20)] | None = None
    min: int | float | None = None
    max: int | float | None = None
    choices: list[str | int] | None = None
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
