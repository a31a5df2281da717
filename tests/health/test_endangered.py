"""Whatever is written about a patient's health, every visit to come is judged anew, and what must move is named."""

import datetime as dt
import uuid

import pytest
from django.urls import reverse

from clinic.kit import clock
from clinic.patients.models import Answer
from plans.core.spacing import add_months
from plans.data.factories import FactFactory, FactTypeFactory
from plans.diary.models import Appointment
from plans.health import services

pytestmark = pytest.mark.django_db


@pytest.fixture
def today():
    return clock.today()


@pytest.fixture
def visits(anna, book, today):
    """Three peels, the first in a week."""
    first = today + dt.timedelta(days=7)
    book(anna, [first, add_months(first, 3), add_months(first, 6)])
    return list(Appointment.objects.order_by("starts_at"))


def stopped(today: dt.date) -> Answer:
    return Answer("isotretinoin_oral", "present", until=add_months(today, -4))


def test_an_answer_names_the_visits_that_it_endangers(anna, visits, physician, today):
    saved = services.keep_fact(anna, stopped(today), by=physician, key=uuid.uuid4())
    assert (saved.count, saved.endangered) == (1, (visits[0].pk,))


def test_what_was_endangered_before_is_not_blamed_on_the_new_answer(anna, visits, physician, today):
    services.keep_fact(anna, stopped(today), by=physician, key=uuid.uuid4())
    pregnant = Answer("pregnancy", "present", since=today)
    saved = services.keep_fact(anna, pregnant, by=physician, key=uuid.uuid4())
    assert saved.endangered == (visits[1].pk, visits[2].pk)


def test_a_correction_and_the_skin_type_are_followed_by_a_screening_too(
    anna, visits, physician, today
):
    drug = FactFactory(patient=anna, fact_type=FactTypeFactory(code="isotretinoin_oral"))
    saved = services.keep_correction(
        drug, stopped(today), by=physician, reason="misheard", key=uuid.uuid4()
    )
    assert saved.endangered == (visits[0].pk,)
    assert services.keep_skin_type(anna, 3, by=physician).endangered == ()


def test_the_form_leads_to_what_must_move_with_reason_day_and_link(
    client, physician, anna, visits, today, send
):
    client.force_login(physician)
    sent = {
        "asked": "isotretinoin_oral", "yes_isotretinoin_oral": "on",
        "until_isotretinoin_oral": add_months(today, -4).isoformat(),
    }  # fmt: skip
    answer = send(client, reverse("health:form", args=[anna.number]), sent)
    assert answer.url == f"/health/142/saved/?new={visits[0].pk}"
    page = client.get(answer.url).content.decode()
    earliest = add_months(add_months(today, -4), 6)
    assert "since these answers" in page
    assert "wait 6 months" in page
    assert f"/moves/{visits[0].pk}/?day={earliest.isoformat()}" in page


def test_a_second_sending_leads_to_the_same_page(client, physician, anna, visits):
    client.force_login(physician)
    sent = {"asked": "pregnancy", "yes_pregnancy": "on", "key": uuid.uuid4()}
    url = reverse("health:form", args=[anna.number])
    assert client.post(url, sent).url == client.post(url, sent).url


def test_answers_that_endanger_nothing_lead_back_to_the_file(client, reception, anna, visits, send):
    client.force_login(reception)
    answer = send(client, reverse("health:form", args=[anna.number]), {"asked": "pregnancy"})
    assert answer.url == "/patients/142/"
    page = client.get(reverse("health:saved", args=[anna.number])).content.decode()
    assert "No visit of Anna Petrova must move" in page


def test_what_is_newly_endangered_is_named_first(client, physician, anna, visits):
    FactFactory(
        patient=anna, fact_type=FactTypeFactory(code="pregnancy"), status="present", since=None
    )
    client.force_login(physician)
    url = reverse("health:saved", args=[anna.number])
    page = client.get(f"{url}?new={visits[2].pk}").content.decode()
    places = [page.index(f"/visits/{visit.pk}/") for visit in visits]
    assert places[2] < places[0] < places[1]
    assert page.count("since these answers") == 1
    assert client.get(f"{url}?new=junk").status_code == 200
