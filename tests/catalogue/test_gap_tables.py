"""The clinic's gaps as a document: what is in force, its history, and a draft from any revision of it."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.kit.operations import Role
from clinic.places.models import Location
from clinic.staff.models import User
from plans.core.gaps import GapRule
from plans.core.spacing import Period
from plans.data.factories import GroupFactory, UserFactory
from plans.gaps.selectors import current_table, draft_table, gap_rules
from plans.gaps.services import publish_table, save_table, start_table

LONGER = GapRule("home_acid", "peel", Period(9, "days"), {"en": "It burnt."}, "clinic default")


@pytest.fixture
def published(catalogue: None, manager: User) -> None:
    """Nine days in place of the file's three."""
    draft = start_table(by=manager)
    draft = save_table(draft, [LONGER], draft.version, by=manager)
    publish_table(draft, reason="Two complaints", by=manager)


def page_of(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("role", [Role.RECEPTION, Role.PRACTITIONER])
def test_whoever_reads_the_catalogue_reads_all_revisions_of_the_gaps(
    client: Client, location: Location, published: None, role: Role
):
    client.force_login(UserFactory(role=role, location=location))
    now, then = page_of(client, "/catalogue/gaps/"), page_of(client, "/catalogue/gaps/1/")
    assert "9 days" in now
    assert "It burnt." in now
    assert "Two complaints" in now
    assert "9 days" not in then
    assert "3 days" in then
    assert "no longer in force" in then
    assert "New draft" not in then


def test_any_revision_of_the_gaps_can_be_the_base_of_a_draft(at_desk: Client, published: None):
    assert "New draft from revision 1" in page_of(at_desk, "/catalogue/gaps/1/")
    answer = at_desk.post("/editor/gaps/start/", {"base": "1"})
    draft = draft_table()
    assert draft is not None
    assert answer.headers["Location"] == f"/catalogue/gaps/{draft.number}/"
    assert [rule.min for rule in gap_rules(draft)] == [Period(3, "days")]


def test_a_draft_of_the_gaps_can_be_discarded(at_desk: Client, published: None, manager: User):
    start_table(by=manager)
    assert "/editor/gaps/discard/" in page_of(at_desk, "/catalogue/gaps/")
    at_desk.post("/editor/gaps/discard/")
    assert draft_table() is None
    assert gap_rules(current_table()) == (LONGER,)
    again = at_desk.post("/editor/gaps/discard/", follow=True)
    assert "published or discarded already" in again.content.decode()


def test_a_clinic_without_gaps_is_told_so(db: None, at_desk: Client):
    assert "No gap is in force yet." in page_of(at_desk, "/catalogue/gaps/")


def test_the_page_costs_the_same_with_few_and_many_gaps(
    catalogue: None, at_desk: Client, manager: User
):
    few = queries(at_desk)
    groups = [GroupFactory(code=f"group_{n}") for n in range(8)]
    draft = start_table(by=manager)
    rules = [GapRule(group.code, "peel", Period(2, "weeks"), {}, "article") for group in groups]
    publish_table(save_table(draft, rules, 0, by=manager), reason="More of them", by=manager)
    assert queries(at_desk) == few


def queries(client: Client) -> int:
    client.get("/catalogue/gaps/")
    with CaptureQueriesContext(connection) as found:
        page_of(client, "/catalogue/gaps/")
    return len(found)
