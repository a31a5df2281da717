"""One word opens five doors: the code, the pages, the tests, the address and its name."""

import tomllib
from importlib import import_module
from pathlib import Path

import pytest
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver

from tests.house.source import LAYERS, ROOT, dotted, room_files, rooms

# Tools that know no room, and so may be named after what they do.
TOOLBOX = "kit"
# The desk's pages show several rooms: theirs are the addresses people read as the product's own.
SHORT_ADDRESSES = {"desk"}
# Folders of tests that follow no room.
NO_ROOM_TESTS = {"core", "house", "journeys", "deploy", "bench"}

each_room = pytest.mark.parametrize("room", rooms(), ids=dotted)


@pytest.mark.parametrize("room", [room for room in rooms() if room.name != TOOLBOX], ids=dotted)
def test_a_room_holds_only_the_layers_everybody_knows(room: Path):
    surplus = {path.stem for path in room.rglob("*.py")} - {*LAYERS, "__init__"}
    assert not surplus, f"split the room, or move rules down into core: {sorted(surplus)}"


def test_no_module_is_named_after_nothing():
    vague = {"utils", "util", "helpers", "common", "misc", "base", "lib"}
    found = [dotted(path) for room in rooms() for path in room.rglob("*.py") if path.stem in vague]
    assert not found


@each_room
def test_a_room_opens_with_nothing(room: Path):
    """An __init__ with imports would load upper layers when a lower one is asked for."""
    assert not (room / "__init__.py").read_text().strip().startswith(("from ", "import "))


@pytest.mark.parametrize("path", room_files("views"), ids=dotted)
def test_a_room_with_pages_keeps_its_templates_under_its_word(path: Path):
    assert any((ROOT / "templates" / path.parent.name).glob("*.html"))


@pytest.mark.parametrize("path", room_files("services", "views"), ids=dotted)
def test_a_room_that_writes_or_answers_has_tests_under_its_word(path: Path):
    assert any((ROOT / "tests" / path.parent.name).glob("test_*.py"))


def test_tests_live_in_a_room_or_a_known_place():
    known = {room.name for room in rooms()} | NO_ROOM_TESTS
    folders = {path.parent.name for path in (ROOT / "tests").glob("*/test_*.py")}
    assert folders <= known, sorted(folders - known)


@pytest.mark.parametrize("path", room_files("urls"), ids=dotted)
def test_a_room_answers_under_its_word(path: Path):
    room = path.parent.name
    included = {space: prefix for space, prefix in name_spaces() if space == room}
    assert room in included, (
        f'{dotted(path)} needs app_name = "{room}" and a place in clinic/urls.py'
    )
    if room not in SHORT_ADDRESSES:
        assert included[room].startswith(f"{room}/"), included[room]


def name_spaces() -> list[tuple[str, str]]:
    """Return (namespace, address it stands under) for each group of addresses."""
    return [
        (entry.namespace or "", str(entry.pattern))
        for entry in get_resolver().url_patterns
        if isinstance(entry, URLResolver)
    ]


def test_every_address_of_ours_has_a_name():
    unnamed = [
        f"{group.namespace}: {entry.pattern}"
        for group in get_resolver().url_patterns
        if isinstance(group, URLResolver) and group.namespace in {room.name for room in rooms()}
        for entry in group.url_patterns
        if isinstance(entry, URLPattern) and not entry.name
    ]
    assert not unnamed


def test_every_room_stands_in_the_contract_about_layers():
    """import-linter checks only the rooms it is told of; a new one must be named there."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
    [inside] = [contract for contract in contracts if contract["name"].startswith("Inside a room")]
    assert set(inside["containers"]) == {dotted(room) for room in rooms()}


@pytest.mark.parametrize("app", ["clinic", "plans"])
def test_the_list_of_models_names_every_room_that_has_some(app: str):
    """Django finds only the models that this list imports."""
    listed = (ROOT / app / "models.py").read_text()
    for path in room_files("models"):
        if path.parts[-3] == app and has_tables(dotted(path)):
            assert dotted(path) in listed, f"{app}/models.py does not list {dotted(path)}"


def has_tables(module: str) -> bool:
    """Whether a module writes models of its own that are not only patterns for others."""
    written = vars(import_module(module)).values()
    return any(
        isinstance(one, type)
        and issubclass(one, models.Model)
        and one.__module__ == module
        and not one._meta.abstract
        for one in written
    )
