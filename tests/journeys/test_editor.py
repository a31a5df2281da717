"""An editor who never saw the product changes a rule, in a browser."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from plans.catalogue.models import Procedure, Revision
from plans.catalogue.services import start_draft
from tests.conftest import OpenPage
from tests.journeys.conftest import Hand, House

TCA = "tca_peel_medium"
A_MINUTE = 60


@pytest.fixture
def draft(house: House) -> Revision:
    return start_draft(Procedure.objects.get(code=TCA), by=house.editor)


def test_from_the_list_to_the_review_of_an_interval_it_is_two_clicks_and_one_field(
    house: House, open_page: OpenPage
):
    page = open_page(house.editor)
    hand = Hand(page)
    page.goto("/catalogue/")
    began = time.monotonic()

    hand.click(page.get_by_role("button", name="Edit Medium TCA peel"))
    hand.fill(page.get_by_label("Shortest interval", exact=True).first, "4")
    hand.click(page.get_by_role("button", name=re.compile("review whom it touches")))

    # The third click is Publish: what changes and whom it touches is there before it.
    expect(page.get_by_role("region", name="What changes")).to_contain_text("4 months")
    expect(page.get_by_role("region", name="Who is touched")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Publish"))).to_be_visible()
    assert (hand.actions, hand.fields) == (2, 1)
    assert time.monotonic() - began < A_MINUTE


def test_an_interval_that_contradicts_itself_is_told_beside_its_field(
    house: House, open_page: OpenPage, draft: Revision
):
    page = open_page(house.editor)
    page.goto(f"/editor/{TCA}/rules/")
    page.get_by_label("Shortest interval", exact=True).first.fill("7")
    expect(page.get_by_role("region", name="Who is touched")).to_be_visible()
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_role("alert").first).to_contain_text("Nothing was saved")
    row = page.get_by_role("row").filter(has_text="Shortest interval").first
    expect(row).to_contain_text("is more than longest interval (6 months)")
    expect(page.get_by_label("Shortest interval", exact=True).first).to_have_value("7")


def test_a_care_sheet_shows_itself_while_it_is_typed(
    house: House, open_page: OpenPage, draft: Revision
):
    page = open_page(house.editor)
    page.goto(f"/editor/{TCA}/care/")
    line = page.locator("textarea[name='aftercare-0-text_en']")
    line.fill("Cool with **ice**, see [our page](https://clinic.example/ice).")
    line.press("Tab")
    sheet = page.get_by_role("region", name="As the patient reads it")
    expect(sheet.locator("strong", has_text="ice")).to_be_visible()
    expect(sheet.get_by_role("link", name="our page")).to_be_visible()
    page.get_by_label("Language").select_option("de")
    expect(sheet).to_contain_text("Kühlen Sie mit Eis")
    draft.refresh_from_db()
    assert draft.version == 0


@pytest.mark.parametrize("width", ["desk", "phone"])
def test_no_section_is_wider_than_the_screen(
    house: House, open_page: OpenPage, draft: Revision, width: str
):
    page = open_page(house.editor, width=width)
    for section in (
        "rules",
        "needs",
        "contraindications",
        "gaps",
        "parameters",
        "care",
        "texts",
        "suits",
    ):
        page.goto(f"/editor/{TCA}/{section}/")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Medium TCA peel")
        assert too_wide(page) == 0, section


def too_wide(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    wide: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return max(wide, 0)
