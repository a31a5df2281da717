"""docs/api.md says what the programming interface does: its examples are sent, its lists are compared."""

import json
import re
import shlex
from pathlib import Path
from typing import Any, get_args

from django.test import Client

from clinic.staff.services import issue_token
from plans.core.vignettes import SlipKind
from tests.api.conftest import Ask
from tests.api.diary import Caller
from tests.diary.clinic import Clinic

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


def commands() -> list[list[str]]:
    """The commands of the worked example, as a shell would split them."""
    [block] = re.findall(r"```\n(curl[^`]*?series/search.*?)```", TEXT, re.S)
    return [shlex.split(command) for command in block.strip().split("\n\n")]


def run(client: Client, words: list[str], values: dict[str, str]) -> Any:
    """Send what curl would."""

    def filled(word: str) -> str:
        for name, value in values.items():
            word = word.replace(f"${name}", value)
        return word

    headers, body, address = {}, None, ""
    rest = iter(words[1:])
    for word in rest:
        if word == "-H":
            name, _colon, value = filled(next(rest)).partition(": ")
            headers[name] = value
        elif word == "-d":
            body = filled(next(rest))
        else:
            address = filled(word)
    if body is None:
        return client.get(address, headers=headers)
    kind = headers.pop("Content-Type")
    return client.post(address, body, content_type=kind, headers=headers)


def test_the_worked_example_books_a_series_and_moves_it(clinic: Clinic):
    search, book, day, move, status = commands()
    client = Client(enforce_csrf_checks=True)
    values = {"TOKEN": issue_token(clinic.reception, by=None), "BASE": "/api/v1"}

    found = run(client, search, values).json()
    assert found["offers"][0]["kind"] == "best"
    assert found["keeps_wishes"] is True
    values["OFFER"] = found["offers"][0]["token"]
    booked = run(client, book, values)
    assert (booked.status_code, len(booked.json()["visits"])) == (201, 3)
    [visit] = run(client, day, values).json()["appointments"]
    values["VISIT"] = str(visit["id"])
    preview = run(client, move, values).json()
    assert (preview["is_possible"], preview["batch"]) == (True, None)
    assert run(client, status, values).json()["status"] == "confirmed"


# What the guide says of an answer, under each heading, against what is answered.
TOLD = {"offers", "not_bookable", "keeps_wishes", "starts_from", "waits", "impossible", "ignored"}


def test_every_field_of_an_answer_is_explained(clinic: Clinic):
    caller = Caller(clinic.reception)
    said = caller.search().json()
    parts: list[dict[str, Any]] = [said, said["offers"][0], said["offers"][0]["sessions"][0]]
    visits = caller.post("/series/book", {"token": said["offers"][0]["token"]}, key="1").json()
    visit = visits["visits"][0]
    moved = caller.post(
        f"/appointments/{visit['id']}/move?preview=true", {"start": "2026-11-26T20:00"}
    ).json()
    parts += [visits, visit, moved, moved["lines"][0], moved["problems"][0]]
    parts += [caller.get("/resources").json(), caller.get("/resources").json()["resources"][0]]

    prose = re.sub(r"```.*?```", "", TEXT, flags=re.S)
    words = set(re.findall(r"\w+", " ".join(re.findall(r"`[^`]+`", prose))))
    missing = {name for part in parts for name in part} - words - {"location"}

    assert said.keys() >= TOLD
    assert not missing
