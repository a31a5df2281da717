"""Several procedures on one day: the page, and booking all of them or none."""

import datetime as dt
import uuid

import pytest

from plans.courses.models import Course
from plans.data.factories import FactFactory, FactTypeFactory
from plans.diary.models import Appointment
from plans.series.forms import signed_together
from tests.diary.clinic import THURSDAY, make_other, said
from tests.series.filling import fill
from tests.series.test_views import offers_of

PAGE = "/series/142/combined/"
ASKED = {"code": ["tca_peel_medium", "mask"], "first_from": THURSDAY.isoformat()}


def test_a_visit_is_offered_and_booked_as_one(clinic, desk, mask):
    page = desk.get(PAGE, ASKED)
    words = said(page)
    assert "One arrival, nothing between them" in words
    assert "Same practitioner: Dr Weiss" in words
    assert "Book all 2" in words
    answer = desk.post(PAGE, {"offer": offers_of(page)[0], "key": uuid.uuid4()})
    assert answer["Location"] == "/patients/142/"
    first, second = Appointment.objects.order_by("starts_at")
    assert second.starts_at == first.ends_at
    assert first.starts_at.astimezone(clinic.location.zone).date() == THURSDAY
    assert Course.objects.count() == 2


def test_three_choices_are_offered(desk, mask):
    visits = desk.get(PAGE, ASKED).context["visits"]
    assert [each["title"] for each in visits] == [
        "Best",
        "Other practitioner",
        "Other time of day",
    ]


def test_a_gap_that_forbids_the_day_is_named(desk, clinic):
    page = desk.get(PAGE, ASKED | {"code": ["tca_peel_medium", "botulinum_toxin"]})
    assert "These cannot be done on one day." in said(page)
    assert "Medium TCA peel, then Botulinum toxin: 2 weeks apart at least." in said(page)
    assert not offers_of(page)


def test_what_is_owed_of_an_open_course_goes_on_with_it(clinic, desk, mask):
    course = clinic.book(THURSDAY)
    course.sessions.create(ordinal=2)
    page = desk.get(PAGE, ASKED | {"first_from": "2027-02-26"})
    assert "Medium TCA peel: session 2 of 2 of the open course." in said(page)
    desk.post(PAGE, {"offer": offers_of(page)[0], "key": uuid.uuid4()})
    assert course.sessions.get(ordinal=2).appointments.count() == 1


def test_a_time_taken_meanwhile_books_nothing(clinic, desk, mask):
    offer = offers_of(desk.get(PAGE, ASKED))[0]
    clinic.book(THURSDAY, minute=540 + 45, patient=make_other(clinic))
    answer = desk.post(
        f"{PAGE}?code=tca_peel_medium&code=mask", {"offer": offer, "key": uuid.uuid4()}
    )
    assert answer.status_code == 422
    assert "is not free any more" in said(answer)
    assert offers_of(answer)
    assert Appointment.objects.filter(patient=clinic.patient).count() == 0
    assert Course.objects.filter(patient=clinic.patient).count() == 0


def test_a_second_sending_books_nothing_more(desk, mask):
    form = {"offer": offers_of(desk.get(PAGE, ASKED))[0], "key": uuid.uuid4()}
    assert desk.post(PAGE, form)["Location"] == desk.post(PAGE, form)["Location"]
    assert Appointment.objects.count() == 2


@pytest.mark.parametrize("codes", [["mask"], ["mask", "mask"]])
def test_one_procedure_is_no_combination(desk, mask, codes):
    page = desk.get(PAGE, {"code": codes})
    assert page.status_code == 422
    assert "Choose two to four different procedures." in said(page)


def test_the_empty_page_asks_for_procedures(desk, mask):
    page = desk.get(PAGE)
    assert page.status_code == 200
    assert "Procedure 4" in said(page)


def test_an_offer_for_somebody_else_is_not_found(clinic, desk, mask):
    foreign = clinic.series(THURSDAY, patient=make_other(clinic))
    form = {"offer": signed_together([foreign]), "key": uuid.uuid4()}
    assert desk.post(PAGE, form).status_code == 404


def test_a_day_without_room_for_all_names_a_later_one(clinic, desk, mask):
    for resource in (clinic.weiss, clinic.brandt):
        resource.hours.update(valid_from=THURSDAY + dt.timedelta(days=60))
    page = desk.get(PAGE, ASKED)
    assert "In the next six weeks" in said(page)
    assert "Begin on Mon 25 Jan 2027" in said(page)


def test_what_holds_one_of_them_off_is_named(clinic, desk, mask):
    drug = FactTypeFactory(code="isotretinoin_oral")
    FactFactory(patient=clinic.patient, fact_type=drug, status="present", since=None)
    page = said(desk.get(PAGE, ASKED))
    assert "On no day of the next six weeks may all of them be done." in page
    assert "Medium TCA peel: Isotretinoin: wait until it has ended." in page


def test_a_full_diary_asks_no_more_queries(clinic, desk, mask, django_assert_max_num_queries):
    with django_assert_max_num_queries(60) as few:
        desk.get(PAGE, ASKED)
    fill(clinic)
    with django_assert_max_num_queries(60) as many:
        desk.get(PAGE, ASKED)
    assert len(few) == len(many)
