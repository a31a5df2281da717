"""The verdict, the earliest date, age, and one screener for many dates: docs/screening.md, 1 and 6."""

import datetime as dt
from dataclasses import replace

import pytest

from plans.core.screening import (
    Entry,
    Fact,
    Gap,
    Line,
    Patient,
    Rulebook,
    Screener,
    Screening,
    Verdict,
    screen,
)
from plans.core.spacing import Period
from tests.core.small_catalogue import (
    BOOK,
    DAY,
    MONTHS_3,
    after,
    days,
    denials,
    healthy,
    judge,
    only,
    peel,
    present,
    rules,
)


def test_a_healthy_adult_is_ok():
    assert peel() == Screening(Verdict.OK)


def test_the_words_stand_in_order_of_strength():
    assert [v.word for v in sorted(Verdict)] == ["ok", "caution", "ask", "wait", "refuse"]


def test_only_wait_and_refuse_block():
    assert [v for v in Verdict if v.blocks] == [Verdict.WAIT, Verdict.REFUSE]


def test_reasons_come_strongest_first_then_by_code():
    found = peel(
        present("smoking"),
        present("keloid"),
        present("drug"),
        present("cancer"),
        present("allergy"),
    )

    assert found.reasons == (
        "ci:peel:allergy",
        "ci:peel:cancer",
        "ci:peel:drug",
        "ci:peel:keloid",
        "ci:peel:smoking",
    )


def test_the_earliest_date_goes_on_until_it_is_clear():
    """The drug's end leads into the washout of a second course that has not begun yet."""
    found = peel(
        present("drug", until=dt.date(2026, 6, 10)),
        present("drug", dt.date(2026, 12, 1), dt.date(2026, 12, 20)),
        on=dt.date(2026, 12, 5),
        as_of=DAY,
    )

    assert found.earliest_ok == dt.date(2027, 6, 20)


def test_the_earliest_date_passes_over_a_later_treatment():
    found = after("laser", Entry("laser", DAY - days(7)), Entry("laser", DAY + days(20)))

    assert found.earliest_ok == DAY + days(20 + 28)


def test_there_is_no_earliest_date_if_a_later_blocker_has_no_end():
    found = peel(
        present("pregnancy", until=DAY + days(5)),
        present("drug", DAY + days(3)),
        Fact("drug", "denied", DAY),
    )

    assert (found.reasons, found.earliest_ok) == (("ci:peel:pregnancy",), None)


def test_a_caution_gets_no_earliest_date():
    found = peel(present("smoking", until=DAY))

    assert (found.verdict, found.earliest_ok) == (Verdict.CAUTION, None)


def test_a_caution_does_not_move_the_earliest_date():
    found = peel(present("smoking"), present("pregnancy", until=DAY))

    assert found.earliest_ok == DAY + days(1)


@pytest.mark.parametrize(
    ("birth", "on", "reasons"),
    [
        (dt.date(2008, 11, 23), DAY, ()),
        (dt.date(2008, 11, 24), DAY, ("age:peel",)),
        (dt.date(1961, 11, 24), DAY, ()),
        (dt.date(1961, 11, 23), DAY, ("age_over:peel",)),
        (dt.date(2008, 2, 29), dt.date(2026, 3, 1), ()),
        (dt.date(2008, 2, 29), dt.date(2026, 2, 28), ("age:peel",)),
    ],
)
def test_age_counts_from_the_birthday_on(birth, on, reasons):
    assert screen(BOOK, "peel", Patient(birth, denials(on)), on).reasons == reasons


def test_a_leap_day_birthday_stays_in_leap_years():
    born = rules("young", "young", age_min=4)
    book = Rulebook({"young": born}, {})

    found = screen(book, "young", Patient(dt.date(2024, 2, 29)), dt.date(2028, 2, 28))

    assert found.earliest_ok == dt.date(2028, 2, 29)


def test_the_old_are_a_matter_of_care_without_an_end():
    found = only(screen(BOOK, "peel", Patient(dt.date(1940, 1, 1), denials(DAY)), DAY))

    assert (found.level, found.years, found.free_day) == (Verdict.CAUTION, 65, None)


def test_an_unknown_procedure_is_a_contract_broken():
    with pytest.raises(ValueError, match="not in the catalogue: tattoo"):
        screen(BOOK, "tattoo", healthy(DAY), DAY)


@pytest.mark.parametrize("procedure", ["laser", "acid"])
def test_a_history_entry_that_the_catalogue_does_not_know_is_not_passed_over(procedure):
    with pytest.raises(ValueError, match="not in the catalogue: tattoo"):
        after(procedure, Entry("tattoo", DAY))


def test_a_procedure_names_a_fact_once():
    with pytest.raises(ValueError, match="name one fact"):
        rules("mask", "mask", Line("drug", "relative"), Line("drug", "absolute"))


def test_rules_stand_under_their_own_code():
    with pytest.raises(ValueError, match="stand under"):
        Rulebook({"mask": rules("peel", "deep")}, {})


def test_every_line_has_a_recheck():
    with pytest.raises(ValueError, match="mask: no recheck for drug"):
        Rulebook({"mask": rules("mask", "mask", Line("drug", "relative"))}, {})


def test_a_gap_is_stated_once():
    gap = Gap("toxin", "laser", MONTHS_3)
    with pytest.raises(ValueError, match="stated twice"):
        Rulebook({}, {}, (gap, replace(gap, min=Period(1, "days"))))


def test_one_screener_answers_for_many_dates():
    patient = healthy(DAY, history=(Entry("laser", DAY - days(7)),))
    screener = Screener(BOOK, "laser", patient, DAY)

    blocked = [count for count in range(40) if screener.blocks(DAY + days(count))]

    assert blocked == list(range(21))
    assert screener.screen(DAY) == screen(BOOK, "laser", patient, DAY)
    assert screener.judge(DAY) == judge("laser", patient, DAY)


def test_a_session_before_the_screening_is_refused_by_the_screener_too():
    with pytest.raises(ValueError, match="after the session"):
        Screener(BOOK, "laser", healthy(DAY), DAY).blocks(DAY - days(1))
