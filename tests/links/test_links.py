"""Links of patients: what a secret opens, for what, until when; and that nothing but its digest is kept."""

import datetime as dt

import pytest
import time_machine
from django.core.cache import cache

from clinic.audit.models import Entry
from clinic.kit import clock
from clinic.patients.models import Patient
from clinic.staff.models import User
from plans.data.factories import LocationFactory, PatientFactory, UserFactory
from plans.diary.models import Appointment
from plans.links import services
from plans.links.models import Link, Purpose
from plans.links.selectors import find, links_of

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def today():
    cache.clear()
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def patient() -> Patient:
    return PatientFactory.create(location=LocationFactory.create())


@pytest.fixture
def visit(patient: Patient) -> Appointment:
    """In two days."""
    start = NOW + dt.timedelta(days=2)
    return Appointment.objects.create(
        patient=patient, location=patient.location, starts_at=start,
        ends_at=start + dt.timedelta(hours=1), created_at=NOW,
    )  # fmt: skip


@pytest.fixture
def reception(patient: Patient) -> User:
    return UserFactory.create(role="reception", location=patient.location)


def test_a_secret_opens_its_own_purpose_only(patient, visit, reception):
    secret = services.issue(Purpose.HEALTH, patient=patient, visit=visit, by=reception)
    assert find(secret, Purpose.HEALTH) == Link.objects.get()
    assert find(secret, Purpose.SHEET) is None
    assert find(secret + "x", Purpose.HEALTH) is None


def test_a_secret_has_128_bits_and_is_nowhere_kept(patient, visit, reception):
    secret = services.issue(Purpose.SHEET, patient=patient, visit=visit, by=reception)
    assert len(secret) == 22  # 16 bytes in base64
    assert secret not in str(list(Link.objects.values()) + list(Entry.objects.values()))


def test_a_link_to_the_questions_ends_a_day_after_the_visit(patient, visit, reception, today):
    secret = services.issue(Purpose.HEALTH, patient=patient, visit=visit, by=reception)
    today.move_to(visit.ends_at + dt.timedelta(hours=23))
    assert find(secret, Purpose.HEALTH) is not None
    today.move_to(visit.ends_at + dt.timedelta(hours=24))
    assert find(secret, Purpose.HEALTH) is None


def test_a_revoked_link_opens_nothing_and_the_revocation_is_on_record(patient, visit, reception):
    secret = services.issue(Purpose.SHEET, patient=patient, visit=visit, by=reception)
    link = find(secret, Purpose.SHEET)
    assert link is not None
    services.revoke(link, by=reception)
    services.revoke(link, by=reception)
    assert find(secret, Purpose.SHEET) is None
    assert Entry.objects.filter(action="link_revoked").count() == 1


def test_all_links_of_a_purpose_are_revoked_and_no_other(patient, visit, reception):
    for purpose in (Purpose.SHEET, Purpose.SHEET, Purpose.HEALTH):
        services.issue(purpose, patient=patient, visit=visit, by=reception)
    assert services.revoke_all(patient, Purpose.SHEET, by=reception) == 2
    assert not links_of(patient, Purpose.SHEET)
    assert links_of(patient, Purpose.HEALTH).count() == 1


def test_whoever_guesses_is_slowed_down(patient):
    for _ in range(services.MOST_MISSES):
        with pytest.raises(services.Closed) as closed:
            services.open_link("guessed", Purpose.SHEET, address="203.0.113.7")
        assert not closed.value.is_too_often
    with pytest.raises(services.Closed) as closed:
        services.open_link("guessed", Purpose.SHEET, address="203.0.113.7")
    assert closed.value.is_too_often
    with pytest.raises(services.Closed) as closed:
        services.open_link("guessed", Purpose.SHEET, address="203.0.113.8")
    assert not closed.value.is_too_often


def test_a_good_link_is_slowed_down_too(patient, visit, reception):
    secret = services.issue(Purpose.SHEET, patient=patient, visit=visit, by=reception)
    for _ in range(services.MOST_USES):
        services.open_link(secret, Purpose.SHEET, address="x")
    with pytest.raises(services.Closed) as closed:
        services.open_link(secret, Purpose.SHEET, address="x")
    assert closed.value.is_too_often


def test_the_use_of_a_link_is_noted_to_the_hour(patient, visit, reception, today):
    secret = services.issue(Purpose.SHEET, patient=patient, visit=visit, by=reception)
    services.open_link(secret, Purpose.SHEET, address="x")
    today.shift(dt.timedelta(minutes=30))
    services.open_link(secret, Purpose.SHEET, address="x")
    assert Link.objects.get().last_used_at == NOW
    today.shift(dt.timedelta(minutes=31))
    services.open_link(secret, Purpose.SHEET, address="x")
    assert Link.objects.get().last_used_at == clock.now()
