"""The catalogue's pages: the list, a procedure's data sheet, its revisions."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.kit import clock
from clinic.places.models import Location
from clinic.staff.models import User
from plans.catalogue.models import Confirmation, Procedure
from plans.catalogue.selectors import current_revision, ruleset, with_content
from plans.catalogue.services import publish, save_draft, start_draft
from plans.catalogue.tags import value_words
from plans.core.spacing import Period
from plans.exchange.services import load_catalogue
from tests.catalogue.conftest import PRODUCT, book_course

SHEET = "/catalogue/tca/"


def page_of(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def row_of(page: str, path: str) -> str:
    """The line of the data sheet for the value at `path`."""
    start = page.index(f'<tr id="v-{path}">')
    return page[start : page.index("</tr>", start)]


def put_in_force(procedure: Procedure, by: User, **values: Any) -> None:
    """A next revision with these values; a place's point is written as two underscores."""
    draft = start_draft(procedure, by=by)
    rules = ruleset(with_content().get(pk=draft.pk))
    given = {name.replace("__", "."): value for name, value in values.items()}
    draft = save_draft(
        draft, replace(rules, values={**rules.values, **given}), draft.version, by=by
    )
    publish(draft, reason="Seen too early", by=by)


# The list


def test_the_list_says_the_interval_in_words_and_the_use(
    tca: Procedure, at_desk: Client, manager: User, location: Location
):
    book_course(manager, location, [10])
    page = page_of(at_desk, "/catalogue/")
    assert "3 to 6 months, best 3 months" in page
    assert "3 to 6 sessions, best 3" in page
    assert "in use by 1 course" in page


def test_the_list_marks_a_draft(tca: Procedure, at_desk: Client, manager: User):
    start_draft(tca, by=manager)
    assert "draft 2" in page_of(at_desk, "/catalogue/")


@pytest.mark.parametrize(
    ("query", "there", "missing"),
    [
        ("q=peeling", "TCA peel", "Acid at home"),
        ("q=acid_home", "Acid at home", "TCA peel"),
        ("kind=home", "Acid at home", "TCA peel"),
        ("kind=clinic", "TCA peel", "Acid at home"),
        ("group=peel", "TCA peel", "Acid at home"),
        ("sign=pits", "TCA peel", "Acid at home"),
        ("in_use=on", "TCA peel", "Acid at home"),
        ("has_draft=on", "Acid at home", "TCA peel"),
        ("unconfirmed=on", "TCA peel", "Nothing found"),
        ("offered=all&q=peel", "TCA peel", "Acid at home"),
        ("q=nothing-like-it", "Nothing found", "TCA peel"),
        ("offered=retired", "Nothing found", "TCA peel"),
    ],
)
def test_the_list_is_narrowed(
    tca: Procedure,
    at_desk: Client,
    manager: User,
    location: Location,
    query: str,
    there: str,
    missing: str,
):
    book_course(manager, location, [10])
    start_draft(Procedure.objects.get(code="acid_home"), by=manager)
    page = found_by(at_desk, query)
    assert there in page
    assert missing not in page


def found_by(client: Client, query: str) -> str:
    """What the list shows for `query`, without the form that asks."""
    page = page_of(client, f"/catalogue/?{query}")
    return page[page.index('id="found"') :]


def test_the_list_says_how_many_were_found(catalogue: None, at_desk: Client):
    assert "2 procedures found, of 2." in page_of(at_desk, "/catalogue/")
    assert "1 procedure found, of 2." in page_of(at_desk, "/catalogue/?q=tca")


def test_a_filter_that_does_not_exist_asks_for_nothing(catalogue: None, at_desk: Client):
    page = found_by(at_desk, "group=no-such-group&kind=moon&sign=none")
    assert "2 procedures found" in page


def test_the_form_shows_what_was_asked(catalogue: None, at_desk: Client):
    page = page_of(at_desk, "/catalogue/?q=tca&group=peel&in_use=on")
    assert 'value="tca"' in page
    assert '<option value="peel" selected>' in page
    assert "checked" in page


def test_under_htmx_only_what_was_found_is_sent(catalogue: None, at_desk: Client):
    part = at_desk.get("/catalogue/?q=tca", headers={"HX-Request": "true"}).content.decode()
    assert "TCA peel" in part
    assert "<html" not in part


