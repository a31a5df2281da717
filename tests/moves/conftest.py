import pytest

from tests.diary.clinic import THREE
from tests.moves.moving import visit_of


@pytest.fixture
def course(clinic):
    return clinic.book(*THREE)


@pytest.fixture
def visit(course):
    return visit_of(course)
