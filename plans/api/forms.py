"""What the programming interface takes and gives, as its description (OpenAPI) shows it.

What it takes is read by plans.core.vignette_reading, which says more about what is wrong than a schema can.
"""

import datetime as dt
from typing import Any

from ninja import Field, Schema

_DAY = {"type": "string", "format": "date"}
_DAY_OR_NONE = {"type": ["string", "null"], "format": "date"}
_AREAS = {
    "type": ["array", "null"],
    "items": {"type": "string"},
    "description": "Where: forehead, cheeks, back ... None named = everywhere.",
}
_FACT = {
    "type": "object",
    "required": ["code", "status"],
    "properties": {
        "code": {"type": "string"},
        "status": {"enum": ["present", "denied", "unknown"]},
        "since": _DAY_OR_NONE | {"description": "First day true; the day of a denial."},
        "until": _DAY_OR_NONE | {"description": "Last day true, of what is present only."},
    },
}
_ENTRY = {
    "type": "object",
    "required": ["procedure", "date"],
    "properties": {
        "procedure": {"type": "string", "description": "A procedure, or a patch test's code."},
        "date": _DAY,
        "until": _DAY_OR_NONE | {"description": "Last day of a home course."},
        "areas": _AREAS,
    },
}
_INLINE = {
    "type": "object",
    "required": ["birth"],
    "properties": {
        "birth": _DAY,
        "facts": {"type": "array", "items": _FACT},
        "history": {"type": "array", "items": _ENTRY},
        "skin_type": {"type": ["integer", "null"], "minimum": 1, "maximum": 6},
        "skin_type_on": _DAY_OR_NONE,
    },
}
ASKED = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["procedure", "session_date"],
                    "properties": {
                        "procedure": {"type": "string"},
                        "session_date": _DAY,
                        "as_of": _DAY_OR_NONE
                        | {"description": "Day of the screening; missing = session_date."},
                        "areas": _AREAS,
                        "patient": {
                            "oneOf": [_INLINE, {"type": "integer"}],
                            "description": "Inline, or the number of a patient of the caller's location.",
                        },
                        "patient_number": {
                            "type": "integer",
                            "description": "In place of patient.",
                        },
                    },
                },
                "example": {
                    "procedure": "tca_peel_medium",
                    "session_date": "2026-11-22",
                    "patient": {
                        "birth": "1990-05-14",
                        "facts": [{"code": "pregnancy", "status": "denied", "since": "2026-11-22"}],
                        "history": [{"procedure": "tca_peel_medium", "date": "2026-08-23"}],
                    },
                },
            }
        },
    }
}


class FindingOut(Schema):
    """One reason. `earliest`: the first day on which it no longer stands, null if not known."""

    rule: str
    kind: str
    level: str
    verdict: str
    severity: str | None
    subject: str
    reason: str
    since: dt.date | None
    until: dt.date | None
    earliest: dt.date | None
    signed_by: list[str] = Field(description="Whose signature lets the treatment go on.")
    is_confirmed: bool = Field(
        description="The clinic's physician has confirmed every value that it rests on."
    )


class Deferred(Schema):
    """What is asked or confirmed on the day of the session."""

    fact: str
    name: str


class RulesInForce(Schema):
    """The revision numbers of what was asked: the procedure's rules, the table of gaps."""

    procedure: int
    gaps: int | None


class ScreeningOut(Schema):
    procedure: str
    session_date: dt.date
    as_of: dt.date
    verdict: str
    reasons: list[str] = Field(description="Rule codes, strongest first, then by code.")
    findings: list[FindingOut]
    earliest_ok: dt.date | None
    deferred: list[Deferred]
    rules: RulesInForce
    ignored: list[str] = Field(description="Fields of the request that nothing reads.")


class Wrong(Schema):
    field: str
    code: str
    reason: str


class ProblemOut(Schema):
    """RFC 9457; `field` and `reason` are those of the first of `errors`."""

    type: str
    title: str
    status: int
    detail: str = ""
    field: str = ""
    reason: str = ""
    errors: list[Wrong] = Field(default_factory=list)


class ProcedureOut(Schema):
    code: str
    name: dict[str, str]
    kind: str
    group: str
    revision: int
    is_offered: bool


class ProcedureList(Schema):
    procedures: list[ProcedureOut]


class ProcedureDetail(ProcedureOut):
    """Everything that the revision in force says. A period is {"value": 3, "unit": "months"}."""

    in_force_since: dt.datetime | None
    values: dict[str, Any] = Field(description="interval, course, on_break, age, patch_test ...")
    needs: list[dict[str, Any]]
    contraindications: list[dict[str, Any]]
    gaps: list[dict[str, Any]]
    precare: list[dict[str, Any]]
    aftercare: list[dict[str, Any]]
    stated: list[dict[str, Any]] = Field(description="Every number: source and confirmation.")
    sources: dict[str, str]
