"""Booking an offer from outside: every session or none, and once however often it is sent."""

import datetime as dt
import uuid
from typing import Any

import pytest
import time_machine

from clinic.audit.models import Entry
from clinic.places.models import Resource
from plans.courses.models import Course
from plans.data.factories import BlockFactory, LocationFactory, OccupancyFactory, UserFactory
from plans.diary.models import Appointment
from plans.series.services import book_series
from tests.api.diary import Caller, days_of, is_problem
from tests.diary.clinic import Clinic

BOOK = "/series/book"


@pytest.fixture
def caller(clinic: Clinic) -> Caller:
    return Caller(clinic.reception)


def take(resource: Resource, starts_at: str, minutes: int = 240) -> None:
    start = dt.datetime.fromisoformat(starts_at)
    end = start + dt.timedelta(minutes=minutes)
    row = BlockFactory.create(resource=resource, starts_at=start, ends_at=end)
    OccupancyFactory.create(
        resource=resource, appointment=None, block=row, starts_at=start, ends_at=end
    )


def test_all_sessions_of_an_offer_are_booked(clinic: Clinic, caller: Caller):
    offer = caller.search().json()["offers"][0]

    answer = caller.post(BOOK, {"token": offer["token"]}, key="order 17")

    assert answer.status_code == 201
    said = answer.json()
    course = Course.objects.get()
    assert (said["course"], course.patient) == (course.pk, clinic.patient)
    booked = list(Appointment.objects.order_by("starts_at"))
    assert [visit["id"] for visit in said["visits"]] == [row.pk for row in booked]
    assert [visit["start"] for visit in said["visits"]] == [
        session["start"] for session in offer["sessions"]
    ]
    assert [dt.datetime.fromisoformat(v["end"]) for v in said["visits"]] == [
        row.ends_at for row in booked
    ]
    assert [visit["ordinal"] for visit in said["visits"]] == [1, 2, 3]
    assert {visit["status"] for visit in said["visits"]} == {"booked"}
    for visit, session in zip(said["visits"], offer["sessions"], strict=True):
        held = {each["id"] for each in visit["resources"]}
        assert held == {each["id"] for each in session["resources"]}
    assert {row.created_by for row in booked} == {clinic.reception}
    assert Entry.objects.filter(action="booked").count() == 3


def test_the_same_key_again_books_nothing_and_answers_the_same(clinic: Clinic, caller: Caller):
    token = caller.token()

    first = caller.post(BOOK, {"token": token}, key="order 17")
    again = caller.post(BOOK, {"token": token}, key="order 17")

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert Appointment.objects.count() == 3


def test_an_answer_that_was_lost_is_given_again_when_the_token_is_too_old(
    clinic: Clinic, caller: Caller, monday: time_machine.Traveller
):
    token = caller.token()
    first = caller.post(BOOK, {"token": token}, key="order 17")
    monday.shift(dt.timedelta(minutes=31))

    again = caller.post(BOOK, {"token": token}, key="order 17")

    assert (again.status_code, again.json()) == (200, first.json())


def test_two_callers_may_choose_the_same_key(clinic: Clinic, caller: Caller):
    other = Caller(clinic.physician)
    assert caller.post(BOOK, {"token": caller.token(sessions=1)}, key="1").status_code == 201
    token = other.token(procedure="botulinum_toxin", sessions=1, not_before="2027-02-01")

    assert other.post(BOOK, {"token": token}, key="1").status_code == 201


def test_a_key_is_good_for_one_request(clinic: Clinic, caller: Caller):
    caller.post(BOOK, {"token": caller.token(sessions=1)}, key="order 17")
    token = caller.token(procedure="botulinum_toxin", sessions=1, not_before="2027-02-01")

    answer = caller.post(BOOK, {"token": token}, key="order 17")

    assert is_problem(answer, 422, "Idempotency-Key")
    assert Appointment.objects.count() == 1


@pytest.mark.parametrize("key", [None, "   ", "x" * 201])
def test_a_booking_needs_a_key(clinic: Clinic, caller: Caller, key: str | None):
    answer = caller.post(BOOK, {"token": caller.token()}, key=key)

    assert is_problem(answer, 422, "Idempotency-Key")
    assert not Appointment.objects.exists()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "missing"),
        ({"token": ""}, "missing"),
        ({"token": 7}, "not_text"),
        ({"token": "made-up"}, "damaged"),
        ([], "not_an_object"),
    ],
)
def test_what_is_no_token_is_refused(clinic: Clinic, caller: Caller, body: Any, code: str):
    answer = caller.post(BOOK, body, key="1")

    assert is_problem(answer, 422)
    assert answer.json()["errors"][0]["code"] == code


def test_a_token_that_was_tampered_with_is_refused(clinic: Clinic, caller: Caller):
    token = caller.token()
    for forged in (f"x{token}", token[:-2], token.swapcase()):
        answer = caller.post(BOOK, {"token": forged}, key="1")
        assert is_problem(answer, 422, "token")
    assert not Appointment.objects.exists()


def test_a_token_lives_half_an_hour(clinic: Clinic, caller: Caller, monday: time_machine.Traveller):
    token = caller.token()
    monday.shift(dt.timedelta(minutes=31))

    answer = caller.post(BOOK, {"token": token}, key="1")

    assert is_problem(answer, 422, "token")
    assert answer.json()["errors"][0]["code"] == "stale"


def test_a_time_taken_meanwhile_books_nothing_and_offers_other_dates(
    clinic: Clinic, caller: Caller
):
    offer = caller.search(sessions=2).json()["offers"][0]
    second = offer["sessions"][1]
    for person in (clinic.weiss, clinic.brandt):
        take(person, second["start"][:10] + "T08:00:00+01:00", 9 * 60)

    answer = caller.post(BOOK, {"token": offer["token"]}, key="1")

    assert is_problem(answer, 409)
    assert not Appointment.objects.exists()
    fresh = answer.json()["offers"]
    assert days_of(fresh[0])[0] >= days_of(offer)[0]
    assert days_of(offer)[1] not in days_of(fresh[0])
    # the key is not used up, and what is offered instead can be booked
    assert caller.post(BOOK, {"token": fresh[0]["token"]}, key="1").status_code == 201


def test_what_the_rules_forbid_by_now_is_refused(clinic: Clinic, caller: Caller):
    token = caller.token()
    book_series(clinic.series(dt.date(2026, 11, 24)), by=clinic.reception, key=uuid.uuid4())

    answer = caller.post(BOOK, {"token": token}, key="1")

    assert is_problem(answer, 409)
    assert answer.json()["reason"]
    assert Appointment.objects.count() == 1


def test_a_token_books_at_the_caller_s_own_location_only(clinic: Clinic, caller: Caller):
    stranger = UserFactory.create(role="reception", location=LocationFactory.create())

    answer = Caller(stranger).post(BOOK, {"token": caller.token()}, key="1")

    assert is_problem(answer, 404, "location")
    assert not Appointment.objects.exists()


def test_a_role_that_may_not_book_is_refused(clinic: Clinic, caller: Caller):
    token = caller.token()
    editor = UserFactory.create(role="editor", location=clinic.location)

    assert Caller(editor).post(BOOK, {"token": token}, key="1").status_code == 403
    assert not Appointment.objects.exists()
