"""What the programming interface takes and gives, as its description (OpenAPI) shows it.

What it takes is read by plans.core (vignette_reading, series_reading, act_reading), which says more about what is
wrong than a schema can.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from ninja import Field, Schema

from plans.core.act_reading import LONGEST_KEY

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
_DIGITS: list[dict[str, Any]] = [{"type": "integer"}, {"type": "string", "pattern": "^[0-9]+$"}]
_PATIENT = {
    "oneOf": [_INLINE, *_DIGITS],
    "description": "Inline, or the number of a patient of the caller's location.",
}
_PATIENT_NUMBER = {"oneOf": _DIGITS, "description": "In place of patient."}


def _body(
    schema: Mapping[str, Any], example: Any, parameters: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    content = {"application/json": {"schema": schema, "example": example}}
    told: dict[str, Any] = {"requestBody": {"required": True, "content": content}}
    return told | ({"parameters": parameters} if parameters else {})


_NUMBER = {"type": ["integer", "null"]}
_TEXT = {"type": "string"}
_NAMED = {"type": ["integer", "string", "null"], "description": "Key or name."}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
    "description": "Chosen by the caller; the same key again books nothing and answers the same.",
}
_KEY_OR_NONE = _KEY | {"required": False}
SEARCHED = _body(
    {
        "type": "object",
        "required": ["procedure", "patient", "sessions", "not_before"],
        "properties": {
            "procedure": {"type": "string"},
            "patient": _PATIENT,
            "patient_number": _PATIENT_NUMBER,
            "sessions": {"type": "integer", "minimum": 1},
            "not_before": _DAY | {"description": "First day of the first session; today or later."},
            "location": _NAMED,
            "practitioner": _NAMED,
            "weekdays": {
                "type": ["array", "null"],
                "items": {"type": "integer", "minimum": 1, "maximum": 7},
            },
            "part_of_day": {"enum": ["morning", "afternoon", None]},
            "areas": _AREAS,
            "every": _NUMBER | {"description": "Minutes from start to start: 15."},
        },
    },
    {"procedure": "tca_peel_medium", "patient": 142, "sessions": 3, "not_before": "2026-12-01"},
)
BOOKED = _body(
    {"type": "object", "required": ["token"], "properties": {"token": {"type": "string"}}},
    {"token": "eyJ..."},
    [_KEY],
)
STATUS_SET = _body(
    {
        "type": "object",
        "required": ["to"],
        "properties": {"to": {"type": "string"}, "reason": _TEXT, "version": _NUMBER},
    },
    {"to": "confirmed", "version": 318},
    [_KEY_OR_NONE],
)
MOVED = _body(
    {
        "type": "object",
        "properties": {
            "start": {"type": "string", "description": "2026-11-26T10:00, with or without offset."},
            "day": _DAY,
            "minute": _NUMBER | {"description": "Since midnight; with day, in place of start."},
            "resources": {"type": ["array", "null"], "items": {"type": "integer"}},
            "minutes": _NUMBER | {"description": "Another length."},
            "rest": {"enum": ["keep", "shift", "stay"]},
            "accept": {"type": ["array", "null"], "items": {"type": "integer"}},
            "reason": _TEXT,
            "version": _NUMBER,
        },
    },
    {"start": "2026-11-26T10:00", "rest": "keep", "reason": "called in sick", "version": 318},
    [_KEY_OR_NONE, {"name": "preview", "in": "query", "schema": {"type": "boolean"}}],
)
_OF_A_DAY = {"name": "day", "in": "query", "schema": _DAY, "description": "Missing = today."}
OF_A_DAY = {"parameters": [_OF_A_DAY]}
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
                        "patient": _PATIENT,
                        "patient_number": _PATIENT_NUMBER,
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


class ResourceOut(Schema):
    id: int
    name: str
    kind: str
    note: str
    capabilities: list[str]


class PlaceOut(Schema):
    id: int
    name: str
    time_zone: str


class ResourceList(Schema):
    location: PlaceOut
    resources: list[ResourceOut]


class ServingOut(Schema):
    id: int
    name: str
    kind: str
    role: str


class ScreenedOut(Schema):
    """`verdict` null: the caller may not see it, or there is nothing to screen."""

    verdict: str | None
    reasons: list[str]
    words: str
    deferred: list[str]


class SessionOut(ScreenedOut):
    ordinal: int
    start: str = Field(description="With the offset that the location has then.")
    end: str
    resources: list[ServingOut]
    window: dict[str, dt.date] = Field(description="earliest, target, latest")
    target: dt.date
    deviation_days: int


class OfferOut(Schema):
    kind: str
    cost: float
    sessions: list[SessionOut]
    reasons: list[dict[str, Any]] = Field(description="is_for, text")
    token: str | None = Field(description="Good for half an hour; null for a patient described.")


class RelaxationOut(Schema):
    kind: str
    value: int
    day: dt.date | None
    words: str
    request: dict[str, Any] | None = Field(description="Fields to send instead.")


class ImpossibleOut(Schema):
    ordinal: int
    constraint: str
    detail: dict[str, int]
    window: dict[str, dt.date] | None
    reasons: list[str]
    earliest: dt.date | None
    words: str
    relaxation: RelaxationOut | None = Field(description="The nearest.")
    relaxations: list[RelaxationOut]


class SeriesOut(Schema):
    procedure: str
    patient: int | None
    location: PlaceOut
    starts_from: dt.date | None
    waits: list[dict[str, Any]] = Field(description="rule, words, earliest")
    keeps_wishes: bool
    offers: list[OfferOut]
    impossible: ImpossibleOut | None
    not_bookable: str = Field(description="Why the offers carry no token.")
    ignored: list[str]


class VisitOut(ScreenedOut):
    id: int
    patient: int
    patient_name: str
    procedure: str | None
    title: str
    course: int | None
    ordinal: int | None
    start: str
    end: str
    status: str
    resources: list[ServingOut]
    version: int


class BookedOut(Schema):
    course: int
    visits: list[VisitOut]


class DayOut(Schema):
    location: PlaceOut
    day: dt.date
    appointments: list[VisitOut]


class StandOut(Schema):
    start: str
    end: str
    resources: list[ServingOut]


class LineOut(ScreenedOut):
    id: int | None = Field(description="The visit; null for a session that has none yet.")
    title: str
    is_moved: bool
    before: StandOut | None
    after: StandOut | None
    window: dict[str, dt.date] | None
    gap_before: int | None
    gap_after: int | None


class MovePreview(Schema):
    appointment: int
    version: int
    is_possible: bool
    problems: list[dict[str, Any]]
    lines: list[LineOut]
    last_day_before: dt.date | None
    last_day_after: dt.date | None
    batch: str | None = Field(description="Null in a preview: nothing was carried out.")
    moved: int
