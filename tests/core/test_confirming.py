"""Which values stand on a source, and what counts as the same value."""

from dataclasses import dataclass, replace

import pytest

from plans.core.confirming import (
    LONGEST_TEXT,
    NO_END,
    behind,
    canonical,
    decides,
    stated,
    stated_gap,
    stated_recheck,
    unconfirmed,
)
from plans.core.ruleset import NUMBERS, OTHERS, PERIODS, LineRule, Origin, RuleSet
from plans.core.spacing import Period

MONTHS_3 = Period(3, "months")
WEEKS_2 = Period(2, "weeks")


def rules(*lines: LineRule, origins: tuple[Origin, ...] = (), **values: object) -> RuleSet:
    """Rules that say nothing but what is given; a place's point is written as two underscores."""
    empty = dict.fromkeys((*PERIODS, *NUMBERS, *OTHERS))
    given = {name.replace("__", "."): value for name, value in values.items()}
    return RuleSet({**empty, **given}, lines=lines, origins=origins)


def texts(made: RuleSet) -> dict[str, str]:
    return {value.address: value.text for value in stated("peel", made)}


def test_a_number_is_stated_with_its_source_and_note():
    made = rules(interval__min=MONTHS_3, origins=(Origin("interval.min", "article", "firmly"),))
    [value] = stated("peel", made)
    assert (value.address, value.text) == ("peel/interval.min", "3 months")
    assert (value.source, value.note, value.path) == ("article", "firmly", "interval.min")


def test_what_is_empty_states_nothing():
    empty: dict[str, list[str]] = {"signs": [], "pit_ages": []}
    made = rules(duration__setup=0, suits=empty, useless_for=[], parameters=[])
    assert stated("peel", made) == ()
    assert stated("peel", replace(made, origins=(Origin("suits", "article"),))) == ()


def test_a_zero_that_a_source_speaks_of_is_stated():
    made = rules(
        downtime=Period(0, "days"), duration__setup=0, origins=(Origin("duration.setup", "label"),)
    )
    assert texts(made) == {"peel/downtime": "0 days", "peel/duration.setup": "0"}


def test_an_effect_without_an_end_is_stated_where_a_source_says_so():
    made = rules(origins=(Origin("effect_lasts", "article", "smoother by 90%"),))
    assert texts(made) == {"peel/effect_lasts": NO_END}


def test_a_note_on_a_whole_part_is_no_value():
    made = rules(
        origins=(Origin("patch_test", "", "read twice"), Origin("aftercare.sources.1", "article"))
    )
    assert stated("peel", made) == ()


def test_a_contraindication_states_its_strength_and_its_washout_apart():
    line = LineRule(
        "isotretinoin", "temporary", Period(6, "months"), "label", "consensus", "sources differ"
    )
    severity, washout = stated("peel", rules(line))
    assert (severity.address, severity.text) == ("peel/contraindications.isotretinoin", "temporary")
    assert (severity.source, severity.note) == ("label", "sources differ")
    assert washout.address == "peel/contraindications.isotretinoin.washout"
    assert (washout.text, washout.source) == ("6 months", "consensus")


def test_the_note_of_a_washout_stands_beside_it():
    line = LineRule("isotretinoin", "temporary", WEEKS_2, "label", "label")
    path = "contraindications.isotretinoin.washout"
    severity, washout = stated("peel", rules(line, origins=(Origin(path, "label", "or six"),)))
    assert (severity.note, washout.note) == ("", "or six")


def test_a_regimen_states_how_often_and_how_long():
    times, course = {"value": 2, "unit": "per day"}, {"value": 7, "unit": "days"}
    made = rules(regimen={"times": times, "course": course, "instructions": []})
    assert texts(made) == {"peel/regimen.times": "2 per day", "peel/regimen.course": "7 days"}


def test_a_parameter_is_stated_where_it_has_bounds_or_choices():
    made = rules(
        parameters=[
            {"key": "acid", "min": 10, "max": 40, "unit": "%"},
            {"key": "wavelength", "choices": [2940], "unit": "nm"},
            {"key": "lot", "type": "text"},
        ]
    )
    assert texts(made) == {
        "peel/parameters.acid": "max: 40; min: 10; unit: %",
        "peel/parameters.wavelength": "choices: 2940; unit: nm",
    }


def test_the_order_of_a_list_is_no_other_value():
    assert canonical({"signs": ["a", "b"], "ages": []}) == canonical(
        {"ages": [], "signs": ["b", "a"]}
    )


def test_long_texts_are_cut_and_still_differ():
    long = "x" * 400
    one, other = ({"en": f"{long}{end}"} for end in "ab")
    found = [
        texts(rules(anaesthesia__method=value))["peel/anaesthesia.method"] for value in (one, other)
    ]
    assert len(set(found)) == 2
    assert {len(text) for text in found} == {LONGEST_TEXT}


def test_different_values_never_share_a_text():
    values = [MONTHS_3, Period(3, "weeks"), 3, {"signs": ["3"]}, {"ages": ["3"]}, ["3", "4"]]
    assert len({canonical(value) for value in values}) == len(values)


def test_a_value_with_another_text_or_source_is_not_the_one_confirmed():
    value = stated_recheck("pregnancy", MONTHS_3, "label")
    assert value.address == "facts/pregnancy/recheck"
    assert value.is_same("3 months", "label")
    assert not value.is_same("4 months", "label")
    assert not value.is_same("3 months", "article")


@dataclass(frozen=True)
class Said:
    """A confirmation, as the database keeps it."""

    value: str
    source: str


def test_only_what_was_confirmed_as_it_stands_is_confirmed():
    values = [stated_recheck(fact, MONTHS_3, "label") for fact in ("a", "b", "c", "d")]
    known = {
        "facts/a/recheck": Said("3 months", "label"),
        "facts/b/recheck": Said("4 months", "label"),
        "facts/c/recheck": Said("3 months", "article"),
    }
    assert [one.address for one in unconfirmed(values, known)] == [
        f"facts/{n}/recheck" for n in "bcd"
    ]


def test_a_gap_stands_at_its_rule():
    value = stated_gap("gap:peel_medium>light", WEEKS_2, "label")
    assert (value.address, value.text) == ("gaps/peel_medium>light", "2 weeks")


@pytest.mark.parametrize(
    ("rule", "addresses"),
    [
        (
            "ci:peel:herpes",
            {"peel/contraindications.herpes", "peel/contraindications.herpes.washout"},
        ),
        ("interval:peel", {"peel/interval.min"}),
        ("gap:deep>light", {"gaps/deep>light"}),
        ("age:peel", {"peel/age.min"}),
        ("age_over:peel", {"peel/age.caution_from"}),
        ("break:acid", {"acid/on_break.on_for", "acid/on_break.break_min"}),
        ("patch:peel", {"peel/patch_test.read_after", "peel/patch_test.valid_for"}),
        ("ask:peel:herpes", set()),
    ],
)
def test_a_finding_leads_to_the_values_behind_it(rule: str, addresses: set[str]):
    assert set(behind(rule)) == addresses
    assert all(decides(address) for address in addresses)


@pytest.mark.parametrize(
    "address",
    [
        "peel/interval.max",
        "peel/duration.treat",
        "peel/course.min",
        "peel/on_break.break_max",
        "facts/x/recheck",
    ],
)
def test_what_only_plans_does_not_decide(address: str):
    assert not decides(address)