def test_an_empty_catalogue_says_what_to_do_first(db: None, at_desk: Client):
    assert "load_catalogue" in page_of(at_desk, "/catalogue/")


# The data sheet


def test_the_data_sheet_shows_rules_with_their_sources(catalogue: None, at_desk: Client):
    page = page_of(at_desk, SHEET)
    for words in (
        "80 minutes in the clinic",
        "3 to 6 months, best 3 months between sessions",
        "Isotretinoin",
        "6 months",
        "Never pull the crust.",
        "about day 0 to 3",
        "An article",
        "minute 30 to 80",
        "Revision 1",
    ):
        assert words in page


def test_a_value_stands_with_its_source_its_note_and_what_is_confirmed(
    tca: Procedure, at_desk: Client, manager: User
):
    row = row_of(page_of(at_desk, SHEET), "effect_lasts")
    assert "12 months" in row
    assert "lasting" in row
    assert 'href="#s-clinic-default" title="Customary"' in row
    assert "not yet" in row


def test_a_confirmed_value_says_by_whom_and_when(tca: Procedure, at_desk: Client, manager: User):
    confirm("tca/interval.min", "3 months", "article", by=manager)
    row = row_of(page_of(at_desk, SHEET), "interval.min")
    assert manager.display_name in row
    assert "not yet" not in row


@pytest.mark.parametrize(("value", "source"), [("4 months", "article"), ("3 months", "label")])
def test_a_confirmation_of_another_value_or_source_does_not_count(
    tca: Procedure, at_desk: Client, manager: User, value: str, source: str
):
    confirm("tca/interval.min", value, source, by=manager)
    assert "not yet" in row_of(page_of(at_desk, SHEET), "interval.min")


def test_what_stands_on_no_source_asks_for_no_confirmation(tca: Procedure, at_desk: Client):
    assert "not yet" not in row_of(page_of(at_desk, SHEET), "consent.required")


def test_gaps_are_shown_in_both_directions_with_their_reasons(catalogue: None, at_desk: Client):
    later = page_of(at_desk, "/catalogue/acid_home/")
    earlier = page_of(at_desk, SHEET)
    assert "After it, before another" in later
    assert "Before it, after another" in earlier
    for page, other in ((later, "Peels"), (earlier, "Acids at home")):
        gaps = page[page.index('<details class="panel" id="gaps">') :]
        assert other in gaps
        assert "3 days" in gaps
        assert "It stings." in gaps


def test_a_home_product_shows_its_regimen_and_its_pauses(catalogue: None, at_desk: Client):
    page = page_of(at_desk, "/catalogue/acid_home/")
    assert "1 per week" in row_of(page, "regimen.times")
    assert "90 days" in row_of(page, "regimen.course")
    assert "1 month" in row_of(page, "on_break.break_min")
    assert "Rinse." in page


def test_suits_and_parameters_are_shown_in_words(catalogue: None, at_desk: Client):
    page = page_of(at_desk, SHEET)
    assert ">Pits (Boxcar, Deep, Recent)<" in row_of(page, "suits")
    assert "10–40 %" in row_of(page, "parameters.percent")


def test_missing_texts_are_marked(catalogue: None, at_desk: Client):
    page = page_of(at_desk, SHEET)
    texts = page[page.index('id="texts"') :]
    assert 'lang="de">TCA-Peeling' in texts
    assert "texts missing" in texts


def test_the_interval_is_drawn_and_said(catalogue: None, at_desk: Client):
    page = page_of(at_desk, SHEET)
    assert "Interval from session to session: 3 to 6 months, best 3 months" in page
    assert "tl-window past" not in page
    assert 'class="tl-window"' in page
    assert 'class="tl-window"' not in page_of(at_desk, "/catalogue/acid_home/")


def test_the_product_s_pages_can_be_shown_in_every_language(db: None, at_desk: Client):
    load_catalogue(PRODUCT.read_text(encoding="utf-8"))
    for language in ("en", "ru", "es", "de"):
        at_desk.cookies["django_language"] = language
        for code in ("tca_peel_medium", "fruit_peel_home", "collagen_injection"):
            page = page_of(at_desk, f"/catalogue/{code}/")
            assert current_revision(code).name[language] in page


