"""The small catalogue loaded, a draft of its peel, and forms sent back as a browser would."""

from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client

from clinic.kit.operations import Role
from clinic.places.models import Location
from clinic.staff.models import User
from plans.catalogue.models import Procedure, Revision
from plans.catalogue.services import start_draft
from plans.data.factories import LocationFactory, UserFactory
from plans.exchange.services import load_catalogue
from tests.catalogue.conftest import PRODUCT
from tests.catalogue.small_file import FULL


@pytest.fixture
def catalogue(db: None) -> None:
    load_catalogue(FULL)


@pytest.fixture
def product(db: None) -> None:
    load_catalogue(PRODUCT.read_text(encoding="utf-8"))


@pytest.fixture
def tca(catalogue: None) -> Procedure:
    return Procedure.objects.get(code="tca")


@pytest.fixture
def location(db: None) -> Location:
    return LocationFactory()


@pytest.fixture
def editor(location: Location) -> User:
    return UserFactory(role=Role.EDITOR, location=location)


@pytest.fixture
def manager(location: Location) -> User:
    return UserFactory(role=Role.MANAGER, location=location)


@pytest.fixture
def physician(location: Location) -> User:
    return UserFactory(role=Role.PHYSICIAN, location=location)


@pytest.fixture
def draft(tca: Procedure, editor: User) -> Revision:
    return start_draft(tca, by=editor)


@pytest.fixture
def at_desk(client: Client, editor: User) -> Client:
    """A browser in which the catalogue editor is signed in."""
    client.force_login(editor)
    return client


def sent_of(section: Any) -> dict[str, Any]:
    """What a browser would send of a section's forms if nobody touched them."""
    found: dict[str, Any] = {}
    for part in (section.form, *section.lists.values()):
        if part is None:
            continue
        is_list = hasattr(part, "management_form")
        for form in [part.management_form, *part.forms] if is_list else [part]:
            for field in form:
                found |= _sent(field)
    return found


def _sent(field: Any) -> dict[str, Any]:
    [shown] = [one.data for one in field.subwidgets][:1] or [{}]
    if "subwidgets" in shown:
        return {one["name"]: _plain(one["value"]) for one in shown["subwidgets"]}
    value = field.value()
    if value is None or value is False:
        return {}
    return {field.html_name: "on" if value is True else _plain(value)}


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [str(one) for one in value]
    return "" if value is None else str(value)


class _Fields(HTMLParser):
    """The fields of a page as a browser would send them: lists where several can be chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, Any] = {}
        self._select = self._area = ""
        self._is_multiple = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name, kind = given.get("name", ""), given.get("type", "")
        if "disabled" in given and tag in ("input", "select", "textarea"):
            return
        if tag == "input" and name:
            self._input(name, kind, given)
        elif tag == "select":
            self._select, self._is_multiple = name, "multiple" in given
            self.found[name] = [] if self._is_multiple else None
        elif tag == "option" and self._select:
            self._option(given)
        elif tag == "textarea":
            self._area = name
            self.found[name] = ""

    def _input(self, name: str, kind: str, given: dict[str, str]) -> None:
        if kind != "checkbox":
            self.found[name] = given.get("value", "")
        elif "checked" in given and "value" in given:
            self.found.setdefault(name, []).append(given["value"])
        elif "checked" in given:
            self.found[name] = "on"

    def _option(self, given: dict[str, str]) -> None:
        value = given.get("value", "")
        if self._is_multiple and "selected" in given:
            self.found[self._select].append(value)
        elif not self._is_multiple and ("selected" in given or self.found[self._select] is None):
            self.found[self._select] = value

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.found[self._area] += data.removeprefix("\n")


def filled(page: str) -> dict[str, Any]:
    """What a browser would send of `page` if nobody touched it."""
    fields = _Fields()
    fields.feed(page[page.index("<main") :])
    return fields.found
