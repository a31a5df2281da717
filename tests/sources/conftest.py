"""A small loaded catalogue, a physician who confirms and an editor who keeps sources."""

import pytest
from django.test import Client

from clinic.kit.operations import Role
from clinic.places.models import Location
from clinic.staff.models import User
from plans.core.confirming import unconfirmed
from plans.data.factories import LocationFactory, UserFactory
from plans.exchange.services import load_catalogue
from plans.sources.selectors import confirmations, shelf
from tests.catalogue.small_file import FULL


def waiting() -> set[str]:
    """The addresses of the values in force that nobody has confirmed as they stand."""
    return {one.address for one in unconfirmed(shelf().stated(), confirmations())}


@pytest.fixture
def catalogue(db: None) -> None:
    """The small catalogue, loaded."""
    load_catalogue(FULL)


@pytest.fixture
def location(db: None) -> Location:
    return LocationFactory()


@pytest.fixture
def physician(location: Location) -> User:
    return UserFactory(role=Role.PHYSICIAN, location=location)


@pytest.fixture
def editor(location: Location) -> User:
    return UserFactory(role=Role.EDITOR, location=location)


@pytest.fixture
def at_desk(client: Client, physician: User) -> Client:
    """A browser in which the physician is signed in."""
    client.force_login(physician)
    return client


@pytest.fixture
def at_editor(client: Client, editor: User) -> Client:
    """A browser in which the catalogue editor is signed in."""
    client.force_login(editor)
    return client
