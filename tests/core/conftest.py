"""The clinic's starting catalogue as screening reads it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from plans.core.cycles import Cycle
from plans.core.screening import Gap, Line, PatchTest, Recheck, Rulebook, Rules
from plans.core.spacing import Period

CATALOGUE = Path(__file__).parents[2] / "plans" / "data" / "catalogue.yaml"


@pytest.fixture(scope="session")
def book() -> Rulebook:
    """The rulebook of plans/data/catalogue.yaml."""
    with CATALOGUE.open(encoding="utf-8") as file:
        data = yaml.load(file, Loader=yaml.CSafeLoader)  # ten times as fast as SafeLoader
    return Rulebook(
        procedures={row["code"]: read_rules(row) for row in data["procedures"]},
        rechecks={row["code"]: read_recheck(row["recheck"]) for row in data["facts"]},
        gaps=tuple(
            Gap(row["after"], row["before"], read_period(row["min"])) for row in data["gaps"]
        ),
    )


def read_rules(row: dict[str, Any]) -> Rules:
    age, interval = row["age"], row["interval"]
    return Rules(
        code=row["code"],
        group=row["group"],
        is_home=row["kind"] == "home",
        lines=tuple(read_line(line) for line in row["contraindications"]),
        interval_min=read_period(interval["min"]) if interval else None,
        age_min=age["min"]["value"],
        caution_from=age["caution_from"]["value"] if "caution_from" in age else None,
        cycle=read_cycle(row["on_break"]) if row["on_break"] else None,
        patch_test=read_patch_test(row["patch_test"]) if row["patch_test"] else None,
    )


def read_line(row: dict[str, Any]) -> Line:
    washout = row.get("washout")
    return Line(row["fact"], row["severity"], read_period(washout) if washout else None)


def read_cycle(row: dict[str, Any]) -> Cycle:
    return Cycle(
        on_for=read_period(row["on_for"]),
        break_min=read_period(row["break_min"]),
        break_max=read_period(row["break_max"]),
        counts_together=frozenset(row["counts_together"]),
    )


def read_patch_test(row: dict[str, Any]) -> PatchTest:
    return PatchTest(
        code=row["code"],
        required=row["required"],
        read_after=read_period(row["read_after"]),
        valid_for=read_period(row["valid_for"]),
        renewed_by_session=row["renewed_by_session"],
    )


def read_recheck(value: Any) -> Recheck:
    if value == "session" or value == "never":
        return "session" if value == "session" else "never"
    return read_period(value)


def read_period(row: dict[str, Any]) -> Period:
    return Period(row["value"], row["unit"])
