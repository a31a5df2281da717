"""Every number of the starting catalogue whose source is the article stands in the product with it."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from django.db import transaction
from django.test import Client

from clinic.kit.operations import Role
from plans.data.factories import LocationFactory, UserFactory
from plans.exchange.services import load_catalogue
from tests.catalogue.conftest import PRODUCT

FILE = yaml.safe_load(PRODUCT.read_text(encoding="utf-8"))
PLURALS = {"days": "day", "weeks": "week", "months": "month", "sessions": "session"}
TERMS = {
    kind: {one["code"]: one["name"]["en"] for one in FILE[kind]}
    for kind in ("signs", "pit_types", "pit_depths", "pit_ages")
}


def amount(value: int, unit: str) -> str:
    """As the page says it: `3 months`, `1 session`, `2 times a day`."""
    if unit == "per day":
        return f"{value} times a day" if value != 1 else "1 time a day"
    return f"{value} {PLURALS[unit] if value == 1 else unit}"


def article_values(node: Any, path: str) -> Iterator[tuple[str, list[str]]]:
    """The place of each value of the article below `node`, and every word that must stand there."""
    if isinstance(node, list):
        for one in node:
            name = one.get("key") or one.get("fact") if isinstance(one, dict) else None
            if name:
                yield from article_values(one, f"{path}.{name}")
    if not isinstance(node, dict):
        return
    if node.get("source") == "article":
        yield path, words_of(node)
    for name, part in node.items():
        if name == "method" and node.get("method_source") == "article":
            yield f"{path}.method", [part if isinstance(part, str) else part["en"]]
        else:
            yield from article_values(part, f"{path}.{name}" if path else name)


def words_of(node: dict[str, Any]) -> list[str]:
    """What a value says: a number with its unit, codes by name, choices; and its note and reason."""
    said = [node["note"]] if node.get("note") else []
    said += [why if isinstance(why, str) else why["en"]] if (why := node.get("why")) else []
    if "value" in node:
        number = "no known end" if node["value"] is None else amount(node["value"], node["unit"])
        return [number, *said]
    said += [TERMS[kind][code] for kind in TERMS for code in node.get(kind, ())]
    said += [str(choice) for choice in node.get("choices") or ()]
    said += [f"{node[end]:g}" for end in ("min", "max") if node.get(end) is not None]
    return said


VALUES = [
    (procedure["code"], path, words)
    for procedure in FILE["procedures"]
    for path, words in article_values(procedure, "")
]


@pytest.fixture(scope="module")
def pages(django_db_setup: None, django_db_blocker: Any) -> dict[str, str]:
    """The page of each procedure of the starting catalogue, in English; the database is left empty."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_catalogue(PRODUCT.read_text(encoding="utf-8"))
        client = Client()
        client.force_login(UserFactory(role=Role.EDITOR, location=LocationFactory()))
        codes = [procedure["code"] for procedure in FILE["procedures"]]
        found = {code: client.get(f"/catalogue/{code}/").content.decode() for code in codes}
        transaction.set_rollback(True)
    return found


def test_no_value_of_the_article_is_overlooked():
    """A number here is a number in the file: the walk below finds all that a plain search finds."""
    text = PRODUCT.read_text(encoding="utf-8")
    procedures = text[text.index("\nprocedures:") : text.index("\ngaps:")]
    assert len(VALUES) == procedures.count("source: article")


@pytest.mark.parametrize(("code", "path", "words"), VALUES, ids=lambda part: str(part)[:60])
def test_a_value_of_the_article_stands_on_the_page_with_it(
    pages: dict[str, str], code: str, path: str, words: list[str]
):
    page = pages[code]
    start = page.index(f'<tr id="v-{path}">')
    row = page[start : page.index("</tr>", start)]
    assert ">article</a>" in row
    missing = [word for word in words if word not in row]
    assert not missing, row


@pytest.mark.parametrize(
    ("code", "sheet"),
    [
        (procedure["code"], sheet)
        for procedure in FILE["procedures"]
        for sheet in ("precare", "aftercare")
        if "article" in ((procedure.get(sheet) or {}).get("sources") or ())
    ],
)
def test_a_care_sheet_that_rests_on_the_article_says_so(
    pages: dict[str, str], code: str, sheet: str
):
    page = pages[code]
    start = page.index(f'aria-labelledby="h-{sheet}"')
    assert ">article</a>" in page[start : page.index("</section>", start)]


def test_the_article_s_title_can_be_reached_from_every_page_that_rests_on_it(pages: dict[str, str]):
    title = next(one["title"] for one in FILE["sources"] if one["id"] == "article")
    for code, page in ((code, pages[code]) for code in {value[0] for value in VALUES}):
        assert 'id="s-article"' in page, code
        assert title.replace("'", "&#x27;") in page, code
