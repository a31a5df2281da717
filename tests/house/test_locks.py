"""Both lock files describe one environment, and it is the one pyproject.toml asks for."""

import re
import tomllib

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.source import ROOT

Pins = dict[str, tuple[str, frozenset[str]]]


def uv_pins() -> Pins:
    """Return name -> (version, hashes) of uv.lock, the project itself left out."""
    packages = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    return {
        package["name"]: (
            package["version"],
            frozenset(
                file["hash"]
                for file in [*package.get("wheels", []), *filter(None, [package.get("sdist")])]
            ),
        )
        for package in packages
        if "registry" in package["source"]
    }


def pip_pins() -> Pins:
    """Return the same from requirements.lock."""
    text = (ROOT / "requirements.lock").read_text().replace("\\\n", " ")
    return {
        found[1]: (found[2], frozenset(re.findall(r"--hash=(\S+)", line)))
        for line in text.splitlines()
        if (found := re.match(r"([a-z0-9-]+)(?:\[[^]]*\])?==(\S+)", line))
    }


def test_uv_and_pip_install_the_same():
    assert pip_pins() == uv_pins(), "run `make lock`"


def test_every_pin_has_hashes():
    assert all(hashes for _, hashes in pip_pins().values())


def test_the_lock_satisfies_what_the_project_asks_for():
    """`uv lock --check` without a network: each wish is in the lock, at a version that fits."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wishes = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    pins = uv_pins()
    for wish in map(Requirement, wishes):
        version, _ = pins[canonicalize_name(wish.name)]
        assert wish.specifier.contains(version), f"{wish}: the lock has {version}; run `make lock`"
