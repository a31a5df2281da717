"""The health form: a tick is a yes, no tick is a no for what was shown, unsure stays open."""

import datetime as dt
import uuid

import pytest
from django.urls import reverse

from clinic.kit import clock
from clinic.patients.models import Fact
from clinic.patients.selectors import live_facts
from plans.data.factories import FactFactory, FactTypeFactory
from plans.health import selectors

pytestmark = pytest.mark.django_db
ALL = "isotretinoin_oral,keloid_tendency,pregnancy"


@pytest.fixture
def form_url(anna, peel):
    return reverse("health:form", args=[anna.number]) + "?procedure=tca_peel_medium"


def answers(patient):
    """The strongest answer on record by code: what is or was true before a denial."""
    found = sorted(live_facts([patient.pk]), key=lambda fact: fact.status == "present")
    return {fact.fact_type.code: fact for fact in found}


def test_it_asks_what_the_procedure_needs_and_nothing_else(anna, peel):
    FactTypeFactory(code="epilepsy")
    asked = selectors.questions_for(anna, "tca_peel_medium")
    assert {kind.code for kind in asked.types} == set(ALL.split(","))


def test_a_good_answer_is_not_asked_again_but_a_state_of_another_day_is(anna, peel):
    yesterday = clock.today() - dt.timedelta(days=1)
    for code in ALL.split(","):
        FactFactory(patient=anna, fact_type=FactTypeFactory(code=code), since=yesterday)
    asked = selectors.questions_for(anna, "tca_peel_medium")
    assert [kind.code for kind in asked.types] == ["pregnancy"]


def test_sending_it_records_ticks_denials_and_what_is_not_sure(
    send, client, reception, anna, form_url
):
    client.force_login(reception)
    sent = {
        "asked": ALL,
        "yes_isotretinoin_oral": "on",
        "until_isotretinoin_oral": "2026-07-23",
        "unsure_keloid_tendency": "on",
    }
    answer = send(client, form_url, sent)
    assert answer.status_code == 302
    found = answers(anna)
    assert (found["isotretinoin_oral"].status, found["isotretinoin_oral"].until) == (
        "present",
        dt.date(2026, 7, 23),
    )
    assert found["keloid_tendency"].status == "unknown"
    assert (found["pregnancy"].status, found["pregnancy"].since) == ("denied", clock.today())


def test_what_is_over_is_known_as_of_today_and_not_asked_again(
    send, client, reception, anna, form_url
):
    client.force_login(reception)
    long_ago = clock.today() - dt.timedelta(days=300)
    sent = {
        "asked": ALL,
        "yes_isotretinoin_oral": "on",
        "until_isotretinoin_oral": long_ago.isoformat(),
    }
    send(client, form_url, sent)
    rows = [
        (f.status, f.since, f.until)
        for f in live_facts([anna.pk])
        if f.fact_type.code == "isotretinoin_oral"
    ]
    assert rows == [("present", None, long_ago), ("denied", clock.today(), None)]
    assert selectors.questions_for(anna, "tca_peel_medium").types == ()


def test_a_question_that_was_not_shown_never_becomes_a_no(send, client, reception, anna, form_url):
    client.force_login(reception)
    send(client, form_url, {"asked": "pregnancy"})
    assert set(answers(anna)) == {"pregnancy"}


def test_dates_the_wrong_way_round_stay_in_the_form_with_a_message_beside_them(
    send, client, reception, anna, form_url
):
    client.force_login(reception)
    sent = {
        "asked": ALL,
        "yes_isotretinoin_oral": "on",
        "since_isotretinoin_oral": "2026-07-23",
        "until_isotretinoin_oral": "2026-01-01",
    }
    page = send(client, form_url, sent)
    assert page.status_code == 422
    assert "The last day is before the first" in page.content.decode()
    assert 'value="2026-07-23"' in page.content.decode()
    assert not Fact.objects.exists()


