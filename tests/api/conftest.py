"""The clinic's starting catalogue in the database, and people who call the programming interface."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from clinic.kit import clock
from clinic.patients.models import FactType
from clinic.places.models import Location
from clinic.staff.models import User
from clinic.staff.services import issue_token
from plans.catalogue.models import Contraindication, Revision
from plans.data.factories import (
    FactTypeFactory,
    LocationFactory,
    RevisionFactory,
    UserFactory,
)
from plans.exchange.services import load_catalogue

CATALOGUE = Path(__file__).parents[2] / "plans" / "data" / "catalogue.yaml"
Ask = Callable[[Any], Any]


@pytest.fixture
def location(db: None) -> Location:
    return LocationFactory.create()


@pytest.fixture
def physician(location: Location) -> User:
    return UserFactory.create(role="physician", location=location)


@pytest.fixture
def caller(physician: User) -> Client:
    """A program that calls with the physician's token; the form's token is asked for as in earnest."""
    token = issue_token(physician, by=None)
    return Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def catalogue(db: None) -> None:
    load_catalogue(CATALOGUE.read_text(encoding="utf-8"))


@pytest.fixture
def ask(caller: Client) -> Ask:
    """Ask for a screening."""

    def ask_(body: Any) -> Any:
        return caller.post("/api/v1/screenings", body, content_type="application/json")

    return ask_


@pytest.fixture
def peel(db: None) -> Revision:
    """A peel in force: an allergy refuses, a drug waits six months, being pregnant is asked on the day."""
    revision = RevisionFactory.create(procedure__code="peel", age_caution_from=65)
    lines = {
        "allergy": ("absolute", None),
        "drug": ("temporary", 6),
        "pregnancy": ("temporary", None),
    }
    for code, (severity, months) in lines.items():
        fact = FactTypeFactory.create(code=code, name={"en": code.title(), "de": f"{code}_de"})
        if code == "pregnancy":
            FactType.objects.filter(pk=fact.pk).update(recheck_n=0, recheck_unit="session")
        Contraindication.objects.create(
            revision=revision,
            fact_type=fact,
            severity=severity,
            washout_n=months,
            washout_unit="months" if months else "",
            source="clinic default",
            washout_source="clinic default" if months else "",
        )
    Revision.objects.filter(pk=revision.pk).update(state="current", published_at=clock.now())
    return Revision.objects.get(pk=revision.pk)


def question(**changes: Any) -> dict[str, Any]:
    """A peel on 23 November 2026 for an adult who said no to everything that day."""
    denied = [
        {"code": code, "status": "denied", "since": "2026-11-23", "until": None}
        for code in ("allergy", "drug", "pregnancy")
    ]
    patient = {"birth": "1990-05-14", "facts": denied, "history": []}
    return {"procedure": "peel", "session_date": "2026-11-23", "patient": patient} | changes
