"""The seeded clinic in the tables: as whole as one that was booked visit by visit."""

from contextlib import nullcontext

import pytest
from django.db import connection

from bench import clinic as bench_clinic
from bench.clinic import open_clinic
from bench.history import fill
from plans.courses.models import Session
from plans.diary.models import Appointment, Occupancy, StatusChange


@pytest.fixture
def clinic(db, monkeypatch):
    """Eleven days behind, four ahead, and few people."""
    monkeypatch.setattr(bench_clinic, "DAYS_AHEAD", 4)
    monkeypatch.setattr(bench_clinic, "PATIENTS_AT_LEAST", 7000)
    monkeypatch.setattr(bench_clinic, "PROBES", 1)
    monkeypatch.setattr(bench_clinic, "load_catalogue", lambda text: None)
    monkeypatch.setattr("bench.history.loading", lambda models: nullcontext())
    made = open_clinic(11 / 3653)
    fill(made)
    return made


def test_every_visit_stands_for_its_own_session_and_holds_what_it_needs(clinic):
    visits = Appointment.objects.all()
    assert visits.count() > 4000
    assert visits.values("session").distinct().count() == visits.count()
    assert set(Occupancy.objects.values_list("appointment", flat=True)) == set(
        visits.values_list("pk", flat=True)
    )
    connection.check_constraints()


def test_what_is_over_was_performed_and_what_is_to_come_is_booked(clinic):
    noon = clinic.today
    past = Appointment.objects.filter(starts_at__date__lt=noon)
    assert set(past.values_list("status", flat=True)) == {"done"}
    assert not past.filter(session__performed_on__isnull=True).exists()
    ahead = Appointment.objects.filter(starts_at__date__gte=noon)
    assert set(ahead.values_list("status", flat=True)) == {"booked"}
    assert not ahead.filter(session__performed_on__isnull=False).exists()
    assert StatusChange.objects.count() == 2 * past.count() + ahead.count()


def test_a_course_is_gone_on_with_before_another_one_begins(clinic):
    again = Session.objects.filter(ordinal__gt=1, appointments__isnull=False)
    assert not again.exclude(course__sessions__ordinal=1).exists()
    owed = Session.objects.filter(appointments__isnull=True)
    assert owed.exists()
    assert not owed.filter(performed_on__isnull=False).exists()
