"""Today, the worklist and the search."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.audit.models import Entry
from clinic.kit import clock
from plans.core.spacing import add_months
from plans.data.factories import FactFactory, FactTypeFactory, PatientFactory, UserFactory
from plans.desk import selectors

pytestmark = pytest.mark.django_db


def test_todays_visits_are_listed_with_patient_and_course(client, reception, anna, book):
    book(anna, [clock.today(), None])
    client.force_login(reception)
    page = client.get(reverse("desk:today")).content.decode()
    assert "Anna Petrova" in page
    assert "session 1 of 2" in page


@pytest.mark.parametrize("minute", [8 * 60, 10 * 60 + 30, 16 * 60])
def test_today_costs_the_same_queries_for_three_visits_and_for_eight(
    client, reception, location, book, anna, minute
):
    # Every 20 minutes from ten on: all to come; one over, one running, the rest to come; all over.
    now = dt.datetime.combine(
        clock.today(), dt.time(*divmod(minute, 60)), ZoneInfo("Europe/Berlin")
    )
    with time_machine.travel(now):
        client.force_login(reception)
        for patient in (anna, *PatientFactory.create_batch(2, location=location)):
            book(patient, [clock.today(), None])
        client.get(reverse("desk:today"))
        with CaptureQueriesContext(connection) as three:
            client.get(reverse("desk:today"))
        for patient in PatientFactory.create_batch(5, location=location):
            book(patient, [clock.today(), None])
        with CaptureQueriesContext(connection) as eight:
            client.get(reverse("desk:today"))
        assert len(eight) == len(three)


def test_the_worklist_names_who_waits_for_a_date_the_most_urgent_first(location, book, anna):
    today = clock.today()
    late = PatientFactory(location=location)
    for patient, months in ((anna, 3), (late, 8)):
        first = add_months(today, -months)
        course = book(patient, [first, None])
        course.sessions.filter(ordinal=1).update(performed_on=first)
    assert [line.patient for line in selectors.worklist(location, sees_clinical=True)] == [
        late,
        anna,
    ]


def test_a_course_that_is_booked_through_is_not_on_the_worklist(location, book, anna):
    book(anna, [clock.today(), add_months(clock.today(), 3)])
    assert selectors.worklist(location, sees_clinical=True) == []


def test_the_search_answers_htmx_with_the_list_alone(client, reception, anna):
    client.force_login(reception)
    page = client.post(reverse("desk:search"), {"q": "петрова"}, headers={"HX-Request": "true"})
    assert "Anna Petrova" in page.content.decode()
    assert "<html" not in page.content.decode()


def test_a_search_is_recorded_without_its_words(client, reception, anna):
    client.force_login(reception)
    client.post(reverse("desk:search"), {"q": "Petrova"})
    entry = Entry.objects.get(action="searched")
    assert entry.details["count"] == 1
    assert "petrova" not in str(entry.details).lower()


def test_a_short_search_asks_for_more(client, reception, anna):
    client.force_login(reception)
    assert "at least three" in client.post(reverse("desk:search"), {"q": "P"}).content.decode()


def test_somebody_without_a_role_sees_a_page_without_patients(client, anna, book):
    book(anna, [clock.today(), None])
    client.force_login(UserFactory())
    page = client.get(reverse("desk:today"))
    assert page.status_code == 200
    assert "Anna" not in page.content.decode()


@pytest.fixture
def pregnant(anna, book, peel):
    """Anna has a peel in a week, and is pregnant since today."""
    book(anna, [clock.today() + dt.timedelta(days=7), None])
    fact_type = FactTypeFactory(code="pregnancy")
    FactFactory(patient=anna, fact_type=fact_type, status="present", since=clock.today())
    return anna


def test_a_visit_that_a_new_answer_endangers_comes_first_on_the_worklist(location, pregnant):
    lines = selectors.worklist(location, sees_clinical=True)
    assert lines[0].patient == pregnant
    assert lines[0].todo.what.startswith("Move or cancel Medium TCA peel 1")
    assert "Pregnancy" in lines[0].todo.why


def test_the_worklist_does_not_tell_reception_why(client, reception, pregnant):
    client.force_login(reception)
    page = client.get(reverse("desk:worklist")).content.decode()
    assert "Move or cancel" in page
    assert "Pregnancy" not in page


def test_a_visit_that_is_allowed_is_not_on_the_worklist_as_endangered(location, anna, book):
    book(anna, [clock.today() + dt.timedelta(days=7), add_months(clock.today(), 3)])
    assert selectors.endangered(location, clock.today()) == []


def test_the_worklist_costs_the_same_queries_for_one_patient_and_for_six(location, book, pregnant):
    with CaptureQueriesContext(connection) as one:
        selectors.worklist(location, sees_clinical=True)
    fact_type = FactTypeFactory(code="pregnancy")
    for _ in range(5):
        other = PatientFactory(location=location)
        book(other, [clock.today() + dt.timedelta(days=8), None])
        FactFactory(patient=other, fact_type=fact_type, status="present", since=clock.today())
    with CaptureQueriesContext(connection) as six:
        found = selectors.worklist(location, sees_clinical=True)
    assert len(found) >= 6
    assert len(six) == len(one)
