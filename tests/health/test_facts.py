"""The facts page: state today, what it touches, every answer with who, when and why; closed, corrected, added."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.audit.models import Entry
from clinic.kit import clock
from clinic.patients.models import Answer, Fact
from clinic.patients.services import correct_fact
from plans.core.spacing import add_months
from plans.data.factories import FactFactory, FactTypeFactory
from plans.health import selectors

pytestmark = pytest.mark.django_db


@pytest.fixture
def today():
    return clock.today()


@pytest.fixture
def url(anna):
    return reverse("health:facts", args=[anna.number])


@pytest.fixture
def drug(anna, peel):
    fact_type = FactTypeFactory(code="isotretinoin_oral")
    return FactFactory(
        patient=anna, fact_type=fact_type, status="present", since=dt.date(2025, 3, 1),
        since_precision="month",
    )  # fmt: skip


def states(patient):
    return {view.name: view.state for view in selectors.facts_page(patient).views}


def test_denied_not_known_and_never_asked_differ_on_sight(
    client, physician, anna, peel, book, today, url
):
    book(anna, [today + dt.timedelta(days=7)])
    FactFactory(patient=anna, fact_type=FactTypeFactory(code="keloid_tendency"), since=today)
    FactFactory(
        patient=anna, fact_type=FactTypeFactory(code="pregnancy"), status="unknown", since=None
    )
    client.force_login(physician)
    page = client.get(url).content.decode()
    assert 'verdict is-plain"><i class="bi bi-x-circle"' in page
    assert 'verdict is-ask"><i class="bi bi-question-circle-fill"' in page
    assert "Never asked: Isotretinoin." in page


def test_a_denial_goes_stale_and_closes_nothing(anna, drug, today):
    keloid = FactTypeFactory(code="keloid_tendency")
    FactFactory(patient=anna, fact_type=keloid, since=add_months(today, -13))
    FactFactory(patient=anna, fact_type=drug.fact_type, since=today)
    assert states(anna) == {"Isotretinoin": "true", str(keloid.name["en"]): "stale"}


def test_a_fact_says_which_planned_procedures_it_touches(anna, drug, book, today):
    (view,) = selectors.facts_page(anna).views
    assert view.touches == ()
    book(anna, [today + dt.timedelta(days=7)])
    (view,) = selectors.facts_page(anna).views
    assert view.touches == ("Medium TCA peel",)


def test_a_correction_says_what_it_replaced_by_whom_when_and_why(
    client, physician, anna, drug, url
):
    answer = Answer("isotretinoin_oral", "present", dt.date(2025, 3, 1), dt.date(2025, 6, 30))
    correct_fact(drug, answer, by=physician, reason="letter of her doctor")
    (view,) = selectors.facts_page(anna).views
    new, old = view.rows
    assert (new.why, new.replaced_by, old.replaced_by) == ("letter of her doctor", None, new.fact)
    client.force_login(physician)
    page = client.get(url).content.decode()
    assert "In place of an earlier answer: letter of her doctor" in page
    assert "<s>Yes, since March 2025, still true</s>" in page
    assert physician.display_name in page


def test_a_last_day_is_recorded_from_the_page(client, physician, anna, drug, url, send):
    client.force_login(physician)
    close = reverse("health:close", args=[anna.number, drug.pk])
    answer = send(client, close, {"until": "06.2025", "reason": "told by phone"})
    assert answer.url == url
    row = Fact.objects.get(replaces=drug)
    assert (row.until, row.until_precision, row.since) == (
        dt.date(2025, 6, 30), "month", drug.since
    )  # fmt: skip


@pytest.mark.parametrize(
    ("until", "said"),
    [("2024", "before the first"), ("soon", "Write a day"), ("", "This field is required")],
)
def test_a_last_day_that_cannot_be_is_refused_beside_its_fact(
    client, physician, anna, drug, send, until, said
):
    client.force_login(physician)
    close = reverse("health:close", args=[anna.number, drug.pk])
    page = send(client, close, {"until": until, "reason": "told by phone"})
    assert page.status_code == 422
    assert said in page.content.decode()
    assert 'value="told by phone"' in page.content.decode()
    assert not Fact.objects.filter(replaces=drug).exists()


def test_an_answer_that_was_corrected_meanwhile_is_not_closed_again(
    client, physician, anna, drug, send
):
    correct_fact(drug, Answer("isotretinoin_oral", "unknown"), by=physician, reason="misheard")
    client.force_login(physician)
    close = reverse("health:close", args=[anna.number, drug.pk])
    page = send(client, close, {"until": "2025", "reason": "told by phone"})
    assert page.status_code == 422
    assert Fact.objects.count() == 2


def test_a_fact_that_no_form_asks_is_recorded(client, physician, anna, peel, url, send):
    gold = FactTypeFactory(code="gold_therapy", name={"en": "Gold therapy"})
    client.force_login(physician)
    page = reverse("health:add", args=[anna.number])
    assert "Gold therapy" in client.get(page).content.decode()
    sent = {"fact_type": gold.pk, "status": "present", "until": "1999", "note": "in childhood"}
    assert send(client, page, sent).url == url
    fact = Fact.objects.get()
    assert (fact.fact_type, fact.until, fact.note) == (gold, dt.date(1999, 12, 31), "in childhood")


def test_a_no_with_a_last_day_is_refused_in_the_form(client, physician, anna, peel, send):
    gold = FactTypeFactory(code="gold_therapy")
    client.force_login(physician)
    sent = {"fact_type": gold.pk, "status": "denied", "until": "1999"}
    page = send(client, reverse("health:add", args=[anna.number]), sent)
    assert page.status_code == 422
    assert "Only something that was true has a last day" in page.content.decode()
    assert not Fact.objects.exists()


def test_facts_that_were_merged_are_read_as_one(anna, drug, today):
    roaccutane = FactTypeFactory(code="roaccutane", name={"en": "Roaccutane"})
    FactFactory(patient=anna, fact_type=roaccutane, since=today)
    roaccutane.merged_into = drug.fact_type
    roaccutane.save(update_fields=["merged_into"])
    (view,) = selectors.facts_page(anna).views
    assert (view.name, len(view.rows), view.state) == ("Isotretinoin", 2, "true")


def test_whoever_looks_is_recorded(client, physician, anna, url):
    client.force_login(physician)
    client.get(url)
    assert Entry.objects.get(action="opened").details == {"page": "facts"}


def test_the_page_costs_the_same_queries_for_few_facts_and_for_many(anna, drug, book, today):
    book(anna, [today + dt.timedelta(days=7)])
    with CaptureQueriesContext(connection) as few:
        selectors.facts_page(anna)
    for n in range(20):
        FactFactory(patient=anna, fact_type=FactTypeFactory(code=f"fact_{n}"), since=today)
    with CaptureQueriesContext(connection) as many:
        selectors.facts_page(anna)
    assert len(many) == len(few) <= 16
