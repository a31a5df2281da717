"""The catalogue file: what is read, and how every fault is named."""

from pathlib import Path

import pytest

from plans.core.spacing import Period
from plans.data.catalogue_file import LARGEST_FILE, BadFile, read_catalogue
from plans.data.catalogue_rules import ruleset_of
from tests.catalogue.small_file import FULL, PLAIN, changed

PRODUCT = Path(__file__).parents[2] / "plans" / "data" / "catalogue.yaml"


def faults(text: str) -> list[str]:
    with pytest.raises(BadFile) as bad:
        read_catalogue(text)
    return [str(problem) for problem in bad.value.problems]


def line_of(part: str, text: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_the_product_s_catalogue_is_read_whole():
    file = read_catalogue(PRODUCT.read_text(encoding="utf-8"))
    assert len(file.procedures) == 24
    assert all(set(fact.name) == {"en", "ru", "es", "de"} for fact in file.facts)


def test_a_plain_text_is_english_and_a_line_without_days_an_undated_step():
    tca = ruleset_of(read_catalogue(PLAIN).procedures[0])
    assert tca.values["indications"] == [{"en": "pits"}]
    assert [(step.from_day, step.to_day) for step in tca.steps] == [(None, None)] * 3
    assert tca.steps[0].is_precare


def test_needs_in_words_become_capabilities():
    file = read_catalogue(PLAIN)
    assert {one.code: one.kind for one in file.all_capabilities()} == {
        "physician": "practitioner",
        "room_with_running_water": "room",
    }


def test_the_practitioner_is_held_from_the_end_of_numbing_and_the_room_all_the_time():
    tca = ruleset_of(read_catalogue(FULL).procedures[0])
    assert {need.capability: (need.from_minute, need.to_minute) for need in tca.needs} == {
        "physician": (30, 80),
        "water": (0, 80),
        "fan": (30, 80),
        "lamp": (30, 80),
    }


def test_every_number_knows_its_source():
    tca = ruleset_of(read_catalogue(FULL).procedures[0])
    sources = {origin.path: origin.source for origin in tca.origins}
    assert sources["interval.min"] == "article"
    assert sources["course.max"] == "clinic default"
    assert sources["contraindications.isotretinoin.washout"] == "article"
    assert {"duration.treat", "anaesthesia.wait_minutes", "consent.valid_for", "age.min"} <= set(
        sources
    )


def test_periods_are_read_in_their_unit():
    acid = ruleset_of(read_catalogue(FULL).procedures[1])
    assert acid.values["on_break.on_for"] == Period(3, "months")
    assert acid.values["interval.min"] is None


@pytest.mark.parametrize(
    ("old", "new", "path", "message"),
    [
        (
            "fact: keloid,",
            "fact: foo,",
            "procedures.tca.contraindications[1].fact",
            "unknown fact 'foo'",
        ),
        ("group: peel\n", "group: foo\n", "procedures.tca.group", "unknown group 'foo'"),
        (
            "signs: [pits], pit",
            "signs: [foo], pit",
            "procedures.tca.suits.signs[0]",
            "unknown sign 'foo'",
        ),
        (
            "min: {value: 3, unit: months,",
            "min: {value: 7, unit: months,",
            "procedures.tca.interval",
            "min (7 months) is more than recommended (3 months)",
        ),
        (
            "min: {value: 3, unit: sessions,",
            "min: {value: 4, unit: sessions,",
            "procedures.tca.course",
            "min (4)",
        ),
        (
            "max: {value: 6, unit: months,",
            "max: {value: 731, unit: days,",
            "procedures.tca.interval.max",
            "730",
        ),
        (
            "min: {value: 3, unit: months,",
            "min: {value: 0, unit: months,",
            "procedures.tca.interval.min",
            "1",
        ),
        (
            "max: {value: 6, unit: months,",
            "max: {value: 25, unit: months,",
            "procedures.tca.interval.max",
            "730",
        ),
        (
            "treat: {value: 20,",
            "treat: {value: '20',",
            "procedures.tca.duration.treat.value",
            "whole number",
        ),
        (
            "severity: relative",
            "severity: mild",
            "procedures.tca.contraindications[1].severity",
            "absolute",
        ),
        ("downtime:", "downtimes:", "procedures.tca.downtimes", "unknown field"),
        ("note: lasting}", "notes: lasting}", "procedures.tca.effect_lasts.notes", "unknown field"),
        ("why: It stings., ", "", "gaps[0].why", "is missing"),
        ("before: peel", "before: foo", "gaps[0].before", "unknown group 'foo'"),
        (
            "counts_together: [acid_home]",
            "counts_together: [foo]",
            "acid_home.on_break",
            "unknown procedure",
        ),
        (
            "procedure: tca",
            "procedure: foo",
            "protocols.deep_pits.steps[0].procedure",
            "unknown procedure 'foo'",
        ),
        (
            "kind: room, code: water",
            "kind: room, code: foo",
            "needs.capabilities[1].code",
            "unknown capability",
        ),
        (
            "kind: room, code: water",
            "kind: device, code: water",
            "needs.capabilities[1].kind",
            "is a room",
        ),
        (
            "'ci:tca:keloid'",
            "'ci:tca:foo'",
            "procedures.tca.contraindications[1].rule",
            "ci:tca:keloid",
        ),
        (
            "fact: keloid,",
            "fact: pregnancy,",
            "procedures.tca.contraindications[1]",
            "a second time",
        ),
        ("code: keloid,", "code: pregnancy,", "facts", "a second time"),
        ("min: 10, max: 40", "min: 50, max: 40", "procedures.tca.parameters[0]", "min (50)"),
        (
            "from_day: 0, to_day: 3",
            "from_day: 4, to_day: 3",
            "procedures.tca.aftercare.steps[0]",
            "after to_day",
        ),
        ("de: TCA-Peeling", "fr: TCA-Peeling", "procedures.tca.name", "no such language"),
        (
            "title: An article",
            "title: An article, url: 'javascript:x'",
            "sources.article.url",
            "http",
        ),
    ],
)
def test_a_fault_is_named_with_its_line_and_field(old: str, new: str, path: str, message: str):
    text = changed(old, new)
    [found] = [fault for fault in faults(text) if message in fault]
    # What is missing, or contradicts its neighbour, is named at the line of the mapping it belongs to.
    assert abs(int(found.split(",")[0].removeprefix("line ")) - line_of(old, FULL)) <= 1
    assert path in found


def test_the_line_is_that_of_the_field():
    text = changed("fact: keloid,", "fact: foo,")
    number = line_of("fact: foo,", text)
    assert f"line {number}, procedures.tca.contraindications[1].fact: unknown fact 'foo'" in faults(
        text
    )


def test_a_source_that_is_not_listed_is_named_with_its_line():
    text = changed(
        "downtime: {value: 14, unit: days, source: article}",
        "downtime: {value: 14, unit: days, source: foo}",
    )
    number = line_of("source: foo", text)
    assert faults(text) == [f"line {number}, procedures.tca.downtime.source: unknown source 'foo'"]


def test_all_faults_are_told_at_once():
    text = changed("fact: keloid,", "fact: foo,", changed("group: peel\n", "group: bar\n"))
    found = faults(text)
    assert any("unknown fact 'foo'" in fault for fault in found)
    assert any("unknown group 'bar'" in fault for fault in found)


def test_a_key_that_stands_twice_is_refused():
    text = changed("    kind: home\n", "    kind: home\n    kind: home\n")
    number = line_of("    kind: home\n", text) + 1
    assert faults(text) == [
        f"line {number}, procedures.acid_home.kind: stands twice in one mapping"
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no catalogue"),
        ("just words", "holds no catalogue"),
        ("a: [1, 2", "not YAML that can be read"),
        ("version: 1\n\tstatus: x", "not YAML"),
        ("a: &a [x]\nb: [*a, *a]", "line 2: not YAML that can be read: aliases"),
        ("a: !!python/object/apply:os.system [ls]", "tags (!name) are not read"),
        ("a: " + "[" * 30 + "]" * 30, "nested deeper"),
        ("a: [" + "1," * 200_001 + "]", "more than 200000 values"),
        ("a: " + "9" * 5000, "line 1: not YAML that can be read: no such value"),
        ("a: 2026-99-99", "no such value"),
        ("x" * (LARGEST_FILE + 1), "larger than 2 MB"),
        ("a: 1\n---\nb: 2", "not YAML"),
        ("a: \x00", "not YAML"),
        ("? [a, b]\n: 1", "unknown field"),
    ],
)
def test_what_is_no_catalogue_is_refused_in_words(text: str, message: str):
    assert any(message in fault for fault in faults(text)), faults(text)


def test_a_bomb_of_aliases_is_refused_before_it_grows():
    bomb = "a0: &a0 [x, x]\n" + "".join(
        f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40)
    )
    assert faults(bomb) == [
        "line 2: not YAML that can be read: aliases (*name) are not read; write the value out"
    ]
