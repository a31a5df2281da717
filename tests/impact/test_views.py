"""The review of a draft, its preview beside the editor, the list as a table, and settling."""

import csv
import datetime as dt
import io
import uuid
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.audit.models import Entry
from clinic.kit.operations import Role
from clinic.staff.models import User
from plans.catalogue.selectors import current_revision, ruleset, with_content
from plans.catalogue.services import save_draft, start_draft
from plans.core.gaps import GapRule
from plans.core.ruleset import LineRule
from plans.core.spacing import Period
from plans.courses.models import Session
from plans.data.factories import (
    CapabilityFactory,
    FactFactory,
    FactTypeFactory,
    LocationFactory,
    PatientFactory,
    UserFactory,
)
from plans.gaps.services import save_table, start_table
from plans.impact.models import ReviewItem
from plans.impact.selectors import Proposal, proposal
from tests.diary.clinic import THURSDAY, Clinic
from tests.impact.test_selectors import PEEL, SECOND, THIRD
from tests.impact.test_services import case_of_three_months, draft_peel

REVIEW = f"/impact/{PEEL}/"
NAME = "Anna Petrova"


@pytest.fixture
def editor(clinic: Clinic) -> User:
    return UserFactory(username="clara", role=Role.EDITOR, location=clinic.location)


@pytest.fixture
def manager(clinic: Clinic) -> User:
    return UserFactory(username="mira", role=Role.MANAGER, location=clinic.location)


@pytest.fixture
def draft(clinic: Clinic) -> Proposal:
    """Four months instead of three, with one patient booked twice."""
    clinic.book(THURSDAY, SECOND)
    return draft_peel(clinic)


def sent(found: Proposal, **more: Any) -> dict[str, Any]:
    """The review's form as the page sends it."""
    return {
        "number": found.draft.number, "version": found.draft.version, "key": uuid.uuid4(),
        "reason": "Healing takes longer", "booked": "list",
    } | more  # fmt: skip


def page_of(client: Client, user: User, url: str = REVIEW) -> str:
    client.force_login(user)
    return client.get(url).content.decode()


def test_the_review_shows_what_changes_and_whom_it_touches(client: Client, clinic: Clinic, draft):
    page = page_of(client, clinic.physician)

    assert "Shortest interval" in page
    assert "<del>3 months</del>" in page
    assert "<ins>4 months</ins>" in page
    assert "1 session of 1 patient would not stand as they are." in page
    assert NAME in page
    assert "not before Fri 26 Mar" in page
    # Screening follows the rules in force, whatever revision a course was planned under.
    assert "Keep under revision" not in page
    assert "is judged by revision 2 for everybody" in page


def test_the_review_says_who_cannot_do_it_and_how_much_longer_it_takes(
    client: Client, clinic: Clinic
):
    CapabilityFactory(code="laser", name={"en": "Laser licence"})
    clinic.book(THURSDAY)
    draft = start_draft(clinic.peel.procedure, by=clinic.physician)
    rules = ruleset(with_content().get(pk=draft.pk))
    needs = tuple(
        replace(need, capability="laser" if need.kind == "practitioner" else need.capability)
        for need in rules.needs
    )
    longer = {**rules.values, "duration.cleanup": 35}
    save_draft(draft, replace(rules, needs=needs, values=longer), 0, by=clinic.physician)

    found = in_list(page_of(client, clinic.physician))

    assert "Laser licence" in found
    assert "80" in found
    assert "100" in found


def test_the_review_costs_as_many_queries_for_many_sessions_as_for_one(
    client: Client, clinic: Clinic, draft
):
    client.force_login(clinic.physician)
    client.get(REVIEW)
    with CaptureQueriesContext(connection) as few:
        client.get(REVIEW)
    for n in range(5):
        patient = PatientFactory(location=clinic.location)
        clinic.deny("isotretinoin_oral", "keloid_tendency", patient=patient)
        days = [day + dt.timedelta(days=7 * (n + 1)) for day in (THURSDAY, SECOND, THIRD)]
        clinic.book(*days, patient=patient)

    with CaptureQueriesContext(connection) as many:
        assert "11 sessions of 6 patients" in client.get(REVIEW).content.decode()
    assert len(many) == len(few)


