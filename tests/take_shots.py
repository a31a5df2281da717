"""Pictures of the demo clinic's pages, to look at them: at a desk and on a phone, light and dark.

    make shots
    make shots PAGES="/patients/1/ /diary/" AS=reception

They go into .pictures/. Without PAGES: every page whose address has no argument. It fails, after
all pictures are taken, when the browser complains, axe finds something or a page is too wide.
Not part of the suite: pytest runs it only when it is named.
"""

import os
import re
from collections.abc import Iterator
from http import HTTPStatus
from itertools import product

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.management import call_command
from django.urls import URLPattern, URLResolver, get_resolver
from playwright.sync_api import Page

from clinic.staff.models import User
from tests.conftest import OpenPage
from tests.house.source import ROOT, rooms

PICTURES = ROOT / ".pictures"


@pytest.fixture
def visitor(transactional_db: None) -> User:
    """Whoever AS names, else the receptionist of the demo clinic."""
    call_command("load_catalogue", ROOT / "plans" / "data" / "catalogue.yaml")
    call_command("demo")
    return User.objects.get(username=os.environ.get("AS") or "reception")


def plain_addresses() -> Iterator[str]:
    """Yield the address of each page of ours that needs no argument."""
    ours = {room.name for room in rooms()}
    for group in get_resolver().url_patterns:
        if isinstance(group, URLResolver) and group.namespace in ours:
            for entry in group.url_patterns:
                address = f"/{group.pattern}{entry.pattern}"
                if isinstance(entry, URLPattern) and "<" not in address:
                    yield address


def test_take_pictures(open_page: OpenPage, visitor: User):
    PICTURES.mkdir(exist_ok=True)
    faults: list[str] = []
    for width, theme in product(("desk", "phone"), ("light", "dark")):
        page = open_page(visitor, width=width, theme=theme)
        for address in os.environ.get("PAGES", "").split() or plain_addresses():
            faults += take(page, address, f"{width}.{theme}")
    assert any(PICTURES.glob("*.png")), "no page was there to take a picture of"
    assert not faults, "\n".join(faults)


def take(page: Page, address: str, suffix: str) -> list[str]:
    """Save one picture; return what is wrong with the page, in words."""
    if page.request.get(address).status == HTTPStatus.METHOD_NOT_ALLOWED:
        return []  # it takes only what a form sends
    answer = page.goto(address)
    if answer is None or "html" not in answer.headers.get("content-type", ""):
        return []
    page.wait_for_load_state("networkidle")
    stem = re.sub(r"[^a-z0-9]+", "-", address.lower()).strip("-") or "today"
    page.screenshot(path=PICTURES / f"{stem}.{suffix}.png", full_page=True)
    faults = faults_of(page)
    if answer.status >= 400:
        faults.append(f"answered {answer.status}")
    return [f"{address} {suffix}: {fault}" for fault in faults]


def faults_of(page: Page) -> list[str]:
    """What axe finds, too wide a page, not exactly one main heading, no title: one line each."""
    faults = [
        f"axe {found['impact']}: {found['id']} x{len(found['nodes'])}: {found['nodes'][0]['html']}"
        for found in Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    ]
    if too_wide := page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    ):
        faults.append(f"{too_wide} px wider than the screen")
    if (headings := page.locator("h1").count()) != 1:
        faults.append(f"{headings} headings of the first level")
    if not page.title().removesuffix("Cadence").strip(" ·"):
        faults.append("no title")
    return faults