def test_a_second_click_records_nothing_new(send, client, reception, anna, form_url):
    client.force_login(reception)
    key = uuid.uuid4()
    for _ in range(2):
        assert client.post(form_url, {"asked": ALL, "key": key}).status_code == 302
    send(client, form_url, {"asked": ALL})
    assert Fact.objects.count() == 3


def test_reception_asks_but_does_not_read_what_is_on_record(
    client, reception, physician, anna, peel
):
    FactFactory(
        patient=anna,
        fact_type=FactTypeFactory(code="keloid_tendency"),
        status="present",
        since=None,
    )
    url = reverse("health:form", args=[anna.number])
    client.force_login(reception)
    assert "On record" not in client.get(url).content.decode()
    client.force_login(physician)
    assert "On record" in client.get(url).content.decode()


def test_a_correction_keeps_the_earlier_answer_readable(send, client, physician, anna, peel):
    fact = FactFactory(
        patient=anna,
        fact_type=FactTypeFactory(code="isotretinoin_oral"),
        status="present",
        since=None,
    )
    client.force_login(physician)
    sent = {"status": "present", "until": "2026-07-23", "reason": "Stopped, told by phone"}
    answer = send(client, reverse("health:correct", args=[anna.number, fact.pk]), sent)
    assert answer.status_code == 302
    assert answers(anna)["isotretinoin_oral"].until == dt.date(2026, 7, 23)
    assert Fact.objects.filter(pk=fact.pk, until=None).exists()


def test_a_correction_without_a_reason_is_refused_beside_the_field(
    send, client, physician, anna, peel
):
    fact = FactFactory(
        patient=anna, fact_type=FactTypeFactory(code="isotretinoin_oral"), status="present"
    )
    client.force_login(physician)
    page = send(
        client, reverse("health:correct", args=[anna.number, fact.pk]), {"status": "denied"}
    )
    assert page.status_code == 422
    assert Fact.objects.count() == 1


def test_the_skin_type_is_dated_when_it_is_set(client, physician, anna, peel):
    client.force_login(physician)
    client.post(reverse("health:skin_type", args=[anna.number]), {"skin_type": "3"})
    anna.refresh_from_db()
    assert (anna.skin_type, anna.skin_type_on) == (3, clock.today())


def test_reception_may_not_set_the_skin_type(client, reception, anna):
    client.force_login(reception)
    assert (
        client.post(reverse("health:skin_type", args=[anna.number]), {"skin_type": "3"}).status_code
        == 403
    )


def test_an_older_page_still_records_what_was_ticked_on_it(
    send, client, reception, physician, anna, form_url
):
    client.force_login(reception)
    send(client, form_url, {"asked": ALL})
    client.force_login(physician)
    stopped = clock.today() - dt.timedelta(days=60)
    sent = {
        "asked": ALL,
        "yes_isotretinoin_oral": "on",
        "until_isotretinoin_oral": stopped.isoformat(),
    }
    send(client, form_url, sent)
    assert (
        answers(anna)["isotretinoin_oral"].status,
        answers(anna)["isotretinoin_oral"].until,
    ) == (
        "present",
        stopped,
    )


def test_a_form_that_names_no_question_denies_nothing(send, client, reception, anna, form_url):
    client.force_login(reception)
    page = send(client, form_url, {}, follow=True)
    assert "on record already" in page.content.decode()
    assert not Fact.objects.exists()


@pytest.mark.parametrize(
    ("name", "text"), [("since", "2099"), ("since", "31.12.2027"), ("until", "2099")]
)
def test_a_day_that_cannot_be_meant_is_refused_beside_its_field(
    send, client, reception, anna, form_url, name, text
):
    client.force_login(reception)
    sent = {"asked": ALL, "yes_isotretinoin_oral": "on", f"{name}_isotretinoin_oral": text}
    answer = send(client, form_url, sent)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {f"{name}_isotretinoin_oral"}
    assert not live_facts([anna.pk])
