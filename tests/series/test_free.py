"""The page of free starts: a day and a week for one session."""

import uuid

import pytest

from plans.diary.models import Appointment
from tests.diary.clinic import THURSDAY, said
from tests.series.filling import fill
from tests.series.test_views import HTMX, offers_of

FREE = "/series/142/tca_peel_medium/free/"
BOOK = "/series/142/tca_peel_medium/"
QUERIES = 32
WEEK = {"first_from": THURSDAY.isoformat()}


def test_a_week_shows_each_day_with_its_starts(desk):
    page = desk.get(FREE, WEEK)
    days = page.context["days"]
    assert [each["day"].isoweekday() for each in days] == [1, 2, 3, 4, 5, 6, 7]
    ((who, starts),) = days[3]["groups"]
    assert who == ""
    assert [each["time"] for each in starts][:3] == ["09:00", "09:15", "09:30"]
    assert "Dr Weiss" in starts[0]["who"]


def test_a_day_shows_the_starts_of_each_practitioner(desk):
    page = desk.get(FREE, WEEK | {"show": "day"})
    (day,) = page.context["days"]
    assert [who for who, _starts in day["groups"]] == ["Dr Weiss", "Dr Brandt"]


def test_the_start_chosen_is_booked(clinic, desk):
    page = desk.get(FREE, WEEK | {"show": "day"})
    start = page.context["days"][0]["groups"][1][1][4]
    answer = desk.post(BOOK, {"offer": start["value"], "key": uuid.uuid4()})
    assert answer.status_code == 302
    visit = Appointment.objects.get()
    assert start["time"] == f"{visit.starts_at.astimezone(clinic.location.zone):%H:%M}" == "10:00"
    assert visit.occupancy.filter(resource=clinic.brandt).exists()


def test_days_that_are_not_allowed_say_why(clinic, desk):
    clinic.book(THURSDAY)
    course = clinic.patient.courses.get()
    course.sessions.create(ordinal=2)
    page = desk.get(FREE, {"course": course.pk, "first_from": "2027-02-24"})
    words = said(page)
    assert "Session 2 of 2" in words
    assert words.count("Outside the window of this session.") == 4
    assert page.context["days"][5]["obstacle"] == "closed"
    assert "Nobody who can do it is at work." in words


def test_a_gap_is_named_to_those_who_may_read_it(clinic, desk):
    clinic.book(THURSDAY)
    page = desk.get("/series/142/botulinum_toxin/free/", WEEK)
    assert "Medium TCA peel on 26 Nov 2026: wait 2 weeks, until Thu 10 Dec 2026" in said(page)
    assert "From Thu 10 Dec 2026" in said(page)


def test_wishes_choose_the_starts(clinic, desk):
    wish = WEEK | {"show": "day", "practitioner": clinic.brandt.pk, "part": "afternoon"}
    (day,) = desk.get(FREE, wish).context["days"]
    ((who, starts),) = day["groups"]
    assert who == "Dr Brandt"
    assert starts[0]["time"] == "12:00"


def test_the_starts_alone_come_by_htmx(desk):
    part = desk.get(FREE, WEEK, headers=HTMX)
    assert part.content.lstrip().startswith(b'<form class="stack" id="starts"')
    assert offers_of(part)


def test_a_day_that_makes_no_sense_is_said(desk):
    assert desk.get(FREE, {"first_from": "2020-01-01"}).status_code == 422


@pytest.mark.parametrize("show", ["day", "week"])
def test_a_full_diary_asks_no_more_queries(clinic, desk, show, django_assert_num_queries):
    address = {**WEEK, "show": show}
    desk.get(FREE, address)
    with django_assert_num_queries(QUERIES):
        desk.get(FREE, address)
    fill(clinic)
    with django_assert_num_queries(QUERIES):
        desk.get(FREE, address)
