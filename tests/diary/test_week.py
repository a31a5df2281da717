"""A practitioner's week: seven columns, each a day."""

import datetime as dt
import re

from django.db import connection
from django.test.utils import CaptureQueriesContext

from plans.data.factories import LocationFactory, PatientFactory, UserFactory
from tests.diary.clinic import client_of, said

WEEK = "/diary/week/2026-11-26/"
THURSDAY, FRIDAY = dt.date(2026, 11, 26), dt.date(2026, 11, 27)


def html_of(answer) -> str:
    return str(answer.content, "utf-8")


def test_a_week_runs_from_monday_to_sunday_for_the_first_practitioner(clinic, desk):
    page = desk.get(WEEK)
    days = re.findall(
        r'data-with="(\d+)" data-kind="practitioner" data-day="([\d-]+)"', html_of(page)
    )
    assert days == [(str(clinic.weiss.pk), f"2026-11-{day}") for day in range(23, 30)]
    assert "Mon 23 Nov to Sun 29 Nov 2026." in said(page)


def test_the_week_holds_the_visits_of_this_practitioner_by_day(clinic, desk):
    other = PatientFactory(location=clinic.location, given_name="Bea", family_name="Friday")
    clinic.book(THURSDAY)
    clinic.book(FRIDAY, patient=other)
    words = said(desk.get(WEEK))
    assert words.index("Anna Petrova") < words.index("Bea Friday")
    assert "2 visits" in words
    brandt = desk.get(f"{WEEK}?who={clinic.brandt.pk}")
    assert "Dr Brandt" in said(brandt)
    assert "Petrova" not in said(brandt)


def test_one_s_own_week_comes_first(clinic):
    clinic.brandt.user = clinic.physician
    clinic.brandt.save()
    assert "<h1>Dr Brandt</h1>" in html_of(client_of(clinic.physician).get(WEEK))


def test_practitioners_are_switched_and_the_rest_of_the_choice_stays(clinic, desk):
    html = html_of(desk.get(WEEK + "?names=hidden"))
    assert f'href="/diary/week/2026-11-26/?who={clinic.brandt.pk}&amp;names=hidden"' in html
    assert 'href="/diary/week/2026-11-16/?names=hidden"' in html
    assert 'href="/diary/week/2026-11-30/?names=hidden"' in html


def test_a_day_says_how_full_it_is(clinic, desk):
    clinic.book(THURSDAY)
    assert "50 min of 8 h" in said(desk.get(WEEK)).replace("\N{NO-BREAK SPACE}", " ")


def test_a_week_costs_the_same_with_one_visit_and_with_ten(clinic, desk):
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(WEEK).status_code == 200
        return len(queries)

    clinic.book(THURSDAY)
    few = count()
    for number in range(8):
        patient = PatientFactory(location=clinic.location)
        day = dt.date(2026, 11, 23 + number // 2)
        clinic.book(day, patient=patient, minute=600 + 90 * (number % 2) + 90 * (day == THURSDAY))
    assert count() == few


def test_a_clinic_without_practitioners_has_no_week(monday, db):
    stranger = UserFactory(role="reception", location=LocationFactory())
    assert client_of(stranger).get(WEEK).status_code == 404
