"""The booking page: who sees it, what it offers, and what its form does."""

import datetime as dt
import re
import uuid

import pytest
from django.urls import reverse

from clinic.kit.operations import Role
from plans.courses.models import Course
from plans.data.factories import (
    FactFactory,
    FactTypeFactory,
    LocationFactory,
    PatientFactory,
    ProcedureFactory,
    RevisionFactory,
    UserFactory,
)
from plans.diary.forms import signed
from plans.diary.models import Appointment
from plans.series.forms import SALT
from tests.diary.clinic import THURSDAY, client_of, said

SERIES = (dt.date(2026, 11, 26), dt.date(2027, 2, 26), dt.date(2027, 5, 26))

BOOK = "/series/142/tca_peel_medium/"

HTMX = {"HX-Request": "true"}


def offers_of(response) -> list[str]:
    return re.findall(r'name="offer"[^>]*value="([^"]+)"', response.content.decode())


def test_the_page_offers_series_and_books_the_one_chosen(clinic, desk):
    page = desk.get(BOOK, {"first_from": "2026-11-26"})
    assert page.status_code == 200
    assert "Book all 3" in said(page)
    answer = desk.post(BOOK, {"offer": offers_of(page)[0], "key": uuid.uuid4()})
    course = Course.objects.get()
    assert answer["Location"] == reverse("courses:course", args=[course.pk])
    assert Appointment.objects.filter(session__course=course).count() == 3


def test_the_offers_alone_come_by_htmx(desk):
    part = desk.get(BOOK, {"part": "afternoon"}, headers=HTMX)
    assert part.status_code == 200
    assert part.content.lstrip().startswith(b'<form class="stack" id="offers"')


def test_a_second_sending_leads_to_the_same_course(clinic, desk):
    form = {"offer": signed(clinic.series(*SERIES), SALT), "key": uuid.uuid4()}
    first, second = desk.post(BOOK, form), desk.post(BOOK, form)
    assert first["Location"] == second["Location"]
    assert Course.objects.count() == 1


def test_a_taken_time_is_said_with_fresh_offers(clinic, desk):
    other = PatientFactory(location=clinic.location)
    clinic.book(SERIES[0], patient=other)
    answer = desk.post(BOOK, {"offer": signed(clinic.series(*SERIES), SALT), "key": uuid.uuid4()})
    assert answer.status_code == 422
    assert "10:00 on Thu 26 Nov is not free any more" in said(answer)
    assert offers_of(answer)
    assert Course.objects.count() == 1


def test_an_offer_that_was_changed_on_the_way_is_refused(clinic, desk):
    offer = signed(clinic.series(*SERIES), SALT)
    answer = desk.post(BOOK, {"offer": offer[:-2] + "xx", "key": uuid.uuid4()})
    assert answer.status_code == 422
    assert "damaged" in said(answer)
    assert not Course.objects.exists()


def test_an_offer_dies_after_half_an_hour(clinic, desk, monday):
    offer = signed(clinic.series(*SERIES), SALT)
    monday.shift(31 * 60)
    answer = desk.post(BOOK, {"offer": offer, "key": uuid.uuid4()})
    assert answer.status_code == 422
    assert "half an hour" in said(answer)


def test_an_offer_for_somebody_else_is_good_for_nobody(clinic, desk):
    other = PatientFactory(location=clinic.location)
    offer = signed(clinic.series(*SERIES, patient=other), SALT)
    assert desk.post(BOOK, {"offer": offer, "key": uuid.uuid4()}).status_code == 404
    assert not Course.objects.exists()


@pytest.mark.parametrize(
    "wishes",
    [
        {"first_from": "2020-01-01"},
        {"first_from": "soon"},
        {"practitioner": "9999"},
        {"sessions": "40"},
    ],
)
def test_a_wish_that_makes_no_sense_is_said_beside_the_form(desk, wishes):
    answer = desk.get(BOOK, wishes)
    assert answer.status_code == 422
    assert "data-errors" in answer.content.decode()


def test_a_wait_is_explained_with_its_end(clinic, desk):
    FactFactory(
        patient=clinic.patient, fact_type=FactTypeFactory(code="isotretinoin_oral"),
        status="present", since=dt.date(2026, 1, 1), until=dt.date(2026, 7, 9),
    )  # fmt: skip
    words = said(desk.get(BOOK))
    assert "Isotretinoin stopped 9 Jul 2026: wait 6 months, until Sat 9 Jan 2027" in words
    assert "The first day allowed is Sat 9 Jan 2027" in words


def test_unknown_answers_are_asked_for(clinic, desk):
    PatientFactory(location=clinic.location, number=7)
    page = desk.get("/series/7/tca_peel_medium/")
    assert "Answer the questions" in said(page)
    assert "/health/7/?procedure=tca_peel_medium" in page.content.decode()


def test_the_manager_books_without_reading_the_reasons(clinic):
    manager = UserFactory(role=Role.MANAGER, location=clinic.location)
    PatientFactory(location=clinic.location, number=7)
    words = said(client_of(manager).get("/series/7/tca_peel_medium/"))
    assert "Book all 3" in words
    assert "Isotretinoin" not in words


@pytest.mark.parametrize("role", [Role.EDITOR, Role.AUDITOR])
def test_others_may_not_book(clinic, role):
    stranger = client_of(UserFactory(role=role, location=clinic.location))
    assert stranger.get(BOOK).status_code == 403
    assert stranger.post(BOOK, {}).status_code == 403


def test_a_patient_of_another_location_is_not_found(clinic):
    foreign = client_of(UserFactory(role=Role.RECEPTION, location=LocationFactory()))
    assert foreign.get(BOOK).status_code == 404


@pytest.mark.parametrize("code", ["no_such_thing", "home_cream"])
def test_what_cannot_be_booked_is_not_found(clinic, desk, code):
    home = RevisionFactory(procedure=ProcedureFactory(code="home_cream", is_home=True))
    home.state = "current"
    home.save(update_fields=["state"])
    assert desk.get(f"/series/142/{code}/").status_code == 404


def test_a_gap_counts_on_the_booking_page_only_where_the_areas_meet(clinic, client):
    clinic.book(THURSDAY, areas=("forehead",))
    client.force_login(clinic.reception)
    url = reverse("series:book", args=[142, "botulinum_toxin"]) + f"?first_from={THURSDAY}&areas="

    def answer(area: str):
        return client.get(url + area)

    assert answer("forehead").context["answer"].starts_from > THURSDAY
    page = answer("back")
    assert page.context["answer"].starts_from == THURSDAY
    sent = {"key": uuid.uuid4(), "offer": page.context["series"][0]["value"]}
    assert client.post(url + "back", sent).status_code == 302
    assert Course.objects.latest("pk").areas == ["back"]
    assert answer("nowhere").status_code == 422