def test_a_long_list_is_shown_in_two_steps(
    client: Client, clinic: Clinic, draft, monkeypatch: pytest.MonkeyPatch
):
    second = PatientFactory(location=clinic.location, family_name="Zweig")
    clinic.deny("isotretinoin_oral", "keloid_tendency", patient=second)
    clinic.book(THURSDAY, SECOND, patient=second, minute=700)
    monkeypatch.setattr("plans.impact.views.FIRST", 1)

    first = page_of(client, clinic.physician)
    assert "Show 1 more" in first
    assert "Zweig" not in first
    assert "Zweig" in page_of(client, clinic.physician, f"{REVIEW}?all=1")


# Who reads what


def risky(clinic: Clinic) -> None:
    """A draft under which Anna, who smokes, has to sign."""
    smoking = FactTypeFactory(code="smoking", name={"en": "Smoking"})
    FactFactory(patient=clinic.patient, fact_type=smoking, status="present", since=None)
    clinic.book(THURSDAY)
    draft = start_draft(clinic.peel.procedure, by=clinic.physician)
    rules = ruleset(with_content().get(pk=draft.pk))
    lines = (*rules.lines, LineRule("smoking", "relative", source="article"))
    save_draft(draft, replace(rules, lines=lines), draft.version, by=clinic.physician)


def in_list(page: str) -> str:
    return page.split('id="h-sessions"')[1].split("</section>")[0]


def test_a_physician_reads_names_and_reasons(client: Client, clinic: Clinic):
    risky(clinic)

    found = in_list(page_of(client, clinic.physician))

    assert NAME in found
    assert "Smoking: a practitioner decides" in found


def test_a_manager_reads_names_and_no_reasons(client: Client, clinic: Clinic, manager: User):
    risky(clinic)

    found = in_list(page_of(client, manager))

    assert NAME in found
    assert "caution" in found
    assert "Smoking" not in found


def test_an_editor_reads_neither(client: Client, clinic: Clinic, editor: User):
    risky(clinic)

    page = page_of(client, editor)

    assert "A patient" in in_list(page)
    assert "caution" in in_list(page)
    assert "Smoking" not in in_list(page)
    assert NAME not in page


def test_patients_of_another_location_have_no_name_here(
    client: Client, clinic: Clinic, manager, draft
):
    clinic.patient.location = LocationFactory()
    clinic.patient.save(update_fields=["location"])

    page = page_of(client, manager)
    assert "A patient" in in_list(page)
    assert NAME not in page
    page = page_of(client, clinic.physician)
    assert "h-sessions" not in page
    assert "1 more session at another location" in page


# Publishing


def test_publishing_lists_the_sessions_and_shows_the_procedure(
    client: Client, clinic: Clinic, draft
):
    client.force_login(clinic.physician)
    session = str(Session.objects.get(ordinal=2).pk)

    answer = client.post(REVIEW, sent(draft, shown=[session], review=[session]), follow=True)

    assert answer.redirect_chain == [(reverse("catalogue:procedure", args=[PEEL]), 302)]
    assert "Revision 2 is in force. 1 session is on the list." in answer.content.decode()
    assert ReviewItem.objects.count() == 1


def test_a_session_unticked_on_the_page_is_not_listed(client: Client, clinic: Clinic, draft):
    client.force_login(clinic.physician)
    page = client.get(REVIEW).content.decode()
    key = page.split('name="shown" value="')[1].split('"')[0]

    client.post(REVIEW, sent(draft, shown=[key]))

    assert current_revision(PEEL).number == 2
    assert not ReviewItem.objects.exists()


def test_keeping_all_under_their_revision_lists_nobody(client: Client, clinic: Clinic, draft):
    client.force_login(clinic.physician)

    client.post(REVIEW, sent(draft, booked="keep"))

    assert current_revision(PEEL).number == 2
    assert not ReviewItem.objects.exists()


def test_a_second_click_leads_where_the_first_did(client: Client, clinic: Clinic, draft):
    client.force_login(clinic.physician)
    form = sent(draft)

    answers = [client.post(REVIEW, form) for _ in range(2)]

    assert [answer.headers["Location"] for answer in answers] == [f"/catalogue/{PEEL}/"] * 2
    assert ReviewItem.objects.count() == 1


def test_publishing_asks_for_a_reason(client: Client, clinic: Clinic, draft):
    client.force_login(clinic.physician)

    answer = client.post(REVIEW, sent(draft, reason=""))

    assert answer.status_code == 422
    assert "Say why the rules change" in answer.content.decode()
    assert current_revision(PEEL).number == 1


