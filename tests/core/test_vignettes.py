"""The forty cases of docs/screening.md, against the clinic's starting catalogue."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from plans.core.screening import Entry, Fact, Patient, Rulebook, screen

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "vignettes.json").read_text(encoding="utf-8")
)["cases"]


def date_or_none(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)


def read_patient(row: dict[str, Any]) -> Patient:
    return Patient(
        birth=dt.date.fromisoformat(row["birth"]),
        facts=tuple(
            Fact(
                fact["code"],
                fact["status"],
                date_or_none(fact["since"]),
                date_or_none(fact["until"]),
            )
            for fact in row["facts"]
        ),
        history=tuple(
            Entry(entry["procedure"], dt.date.fromisoformat(entry["date"]))
            for entry in row["history"]
        ),
    )


def test_all_forty_cases_are_here():
    assert [case["id"] for case in CASES] == [f"S{number:02}" for number in range(1, 41)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['id']} {case['note']}")
def test_the_case_is_judged_as_written(book: Rulebook, case: dict[str, Any]):
    found = screen(
        book,
        case["procedure"],
        read_patient(case["patient"]),
        dt.date.fromisoformat(case["session_date"]),
        date_or_none(case.get("as_of")),
    )

    expected = case["expect"]
    assert found.verdict.word == expected["verdict"]
    assert set(found.reasons) == set(expected["reasons"])
    assert found.earliest_ok == date_or_none(expected["earliest_ok"])