@pytest.mark.parametrize(
    ("code", "path", "words"),
    [
        (code, "contraindications.isotretinoin_oral", "limits that to mechanical dermabrasion")
        for code in ("tca_peel_medium", "laser_co2", "dermabrasion", "microneedling")
    ]
    + [
        ("azelaic_gel", "regimen.course", "at least twelve weeks"),
        ("heparin_ointment", "regimen.times", "not to rub it in"),
        ("heparin_ointment", "patch_test.code", "Advised, not blocking"),
    ],
)
def test_a_conflict_between_sources_is_a_note_beside_the_value(
    db: None, at_desk: Client, code: str, path: str, words: str
):
    load_catalogue(PRODUCT.read_text(encoding="utf-8"))
    assert words in row_of(page_of(at_desk, f"/catalogue/{code}/"), path)


def test_a_contraindication_leads_to_its_fact(catalogue: None, at_desk: Client):
    assert '<a href="/vocabulary/pregnancy/">' in page_of(at_desk, SHEET)


def test_the_code_of_a_patch_test_is_shown_as_words(db: None):
    assert value_words("patch_test.code", "collagen_skin_test") == "collagen skin test"


def test_what_does_not_exist_is_not_found(tca: Procedure, at_desk: Client):
    for path in ("foo/", "tca/revisions/9/", "tca/revisions/1/against/9/", "foo/retire/"):
        assert at_desk.get(f"/catalogue/{path}").status_code == 404


# Revisions


def test_an_earlier_revision_stays_readable(tca: Procedure, at_desk: Client, manager: User):
    put_in_force(
        tca, manager, interval__min=Period(4, "months"), interval__recommended=Period(4, "months")
    )
    old = page_of(at_desk, "/catalogue/tca/revisions/1/")
    assert "This is revision 1." in old
    assert "3 months" in row_of(old, "interval.min")
    assert "4 months" in row_of(page_of(at_desk, SHEET), "interval.min")
    assert "Seen too early" in old


def test_two_revisions_are_compared_field_by_field(tca: Procedure, at_desk: Client, manager: User):
    put_in_force(tca, manager, age__min=21)
    page = page_of(at_desk, "/catalogue/tca/revisions/2/against/1/")
    assert "Least age" in page
    assert "<del>18 years</del>" in page
    assert "<ins>21 years</ins>" in page
    assert "1 value" in page


def test_a_revision_against_itself_says_the_same(tca: Procedure, at_desk: Client):
    assert "Both say the same." in page_of(at_desk, "/catalogue/tca/revisions/1/against/1/")


def test_other_two_revisions_are_chosen_by_number(tca: Procedure, at_desk: Client, manager: User):
    put_in_force(tca, manager, age__min=21)
    answer = at_desk.get("/catalogue/tca/revisions/2/against/1/?old=2&new=1")
    assert answer.headers["Location"] == "/catalogue/tca/revisions/1/against/2/"


def test_a_change_of_what_it_suits_is_told_in_names(tca: Procedure, at_desk: Client, manager: User):
    put_in_force(tca, manager, suits={"signs": ["pits"], "pit_depths": ["deep"]})
    page = page_of(at_desk, "/catalogue/tca/revisions/2/against/1/")
    assert "<ins>Pits (" in page


@pytest.mark.parametrize("url", ["/catalogue/", "/catalogue/tca_peel_medium/"])
def test_a_page_costs_the_same_with_few_and_many_procedures(
    catalogue: None, at_desk: Client, manager: User, location: Location, url: str
):
    few = queries(at_desk, url.replace("tca_peel_medium", "tca"))
    load_catalogue(PRODUCT.read_text(encoding="utf-8"))
    for _ in range(3):
        book_course(manager, location, [10])
    assert queries(at_desk, url) == few


def queries(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as found:
        assert client.get(url).status_code == 200
    return len(found)


def confirm(address: str, value: str, source: str, *, by: User) -> None:
    Confirmation.objects.create(
        address=address, value=value, source=source, by=by, on=clock.today(), at=clock.now()
    )
