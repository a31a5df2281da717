"""A peel in force, and cases about it."""

import uuid
from typing import Any

import pytest

from clinic.places.models import Location
from clinic.staff.models import User
from plans.catalogue.models import Contraindication, Revision
from plans.catalogue.selectors import rulebook
from plans.core.vignette_reading import read_vignette
from plans.data.factories import FactTypeFactory, LocationFactory, RevisionFactory, UserFactory
from plans.vignettes import selectors, services
from plans.vignettes.models import Vignette


@pytest.fixture
def location(db: None) -> Location:
    return LocationFactory.create()


@pytest.fixture
def physician(location: Location) -> User:
    return UserFactory.create(role="physician", location=location)


@pytest.fixture
def peel(db: None) -> Revision:
    """A peel in force: an allergy refuses, a drug waits six months."""
    revision = RevisionFactory.create(procedure__code="peel")
    for code, severity in (("allergy", "absolute"), ("drug", "temporary")):
        Contraindication.objects.create(
            revision=revision,
            fact_type=FactTypeFactory.create(code=code),
            severity=severity,
            washout_n=6 if code == "drug" else None,
            washout_unit="months" if code == "drug" else "",
            source="clinic",
        )
    Revision.objects.filter(pk=revision.pk).update(state="current")
    return Revision.objects.select_related("procedure__group").get(pk=revision.pk)


@pytest.fixture
def shipped(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The cases that the product ships with, in place of its own: fill it."""
    cases: list[Any] = []
    monkeypatch.setattr(selectors, "shipped_cases", lambda: tuple(cases))
    return cases


def case(**changes: Any) -> dict[str, Any]:
    """A peel on 23 November 2026 for an adult who said no to everything, which is ok."""
    denied = [
        {"code": code, "status": "denied", "since": "2026-11-23", "until": None}
        for code in ("allergy", "drug")
    ]
    return {
        "id": "C1",
        "note": "a healthy adult",
        "procedure": "peel",
        "session_date": "2026-11-23",
        "patient": {"birth": "1990-05-14", "facts": denied, "history": []},
        "expect": {"verdict": "ok", "reasons": [], "earliest_ok": None},
    } | changes


def keep(by: User, *cases: dict[str, Any]) -> list[Vignette]:
    """Let these be the clinic's own."""
    book = rulebook()
    return services.keep([read_vignette(one, book) for one in cases], by=by, key=uuid.uuid4())
