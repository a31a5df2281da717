"""A small loaded catalogue, people with roles, and a patient whose answers are told in one line."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client

from clinic.kit import clock
from clinic.kit.operations import Role
from clinic.patients.models import Fact, FactType, Patient
from clinic.places.models import Location
from clinic.staff.models import User
from plans.catalogue.selectors import rulebook
from plans.core.screening import Screening, screen
from plans.courses.selectors import known_patients
from plans.data.factories import LocationFactory, PatientFactory, UserFactory
from plans.exchange.services import load_catalogue
from tests.catalogue.small_file import FULL

Told = Callable[..., Fact]
Judge = Callable[[], Screening]

# The small catalogue with a second retinoid, of which another procedure asks.
TWO = FULL.replace(
    "procedures:\n",
    "  - {code: roaccutane, category: medication, kind: episode, recheck: {value: 1, unit: months}, name: {en: Roaccutane}}\n"
    "procedures:\n",
    1,
).replace(
    "    contraindications: []\n",
    "    contraindications:\n"
    "      - {fact: roaccutane, severity: absolute, source: article, washout: {value: 1, unit: months, source: article}}\n"
    "      - {fact: isotretinoin, severity: relative, source: article, washout: {value: 2, unit: months, source: article}}\n",
    1,
)


@pytest.fixture
def catalogue(db: None) -> None:
    load_catalogue(TWO)


@pytest.fixture
def location(db: None) -> Location:
    return LocationFactory()


@pytest.fixture
def editor(location: Location) -> User:
    return UserFactory(role=Role.EDITOR, location=location)


@pytest.fixture
def at_desk(client: Client, editor: User) -> Client:
    client.force_login(editor)
    return client


@pytest.fixture
def patient(location: Location) -> Patient:
    return PatientFactory(location=location)


@pytest.fixture
def told(patient: Patient) -> Told:
    """`told("isotretinoin", "present", since=..., until=...)` puts an answer on record."""

    def record(
        code: str, status: str, since: dt.date | None = None, until: dt.date | None = None
    ) -> Fact:
        return Fact.objects.create(
            patient=patient,
            fact_type=FactType.objects.get(code=code),
            status=status,
            since=since if since or status == "present" else clock.today(),
            until=until,
            recorded_at=clock.now(),
        )

    return record


@pytest.fixture
def judge(patient: Patient) -> Callable[..., Screening]:
    """Screen the patient today for a procedure, as pages do."""

    def screened(procedure: str = "tca") -> Screening:
        known = known_patients([patient])[patient.pk]
        return screen(rulebook(), procedure, known, clock.today())

    return screened


@pytest.fixture
def isotretinoin(catalogue: None) -> FactType:
    return FactType.objects.get(code="isotretinoin")


@pytest.fixture
def roaccutane(catalogue: None) -> FactType:
    return FactType.objects.get(code="roaccutane")
