"""The small clinic, whose patient agreed to photos, on the day of a booked peel."""

import pytest
from django.test import Client

from plans.consents.models import Consent
from plans.data.factories import ConsentFactory
from plans.diary.models import Appointment
from tests.diary.clinic import THURSDAY, Clinic, client_of, first_visit


@pytest.fixture(autouse=True)
def _files(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def agreed(clinic: Clinic) -> Consent:
    return ConsentFactory.create(patient=clinic.patient, revision=None)


@pytest.fixture
def visit(clinic: Clinic) -> Appointment:
    return first_visit(clinic.book(THURSDAY))


@pytest.fixture
def client(clinic: Clinic) -> Client:
    return client_of(clinic.practitioner)