def test_a_stale_review_says_what_was_saved_since_and_keeps_what_was_typed(
    client: Client, clinic: Clinic, draft
):
    client.force_login(clinic.physician)
    again = draft_peel(clinic, 5)

    answer = client.post(REVIEW, sent(draft, reason="My own words"))

    page = answer.content.decode()
    assert answer.status_code == 422
    since = page.split("Saved since you opened")[1].split("</ul>")[0]
    assert "Shortest interval" in since
    assert "My own words" in page
    assert f'name="version" value="{again.draft.version}"' in page
    assert current_revision(PEEL).number == 1


def test_a_case_that_changes_its_answer_is_shown_and_agreed_to(
    client: Client, clinic: Clinic, draft
):
    case_of_three_months(clinic)
    client.force_login(clinic.physician)

    refused = client.post(REVIEW, sent(draft))
    assert refused.status_code == 422
    assert "second-peel" in refused.content.decode()
    assert "This case changes as intended" in refused.content.decode()

    client.post(REVIEW, sent(draft, cases="1"))
    assert current_revision(PEEL).number == 2


def test_a_draft_gone_meanwhile_is_told(client: Client, clinic: Clinic, draft):
    client.force_login(clinic.physician)
    client.post(REVIEW, sent(draft))

    late = client.post(REVIEW, sent(draft), follow=True)

    assert "published or discarded already" in late.content.decode()
    assert client.get(REVIEW).status_code == 404


# The gaps


def draft_gaps(clinic: Clinic) -> Proposal:
    draft = start_table(by=clinic.physician)
    longer = (GapRule("peel_medium", "toxin", Period(6, "weeks"), {}, "article"),)
    save_table(draft, longer, draft.version, by=clinic.physician)
    found = proposal("gaps")
    assert found is not None
    return found


def test_the_gaps_are_reviewed_and_published(client: Client, clinic: Clinic):
    clinic.book(THURSDAY)
    clinic.book(dt.date(2026, 12, 21), revision=clinic.toxin, minute=660)
    found = draft_gaps(clinic)
    page = page_of(client, clinic.physician, "/impact/gaps/")
    assert "<ins>6 weeks</ins>" in page
    assert "1 session of 1 patient" in page

    answer = client.post("/impact/gaps/", sent(found), follow=True)

    assert "is in force" in answer.content.decode()
    assert ReviewItem.objects.get().cause == f"gaps {found.draft.number}"


def test_without_a_draft_of_the_gaps_the_page_says_how_to_begin_one(client: Client, clinic: Clinic):
    client.force_login(clinic.physician)

    answer = client.get("/impact/gaps/", follow=True)

    assert "The gaps have no draft" in answer.content.decode()


# The preview


def typed(months: str) -> dict[str, str]:
    page = {"section": "rules"}
    for end, n in (("min", months), ("recommended", months), ("max", "6")):
        page |= {f"interval_{end}_0": n, f"interval_{end}_1": "months"}
    return page


def rules_page(client: Client) -> dict[str, str]:
    """Every field of the editor's page of rules, as a browser would send it."""
    found: dict[str, str] = {}

    class Fields(HTMLParser):
        select = ""

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            own = {name: value or "" for name, value in attrs}
            if tag == "input" and own.get("type") not in ("checkbox", "radio", "search"):
                found[own.get("name", "")] = own.get("value", "")
            if tag == "input" and own.get("type") == "checkbox" and "checked" in own:
                found[own["name"]] = own.get("value", "on")
            if tag == "select":
                self.select = own.get("name", "")
                if "multiple" not in own:
                    found.setdefault(self.select, "")
            if tag == "option" and "selected" in own and self.select:
                found[self.select] = own.get("value", "")
            if tag == "textarea":
                found.setdefault(own.get("name", ""), "")

    Fields().feed(client.get(reverse("editor:section", args=[PEEL, "rules"])).content.decode())
    found.pop("csrfmiddlewaretoken", None)
    return found


@pytest.fixture
def opened(clinic: Clinic) -> None:
    clinic.book(THURSDAY, SECOND)
    start_draft(clinic.peel.procedure, by=clinic.physician)


def test_the_preview_counts_what_is_typed_and_saves_nothing(
    client: Client, clinic: Clinic, editor: User, opened: None
):
    client.force_login(editor)
    fields = rules_page(client) | typed("4")

    answer = client.post(f"{REVIEW}preview/", fields, headers={"HX-Request": "true"})

    page = answer.content.decode()
    assert "1 session of 1 patient would not stand as they are." in page
    assert "too early" in page
    assert "<html" not in page
    found = proposal(PEEL)
    assert found is not None
    assert found.differences == ()


