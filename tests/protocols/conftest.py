"""A small catalogue with a protocol in it, and a clinic that is open from Monday to Friday."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest

from clinic.kit import clock
from clinic.patients.models import Patient
from clinic.places.models import Location
from clinic.staff.models import User
from plans.catalogue.models import Contraindication, Need, Revision
from plans.core.gaps import GapRule
from plans.core.spacing import Period
from plans.data.factories import (
    CapabilityFactory,
    FactTypeFactory,
    GroupFactory,
    LocationFactory,
    PatientFactory,
    ProcedureFactory,
    ResourceFactory,
    RevisionFactory,
    UserFactory,
)
from plans.drafts.models import RevisionState
from plans.drafts.services import put_in_force
from plans.gaps.selectors import current_table
from plans.gaps.services import new_table
from plans.protocols.models import Protocol, ProtocolRevision
from plans.terms.models import Source

NOW = dt.datetime(2026, 11, 30, 9, 0, tzinfo=dt.UTC)  # a Monday
TODAY = NOW.date()
NO_SESSIONS: dict[str, Any] = {
    f"{name}{unit}": None if unit in ("", "_n") else ""
    for name in ("interval_min", "interval_recommended", "interval_max")
    for unit in ("_n", "_unit")
} | {"sessions_min": None, "sessions_recommended": None, "sessions_max": None}
STEPS: list[dict[str, Any]] = [
    {
        "step": 1,
        "procedure": "cream",
        "days": 90,
        "optional": False,
        "starts": {"after": "plan", "gap": {"value": 0, "unit": "days"}},
    },
    {
        "step": 2,
        "procedure": "peel",
        "sessions": 3,
        "optional": False,
        "starts": {"after": "end of step 1", "gap": {"value": 14, "unit": "days"}},
    },
    {
        "step": 3,
        "procedure": "laser",
        "sessions": 1,
        "optional": True,
        "starts": {"after": "last session of step 2", "gap": {"value": 3, "unit": "months"}},
    },
]


@dataclass(frozen=True)
class Clinic:
    location: Location
    patient: Patient
    physician: User
    editor: User
    reception: User


@pytest.fixture(autouse=True)
def _at_nine_on_monday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setattr(clock, "today", lambda zone=None: TODAY)


def procedure(
    code: str, group: str, *, is_home: bool = False, waits: tuple[str, ...] = (), **values: Any
) -> Revision:
    """A procedure with one revision in force; it waits for the facts `waits` and for 6 months after their end."""
    made = ProcedureFactory.create(
        code=code, group=GroupFactory.create(code=group), is_home=is_home
    )
    revision = RevisionFactory.create(procedure=made, **((NO_SESSIONS if is_home else {}) | values))
    for fact in waits:
        Contraindication.objects.create(
            revision=revision,
            fact_type=FactTypeFactory.create(code=fact, category="medication"),
            severity="temporary",
            washout_n=6,
            washout_unit="months",
            source="clinic default",
        )
    if not is_home:
        Need.objects.create(
            revision=revision,
            kind="practitioner",
            capability=CapabilityFactory.create(code="peels"),
            to_minute=80,
        )
    Revision.objects.filter(pk=revision.pk).update(state=RevisionState.CURRENT)
    return Revision.objects.select_related("procedure__group").get(pk=revision.pk)


def keep_gap(after: Revision, before: Revision, least: Period) -> None:
    """Put a table with this one gap into force."""
    groups = after.procedure.group.code, before.procedure.group.code
    rule = GapRule(*groups, least, {}, "clinic default")
    put_in_force(new_table([rule], by=None), "A test.", by=None, instead_of=current_table())


@pytest.fixture
def rules(db: None) -> dict[str, Revision]:
    """A cream for home, a peel and a laser; the cream ends seven days before a peel."""
    Source.objects.create(code="clinic default", title="The clinic's own custom")
    found = {
        "cream": procedure("cream", "home_cream", is_home=True),
        "peel": procedure("peel", "deep", waits=("isotretinoin",)),
        "laser": procedure("laser", "laser", sessions_min=1, sessions_recommended=1),
    }
    keep_gap(found["cream"], found["peel"], Period(7, "days"))
    return found


@pytest.fixture
def protocol(rules: dict[str, Revision]) -> ProtocolRevision:
    """Cream for 90 days, three peels, then perhaps the laser; in force."""
    made = Protocol.objects.create(code="deep_pits")
    return ProtocolRevision.objects.create(
        protocol=made,
        number=1,
        state=RevisionState.CURRENT,
        created_at=NOW,
        published_at=NOW,
        reason="First.",
        name={"en": "Deep pits", "de": "Tiefe Narben"},
        suits={"signs": [], "pit_depths": []},
        steps=STEPS,
        source="clinic default",
        note="Order after the article.",
    )


@pytest.fixture
def clinic(db: None) -> Clinic:
    location = LocationFactory.create()
    ResourceFactory.create(
        location=location, capabilities=[CapabilityFactory.create(code="peels")], open_hours=(9, 17)
    )
    return Clinic(
        location,
        PatientFactory.create(location=location),
        UserFactory.create(role="physician", location=location),
        UserFactory.create(role="editor", location=location),
        UserFactory.create(role="reception", location=location),
    )
