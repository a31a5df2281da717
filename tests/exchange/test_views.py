"""The pages on which the catalogue leaves and comes as a file."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from clinic.patients.models import FactType
from clinic.staff.models import User
from plans.catalogue.models import Procedure, Revision
from plans.catalogue.selectors import current_revision, draft_of
from plans.catalogue.services import start_draft
from plans.data.catalogue_file import LARGEST_FILE, read_catalogue
from plans.data.factories import UserFactory
from plans.exchange.selectors import export_file
from plans.exchange.services import load_catalogue
from plans.gaps.services import start_table
from tests.catalogue.conftest import filled
from tests.catalogue.small_file import FULL, changed

pytestmark = pytest.mark.django_db
LATER = changed("min: {value: 3, unit: months,", "min: {value: 2, unit: months,")
RECHECKED = changed("recheck: {value: 3, unit: months}", "recheck: {value: 1, unit: months}")


def send(client: Client, content: str | bytes) -> Any:
    body = content.encode() if isinstance(content, str) else content
    return client.post("/exchange/", {"file": SimpleUploadedFile("catalogue.yaml", body)})


def checked(client: Client, content: str) -> str:
    """The address of the page that shows what `content` would change."""
    answer = send(client, content)
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def test_the_download_is_the_catalogue_in_force(at_desk: Client, catalogue: None):
    answer = at_desk.get("/exchange/catalogue.yaml")
    assert answer["Content-Type"].startswith("application/yaml")
    assert "attachment" in answer["Content-Disposition"]
    assert read_catalogue(answer.content.decode()) == export_file()


def test_whoever_reads_the_catalogue_may_take_it_out_but_not_bring_it_in(
    client: Client, catalogue: None
):
    client.force_login(UserFactory(role="practitioner"))
    assert client.get("/exchange/catalogue.yaml").status_code == 200
    assert send(client, FULL).status_code == 403


def test_a_checked_file_changes_nothing_and_names_every_difference(at_desk: Client, tca: Procedure):
    page = at_desk.get(checked(at_desk, LATER)).content.decode()
    assert "Shortest interval" in page
    assert "<del>3 months</del>" in page
    assert "<ins>2 months</ins>" in page
    assert draft_of(tca) is None


def test_yes_makes_drafts_and_publishes_nothing(at_desk: Client, tca: Procedure):
    address = checked(at_desk, LATER)
    answer = at_desk.post(address, filled(at_desk.get(address).content.decode()))
    assert answer["Location"] == "/exchange/"
    draft = draft_of(tca)
    assert draft is not None
    assert draft.interval_min_n == 2
    assert current_revision("tca").interval_min_n == 3
    assert "draft 2" in at_desk.get("/exchange/").content.decode()


def test_a_waiting_draft_of_the_gaps_leads_to_its_review(
    at_desk: Client, tca: Procedure, editor: User
):
    start_table(by=editor)
    assert 'href="/impact/gaps/"' in at_desk.get("/exchange/").content.decode()


def test_a_second_click_loads_nothing_twice(at_desk: Client, tca: Procedure):
    address = checked(at_desk, LATER)
    form = filled(at_desk.get(address).content.decode())
    for _click in range(2):
        assert at_desk.post(address, form)["Location"] == "/exchange/"
    assert Revision.objects.filter(procedure=tca).count() == 2


def test_a_fact_changes_only_where_it_is_ticked(at_desk: Client, catalogue: None):
    address = checked(at_desk, RECHECKED)
    page = at_desk.get(address).content.decode()
    assert 'value="facts.isotretinoin"' in page
    at_desk.post(address, filled(page))
    assert FactType.objects.get(code="isotretinoin").recheck_n == 3
    form = filled(at_desk.get(address).content.decode())
    at_desk.post(address, form | {"accept": ["facts.isotretinoin"]})
    assert FactType.objects.get(code="isotretinoin").recheck_n == 1


def test_what_changed_since_the_check_is_shown_before_anything_is_loaded(
    at_desk: Client, tca: Procedure, editor: User
):
    address = checked(at_desk, RECHECKED)
    form = filled(at_desk.get(address).content.decode())
    start_draft(tca, by=editor)
    late = at_desk.post(address, form | {"accept": ["facts.isotretinoin"]})
    assert late.status_code == 409
    assert "changed after this file was checked" in late.content.decode()
    assert FactType.objects.get(code="isotretinoin").recheck_n == 3
    again = filled(late.content.decode())
    assert again["accept"] == "on" or "checked" in late.content.decode()
    sent = at_desk.post(address, again | {"accept": ["facts.isotretinoin"]})
    assert sent.status_code == 302
    assert FactType.objects.get(code="isotretinoin").recheck_n == 1


def test_a_file_that_says_the_same_offers_nothing_to_load(at_desk: Client, catalogue: None):
    page = at_desk.get(checked(at_desk, FULL)).content.decode()
    assert "There is nothing to load" in page
    assert re.search(r"<button[^>]*disabled", page)


def test_a_file_of_somebody_else_is_not_shown(client: Client, at_desk: Client, catalogue: None):
    address = checked(at_desk, LATER)
    other = Client()
    other.force_login(UserFactory(role="editor"))
    assert other.get(address)["Location"] == "/exchange/"


@pytest.mark.parametrize(
    ("content", "line", "field", "words"),
    [
        (changed("fact: keloid,", "fact: foo,"), 52, "contraindications[1].fact", "unknown fact"),
        ("a: &a [x]\nb: [*a, *a]", 2, "", "aliases"),
        ("a: !!python/object/apply:os.system [ls]", 1, "", "tags"),
        ("a: " + "[" * 30 + "]" * 30, 1, "", "nested deeper"),
        ("x: 1\n" + "#" * LARGEST_FILE, 0, "", "larger than 2 MB"),
        (changed("version: small", "version: [1]"), 1, "version", "text"),
        (changed("version: small", "version: small\nversion: b"), 2, "version", "twice"),
        (
            changed("max: {value: 6, unit: months,", "max: {value: 900, unit: days,"),
            36,
            "interval.max",
            "730",
        ),
        (changed("version: small", 'version: "sm\\0all"'), 1, "version", "no letter"),
        (b"version: 1\nstatus: \xff\xfe", 2, "", "UTF-8"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", 1, "", "UTF-8"),
        (b"", 0, "", ""),
    ],
    ids=[
        "reference",
        "alias",
        "tag",
        "deep",
        "huge",
        "type",
        "duplicate",
        "bound",
        "control",
        "latin",
        "picture",
        "empty",
    ],
)
def test_a_hostile_file_is_refused_with_line_and_field(
    at_desk: Client, tca: Procedure, content: str | bytes, line: int, field: str, words: str
):
    before = export_file()
    answer = send(at_desk, content)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert field in page
    if line:
        assert re.search(rf'data-label="Line">{line}<', page), page
    assert export_file() == before
    assert draft_of(tca) is None


def test_the_page_takes_a_fixed_number_of_queries(
    at_desk: Client, catalogue: None, django_assert_max_num_queries: Any
):
    address = checked(at_desk, LATER)
    with django_assert_max_num_queries(70):
        at_desk.get(address)
    load_catalogue(LATER)
    for page in ("/exchange/", "/exchange/catalogue.yaml"):
        with django_assert_max_num_queries(30):
            at_desk.get(page)
