"""manage.py vignettes FILE."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from plans.catalogue.models import Revision
from plans.data.factories import RevisionFactory
from tests.vignettes.conftest import case


@pytest.fixture
def file(tmp_path: Path) -> Any:
    def write(document: Any) -> Path:
        path = tmp_path / "cases.json"
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        return path

    return write


def run(path: Path, **options: Any) -> str:
    said = StringIO()
    try:
        call_command("vignettes", path, stdout=said, **options)
    except CommandError as error:
        said.write(f"failed: {error}")
    return said.getvalue()


def test_cases_that_agree_are_counted(peel: Revision, file: Any):
    assert run(file({"cases": [case(), case(id="C2")]})) == "2 cases, 0 differ\n"


def test_a_difference_is_told_and_fails(peel: Revision, file: Any):
    expect = {"verdict": "wait", "reasons": ["interval:peel"], "earliest_ok": "2026-12-01"}

    said = run(file([case(expect=expect)])).splitlines()

    assert said[1:] == [
        "  expected  wait; interval:peel; earliest 2026-12-01",
        "  found     ok; no reasons; earliest none",
        "failed: 1 cases, 1 differ",
    ]


def test_a_case_that_cannot_be_judged_differs(peel: Revision, file: Any):
    said = run(file([case(procedure="no_such"), 7]))

    assert "procedure: The catalogue does not know “no_such”." in said
    assert "failed: 2 cases, 2 differ" in said


def test_a_draft_stands_in_place_of_the_rules_in_force(peel: Revision, file: Any):
    RevisionFactory.create(procedure=peel.procedure, number=2, age_min=99)
    path = file([case()])

    assert run(path) == "1 cases, 0 differ\n"
    assert "age:peel" in run(path, draft="peel")
    assert "There is no draft of gaps." in run(path, draft="gaps")


@pytest.mark.parametrize("text", ["{", '{"cases": 7}', ""])
def test_a_file_without_cases_fails(peel: Revision, file: Any, text: str):
    assert run(file(text)).startswith("failed: ")


def test_a_missing_file_fails(peel: Revision, tmp_path: Path):
    assert "No such file" in run(tmp_path / "nothing.json")
