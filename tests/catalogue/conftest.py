"""A small loaded catalogue, people with roles, and forms sent back as a browser would."""

import datetime as dt
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client

from clinic.kit import clock
from clinic.kit.operations import Role
from clinic.places.models import Location
from clinic.staff.models import User
from plans.catalogue.models import Procedure, Revision
from plans.catalogue.selectors import current_revision, rulebook
from plans.core.screening import Rulebook
from plans.courses.models import Course, Plan, Session
from plans.data.factories import LocationFactory, PatientFactory, UserFactory
from plans.diary.models import Appointment
from plans.exchange.services import load_catalogue
from tests.catalogue.small_file import FULL

PRODUCT = Path(__file__).parents[2] / "plans" / "data" / "catalogue.yaml"


@pytest.fixture
def catalogue(db: None) -> None:
    """The small catalogue, loaded."""
    load_catalogue(FULL)


@pytest.fixture
def tca(catalogue: None) -> Procedure:
    return Procedure.objects.get(code="tca")


@pytest.fixture
def location(db: None) -> Location:
    return LocationFactory()


@pytest.fixture
def manager(location: Location) -> User:
    return UserFactory(role=Role.MANAGER, location=location)


@pytest.fixture
def editor(location: Location) -> User:
    return UserFactory(role=Role.EDITOR, location=location)


@pytest.fixture
def at_desk(client: Client, manager: User) -> Client:
    """A browser in which the manager is signed in."""
    client.force_login(manager)
    return client


@pytest.fixture(scope="session")
def stored_book(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Rulebook:
    """The product's catalogue, loaded into the database and read back; the database is left empty."""
    with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]  # untyped plugin
        load_catalogue(PRODUCT.read_text(encoding="utf-8"))
        book = rulebook()
        transaction.set_rollback(True)
    return book


def book_course(by: User, location: Location, days: list[int | None]) -> Course:
    """A TCA course with a session for each of `days`: booked so many days from now, None = no date."""
    patient = PatientFactory(location=location, family_name="Petrova")
    plan = Plan.objects.create(patient=patient, created_at=clock.now(), created_by=by)
    revision: Revision = current_revision("tca")
    course = Course.objects.create(
        plan=plan, patient=patient, revision=revision, created_at=clock.now()
    )
    for ordinal, ahead in enumerate(days, start=1):
        session = Session.objects.create(course=course, ordinal=ordinal)
        if ahead is not None:
            starts = clock.now() + dt.timedelta(days=ahead)
            Appointment.objects.create(
                patient=patient,
                location=location,
                session=session,
                starts_at=starts,
                ends_at=starts + dt.timedelta(minutes=80),
                created_at=clock.now(),
                created_by=by,
            )
    return course


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "input" and name and given.get("type") not in ("submit", "checkbox"):
            self.found[name] = given.get("value", "")
        elif tag == "input" and name and "checked" in given:
            self.found[name] = "on"
        elif tag == "select":
            self._select = name
        elif (
            tag == "option"
            and self._select
            and ("selected" in given or self._select not in self.found)
        ):
            self.found[self._select] = given.get("value", "")
        elif tag == "textarea":
            self._area = name
            self.found[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.found[self._area] += data.lstrip("\n")


def filled(page: str) -> dict[str, str]:
    """What a browser would send of `page` if nobody touched it."""
    fields = _Fields()
    fields.feed(page[page.index("<main") :])
    return fields.found
