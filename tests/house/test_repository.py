"""What is in the checkout, and what must not be."""

import os
import re
import subprocess
from pathlib import Path

from tests.house.source import ROOT

# Made by tools or by others: nobody here wrote what stands in them.
NOT_OURS = {
    ".git", ".venv", ".browser", ".pictures", ".hypothesis", ".pytest_cache", ".mypy_cache",
    ".ruff_cache", ".import_linter_cache", "__pycache__", "data", "vendor", "node_modules",
}  # fmt: skip
TEXTS = {
    ".py", ".html", ".css", ".js", ".md", ".toml", ".yaml", ".yml", ".json", ".typ", ".sh", ".po",
    ".txt", ".cfg", ".service", "",
}  # fmt: skip
MEASURED = ".coverage"  # data of a coverage run, without an ending
# A folder of one person's machine. An address such as /worklist/ is none.
MACHINE_PATH = re.compile(r"(?<![\w.}>/-])/(?:home|root|Users|work|mnt)/[\w.]")


def our_texts() -> list[Path]:
    folders = [ROOT]
    found: list[Path] = []
    while folders:
        for path in sorted(folders.pop().iterdir()):
            if path.is_dir() and path.name not in NOT_OURS:
                folders.append(path)
            elif path.is_file() and path.suffix in TEXTS and not path.name.startswith(MEASURED):
                found.append(path)
    return found


def test_no_file_names_a_folder_of_somebody_s_machine():
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for path in our_texts()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if MACHINE_PATH.search(line)
    ]
    assert not found, "\n".join(found)


def test_no_file_holds_an_unfinished_merge():
    marks = ("<" * 7 + " ", ">" * 7 + " ")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in our_texts()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if line.startswith(marks)
    ]
    assert not found


def test_bare_make_says_what_every_target_does():
    # Run by make itself, this one must not think it is its child.
    bare = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    shown = subprocess.run(
        ["make"], cwd=ROOT, env=bare, capture_output=True, text=True, check=True
    ).stdout
    targets = set(re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.M)[0].split())
    assert {line.split()[1] for line in shown.splitlines()} == targets


def test_the_readme_names_no_target_that_does_not_exist():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    named = set(re.findall(r"`make ([a-z-]+)", (ROOT / "README.md").read_text()))
    assert named <= targets, sorted(named - targets)
