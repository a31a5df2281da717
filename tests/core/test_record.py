"""What a record's fields make of what is typed."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.core import record as core
from plans.core.record import Batch, Entry, Field
from plans.core.record_map import _SHAPES, HEIGHT, USUAL, WIDTH, regions

PERCENT = Field("acid_percent", {"en": "TCA"}, "number", "%", 10, 40, is_required=True)
LAYERS = Field("layers", {"en": "Layers"}, "integer", least=1, most=6)
PREP = Field("prep", {"en": "Prep"}, "choice", choices=("acetone", "none"))
ZONES = Field("zones", {"en": "Zones"}, "multichoice", choices=("nose", "chin"), is_required=True)
EXPIRES = Field("expires", {"en": "Expiry"}, "date")
DONE = Field("aspirated", {"en": "Aspirated"}, "bool")
NOTE = Field("pulse", {"en": "Pulse"}, "text", is_required=True)
ALL = (PERCENT, LAYERS, PREP, ZONES, EXPIRES, DONE, NOTE)


def test_a_scheme_is_read_as_the_catalogue_writes_it():
    plain: list[dict[str, Any]] = [
        {"key": "wavelength_nm", "label": {"en": "Wavelength"}, "type": "choice", "unit": "nm",
         "choices": [1540, 2940], "required": True},
        {"key": "ml", "label": {"en": "Volume"}, "type": "number", "min": 0.1, "required": False},
    ]  # fmt: skip
    wavelength, volume = core.scheme(plain)
    assert (wavelength.choices, wavelength.unit, wavelength.is_required) == (
        ("1540", "2940"), "nm", True,
    )  # fmt: skip
    assert (volume.least, volume.most, volume.choices, volume.unit) == (0.1, None, (), "")


@pytest.mark.parametrize(
    ("field", "typed", "value", "problem"),
    [
        (PERCENT, "20", 20, None),
        (PERCENT, "12,5", 12.5, None),
        (PERCENT, " 40 ", 40, None),
        (PERCENT, "40.1", 40.1, "outside"),
        (PERCENT, "9", 9, "outside"),
        (PERCENT, "", None, "missing"),
        (PERCENT, "twenty", "twenty", "unreadable"),
        (PERCENT, "nan", "nan", "unreadable"),
        (PERCENT, "1e999", "1e999", "unreadable"),
        (LAYERS, "2.5", "2.5", "unreadable"),
        (LAYERS, "", None, None),
        (PREP, "acetone", "acetone", None),
        (PREP, "soap", "soap", "unknown_choice"),
        (ZONES, ["chin", "nose"], ["nose", "chin"], None),
        (ZONES, "chin", ["chin"], None),
        (ZONES, [], [], "missing"),
        (ZONES, None, [], "missing"),
        (ZONES, ["ear"], ["ear"], "unknown_choice"),
        (EXPIRES, "2027-03-01", "2027-03-01", None),
        (EXPIRES, "soon", "soon", "unreadable"),
        (DONE, "yes", True, None),
        (DONE, "no", False, None),
        (DONE, "maybe", "maybe", "unknown_choice"),
        (NOTE, "  ", None, "missing"),
        (NOTE, "x" * 300, "x" * 200, None),
    ],
)
def test_what_is_typed_is_read_and_never_lost(field: Field, typed: Any, value: Any, problem: Any):
    assert core.read(field, typed) == Entry(field, value, problem)


texts = st.text(max_size=12)
typed = st.fixed_dictionaries(
    {}, optional={one.key: st.lists(texts) if one is ZONES else texts for one in ALL}
)


@given(typed)
def test_a_draft_that_is_opened_again_says_the_same(said: dict[str, Any]):
    first = core.read_all(ALL, said)
    again = core.entries_of(ALL, core.values_of(first))
    assert core.values_of(again) == core.values_of(first)
    assert [entry.problem for entry in again] == [entry.problem for entry in first]


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_a_number_within_its_limits_has_no_problem_and_one_beyond_has(number: float):
    is_inside = 10 <= number <= 40
    assert (core.read(PERCENT, repr(number)).problem is None) == is_inside


def test_settings_are_carried_over_and_what_is_seen_anew_is_not():
    fields = core.scheme(
        {"key": key, "label": {}, "type": "text", "required": True}
        for key in ("product", "lot", "expires", "tip_lot", "pain_score", "endpoint", "fluence")
    )
    before = {field.key: "x" for field in fields}
    assert core.carried(fields, before) == {"product": "x", "fluence": "x"}


@pytest.mark.parametrize(
    ("field", "now", "then", "differs"),
    [
        (PERCENT, "20", 25, True),
        (PERCENT, "20", 20, False),
        (PERCENT, "20.0", 20, False),
        (PERCENT, "", 20, False),
        (PERCENT, "20", None, False),
        (DONE, "no", True, True),
        (ZONES, ["chin", "nose"], ["chin", "nose"], False),
        (ZONES, ["chin"], ["nose"], True),
    ],
)
def test_a_difference_is_another_value_not_a_missing_one(
    field: Field, now: Any, then: Any, differs: bool
):
    before = {} if then is None else {field.key: then}
    assert core.differs(core.read(field, now), before) is differs


def test_a_value_beyond_its_limits_is_signed_with_a_reason_and_a_missing_one_never():
    high, missing = core.read(PERCENT, "45"), core.read(NOTE, "")
    assert core.unready([high, missing], has_reason=False) == (high, missing)
    assert core.unready([high, missing], has_reason=True) == (missing,)


def test_a_lot_from_the_store_answers_the_fields_that_ask_for_it():
    asked = core.scheme(
        {"key": key, "label": {}, "type": "text"} for key in ("product", "lot", "layers")
    )
    lot = Batch("TCA 30", "4471", dt.date(2027, 3, 1))
    said = core.with_batch(asked, {"layers": "2", "lot": "typed"}, lot)
    assert said == {"layers": "2", "product": "TCA 30", "lot": "4471"}


@pytest.mark.parametrize(
    ("text", "is_expired"),
    [("2026-11-08", True), ("2026-11-09", False), ("soon", False), (None, False)],
)
def test_a_product_may_be_used_on_its_last_day(text: Any, is_expired: bool):
    assert core.is_expired({"expires": text}, dt.date(2026, 11, 9)) is is_expired


def test_any_change_of_the_content_is_another_digest():
    content = {"values": {"layers": 2}, "notes": "a"}
    digests = {
        core.digest(one)
        for one in (content, content | {"notes": "b"}, {"values": {"layers": 3}, "notes": "a"})
    }
    assert len(digests) == 3
    assert all(len(one) == 64 for one in digests)


def test_the_map_shows_what_is_offered_and_marks_what_is_chosen():
    drawn = {region.code: region.is_on for region in regions(["nose", "chin", "other"], ["chin"])}
    assert drawn == {"nose": False, "chin": True}


def test_every_area_that_is_offered_by_default_but_one_can_be_pressed_on_the_map():
    assert {region.code for region in regions(USUAL, ())} == {*USUAL} - {"other"}


def test_what_is_pressed_lies_on_the_map_and_is_as_large_as_a_fingertip():
    for shapes in _SHAPES.values():
        for shape in shapes:
            x, y, width, height = shape.box
            assert (x, y) >= (0, 0)
            assert (x + width <= WIDTH, y + height <= HEIGHT) == (True, True)
            # The map is drawn 350 px wide: 24 px on the screen are the least target (WCAG 2.5.8).
            assert min(width, height) * 350 / WIDTH >= 24
