import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine

from clinic.places.models import Resource
from clinic.staff.models import User
from plans.data.factories import ResourceFactory, UserFactory


@pytest.fixture(autouse=True)
def _on_that_monday() -> Iterator[None]:
    """It is Monday 23 November 2026: hours change from today on."""
    with time_machine.travel(dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def marta() -> Resource:
    return ResourceFactory.create(open_hours=(9, 17))


@pytest.fixture
def manager() -> User:
    return UserFactory.create()
