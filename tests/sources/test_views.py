"""The pages of sources, and of what is confirmed."""

from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.places.models import Location
from clinic.staff.models import User
from plans.catalogue.models import Confirmation
from plans.exchange.services import load_catalogue
from plans.terms.models import Source
from tests.catalogue.conftest import PRODUCT, book_course
from tests.sources.conftest import waiting

PEEL = "/sources/unconfirmed/tca/"
LEAST = '["tca/interval.min", "3 months", "article"]'


def page_of(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def sent_by(page: str, section: str) -> list[str]:
    """What the button of a section would send."""
    start = page.index(f'id="{section}"')
    form = page[start : page.index("</form>", start)]
    return [unescape(part.partition('"')[0]) for part in form.split('name="seen" value="')[1:]]


# Sources


def test_the_list_says_how_much_rests_on_each(catalogue: None, at_desk: Client):
    page = page_of(at_desk, "/sources/")
    assert "An article" in page
    assert "value" in page[page.index("An article") :]


def test_a_source_lists_its_values_by_procedure(catalogue: None, at_desk: Client):
    article = Source.objects.get(code="article")
    page = page_of(at_desk, f"/sources/{article.pk}/")
    for words in ("TCA peel", "Shortest interval", "3 months", "Acid at home", "Gaps between"):
        assert words in page
    assert "Longest interval" not in page


def test_a_source_is_added_and_edited(db: None, at_editor: Client):
    form = {"code": "label 2026", "title": "A label", "url": "example.org", "key": KEY}
    answer = at_editor.post("/sources/new/", form)
    made = Source.objects.get(code="label 2026")
    assert answer.headers["Location"] == f"/sources/{made.pk}/"
    assert made.url == "https://example.org"
    at_editor.post(f"/sources/{made.pk}/edit/", {"code": "x", "title": "Old label", "key": KEY})
    made.refresh_from_db()
    assert (made.code, made.title) == ("label 2026", "Old label")


KEY = "7d8ce7dc-5f0f-4c80-9d3c-62f3f70a3a40"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"title": ""}, "This field is required."),
        ({"code": "a/b"}, "Letters, digits, spaces"),
        ({"url": "javascript:alert(1)"}, "Enter a valid URL."),
        ({"code": "Article"}, "There is a source of this name"),
    ],
)
def test_a_wrong_source_is_refused_beside_its_field(
    catalogue: None, at_editor: Client, fields: dict[str, str], words: str
):
    form = {"code": "label", "title": "A label", "url": "", "key": KEY} | fields
    answer = at_editor.post("/sources/new/", form)
    assert answer.status_code == 422
    assert words in answer.content.decode()


# What is confirmed


def test_every_value_that_waits_is_counted_and_listed(catalogue: None, at_desk: Client):
    page = page_of(at_desk, "/sources/unconfirmed/")
    count = len(waiting())
    assert f"{count} of {count} values in force are not confirmed" in page
    assert page.count('<span class="muted">· ') == count
    for words in ("TCA peel", "Gaps between procedures", "Health questions", "Protocols"):
        assert words in page


def test_what_decides_a_booked_session_comes_first(
    catalogue: None, at_desk: Client, physician: User, location: Location
):
    book_course(physician, location, [10])
    page = page_of(at_desk, "/sources/unconfirmed/")
    start = page.index("TCA peel")
    # Three contraindications and a washout, the shortest interval, the least age.
    assert "6 decide booked sessions" in page[start:]
    assert start < page.index("Acid at home")
    peel = page[start : page.index("</details>", start)]
    assert peel.index("Shortest interval") < peel.index("Fewest sessions")


def test_a_value_is_confirmed_by_its_button(catalogue: None, at_desk: Client, physician: User):
    answer = at_desk.post(f"{PEEL}confirm/", {"one": LEAST, "seen": LEAST, "section": "interval"})
    assert answer.headers["Location"] == f"{PEEL}#interval"
    row = Confirmation.objects.get()
    assert (row.address, row.by) == ("tca/interval.min", physician)
    assert physician.display_name in page_of(at_desk, PEEL)


def test_a_section_is_confirmed_at_once(catalogue: None, at_desk: Client):
    page = page_of(at_desk, PEEL)
    values = sent_by(page, "interval")
    assert len(values) == 3
    at_desk.post(f"{PEEL}confirm/", {"seen": values, "section": "interval"})
    addresses = set(Confirmation.objects.values_list("address", flat=True))
    assert addresses == {f"tca/interval.{part}" for part in ("min", "recommended", "max")}
    assert "all confirmed" in page_of(at_desk, PEEL)


def test_a_confirmation_is_withdrawn_by_its_button(catalogue: None, at_desk: Client):
    at_desk.post(f"{PEEL}confirm/", {"one": LEAST})
    assert "Withdraw" in page_of(at_desk, PEEL)
    at_desk.post(f"{PEEL}withdraw/", {"one": LEAST})
    assert "Withdraw" not in page_of(at_desk, PEEL)


@pytest.mark.parametrize("document", ["gaps", "facts", "protocols", "acid_home"])
def test_every_document_can_be_confirmed_on_its_page(
    catalogue: None, at_desk: Client, document: str
):
    before = len(waiting())
    url = f"/sources/unconfirmed/{document}/"
    page = page_of(at_desk, url)
    values = [unescape(part.partition('"')[0]) for part in page.split('name="seen" value="')[1:]]
    at_desk.post(f"{url}confirm/", {"seen": values})
    assert len(waiting()) == before - len(values) < before
    assert "not yet" not in page_of(at_desk, url)


@pytest.mark.parametrize(
    "sent",
    [{}, {"one": "x"}, {"one": "[1]"}, {"one": '["tca/interval.min", "9 months", "article"]'}],
)
def test_what_cannot_be_confirmed_is_refused_on_the_page(
    catalogue: None, at_desk: Client, sent: dict[str, str]
):
    answer = at_desk.post(f"{PEEL}confirm/", sent)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not Confirmation.objects.exists()


def test_who_may_not_confirm_sees_no_button(catalogue: None, at_editor: Client):
    page = page_of(at_editor, PEEL)
    assert "not yet" in page
    assert "/confirm/" not in page


def test_a_document_that_does_not_exist_is_not_found(catalogue: None, at_desk: Client):
    assert at_desk.get("/sources/unconfirmed/none/").status_code == 404


def test_an_empty_catalogue_says_so(db: None, at_desk: Client):
    assert "The catalogue is empty" in page_of(at_desk, "/sources/unconfirmed/")
    assert "No source is known yet" in page_of(at_desk, "/sources/")


@pytest.mark.parametrize("url", ["/sources/", "/sources/unconfirmed/", PEEL])
def test_a_page_costs_the_same_with_few_and_many_procedures(
    catalogue: None, at_desk: Client, url: str
):
    few = queries(at_desk, url)
    load_catalogue(PRODUCT.read_text(encoding="utf-8"))
    assert queries(at_desk, url) == few


def queries(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as found:
        assert client.get(url).status_code == 200
    return len(found)
