"""Pages of the diary: who sees them, what they say, and what a form does."""

import datetime as dt
import re
import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.kit.operations import Role
from plans.courses.models import Course
from plans.courses.services import open_course
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
from tests.diary.clinic import BERLIN, THURSDAY

SERIES = (dt.date(2026, 11, 26), dt.date(2027, 2, 26), dt.date(2027, 5, 26))
BOOK = "/diary/book/142/tca_peel_medium/"
HTMX = {"HX-Request": "true"}


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def desk(clinic) -> Client:
    return client_of(clinic.reception)


def said(response) -> str:
    """The page's words, without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


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
    form = {"offer": signed(clinic.series(*SERIES)), "key": uuid.uuid4()}
    first, second = desk.post(BOOK, form), desk.post(BOOK, form)
    assert first["Location"] == second["Location"]
    assert Course.objects.count() == 1


def test_a_taken_time_is_said_with_fresh_offers(clinic, desk):
    other = PatientFactory(location=clinic.location)
    clinic.book(SERIES[0], patient=other)
    answer = desk.post(BOOK, {"offer": signed(clinic.series(*SERIES)), "key": uuid.uuid4()})
    assert answer.status_code == 422
    assert "10:00 on Thu 26 Nov is not free any more" in said(answer)
    assert offers_of(answer)
    assert Course.objects.count() == 1


def test_an_offer_that_was_changed_on_the_way_is_refused(clinic, desk):
    offer = signed(clinic.series(*SERIES))
    answer = desk.post(BOOK, {"offer": offer[:-2] + "xx", "key": uuid.uuid4()})
    assert answer.status_code == 422
    assert "damaged" in said(answer)
    assert not Course.objects.exists()


def test_an_offer_dies_after_half_an_hour(clinic, desk, monday):
    offer = signed(clinic.series(*SERIES))
    monday.shift(31 * 60)
    answer = desk.post(BOOK, {"offer": offer, "key": uuid.uuid4()})
    assert answer.status_code == 422
    assert "half an hour" in said(answer)


def test_an_offer_for_somebody_else_is_good_for_nobody(clinic, desk):
    other = PatientFactory(location=clinic.location)
    offer = signed(clinic.series(*SERIES, patient=other))
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
    page = desk.get("/diary/book/7/tca_peel_medium/")
    assert "Answer the questions" in said(page)
    assert "/health/7/?procedure=tca_peel_medium" in page.content.decode()


def test_the_manager_books_without_reading_the_reasons(clinic):
    manager = UserFactory(role=Role.MANAGER, location=clinic.location)
    PatientFactory(location=clinic.location, number=7)
    words = said(client_of(manager).get("/diary/book/7/tca_peel_medium/"))
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
    assert desk.get(f"/diary/book/142/{code}/").status_code == 404


# One visit


@pytest.fixture
def visit(clinic, desk, monday) -> Appointment:
    course = clinic.book(*SERIES)
    monday.move_to(dt.datetime(2026, 11, 26, 10, tzinfo=BERLIN))
    desk.force_login(clinic.reception)  # the first session has ended long ago
    return Appointment.objects.get(session__course=course, session__ordinal=1)


def send(client: Client, visit: Appointment, to: str, reason: str = ""):
    url = reverse("diary:status", args=[visit.pk])
    return client.post(url, {"to": to, "reason": reason, "key": uuid.uuid4()})


def test_a_visit_arrives(clinic, desk, visit):
    assert send(desk, visit, "arrived")["Location"] == f"/diary/visits/{visit.pk}/"
    visit.refresh_from_db()
    assert visit.status == "arrived"


def test_what_is_open_is_said_on_the_visit(clinic, desk, visit):
    send(desk, visit, "arrived")
    page = desk.get(f"/diary/visits/{visit.pk}/")
    assert "Pregnancy: never asked" in said(page)
    assert "Begin treatment" not in said(page)


def test_a_treatment_does_not_begin_while_something_is_open(clinic, desk, visit):
    send(desk, visit, "arrived")
    answer = send(client_of(clinic.practitioner), visit, "in_treatment")
    assert answer.status_code == 422
    assert "Not yet: Pregnancy: never asked" in said(answer)


def test_reception_may_not_mark_done(clinic, desk, visit):
    send(desk, visit, "arrived")
    assert send(desk, visit, "done").status_code == 403


def test_a_reason_left_out_is_asked_for(desk, visit):
    answer = send(desk, visit, "cancelled")
    assert answer.status_code == 422
    assert "Say why" in said(answer)


def test_a_visit_that_is_done_leads_to_its_sheet(clinic, visit):
    clinic.deny("pregnancy", on=THURSDAY)
    practitioner = client_of(clinic.practitioner)
    for status in ("arrived", "in_treatment", "done"):
        assert send(practitioner, visit, status).status_code == 302
    page = practitioner.get(f"/diary/visits/{visit.pk}/").content.decode()
    assert reverse("sheets:aftercare", args=[visit.pk]) in page


def test_a_caution_is_signed_on_the_page(clinic, visit):
    clinic.deny("pregnancy", on=THURSDAY)
    FactFactory(
        patient=clinic.patient, fact_type=FactTypeFactory(code="keloid_tendency"),
        status="present", since=dt.date(2026, 11, 20),
    )  # fmt: skip
    practitioner = client_of(clinic.practitioner)
    url, rule = reverse("diary:sign", args=[visit.pk]), "ci:tca_peel_medium:keloid_tendency"
    short = practitioner.post(url, {"rule": rule, "reason": "ok", "key": uuid.uuid4()})
    assert short.status_code == 422
    whole = {"rule": rule, "reason": "small area, healed well before", "key": uuid.uuid4()}
    assert practitioner.post(url, whole).status_code == 302
    assert "small area, healed well before" in said(practitioner.get(f"/diary/visits/{visit.pk}/"))


def test_reception_may_not_sign(clinic, desk, visit):
    url = reverse("diary:sign", args=[visit.pk])
    assert desk.post(url, {"rule": "x", "reason": "y" * 12, "key": uuid.uuid4()}).status_code == 403


@pytest.mark.parametrize("page", ["", "status/", "sign/", "move/"])
def test_a_visit_of_another_location_is_not_found(visit, page):
    foreign = client_of(UserFactory(role=Role.PHYSICIAN, location=LocationFactory()))
    url = f"/diary/visits/{visit.pk}/{page}"
    answer = foreign.post(url, {}) if page in ("status/", "sign/") else foreign.get(url)
    assert answer.status_code == 404


def starts_of(response) -> list[str]:
    return re.findall(r'name="start" value="([^"]+)"', response.content.decode())


def test_a_visit_moves_to_a_free_start(clinic, desk, monday):
    visit = Appointment.objects.get(session__course=clinic.book(SERIES[0]))
    url = reverse("diary:move", args=[visit.pk])
    part = desk.get(url, {"day": "2026-11-27"}, headers=HTMX)
    assert part.content.lstrip().startswith(b'<form class="stack" id="starts"')
    answer = desk.post(url, {"start": starts_of(part)[0], "key": uuid.uuid4()})
    assert answer.status_code == 302
    visit.refresh_from_db()
    assert visit.starts_at.astimezone(BERLIN).strftime("%d %H:%M") == "27 09:00"


@pytest.mark.parametrize("day", ["junk", "2027-02-29", "9999-12-31", "0001-01-01"])
def test_a_day_to_move_to_that_is_none_is_named_and_can_be_changed(clinic, desk, day):
    visit = Appointment.objects.get(session__course=clinic.book(SERIES[0]))
    page = desk.get(reverse("diary:move", args=[visit.pk]), {"day": day})
    assert re.search("valid date|years away|That day is over", said(page))
    assert 'name="day"' in page.content.decode()


def test_a_start_for_a_move_books_nothing(clinic, desk):
    visit = Appointment.objects.get(session__course=clinic.book(SERIES[0]))
    start = starts_of(desk.get(reverse("diary:move", args=[visit.pk]), {"day": "2026-11-27"}))[0]
    assert desk.post(BOOK, {"offer": start, "key": uuid.uuid4()}).status_code == 422
    assert Course.objects.count() == 1


def test_a_move_that_breaks_a_later_session_is_refused(clinic, desk):
    visit = Appointment.objects.get(session__course=clinic.book(*SERIES), session__ordinal=1)
    url = reverse("diary:move", args=[visit.pk])
    start = starts_of(desk.get(url, {"day": "2026-11-27"}))[0]
    answer = desk.post(f"{url}?day=2026-11-27", {"start": start, "key": uuid.uuid4()})
    assert answer.status_code == 422
    assert "Session 2 would stand on Fri 26 Feb 2027" in said(answer)


# The day


def test_a_day_shows_its_visits_as_a_grid_and_as_a_list(clinic, desk):
    clinic.book(*SERIES)
    page = desk.get("/diary/2026-11-26/")
    html = page.content.decode()
    assert '<a class="appt at-90 for-50 st-booked"' in html  # Dr Weiss, from 10:30 on
    assert '<a class="appt held at-60 for-80 st-booked"' in html  # the room, from 10:00 on
    assert "1 visit." in said(page)
    assert "next Fri 26 Feb 2027 10:00" in said(page)


def test_a_cancelled_visit_leaves_the_grid_and_stays_in_the_list(clinic, desk):
    visit = Appointment.objects.get(session__course=clinic.book(SERIES[0]))
    send(desk, visit, "cancelled", "ill")
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


def test_a_gap_counts_on_the_booking_page_only_where_the_areas_meet(clinic, client):
    clinic.book(THURSDAY, areas=("forehead",))
    client.force_login(clinic.reception)
    url = reverse("diary:book", args=[142, "botulinum_toxin"]) + f"?first_from={THURSDAY}&areas="

    def answer(area: str):
        return client.get(url + area)

    assert answer("forehead").context["answer"].starts_from > THURSDAY
    page = answer("back")
    assert page.context["answer"].starts_from == THURSDAY
    sent = {"key": uuid.uuid4(), "offer": page.context["series"][0]["value"]}
    assert client.post(url + "back", sent).status_code == 302
    assert Course.objects.latest("pk").areas == ["back"]
    assert answer("nowhere").status_code == 422
