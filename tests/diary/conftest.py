from collections.abc import Iterator

import pytest
import time_machine

from tests.diary.clinic import NOW, Clinic, make_clinic


@pytest.fixture
def monday() -> Iterator[time_machine.Traveller]:
    """It is Monday 9 November 2026, ten o'clock in Berlin, and stays so."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def clinic(db: None, monday: time_machine.Traveller) -> Clinic:
    return make_clinic()
