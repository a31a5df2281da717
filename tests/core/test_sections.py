"""The sections of a draft, and what is typed in them."""

import pytest

from plans.core.editing import hard_changes, held_as_typed, in_order, parameter, table_with
from plans.core.gaps import GapRule
from plans.core.ruleset import (
    NUMBERS,
    OTHERS,
    PERIODS,
    LineRule,
    NeedRule,
    Origin,
    RuleSet,
    sourced,
)
from plans.core.sections import SECTIONS, fingerprint, part_of, restated, section_of, sections_of
from plans.core.spacing import Period

EMPTY = dict.fromkeys((*PERIODS, *NUMBERS, *OTHERS))
MINUTES = {
    "duration.setup": 15,
    "duration.treat": 20,
    "duration.cleanup": 15,
    "anaesthesia.wait_minutes": 30,
}


def rules(origins: tuple[Origin, ...] = (), lines: tuple[LineRule, ...] = (), **values) -> RuleSet:
    named = {path.replace("__", "."): value for path, value in values.items()}
    return RuleSet({**EMPTY, **named}, lines=lines, origins=origins)


def test_every_place_of_a_rule_set_is_typed_in_a_section():
    assert {section_of(path) for path in EMPTY} <= set(SECTIONS)


def test_a_home_product_has_a_regimen_and_no_visit():
    assert set(SECTIONS) - set(sections_of(is_home=True)) == {"needs"}
    assert set(SECTIONS) - set(sections_of(is_home=False)) == {"regimen"}


def test_a_fingerprint_tells_only_of_its_own_section():
    one, other = rules(age__min=18), rules(age__min=18, duration__treat=25)
    assert fingerprint(part_of(one, "rules")) == fingerprint(part_of(other, "rules"))
    assert fingerprint(part_of(one, "needs")) != fingerprint(part_of(other, "needs"))


def test_a_source_that_nobody_named_anew_does_not_speak_for_a_new_value():
    base = rules((Origin("suits", "article"), Origin("age.min", "label")))
    typed = [Origin("suits", "article"), Origin("useless_for", "article")]
    assert restated(base, "suits", typed, ["suits", "useless_for"]) == (
        Origin("age.min", "label"),
        Origin("suits", "clinic default"),
        Origin("useless_for", "article"),
    )


def test_a_source_named_by_hand_outlives_saving():
    before = rules((Origin("age.min", "label", "sources differ"),), age__min=18)
    by_hand = rules((Origin("age.min", "article", "sources differ"),), age__min=18)
    assert sourced(by_hand, before).origins == by_hand.origins
    changed = rules(before.origins, age__min=21)
    assert sourced(changed, before).origins == (
        Origin("age.min", "clinic default", "sources differ"),
    )


def test_the_sources_of_a_contraindication_are_named_by_hand_or_follow_its_values():
    six = Period(6, "months")
    stood = LineRule("isotretinoin", "temporary", six, "article", "label", "old labels")
    before = rules(lines=(stood,))
    [harder] = sourced(
        rules(lines=(LineRule("isotretinoin", "absolute", six, "article", "label", "old labels"),)),
        before,
    ).lines
    assert (harder.source, harder.washout_source, harder.note) == (
        "clinic default",
        "label",
        "old labels",
    )
    [named] = sourced(
        rules(
            lines=(
                LineRule("isotretinoin", "temporary", Period(1, "months"), "jama", "jama", "new"),
            )
        ),
        before,
    ).lines
    assert (named.source, named.washout_source, named.note) == ("jama", "jama", "new")


@pytest.mark.parametrize(
    ("typed", "held"),
    [
        ((None, None), (0, 55)),
        ((30, 80), (0, 55)),  # as the old durations said: it follows
        ((40, 50), (40, 50)),  # its own
        ((10, None), (10, 55)),
    ],
)
def test_minutes_of_its_own_stay_and_others_follow_the_durations(typed, held):
    base = RuleSet({**EMPTY, **MINUTES})
    minutes = MINUTES | {"duration.treat": 25, "anaesthesia.wait_minutes": 0}
    need = held_as_typed(base, minutes, "practitioner", "physician", typed)
    assert need == NeedRule("practitioner", "physician", *held)


def test_a_parameter_keeps_the_kind_of_its_choices_and_says_nothing_that_is_empty():
    data = {
        "key": "spots", "label": {"en": "Spots"}, "type": "choice", "unit": "", "min": None, "max": 2.0,
        "choices": "1, 2, many", "required": False,
    }  # fmt: skip
    assert parameter(data, {"choices": [1, 2]}) == {
        "key": "spots", "label": {"en": "Spots"}, "type": "choice", "max": 2,
        "choices": [1, 2, "many"], "required": False,
    }  # fmt: skip


def test_what_was_chosen_before_keeps_its_order():
    assert in_order(["deep", "shallow"], ["shallow"]) == ["shallow", "deep"]


def test_a_table_keeps_its_order_and_the_lines_that_were_not_shown():
    def gap(after: str, n: int) -> GapRule:
        return GapRule(after, "peel", Period(n, "weeks"))

    table = [gap("a", 1), gap("b", 2), gap("c", 3)]
    typed = [gap("d", 4), gap("a", 9)]
    assert table_with(table, shown=table[:2], typed=typed) == (
        gap("a", 9),
        gap("c", 3),
        gap("d", 4),
    )


def test_what_refuses_is_hard_before_and_after():
    soft, hard = LineRule("keloid", "relative"), LineRule("keloid", "absolute")
    assert hard_changes(rules(lines=(soft,)), rules(lines=(hard,))) == ("keloid",)
    assert hard_changes(rules(lines=(hard,)), rules()) == ("keloid",)
    assert hard_changes(rules(lines=(soft,)), rules()) == ()
    assert hard_changes(rules(lines=(hard,)), rules(lines=(hard,))) == ()
