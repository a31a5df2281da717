"""The list of arrivals, and the questions that are due when somebody comes."""

import datetime as dt
import uuid

import pytest
from django.urls import reverse

from clinic.kit.operations import Role
from clinic.patients.models import Fact
from plans.data.factories import FactFactory, FactTypeFactory, UserFactory
from plans.diary.models import Appointment
from tests.diary.clinic import BERLIN, THURSDAY, client_of, make_other, said, version_of

SERIES = (dt.date(2026, 11, 26), dt.date(2027, 2, 26), dt.date(2027, 5, 26))


@pytest.fixture
def visit(clinic, desk, monday) -> Appointment:
    course = clinic.book(*SERIES)
    monday.move_to(dt.datetime(2026, 11, 26, 9, 50, tzinfo=BERLIN))
    desk.force_login(clinic.reception)  # the first session has ended long ago
    return Appointment.objects.get(session__course=course, session__ordinal=1)


def arrive(client, visit):
    form = {"to": "arrived", "key": uuid.uuid4(), "version": version_of(visit)}
    return client.post(reverse("visits:status", args=[visit.pk]), form)


def test_the_list_says_what_will_be_asked(desk, visit):
    page = said(desk.get("/visits/arrivals/"))
    assert "Anna Petrova" in page
    assert "1 question to ask" in page


def test_the_list_says_what_stands_against_a_treatment(clinic, desk, visit):
    FactFactory(
        patient=clinic.patient, fact_type=FactTypeFactory(code="isotretinoin_oral"),
        status="present", since=dt.date(2026, 11, 20),
    )  # fmt: skip
    assert "Something stands against the treatment" in said(desk.get("/visits/arrivals/"))


@pytest.mark.parametrize(("query", "is_there"), [("q=petr", True), ("q=142", True), ("q=ivan", False), ("show=expected", True), ("show=here", False), ("show=nonsense", True)])  # fmt: skip
def test_the_list_is_filtered(desk, visit, query, is_there):
    assert ("Anna Petrova" in said(desk.get(f"/visits/arrivals/?{query}"))) == is_there


def test_who_should_be_there_by_now_stands_out(desk, visit, monday):
    assert b"is-late" not in desk.get("/visits/arrivals/").content
    monday.move_to(dt.datetime(2026, 11, 26, 10, 5, tzinfo=BERLIN))
    assert b"is-late" in desk.get("/visits/arrivals/").content


def test_who_may_not_read_verdicts_reads_none(clinic, visit):
    manager = client_of(UserFactory(role=Role.MANAGER, location=clinic.location))
    page = said(manager.get("/visits/arrivals/"))
    assert "Anna Petrova" in page
    assert "question" not in page


def test_the_list_asks_the_same_number_of_times_however_many_come(
    clinic, desk, visit, monday, django_assert_max_num_queries
):
    monday.move_to(dt.datetime(2026, 11, 9, 10, tzinfo=BERLIN))
    for minute in (700, 800):
        clinic.book(*SERIES, minute=minute, patient=make_other(clinic))
    monday.move_to(dt.datetime(2026, 11, 26, 9, 50, tzinfo=BERLIN))
    desk.force_login(clinic.reception)
    with django_assert_max_num_queries(26):
        page = desk.get("/visits/arrivals/")
    assert page.content.count(b'name="to"') == 3


def test_who_arrives_is_asked_what_is_due(clinic, desk, visit):
    assert arrive(desk, visit)["Location"] == f"/health/visit/{visit.pk}/"
    page = said(desk.get(f"/health/visit/{visit.pk}/"))
    assert "only what has to be asked for this visit" in page
    assert page.count("Not sure") == 0 or "1 line above" in page


def test_who_has_nothing_to_be_asked_leads_to_the_visit(clinic, desk, visit):
    clinic.deny("pregnancy", on=THURSDAY)
    assert arrive(desk, visit)["Location"] == f"/visits/{visit.pk}/"


def test_the_answers_lead_back_and_judge_the_visit_anew(clinic, desk, visit):
    arrive(desk, visit)
    form = {"asked": "pregnancy", "yes_pregnancy": "on", "key": uuid.uuid4()}
    answer = desk.post(f"/health/visit/{visit.pk}/", form)
    assert answer["Location"] == f"/visits/{visit.pk}/"
    page = said(desk.get(answer["Location"]))
    assert "Pregnancy" in page
    assert "a physician decides" in page


def test_only_what_the_procedure_asks_is_written_down(clinic, desk, visit):
    FactTypeFactory(code="something_else")
    form = {"asked": "pregnancy,something_else", "key": uuid.uuid4()}
    desk.post(f"/health/visit/{visit.pk}/", form)
    assert Fact.objects.filter(fact_type__code="pregnancy", status="denied").count() == 1
    assert not Fact.objects.filter(fact_type__code="something_else").exists()


def test_an_answer_too_old_is_asked_again_and_a_good_one_is_not(clinic, desk, monday):
    course = clinic.book(*SERIES)
    monday.move_to(dt.datetime(2027, 2, 26, 10, tzinfo=BERLIN))
    desk.force_login(clinic.reception)
    second = Appointment.objects.get(session__course=course, session__ordinal=2)
    page = desk.get(f"/health/visit/{second.pk}/").content.decode()
    assert 'name="yes_isotretinoin_oral"' in page  # asked every three months
    assert 'name="yes_keloid_tendency"' not in page
