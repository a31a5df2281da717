"""docs/api.md says what the programming interface does: its examples are sent, its lists are compared."""

import json
import re
from pathlib import Path
from typing import Any, get_args

from plans.core.vignettes import SlipKind
from tests.api.conftest import Ask

TEXT = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLES: list[dict[str, Any]] = [
    json.loads(block) for block in re.findall(r"```json\n(.*?)```", TEXT, re.S)
]


def test_the_example_is_answered_in_the_form_that_is_shown(catalogue: None, ask: Ask):
    asked, shown, _problem = EXAMPLES

    said = ask(asked).json()

    assert said.keys() == shown.keys()
    assert not said["ignored"]
    finding = next(one for one in said["findings"] if one["rule"] == "interval:tca_peel_medium")
    assert finding == shown["findings"][0]


def test_the_problem_that_is_shown_is_told_so(catalogue: None, ask: Ask):
    asked, _answer, shown = EXAMPLES
    fact = {"code": "pregnancy", "status": "denied", "since": "2026-11-22", "until": "2026-11-22"}

    assert ask(asked | {"patient": {"birth": "1990-05-14", "facts": [fact]}}).json() == shown


def test_every_code_of_an_error_is_named():
    listed = re.search(r"branch on `code`: (.*?)\.\n", TEXT, re.S)
    assert listed
    assert set(re.split(r",\s+", listed[1])) == set(get_args(SlipKind))
