"""A protocol's steps: read, written back, and found faulty."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.core.cycles import Cycle
from plans.core.protocol import (
    Content,
    Starts,
    Step,
    Treatment,
    differences,
    faults,
    plain_step,
    read_starts,
    read_steps,
    stated_steps,
)
from plans.core.spacing import Interval, Period

MONTHS_3 = Period(3, "months")
ACIDS = Cycle(MONTHS_3, Period(1, "months"), Period(2, "months"))
TREATMENTS = {
    each.code: each
    for each in (
        Treatment("peel", False, Interval(MONTHS_3, MONTHS_3, Period(6, "months")), 3, 6),
        Treatment("single", False),
        Treatment("cream", True),
        Treatment("home_acid", True, cycle=ACIDS),
    )
}
DAY_AFTER = {"value": 1, "unit": "days"}


def step(
    number: int = 1,
    procedure: str = "peel",
    starts: Starts | None = None,
    sessions: int | None = None,
    days: int | None = None,
) -> Step:
    return Step(number, procedure, starts or Starts(), sessions, days)


def found(*steps: Step) -> list[tuple[int, str, str]]:
    return [(each.step, each.field, each.code) for each in faults(steps, TREATMENTS)]


@pytest.mark.parametrize(
    ("words", "starts"),
    [
        ("plan", Starts("plan", 0, Period(1, "days"))),
        ("end of step 1", Starts("end", 1, Period(1, "days"))),
        ("last session of step 12", Starts("last session", 12, Period(1, "days"))),
    ],
)
def test_a_relation_is_read_and_written_in_the_words_of_the_file(
    words: str, starts: Starts
) -> None:
    assert read_starts(2, {"after": words, "gap": DAY_AFTER}) == starts
    assert starts.words == words


@pytest.mark.parametrize(
    "plain",
    [
        None,
        {},
        {"after": "plan"},
        {"after": "plan", "gap": 14},
        {"after": "plan", "gap": {"value": -1, "unit": "days"}},
        {"after": "plan", "gap": {"value": 1, "unit": "years"}},
        {"after": "end of step 0", "gap": DAY_AFTER},
        {"after": "end of step 1 ", "gap": DAY_AFTER},
        {"after": "start of step 1", "gap": DAY_AFTER},
        {"after": 1, "gap": DAY_AFTER},
    ],
)
def test_a_relation_that_cannot_be_read_names_its_step(plain: object) -> None:
    with pytest.raises(ValueError, match="step 7"):
        read_starts(7, plain)


@pytest.mark.parametrize(
    "row",
    [
        {"step": 2, "procedure": "peel", "sessions": 3},
        {"step": 1, "sessions": 3},
        {"step": 1, "procedure": "peel", "sessions": 0},
        {"step": 1, "procedure": "peel", "sessions": True},
        {"step": 1, "procedure": "peel", "days": "90"},
    ],
)
def test_a_step_that_cannot_be_read_is_named(row: dict[str, object]) -> None:
    starts = {"after": "plan", "gap": DAY_AFTER}
    with pytest.raises(ValueError, match="step 1"):
        read_steps([{**row, "starts": starts}])


def test_a_place_after_the_plan_names_no_step() -> None:
    with pytest.raises(ValueError, match="no place"):
        Starts("plan", 1)
    with pytest.raises(ValueError, match="no place"):
        Starts("end", 0)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["peel", "cream"]),
            st.one_of(st.none(), st.integers(1, 60)),
            st.one_of(st.none(), st.integers(1, 3650)),
            st.booleans(),
            st.sampled_from(["plan", "end", "last session"]),
            st.builds(Period, st.integers(0, 99), st.sampled_from(["days", "weeks", "months"])),
        ),
        max_size=8,
    )
)
def test_what_is_written_is_read_back(rows: list[tuple[object, ...]]) -> None:
    steps = tuple(
        Step(
            number,
            procedure,  # type: ignore[arg-type]  # drawn above
            Starts(after, 0 if after == "plan" else max(1, number - 1), gap),  # type: ignore[arg-type]  # drawn above
            sessions,  # type: ignore[arg-type]  # drawn above
            days,  # type: ignore[arg-type]  # drawn above
            bool(optional),
        )
        for number, (procedure, sessions, days, optional, after, gap) in enumerate(rows, start=1)
    )
    assert read_steps([plain_step(each) for each in steps]) == steps


def test_steps_that_can_be_applied_have_no_fault() -> None:
    steps = (
        step(1, "cream", days=90),
        step(2, starts=Starts("end", 1, Period(14, "days")), sessions=3),
        step(3, "single", Starts("last session", 2, MONTHS_3), sessions=1),
        step(4, "home_acid", Starts("end", 3, Period(1, "days")), days=91),
    )
    assert found(*steps) == []


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        (step(1, "laser"), ("procedure", "unknown_procedure")),
        (step(1, "peel", sessions=2), ("sessions", "too_few")),
        (step(1, "peel", sessions=7), ("sessions", "too_many")),
        (step(1, "peel", sessions=None), ("sessions", "sessions_missing")),
        (step(1, "peel", sessions=3, days=1), ("days", "days_in_clinic")),
        (step(1, "single", sessions=2), ("sessions", "no_interval")),
        (step(1, "cream", days=None), ("days", "days_missing")),
        (step(1, "cream", days=7, sessions=1), ("sessions", "sessions_at_home")),
        (step(1, "home_acid", days=92), ("days", "past_cycle")),
        (step(1, "peel", Starts("end", 1), sessions=3), ("after", "not_earlier")),
        (step(1, "peel", Starts("end", 2), sessions=3), ("after", "not_earlier")),
    ],
)
def test_a_step_that_cannot_be_is_named_with_its_field(wrong: Step, fault: tuple[str, str]) -> None:
    assert found(wrong) == [(1, *fault)]


def test_a_course_at_home_has_no_last_session() -> None:
    steps = step(1, "cream", days=90), step(2, "peel", Starts("last session", 1), sessions=3)
    assert found(*steps) == [(2, "after", "has_no_sessions")]


def test_differences_name_what_changed_and_nothing_else() -> None:
    old = Content({"en": "Pits"}, {"signs": ["pits"]}, (step(1), step(2)), "clinic default")
    new = Content({"en": "Pits"}, {"signs": []}, (step(1),), "clinic default", "A note.")
    assert [change.path for change in differences(old, new)] == ["suits", "steps.2", "note"]
    assert differences(old, old) == ()


def test_the_steps_are_stated_one_by_one_however_their_numbers_are_written() -> None:
    starts = {"after": "plan", "gap": {"value": 0, "unit": "days"}}
    plain = {"step": 1, "procedure": "peel", "sessions": 3, "starts": starts}
    written = {**plain, "optional": False, "days": None}
    [value] = stated_steps("pits", read_steps([plain]), "article")
    assert value.address == "protocols/pits/steps.1"
    assert value.text == "optional: False; procedure: peel; sessions: 3; starts: 0 days after plan"
    assert stated_steps("pits", read_steps([written]), "article") == (value,)