def test_a_value_half_typed_is_no_error(client: Client, clinic: Clinic, editor: User, opened: None):
    client.force_login(editor)
    fields = rules_page(client) | typed("")

    answer = client.post(f"{REVIEW}preview/", fields, headers={"HX-Request": "true"})

    assert answer.status_code == 200
    assert "Fill in the values marked" in answer.content.decode()


def test_values_that_contradict_each_other_judge_nobody(
    client: Client, clinic: Clinic, editor: User, opened: None
):
    client.force_login(editor)

    answer = client.post(f"{REVIEW}preview/", rules_page(client) | typed("9"))

    assert answer.status_code == 200
    assert "Fill in the values marked" in answer.content.decode()


def test_gaps_typed_count_what_they_would_touch(
    client: Client, clinic: Clinic, editor: User, opened: None
):
    clinic.book(dt.date(2027, 1, 18), revision=clinic.toxin, minute=660)
    client.force_login(editor)
    typed_gap = {
        "section": "gaps", "before-TOTAL_FORMS": "0", "before-INITIAL_FORMS": "0",
        "after-TOTAL_FORMS": "1", "after-INITIAL_FORMS": "0", "after-0-other": "group:toxin",
        "after-0-own": "group", "after-0-min_0": "3", "after-0-min_1": "months",
        "after-0-source": "",
    }  # fmt: skip

    answer = client.post(f"{REVIEW}preview/", typed_gap, headers={"HX-Request": "true"})

    assert "1 session of 1 patient" in answer.content.decode()
    assert "must wait" in answer.content.decode()


def test_who_may_only_read_a_section_sees_whom_the_stored_draft_touches(
    client: Client, clinic: Clinic, draft
):
    client.force_login(clinic.physician)

    answer = client.post(f"{REVIEW}preview/", {"section": "rules"})

    assert "1 session of 1 patient" in answer.content.decode()
    assert "Back to the draft" in answer.content.decode()


# The table


def table_of(client: Client, user: User) -> list[list[str]]:
    client.force_login(user)
    answer = client.get(f"{REVIEW}export.csv")
    assert answer.headers["Content-Type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_the_table_holds_every_session(client: Client, clinic: Clinic, draft):
    head, line = table_of(client, clinic.physician)

    assert head[:3] == ["Day", "Patient", "Number"]
    assert line[:5] == ["2027-03-01", NAME, "142", "Medium TCA peel", "2 of 2"]
    assert Entry.objects.get(action="impact_exported").details == {"cause": f"{PEEL} 2", "rows": 1}


def test_the_table_of_an_editor_names_nobody(client: Client, clinic: Clinic, editor: User, draft):
    _head, line = table_of(client, editor)

    assert line[1:3] == ["A patient", ""]
    assert NAME not in " ".join(line)


def test_a_name_cannot_become_a_formula(client: Client, clinic: Clinic, draft):
    clinic.patient.given_name = '=HYPERLINK("http://evil")'
    clinic.patient.save(update_fields=["given_name"])

    _head, line = table_of(client, clinic.physician)

    assert line[1].startswith("'=HYPERLINK")


# Settling


def test_a_session_is_settled_from_the_worklist(client: Client, clinic: Clinic, draft):
    client.force_login(clinic.physician)
    client.post(REVIEW, sent(draft))
    client.force_login(clinic.reception)
    page = client.get("/worklist/").content.decode()
    assert "Medium TCA peel, revision 2" in page
    item = ReviewItem.objects.get()

    client.post(reverse("impact:settle", args=[item.pk]), {"reason": "Agreed with Dr Weiss"})

    item.refresh_from_db()
    assert item.settled_reason == "Agreed with Dr Weiss"
    assert "revision 2" not in client.get("/worklist/").content.decode()


def test_settling_without_a_reason_says_so(client: Client, clinic: Clinic, draft):
    client.force_login(clinic.physician)
    client.post(REVIEW, sent(draft))
    item = ReviewItem.objects.get()

    answer = client.post(reverse("impact:settle", args=[item.pk]), {"reason": ""}, follow=True)

    assert "Say what was decided" in answer.content.decode()
    item.refresh_from_db()
    assert item.settled_at is None
