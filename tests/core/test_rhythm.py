"""Where an interval and the bars of a visit are drawn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.core.rhythm import (
    GUTTER,
    LAST_TICK,
    WIDTH,
    Spacing,
    Spell,
    Stretch,
    phases_of,
    place_rhythm,
    place_visit,
    total_of,
)
from plans.core.ruleset import held_minutes
from plans.core.spacing import Interval, Period

periods = st.builds(Period, st.integers(0, 60), st.sampled_from(["days", "weeks", "months"]))
minute = st.integers(0, 120)
visits = st.fixed_dictionaries(
    {
        "duration.setup": minute,
        "duration.treat": minute,
        "duration.cleanup": minute,
        "anaesthesia.wait_minutes": minute,
    }
)


def months(least: int, best: int, most: int) -> Interval:
    return Interval(Period(least, "months"), Period(best, "months"), Period(most, "months"))


def test_a_window_stands_from_the_shortest_to_the_longest_with_its_tick_at_the_best():
    drawn = place_rhythm([Spacing("Draft", months(4, 5, 6), "4 months")])
    at = {tick.length.n: tick.x for tick in drawn.ticks}
    [row] = drawn.rows
    assert row.x == at[4]
    assert row.target_x == at[5]
    assert row.x + row.width == pytest.approx(at[6], abs=0.2)


def test_current_and_draft_share_one_axis():
    rows = [Spacing("Current", months(3, 3, 6), ""), Spacing("Draft", months(4, 4, 6), "")]
    current, draft = place_rhythm(rows).rows
    assert current.x is not None
    assert draft.x is not None
    assert current.x < draft.x
    assert current.x + current.width == pytest.approx(draft.x + draft.width, abs=0.2)
    assert current.y < draft.y


def test_short_intervals_are_counted_in_weeks_and_long_ones_with_fewer_ticks():
    weeks = Interval(Period(1, "weeks"), Period(10, "days"), Period(2, "weeks"))
    assert [t.length for t in place_rhythm([Spacing("", weeks, "")]).ticks] == [
        Period(n, "weeks") for n in range(4)
    ]
    ticks = place_rhythm([Spacing("", months(12, 18, 24), "")]).ticks
    assert [tick.length.n for tick in ticks] == [0, 6, 12, 18, 24, 30]


def test_a_row_without_an_interval_says_so_beside_the_session():
    [row] = place_rhythm([Spacing("Draft", None, "no interval")]).rows
    assert row.x is None
    assert [words.text for words in row.words] == ["no interval"]


def test_what_follows_a_session_is_drawn_below_from_the_session_on():
    spells = [Spell("rest", Period(14, "days"), "off work"), Spell("gap", Period(6, "weeks"), "x")]
    drawn = place_rhythm([Spacing("Draft", months(3, 3, 6), "")], spells)
    rest, gap = drawn.spells
    assert rest.width < gap.width
    assert drawn.rows[0].y < rest.y < gap.y < drawn.height


def test_words_at_the_edge_end_inside_the_box():
    drawn = place_rhythm([Spacing("", months(6, 6, 6), "a long sentence about what is best" * 2)])
    assert drawn.rows[0].words[0].anchor == "end"


@given(st.lists(periods, min_size=3, max_size=3), st.lists(periods, max_size=4))
def test_nothing_is_drawn_outside_the_axis(parts: list[Period], lengths: list[Period]):
    ordered = sorted(parts, key=Period.rough_tenths_of_a_day)
    drawn = place_rhythm(
        [Spacing("", Interval(*ordered), "")], [Spell("gap", length, "") for length in lengths]
    )
    [row] = drawn.rows
    assert row.x is not None
    assert row.target_x is not None
    assert GUTTER <= row.x <= row.target_x <= row.x + row.width + 0.2
    assert row.x + row.width <= LAST_TICK + 2
    assert all(GUTTER + spell.width <= LAST_TICK + 2 for spell in drawn.spells)
    assert len(drawn.ticks) <= 9


def test_numbing_comes_before_a_set_up_that_is_too_short_to_hold_it():
    minutes = {
        "duration.setup": 15,
        "duration.treat": 20,
        "duration.cleanup": 15,
        "anaesthesia.wait_minutes": 30,
    }
    assert [(one.name, one.from_minute, one.to_minute) for one in phases_of(minutes)] == [
        ("anaesthesia.wait_minutes", 0, 30),
        ("duration.setup", 30, 45),
        ("duration.treat", 45, 65),
        ("duration.cleanup", 65, 80),
    ]
    inside = phases_of(minutes | {"duration.setup": 40})
    assert [(one.from_minute, one.to_minute) for one in inside[:2]] == [(0, 30), (0, 40)]


@given(visits)
def test_phases_last_as_long_as_the_visit_and_no_longer(minutes: dict[str, int]):
    total = total_of(minutes)
    assert max((one.to_minute for one in phases_of(minutes)), default=0) == total
    for kind in ("room", "practitioner", "device"):
        first, last = held_minutes(kind, minutes)
        assert 0 <= first <= last == total


@given(visits.filter(total_of))
def test_bars_keep_their_order_and_their_box(minutes: dict[str, int]):
    held = [Stretch(kind, *held_minutes(kind, minutes)) for kind in ("practitioner", "room")]
    drawn = place_visit(phases_of(minutes), held)
    bars = (*drawn.phases, *drawn.held)
    assert [bar.y for bar in bars] == sorted({bar.y for bar in bars})
    assert all(bar.x >= 0 and bar.x + bar.width <= WIDTH for bar in bars)
    practitioner, room = drawn.held
    assert practitioner.x >= room.x
    assert practitioner.x + practitioner.width == pytest.approx(room.x + room.width, abs=0.2)


def test_a_visit_without_minutes_is_not_drawn():
    assert place_visit((), ()).height == 0
