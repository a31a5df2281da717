import pytest

from clinic.kit.operations import Role
from clinic.staff.models import User
from plans.data.factories import UserFactory
from tests.diary.clinic import Clinic


@pytest.fixture
def manager(clinic: Clinic) -> User:
    return UserFactory.create(username="mia", role=Role.MANAGER, location=clinic.location)
