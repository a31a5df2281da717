"""The patient's file: what comes next, the courses on a line of dates, alerts for those who treat."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.audit.models import Entry
from clinic.kit import clock
from plans.core.spacing import add_months
from plans.data.factories import FactFactory, FactTypeFactory, LocationFactory, UserFactory
from plans.desk import selectors

pytestmark = pytest.mark.django_db


@pytest.fixture
def today():
    return clock.today()


def series(today: dt.date) -> list[dt.date]:
    first = today + dt.timedelta(days=7)
    return [first, add_months(first, 3), add_months(first, 6)]


def drug_stopped(patient, day):
    fact_type = FactTypeFactory(code="isotretinoin_oral")
    FactFactory(patient=patient, fact_type=fact_type, status="present", since=None, until=day)


def test_the_three_dates_stand_on_the_timeline_and_in_the_list(
    client, reception, anna, book, today
):
    book(anna, series(today))
    client.force_login(reception)
    page = client.get(reverse("desk:patient", args=[anna.number])).content.decode()
    assert page.count("10:00") >= 3
    assert page.count("is-booked") >= 3


def test_a_fact_that_endangers_a_booked_session_comes_up_with_the_earliest_date(anna, book, today):
    book(anna, series(today))
    drug_stopped(anna, add_months(today, -4))
    file = selectors.patient_file(anna, sees_clinical=True)
    move = file.todos[0]
    assert move.what.startswith("Move Medium TCA peel 1")
    assert "not before" in move.what
    assert "Isotretinoin" in move.why
    assert [row.sign for row in file.rows] == ["halt", "booked", "booked"]


def test_reception_sees_that_a_session_must_move_but_not_the_diagnosis(
    client, reception, anna, book, today
):
    book(anna, series(today))
    drug_stopped(anna, add_months(today, -4))
    client.force_login(reception)
    page = client.get(reverse("desk:patient", args=[anna.number])).content.decode()
    assert "not before" in page
    assert "Isotretinoin" not in page


def test_open_questions_are_counted_and_named_never_read_as_safe(anna, book, today):
    book(anna, series(today))
    file = selectors.patient_file(anna, sees_clinical=True)
    assert file.todos[-1].what == "3 questions are open"


def test_a_session_without_a_date_is_offered_for_booking(anna, book, today):
    first = add_months(today, -3)
    course = book(anna, [first, None, None])
    course.sessions.filter(ordinal=1).update(performed_on=first)
    file = selectors.patient_file(anna, sees_clinical=True)
    assert file.todos[0].what == "Book Medium TCA peel, session 2 of 3"


def test_several_courses_with_sessions_to_book_can_be_placed_together(
    client, reception, anna, book, today
):
    client.force_login(reception)
    file, together = (
        reverse(name, args=[anna.number]) for name in ("desk:patient", "series:together")
    )
    first = book(anna, [None, None])
    assert together not in client.get(file).content.decode()
    book(anna, [None, None])
    assert together in client.get(file).content.decode()
    first.sessions.update(performed_on=today)
    assert together not in client.get(file).content.decode()


def test_a_lapsed_session_asks_for_a_decision(anna, book, today):
    first = add_months(today, -8)
    course = book(anna, [first, None, None])
    course.sessions.filter(ordinal=1).update(performed_on=first)
    assert selectors.patient_file(anna, sees_clinical=True).todos[0].what.startswith("Decide on")


def test_opening_a_file_is_recorded(client, reception, anna):
    client.force_login(reception)
    client.get(reverse("desk:patient", args=[anna.number]))
    entry = Entry.objects.get(action="opened")
    assert (entry.by, entry.patient_number) == (reception, 142)


def test_a_patient_of_another_location_is_not_found(client, anna):
    client.force_login(UserFactory(role="reception", location=LocationFactory()))
    assert client.get(reverse("desk:patient", args=[anna.number])).status_code == 404


def test_the_file_costs_the_same_queries_for_one_course_and_for_five(anna, book, today):
    book(anna, series(today))
    with CaptureQueriesContext(connection) as one:
        selectors.patient_file(anna, sees_clinical=True)
    for weeks in range(1, 5):
        book(anna, [day + dt.timedelta(weeks=weeks) for day in series(today)])
    with CaptureQueriesContext(connection) as five:
        selectors.patient_file(anna, sees_clinical=True)
    assert len(five) == len(one) <= 32


def test_a_pregnancy_shows_in_the_banner_also_when_nothing_is_planned(anna, peel):
    fact_type = FactTypeFactory(code="pregnancy")
    FactFactory(patient=anna, fact_type=fact_type, status="present", since=None)
    flags = selectors.patient_file(anna, sees_clinical=True).flags
    assert [(flag.name, flag.tone) for flag in flags] == [("Pregnancy", "is-plain")]


def test_what_stands_against_a_planned_procedure_is_said_once_with_its_reason(anna, book, today):
    book(anna, series(today))
    fact_type = FactTypeFactory(code="pregnancy")
    FactFactory(patient=anna, fact_type=fact_type, status="present", since=None)
    flags = selectors.patient_file(anna, sees_clinical=True).flags
    assert [(flag.name, flag.tone) for flag in flags] == [("Pregnancy", "is-wait")]


def test_the_file_leads_to_home_care_and_to_the_printed_plan(client, physician, anna, book, today):
    book(anna, series(today))
    client.force_login(physician)
    page = client.get(reverse("desk:patient", args=[anna.number])).content.decode()
    assert f'href="{reverse("homecare:list", args=[anna.number])}"' in page
    assert f'href="{reverse("sheets:plan", args=[anna.number])}"' in page


def test_a_visit_that_is_ahead_leads_to_what_to_do_before_it(client, physician, anna, book, today):
    course = book(anna, series(today))
    visit = course.sessions.get(ordinal=1).appointments.get()
    client.force_login(physician)
    page = client.get(reverse("visits:visit", args=[visit.pk])).content.decode()
    assert f'href="{reverse("sheets:precare", args=[visit.pk])}"' in page
