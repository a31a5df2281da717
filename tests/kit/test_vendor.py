"""What others wrote and we ship: named, licensed, unchanged."""

import hashlib
import json
from pathlib import Path

import pytest

VENDOR = Path(__file__).parents[2] / "static" / "vendor"
PACKAGES = json.loads((VENDOR / "vendor.json").read_text())
FILES = {name: digest for package in PACKAGES for name, digest in package["files"].items()}


@pytest.mark.parametrize("name", FILES)
def test_a_shipped_file_is_the_one_that_the_list_names(name):
    assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == FILES[name]


def test_no_file_is_shipped_without_a_name_and_a_licence():
    shipped = {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*") if path.is_file()}
    assert shipped - {"vendor.json"} == set(FILES)
    assert all(package["version"] and package["licence"] for package in PACKAGES)


@pytest.mark.parametrize("name", [n for n in FILES if n.endswith((".js", ".css"))])
def test_nothing_points_to_a_source_map_that_we_do_not_ship(name):
    assert b"sourceMappingURL" not in (VENDOR / name).read_bytes()
