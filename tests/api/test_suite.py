"""The cases that the product ships with, asked from outside."""

import json
from pathlib import Path
from typing import Any

from django.test import Client

from plans.core.vignettes import rows_of

SUITE = Path(__file__).parents[2] / "plans" / "data" / "vignettes.json"
CASES: list[dict[str, Any]] = rows_of(json.loads(SUITE.read_text(encoding="utf-8")))


def test_every_case_gets_the_answer_it_expects_also_without_what_only_a_suite_needs(
    catalogue: None, caller: Client
):
    wrong = {}
    for case in CASES:
        answer = caller.post("/api/v1/screenings", case, content_type="application/json")
        said = answer.json()
        expected = case["expect"]
        found = (said["verdict"], set(said["reasons"]), said["earliest_ok"])
        if found != (expected["verdict"], set(expected["reasons"]), expected["earliest_ok"]):
            wrong[case["id"]] = said
    assert not wrong

    whole = CASES[1]
    for extra in ("id", "note", "expect"):
        bare = {key: value for key, value in whole.items() if key != extra}
        sent = [
            caller.post("/api/v1/screenings", body, content_type="application/json").json()
            for body in (whole, bare)
        ]
        assert sent[0] == sent[1]
        assert not sent[0]["ignored"]
