"""How a program's request to change a visit is read: all that is wrong is told by its field."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from plans.core.act_reading import (
    MoveRequest,
    StatusRequest,
    read_day,
    read_key,
    read_move,
    read_status,
)
from plans.core.availability import Needs, Phase, open_bits
from plans.core.offers import Booked
from plans.core.vignettes import BadVignette

BERLIN = ZoneInfo("Europe/Berlin")
CHOICES = ("confirmed", "cancelled")
DAY = dt.date(2026, 11, 26)


def status(data: Any) -> StatusRequest:
    return read_status(data, CHOICES, ("cancelled",))


def move(data: Any) -> MoveRequest:
    return read_move(data, BERLIN)


def slips_of(read: Callable[[Any], Any], data: Any) -> list[tuple[str, str]]:
    with pytest.raises(BadVignette) as caught:
        read(data)
    return [(slip.field, slip.kind) for slip in caught.value.slips]


def test_a_status_needs_little():
    assert status({"to": "confirmed"}) == StatusRequest("confirmed")
    read = status({"to": "cancelled", "reason": " ill ", "version": 7})
    assert read == StatusRequest("cancelled", "ill", 7)


@pytest.mark.parametrize(
    ("data", "slips"),
    [
        ({}, [("to", "missing")]),
        ({"to": "burnt"}, [("to", "not_a_choice")]),
        ({"to": ["confirmed"]}, [("to", "not_a_choice")]),
        ({"to": "cancelled"}, [("reason", "missing")]),
        ({"to": "cancelled", "reason": "  "}, [("reason", "missing")]),
        ({"to": "cancelled", "reason": 7}, [("reason", "not_text")]),
        ({"to": "confirmed", "version": "7"}, [("version", "not_a_number")]),
        ({"to": "confirmed", "version": True}, [("version", "not_a_number")]),
        ([], [("", "not_an_object")]),
    ],
)
def test_what_is_wrong_with_a_status_names_its_field(data: Any, slips: list[tuple[str, str]]):
    assert slips_of(status, data) == slips


@pytest.mark.parametrize(
    "said",
    [
        {"start": "2026-11-26T10:00"},
        {"start": "2026-11-26T10:00:00"},
        {"start": "2026-11-26T10:00+01:00"},
        {"start": "2026-11-26T09:00Z"},
        {"day": "2026-11-26", "minute": 600},
    ],
)
def test_a_place_is_told_by_the_clock_there_or_with_an_offset(said: dict[str, Any]):
    assert move(said) == MoveRequest(DAY, 600)


def test_an_offset_may_mean_another_day_there():
    assert move({"start": "2026-11-25T23:30Z"}) == MoveRequest(DAY, 30)


def test_all_of_a_move_is_read():
    said = {
        "start": "2026-11-26T10:00", "resources": [3, 4], "minutes": 95, "rest": "shift",
        "accept": [17], "reason": "asked", "version": 9,
    }  # fmt: skip

    assert move(said) == MoveRequest(
        DAY, 600, frozenset({3, 4}), 95, "shift", frozenset({17}), "asked", 9
    )


def test_to_accept_nothing_is_not_to_say_nothing():
    assert move({"start": "2026-11-26T10:00", "accept": []}).accept == frozenset()
    assert move({"start": "2026-11-26T10:00"}).accept is None


@pytest.mark.parametrize(
    ("changes", "slips"),
    [
        ({"start": None}, [("start", "missing")]),
        ({"start": "tomorrow"}, [("start", "not_a_time")]),
        ({"start": "2026-02-30T10:00"}, [("start", "not_a_time")]),
        ({"start": "0001-01-01T00:00+09:00"}, [("start", "not_a_time")]),
        ({"start": 10}, [("start", "not_a_time")]),
        ({"start": "9999-12-31T10:00"}, [("start", "years_away")]),
        ({"start": None, "day": "0001-01-01", "minute": 0}, [("day", "years_away")]),
        ({"start": "2026-11-26T10:07"}, [("start", "not_a_choice")]),
        ({"start": None, "day": "soon", "minute": 0}, [("day", "not_a_date")]),
        ({"start": None, "day": "2026-11-26"}, [("minute", "missing")]),
        ({"start": None, "day": "2026-11-26", "minute": "9"}, [("minute", "not_a_number")]),
        ({"start": None, "day": "2026-11-26", "minute": 1440}, [("minute", "not_a_choice")]),
        ({"start": None, "day": "2026-11-26", "minute": 7}, [("minute", "not_a_choice")]),
        ({"resources": 3}, [("resources", "not_a_list")]),
        ({"resources": ["3"]}, [("resources[0]", "not_a_number")]),
        ({"minutes": 0}, [("minutes", "not_a_choice")]),
        ({"minutes": 7}, [("minutes", "not_a_choice")]),
        ({"minutes": "80"}, [("minutes", "not_a_number")]),
        ({"rest": "all"}, [("rest", "not_a_choice")]),
        ({"accept": [True]}, [("accept[0]", "not_a_number")]),
        ({"start": "soon", "reason": []}, [("start", "not_a_time"), ("reason", "not_text")]),
    ],
)
def test_what_is_wrong_with_a_move_names_its_field(
    changes: dict[str, Any], slips: list[tuple[str, str]]
):
    assert slips_of(move, {"start": "2026-11-26T10:00"} | changes) == slips


def test_a_day_of_an_address_is_a_date():
    assert read_day("2026-11-26") == DAY
    assert slips_of(read_day, "26.11.2026") == [("day", "not_a_date")]
    for year in ("9999", "0001", "1899"):
        assert slips_of(read_day, f"{year}-12-31") == [("day", "years_away")]


def test_a_key_is_the_caller_s_own_choice():
    assert read_key(" order 17 ", 1) == read_key("order 17", 1)
    assert read_key("order 17", 1) != read_key("order 17", 2)
    assert read_key("order 17", 1) != read_key("order 18", 1)
    assert slips_of(lambda text: read_key(text, 1), None) == [("Idempotency-Key", "missing")]
    assert slips_of(lambda text: read_key(text, 1), " ") == [("Idempotency-Key", "missing")]
    assert slips_of(lambda text: read_key(text, 1), "x" * 201) == [
        ("Idempotency-Key", "not_a_choice")
    ]


WEISS, BRANDT, ROOM, OTHER_ROOM = 1, 2, 3, 4
NEEDS = Needs(
    (Phase("practitioner", 30, 80), Phase("room", 0, 80)),
    {"practitioner": (BRANDT, WEISS), "room": (ROOM, OTHER_ROOM)},
)
HERE = Booked(DAY, 540, 620, {"practitioner": WEISS, "room": OTHER_ROOM})
ALL_FREE = dict.fromkeys((WEISS, BRANDT, ROOM, OTHER_ROOM), open_bits([(480, 1020)]))


def test_a_visit_keeps_who_serves_it_where_they_can():
    place = MoveRequest(DAY, 600).place(NEEDS, HERE, ALL_FREE)
    assert place == Booked(DAY, 600, 680, HERE.resources)

    weiss_is_away = ALL_FREE | {WEISS: 0}
    place = MoveRequest(DAY, 600).place(NEEDS, HERE, weiss_is_away)
    assert place.resources == {"practitioner": BRANDT, "room": OTHER_ROOM}


def test_a_resource_asked_for_serves_whether_it_is_free_or_not():
    wish = MoveRequest(DAY, 600, resources=frozenset({BRANDT}), minutes=95)
    both = {"practitioner": BRANDT, "room": OTHER_ROOM}
    assert wish.place(NEEDS, HERE, ALL_FREE) == Booked(DAY, 600, 695, both)
    assert wish.place(NEEDS, HERE, ALL_FREE | {BRANDT: 0}).resources == both


def test_a_resource_that_cannot_serve_is_refused():
    wish = MoveRequest(DAY, 600, resources=frozenset({BRANDT, 99}))
    assert slips_of(lambda free: wish.place(NEEDS, HERE, free), ALL_FREE) == [
        ("resources[1]", "cannot_do_it")
    ]
