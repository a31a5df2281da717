"""The calendar is the location's: late evenings, clock changes, and what is written down the day after."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from clinic.kit.refusals import Refusal
from clinic.places.models import Resource, WorkingHours
from plans.courses.models import Course, Session
from plans.courses.selectors import local_day
from plans.data.factories import WorkingHoursFactory
from plans.diary.models import Appointment
from tests.diary.clinic import BERLIN, THURSDAY, first_visit, to


@pytest.fixture
def late_hours(clinic) -> None:
    """Everybody works every day from midnight to the minute before the next."""
    WorkingHours.objects.all().delete()
    for resource in Resource.objects.all():
        for weekday in range(1, 8):
            WorkingHoursFactory(
                resource=resource, weekday=weekday, opens=dt.time(0), closes=dt.time(23, 59)
            )


def treat(clinic, visit: Appointment) -> Appointment:
    to(visit, "arrived", clinic.reception)
    clinic.deny("pregnancy", on=local_day(visit))
    return to(visit, "in_treatment", clinic.practitioner)


def test_late_in_the_evening_it_is_still_today(clinic, monday, late_hours):
    visit = first_visit(clinic.book(THURSDAY, minute=22 * 60))
    monday.move_to(dt.datetime(2026, 11, 26, 23, 30, tzinfo=BERLIN))
    to(treat(clinic, visit), "done", clinic.practitioner)
    assert Session.objects.get(appointments=visit).performed_on == THURSDAY


def test_after_midnight_it_is_the_next_day_though_utc_says_otherwise(clinic, monday, late_hours):
    visit = first_visit(clinic.book(THURSDAY, minute=22 * 60))
    monday.move_to(dt.datetime(2026, 11, 27, 0, 30, tzinfo=BERLIN))
    with pytest.raises(Refusal, match="not today"):
        to(visit, "arrived", clinic.reception)


def test_half_an_hour_after_midnight_the_diary_opens_on_the_new_day(clinic, monday):
    monday.move_to(dt.datetime(2026, 11, 26, 0, 30, tzinfo=BERLIN))
    client = Client()
    client.force_login(clinic.practitioner)
    page = client.get("/diary/")
    assert page["Location"] == "/diary/2026-11-26/"


def test_what_was_begun_on_its_day_is_recorded_as_done_the_day_after(clinic, monday):
    visit = first_visit(clinic.book(THURSDAY))
    monday.move_to(dt.datetime(2026, 11, 26, 10, tzinfo=BERLIN))
    treat(clinic, visit)
    monday.move_to(dt.datetime(2026, 11, 27, 8, tzinfo=BERLIN))
    client = Client()
    client.force_login(clinic.practitioner)
    assert b'name="to" value="done"' in client.get(reverse("visits:visit", args=[visit.pk])).content
    to(visit, "done", clinic.practitioner)
    assert Session.objects.get(appointments=visit).performed_on == THURSDAY


@pytest.mark.parametrize(
    "days",
    [
        (dt.date(2027, 1, 4), dt.date(2027, 4, 5), dt.date(2027, 7, 5)),
        (dt.date(2027, 8, 2), dt.date(2027, 11, 2), dt.date(2028, 2, 2)),
    ],
    ids=["forward", "back"],
)
def test_a_series_keeps_its_hour_across_a_clock_change(clinic, days):
    course = clinic.book(*days)
    starts = Appointment.objects.filter(session__course=course).values_list("starts_at", flat=True)
    assert {start.astimezone(BERLIN).time() for start in starts} == {dt.time(10)}


@pytest.mark.parametrize("day", ["2026-03-29", "2027-03-28", "2026-10-25", "2027-10-31"])
def test_the_pages_of_a_day_with_a_clock_change_open(clinic, late_hours, day):
    client = Client()
    client.force_login(clinic.reception)
    assert client.get(f"/diary/{day}/").status_code == 200
    assert client.get(f"/sheets/{day}/").status_code == 200


@pytest.mark.parametrize("day", [dt.date(2027, 3, 28), dt.date(2027, 10, 31)])
def test_a_night_with_a_clock_change_books_without_an_overlap(clinic, late_hours, day):
    """The hour that does not exist or exists twice: refused or booked, never an error."""
    for minute in (60, 90, 120, 150, 180):
        try:
            course = clinic.book(day, minute=minute)
        except Refusal:
            continue
        visit = first_visit(course)
        assert visit.starts_at < visit.ends_at
        assert local_day(visit) == day
    assert Course.objects.exists()
