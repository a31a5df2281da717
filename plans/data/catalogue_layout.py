"""The layout of the catalogue file as a whole; a procedure's stands in `catalogue_procedure`."""

import datetime as dt
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from plans.data.catalogue_procedure import (
    Code,
    CodeSet,
    Kind,
    Length,
    Note,
    Part,
    Procedure,
    Severity,
    SourceId,
    Spacing,
    Suits,
    Texts,
    Words,
    slug,
)


def _with_code(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return {"code": value, "name": value.replace("_", " ").capitalize()}


def _recheck(value: Any) -> Any:
    return {"unit": value} if isinstance(value, str) else value


class Source(Part):
    id: SourceId
    title: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    url: Annotated[str, StringConstraints(max_length=300, pattern=r"^https?://")] | None = None
    background: bool = False


class SeverityWord(Part):
    code: Severity
    verdict: Literal["refuse", "wait", "caution"]
    overridable: bool


class Named(Part):
    code: Code
    name: Texts


NamedOrCode = Annotated[Named, BeforeValidator(_with_code)]


class Capability(Part):
    code: Code
    kind: Kind
    name: Texts


class Recheck(Part):
    value: int = Field(default=0, ge=0, le=120)
    unit: Literal["session", "never", "days", "weeks", "months"]
    source: SourceId | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.value == 0) != (self.unit in ("session", "never")):
            raise ValueError('a recheck is "session", "never", or at least one day, week or month')
        return self


class Fact(Part):
    code: Code
    category: Literal["state", "condition", "medication", "allergy", "history"]
    kind: Literal["episode", "event", "lifelong", "derived"]
    recheck: Annotated[Recheck, BeforeValidator(_recheck)]
    name: Texts
    order: int | None = Field(default=None, ge=0, le=30000)
    question: Texts | None = None
    hint: Texts | None = None
    end_question: Texts | None = None
    asked_by: Literal["patient", "practitioner"] = "patient"
    former_codes: CodeSet = []
    merged_into: Code | None = None


class Gap(Part):
    """How long after one group or procedure another may come; each side is either."""

    rule: str | None = None
    after: Code | None = None
    after_procedure: Code | None = None
    before: Code | None = None
    before_procedure: Code | None = None
    min: Spacing
    severity: Literal["temporary"] = "temporary"
    why: Texts
    source: SourceId

    @model_validator(mode="after")
    def _one_of_each_side(self) -> Self:
        for side in ("after", "before"):
            group, procedure = getattr(self, side), getattr(self, f"{side}_procedure")
            if (group is None) == (procedure is None):
                raise ValueError(f"give {side} (a group) or {side}_procedure, one of both")
        if self.min.source or self.min.note:
            raise ValueError("the source of a gap stands beside min, not in it")
        return self

    @property
    def sides(self) -> tuple[str, str]:
        """The codes of what comes first and of what comes later."""
        return (
            self.after or self.after_procedure or "",
            self.before or self.before_procedure or "",
        )


class ProtocolStarts(Part):
    after: Words
    gap: Length


class ProtocolStep(Part):
    step: int = Field(ge=1, le=50)
    procedure: Code
    sessions: int | None = Field(default=None, ge=1, le=60)
    days: int | None = Field(default=None, ge=1, le=3650)
    optional: bool = False
    starts: ProtocolStarts


class Protocol(Part):
    code: Code
    name: Texts
    suits: Suits = Field(alias="for")
    source: SourceId
    note: Note = ""
    steps: list[ProtocolStep]
    retired_on: dt.date | None = None


class CatalogueFile(Part):
    version: Words
    status: Words = ""
    sources: list[Source]
    severities: list[SeverityWord] = []
    signs: list[Named]
    pit_types: list[NamedOrCode] = []
    pit_depths: list[NamedOrCode] = []
    pit_ages: list[NamedOrCode] = []
    groups: list[Named]
    capabilities: list[Capability] | None = None
    facts: list[Fact]
    procedures: list[Procedure]
    gaps: list[Gap] = []
    protocols: list[Protocol] = []

    def all_capabilities(self) -> list[Capability]:
        """The file's own list, or one made of the words of the needs, each once."""
        if self.capabilities is not None:
            return self.capabilities
        made = {
            slug(words): Capability(code=slug(words), kind=kind, name=words)
            for procedure in self.procedures
            if procedure.needs is not None
            for kind, words in procedure.needs.words().items()
        }
        return list(made.values())
