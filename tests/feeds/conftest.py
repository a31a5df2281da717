"""The small clinic with a series booked, and Dr Weiss with an account."""

import datetime as dt

import pytest
from django.test import Client

from tests.diary.clinic import THURSDAY, Clinic, client_of

DAYS = (THURSDAY, dt.date(2027, 2, 26), dt.date(2027, 5, 26))


@pytest.fixture
def booked(clinic: Clinic) -> Clinic:
    clinic.weiss.user = clinic.physician
    clinic.weiss.save(update_fields=["user"])
    clinic.book(*DAYS)
    return clinic


@pytest.fixture
def stranger() -> Client:
    """A calendar program: nobody signs in."""
    return Client()


@pytest.fixture
def physician(clinic: Clinic) -> Client:
    return client_of(clinic.physician)
