"""A small loaded catalogue and a browser in which the editor is signed in."""

import pytest
from django.test import Client

from clinic.kit.operations import Role
from clinic.places.models import Location
from clinic.staff.models import User
from plans.catalogue.models import Procedure
from plans.data.factories import LocationFactory, UserFactory
from plans.exchange.services import load_catalogue
from tests.catalogue.small_file import FULL


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
def editor(location: Location) -> User:
    return UserFactory(role=Role.EDITOR, location=location)


@pytest.fixture
def at_desk(client: Client, editor: User) -> Client:
    """A browser in which the editor is signed in."""
    client.force_login(editor)
    return client
