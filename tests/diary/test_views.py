"""The pages of the diary: who sees them, and what they say."""

import datetime as dt
import uuid

from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.kit.operations import Role
from plans.courses.services import open_course
from plans.data.factories import (
    PatientFactory,
    UserFactory,
)
from plans.diary.models import Appointment
from plans.diary.services import change_status
from tests.diary.clinic import BERLIN, client_of, said

SERIES = (dt.date(2026, 11, 26), dt.date(2027, 2, 26), dt.date(2027, 5, 26))


def test_a_day_shows_its_visits_as_a_grid_and_as_a_list(clinic, desk):
    clinic.book(*SERIES)
    page = desk.get("/diary/2026-11-26/")
    html = page.content.decode()
    assert '<a class="appt at-90 for-50 st-booked ' in html  # Dr Weiss, from 10:30 on
    assert '<a class="appt held at-60 for-80 st-booked ' in html  # the room, from 10:00 on
    assert "1 visit." in said(page)
    assert "next Fri 26 Feb 2027 10:00" in said(page)


def test_a_cancelled_visit_leaves_the_grid_and_stays_in_the_list(clinic, desk):
    visit = Appointment.objects.get(session__course=clinic.book(SERIES[0]))
    change_status(visit, "cancelled", by=clinic.reception, reason="ill", key=uuid.uuid4())
    html = desk.get("/diary/2026-11-26/").content.decode()
    assert 'class="appt' not in html
    assert "st-cancelled" in html


def test_today_leads_to_the_clinic_s_day(clinic, desk):
    assert desk.get("/diary/")["Location"] == "/diary/2026-11-09/"


def test_a_day_without_visits_says_so(desk):
    assert "No visits on this day" in said(desk.get("/diary/2026-11-28/"))


def test_a_day_costs_the_same_with_three_visits_and_with_thirty(clinic, desk):
    def fill(numbers: range) -> None:
        for number in numbers:
            start = dt.datetime(2026, 11, 26, 9, tzinfo=BERLIN) + dt.timedelta(minutes=15 * number)
            end = start + dt.timedelta(minutes=15)
            patient = PatientFactory(location=clinic.location)
            course = open_course(patient, clinic.peel, 3, by=clinic.reception)
            visit = Appointment.objects.create(
                patient=patient, location=clinic.location, session=course.sessions.get(ordinal=1),
                starts_at=start, ends_at=end, created_at=start,
            )  # fmt: skip
            visit.occupancy.create(resource=clinic.weiss, starts_at=start, ends_at=end)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert desk.get("/diary/2026-11-26/").status_code == 200
        return len(queries)

    fill(range(3))
    few = count()
    fill(range(3, 30))
    assert count() == few


def test_the_auditor_sees_no_day(clinic):
    auditor = client_of(UserFactory(role=Role.AUDITOR, location=clinic.location))
    assert auditor.get("/diary/2026-11-26/").status_code == 403
