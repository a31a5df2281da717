"""The page of cases, and the sheet on which a physician writes one."""

import json
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from clinic.audit.models import Entry
from clinic.places.models import Location
from clinic.staff.models import User
from plans.catalogue.models import Revision
from plans.data.factories import RevisionFactory, UserFactory
from plans.vignettes.models import Vignette
from tests.vignettes.conftest import case, keep


@pytest.fixture
def client(physician: User) -> Client:
    client = Client()
    client.force_login(physician)
    return client


def sheet(**changes: Any) -> dict[str, Any]:
    """A sheet as sent: a drug stopped in October, a peel in March, everything else denied."""
    return {
        "key": str(uuid.uuid4()),
        "code": "own-1",
        "note": "a drug stopped lately",
        "procedure": "peel",
        "session_date": "2026-11-23",
        "birth": "1990-05-14",
        "rest_denied_on": "2026-11-23",
        "facts-TOTAL_FORMS": "2",
        "facts-INITIAL_FORMS": "0",
        "facts-0-code": "drug",
        "facts-0-status": "present",
        "facts-0-since": "2026-01-01",
        "facts-0-until": "2026-10-31",
        "facts-1-status": "present",
        "history-TOTAL_FORMS": "1",
        "history-INITIAL_FORMS": "0",
        "history-0-procedure": "peel",
        "history-0-date": "2026-03-01",
        "history-0-areas": "cheeks, chin",
        "verdict": "wait",
        "reasons": "ci:peel:drug",
        "earliest_ok": "2027-04-30",
        "do": "keep",
    } | changes


# --- the page


def test_what_differs_stands_first_with_both_answers(
    client: Client, peel: Revision, physician: User, shipped: list[Any]
):
    shipped.append(case(note="as it should be"))
    expect = {"verdict": "wait", "reasons": ["ci:peel:drug"], "earliest_ok": "2027-01-01"}
    keep(physician, case(id="own", note="quite another", expect=expect))

    page = client.get("/vignettes/").text

    assert page.index("quite another") < page.index("as it should be")
    assert "1 of 2 cases is answered otherwise than expected." in page
    assert "contraindication: Drug" in page
    assert page.index("<dt>Expected</dt>") < page.index("<dt>Found</dt>")


def test_a_draft_can_stand_in_place_of_the_rules_in_force(
    client: Client, peel: Revision, shipped: list[Any]
):
    shipped.append(case())
    RevisionFactory.create(procedure=peel.procedure, number=2, age_min=99)

    assert "The case is answered as expected." in client.get("/vignettes/").text
    assert "too young" in client.get("/vignettes/?draft=peel").text
    assert client.get("/vignettes/?draft=gaps").status_code == 404


def test_the_page_costs_the_same_for_few_and_many(
    client: Client,
    peel: Revision,
    physician: User,
    shipped: list[Any],
    django_assert_num_queries: Any,
):
    for n in range(2):
        keep(physician, *(case(id=f"case-{n}-{m}") for m in range(1 + n * 20)))
        with django_assert_num_queries(18):
            client.get("/vignettes/")


def test_who_may_only_read_sees_no_way_to_write(
    location: Location, peel: Revision, physician: User, shipped: list[Any]
):
    keep(physician, case(id="own"))
    client = Client()
    client.force_login(UserFactory.create(role="reception", location=location))

    page = client.get("/vignettes/").text

    assert "own" in page
    assert "/vignettes/own/" not in page
    assert "/vignettes/new/" not in page


# --- the sheet


def test_a_filled_sheet_is_kept_with_every_other_question_denied(
    client: Client, peel: Revision, physician: User
):
    answer = client.post("/vignettes/new/", sheet())

    assert answer["Location"] == "/vignettes/"
    row = Vignette.objects.get()
    assert (row.code, row.created_by) == ("own-1", physician)
    facts = {fact["code"]: fact["status"] for fact in row.case["patient"]["facts"]}
    assert facts == {"drug": "present", "allergy": "denied"}
    assert row.case["patient"]["history"][0]["areas"] == ["cheeks", "chin"]
    assert row.case["expect"]["earliest_ok"] == "2027-04-30"
    assert Entry.objects.get(action="vignette_kept").details == {}


@pytest.mark.parametrize("changes", [{"do": "answer"}, {"verdict": ""}])
def test_the_rules_answer_is_put_in_and_nothing_is_kept_yet(
    client: Client, peel: Revision, changes: dict[str, str]
):
    sent = sheet(reasons="", earliest_ok="", **changes)

    page = client.post("/vignettes/new/", sent).text

    assert "The rules in force answer:" in page
    assert "ci:peel:drug" in page
    assert 'value="2027-04-30"' in page
    assert not Vignette.objects.exists()


