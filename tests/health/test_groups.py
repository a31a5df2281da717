"""What the form asks, in which order and under which heading; what stands is shown first and closed by a day only."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.audit.models import Entry
from clinic.kit import clock
from clinic.patients.models import Fact
from clinic.patients.selectors import live_facts
from plans.catalogue.models import Contraindication
from plans.core.spacing import add_months
from plans.data.factories import FactFactory, FactTypeFactory, RevisionFactory
from plans.health import selectors

pytestmark = pytest.mark.django_db
TCA = "tca_peel_medium"


@pytest.fixture
def today():
    return clock.today()


@pytest.fixture
def url(anna):
    return reverse("health:form", args=[anna.number])


def told(patient, code, **values):
    return FactFactory(patient=patient, fact_type=FactTypeFactory(code=code), **values)


def by_group(asked):
    return {group.code: [each.fact_type.code for each in group.questions] for group in asked.groups}


def test_questions_of_the_day_lapsed_ones_and_new_ones_stand_apart(anna, peel, today):
    told(anna, "isotretinoin_oral", since=add_months(today, -4))
    told(anna, "keloid_tendency", status="unknown", since=None)
    asked = selectors.questions_for(anna, TCA)
    assert by_group(asked) == {
        "now": ["pregnancy"], "lapsed": ["isotretinoin_oral"], "unknown": ["keloid_tendency"]
    }  # fmt: skip
    assert str(add_months(today, -4).year) in asked.groups[1].title or asked.groups[1].title
    assert by_group(selectors.questions_for(anna, TCA, ["keloid_tendency"])) == {
        "unknown": ["keloid_tendency"]
    }


def test_one_day_of_asking_stands_in_the_heading_and_several_beside_their_questions(
    anna, peel, today
):
    told(anna, "isotretinoin_oral", since=add_months(today, -4))
    (_now, lapsed, _new) = selectors.questions_for(anna, TCA).groups
    assert "Since we last asked, on" in lapsed.title
    assert [each.last_asked for each in lapsed.questions] == [None]
    told(anna, "keloid_tendency", since=add_months(today, -14))
    (_now, lapsed) = selectors.questions_for(anna, TCA).groups
    assert lapsed.title == "Since we last asked"
    assert {each.last_asked for each in lapsed.questions} == {
        add_months(today, -4), add_months(today, -14)
    }  # fmt: skip


def test_what_the_soonest_visit_needs_is_asked_first(anna, book, peel, location, today):
    laser = RevisionFactory(procedure__code="laser", name={"en": "Laser"})
    epilepsy = FactTypeFactory(code="epilepsy", kind="lifelong", position=0)
    FactTypeFactory(code="keloid_tendency")
    Contraindication.objects.create(
        revision=laser, fact_type=epilepsy, severity="absolute", source="clinic default"
    )
    laser.state = "current"
    laser.save(update_fields=["state"])
    book(anna, [today + dt.timedelta(days=7)])
    assert selectors.questions_for(anna).procedures == ("Medium TCA peel",)
    assert "epilepsy" in [kind.code for kind in selectors.questions_for(anna).more]
    asked = selectors.questions_for(anna, "laser")
    assert asked.procedures == ("Laser", "Medium TCA peel")
    assert by_group(asked)["new"][0] == "epilepsy"
    assert asked.more == ()


def test_a_question_that_nothing_planned_needs_is_offered_and_says_nothing_untouched(
    client, reception, anna, book, today, url, send
):
    FactTypeFactory(code="epilepsy")
    FactTypeFactory(code="asthma")
    book(anna, [today + dt.timedelta(days=7)])
    client.force_login(reception)
    assert "2 other questions" in client.get(url).content.decode()
    send(client, url, {"asked": "pregnancy", "yes_asthma": "on"})
    assert {(f.fact_type.code, f.status) for f in Fact.objects.all()} == {
        ("pregnancy", "denied"), ("asthma", "present")
    }  # fmt: skip


def test_the_other_questions_are_denied_only_when_that_is_said(client, reception, anna, url, send):
    FactTypeFactory(code="epilepsy")
    client.force_login(reception)
    send(client, url, {"asked": "", "read_more": "on"})
    assert [(f.fact_type.code, f.status) for f in Fact.objects.all()] == [("epilepsy", "denied")]


def test_what_stands_is_asked_after_and_its_last_day_closes_it(
    client, physician, anna, peel, url, send, today
):
    open_fact = told(
        anna, "isotretinoin_oral", status="present", since=dt.date(2025, 3, 1), since_precision="month"
    )  # fmt: skip
    client.force_login(physician)
    page = client.get(url).content.decode()
    assert "since March 2025" in page
    sent = {f"still_{open_fact.pk}": "ended", f"ended_{open_fact.pk}": "June 2025", "asked": ""}
    assert send(client, url, sent).status_code == 302
    ended, denial = live_facts([anna.pk])
    assert (ended.replaces, ended.since, ended.since_precision) == (
        open_fact, dt.date(2025, 3, 1), "month"
    )  # fmt: skip
    assert (ended.until, ended.until_precision) == (dt.date(2025, 6, 30), "month")
    assert (denial.status, denial.since) == ("denied", today)
    assert Entry.objects.get(action="fact_corrected").reason == "told at the health form"


def test_still_so_writes_nothing_and_a_no_closes_nothing(client, physician, anna, peel, url, send):
    open_fact = told(anna, "isotretinoin_oral", status="present", since=None)
    client.force_login(physician)
    send(client, url, {"asked": "", f"still_{open_fact.pk}": "so"})
    assert Fact.objects.count() == 1
    send(client, url, {"asked": "isotretinoin_oral"})
    assert Fact.objects.get(status="present").until is None
    assert selectors.questions_for(anna).standing == (open_fact,)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"still": "ended"}, "Write when it ended"),
        ({"still": "so", "ended": "2024"}, "Say that it has ended"),
        ({"still": "ended", "ended": "1980"}, "before the birth date"),
        ({"still": "ended", "ended": "2023"}, "last day is before the first"),
        ({"still": "ended", "ended": "some day"}, "Write a day, a month or a year"),
    ],
)
def test_an_end_that_says_nothing_is_refused_beside_its_line_and_kept(
    client, physician, anna, peel, url, send, values, said
):
    fact = told(anna, "isotretinoin_oral", status="present", since=dt.date(2024, 3, 1))
    client.force_login(physician)
    sent = {f"{name}_{fact.pk}": value for name, value in values.items()}
    page = send(client, url, {"asked": "pregnancy", "yes_pregnancy": "on", **sent})
    text = page.content.decode()
    assert page.status_code == 422
    assert said in text
    assert f'value="{values.get("ended", "Record")}"' in text or "ended" not in values
    assert not Fact.objects.filter(fact_type__code="pregnancy").exists()


def test_reception_is_not_shown_what_stands_and_cannot_end_it(
    client, reception, anna, peel, url, send
):
    fact = told(anna, "isotretinoin_oral", status="present", since=None)
    client.force_login(reception)
    assert "still so" not in client.get(url).content.decode()
    send(client, url, {"asked": "", f"still_{fact.pk}": "ended", f"ended_{fact.pk}": "2025"})
    assert Fact.objects.get().until is None


def test_a_month_is_kept_as_its_most_cautious_days_and_said_as_told(
    client, physician, anna, peel, url, send
):
    client.force_login(physician)
    sent = {
        "asked": "isotretinoin_oral",
        "yes_isotretinoin_oral": "on",
        "since_isotretinoin_oral": "2024",
        "until_isotretinoin_oral": "марта 2025",
    }
    send(client, url, sent)
    fact = Fact.objects.get(status="present")
    assert (fact.since, fact.until) == (dt.date(2024, 1, 1), dt.date(2025, 3, 31))
    assert (fact.since_precision, fact.until_precision) == ("year", "month")
    page = client.get(reverse("health:facts", args=[anna.number])).content.decode()
    assert "2024 to March 2025" in page
    assert "to 31 Mar 2025" in page


def test_a_day_that_is_none_keeps_what_was_typed(client, reception, anna, peel, url, send):
    client.force_login(reception)
    sent = {
        "asked": "isotretinoin_oral",
        "yes_isotretinoin_oral": "on",
        "since_isotretinoin_oral": "in spring",
    }
    page = send(client, url, sent)
    assert page.status_code == 422
    assert 'value="in spring"' in page.content.decode()
    assert "23.05.2025" in page.content.decode()


def test_the_questions_cost_the_same_queries_for_few_facts_and_for_many(anna, book, peel, today):
    book(anna, [today + dt.timedelta(days=7)])
    with CaptureQueriesContext(connection) as few:
        selectors.questions_for(anna)
    for n in range(20):
        told(anna, f"fact_{n}", status="present" if n % 2 else "denied", since=today)
    book(anna, [today + dt.timedelta(days=14), today + dt.timedelta(days=28)])
    with CaptureQueriesContext(connection) as many:
        selectors.questions_for(anna)
    assert len(many) == len(few) <= 20