def test_more_rows_keep_what_was_typed(client: Client, peel: Revision):
    page = client.post("/vignettes/new/", sheet(do="more", note="half done")).text

    assert "half done" in page
    assert 'name="facts-3-code"' in page
    assert not Vignette.objects.exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"facts-0-until": "2025-12-31"}, "is before the beginning"),
        ({"facts-0-status": "denied"}, "Only what is present has an end."),
        ({"as_of": "2026-11-24"}, "The screening is dated after the session."),
        ({"birth": "2027-01-01"}, "The birth is dated after the screening."),
        ({"history-0-until": "2026-02-01"}, "is before the beginning"),
        ({"history-0-date": ""}, "This is missing."),
        ({"session_date": ""}, "This field is required."),
        ({"code": "paste"}, "Another case is called paste."),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    client: Client, peel: Revision, changes: dict[str, str], words: str
):
    answer = client.post("/vignettes/new/", sheet(**changes))

    assert answer.status_code == 422
    assert words in answer.text
    assert not Vignette.objects.exists()


def test_a_second_click_keeps_no_second_case(client: Client, peel: Revision):
    sent = sheet()

    answers = [client.post("/vignettes/new/", sent) for _click in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert Vignette.objects.count() == 1


def test_two_cases_have_two_codes(client: Client, peel: Revision):
    client.post("/vignettes/new/", sheet())

    assert "Another case is called own-1." in client.post("/vignettes/new/", sheet()).text


def test_a_kept_case_comes_back_as_it_was_written(client: Client, peel: Revision):
    client.post("/vignettes/new/", sheet())
    before = Vignette.objects.get().case

    page = client.get("/vignettes/own-1/")
    assert 'value="2026-10-31"' in page.text
    client.post("/vignettes/own-1/", sheet())

    assert Vignette.objects.get().case == before
    assert not Entry.objects.filter(action="vignette_changed").exists()


def test_a_case_is_changed_under_its_code(client: Client, peel: Revision):
    client.post("/vignettes/new/", sheet())

    client.post("/vignettes/own-1/", sheet(code="other", note="another note"))

    row = Vignette.objects.get()
    assert (row.code, row.note, row.case["id"]) == ("own-1", "another note", "own-1")
    assert Entry.objects.filter(action="vignette_changed").count() == 1


def test_a_case_taken_out_is_run_no_more_and_stays_on_record(
    client: Client, peel: Revision, shipped: list[Any]
):
    client.post("/vignettes/new/", sheet())

    client.post("/vignettes/own-1/retire/")

    assert client.get("/vignettes/own-1/").status_code == 404
    assert Vignette.objects.get().retired_at is not None


def test_a_case_that_cannot_be_judged_any_more_can_be_written_anew(
    client: Client, peel: Revision, physician: User
):
    keep(physician, case(id="own"))
    Vignette.objects.update(case=case(procedure="no_such"))

    assert "no_such" in client.get("/vignettes/own/").text


# --- many at once


def test_pasted_cases_are_kept(client: Client, peel: Revision):
    text = json.dumps({"cases": [case(), case(id="C2")]})

    answer = client.post("/vignettes/paste/", {"key": str(uuid.uuid4()), "text": text})

    assert answer["Location"] == "/vignettes/"
    assert Vignette.objects.count() == 2


def test_a_file_of_cases_is_kept(client: Client, peel: Revision):
    file = SimpleUploadedFile("cases.json", json.dumps([case()]).encode())

    client.post("/vignettes/paste/", {"key": str(uuid.uuid4()), "file": file})

    assert Vignette.objects.get().code == "C1"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "This is not JSON as it should be."),
        ("{", "This is not JSON as it should be."),
        ('{"cases": 7}', "A list belongs here."),
        (json.dumps([case(), case(procedure="no_such")]), "Case 2, procedure: "),
        (json.dumps([case(id="no code")]), "Case 1: its id must be a short code."),
        (json.dumps([case(expect=None)]), "Case 1 says not what is expected."),
        (json.dumps([case(), case()]), "Another case is called C1."),
    ],
)
def test_one_bad_case_keeps_all_out(client: Client, peel: Revision, text: str, words: str):
    answer = client.post("/vignettes/paste/", {"key": str(uuid.uuid4()), "text": text})

    assert answer.status_code == 422
    assert words in answer.text
    assert not Vignette.objects.exists()
