"""How a program's request for a series is read: all that is wrong is told by its field."""

import datetime as dt
from typing import Any

import pytest

from plans.core.offers import EVERY_WEEKDAY
from plans.core.screening import Patient
from plans.core.series_reading import Offered, Place, known_on, read_request
from plans.core.vignettes import BadVignette
from tests.core.small_catalogue import ADULT, BOOK

TODAY = dt.date(2026, 11, 23)
LINDENHOF = Place(3, "Lindenhof", {7: "Dr Weiss", 8: "Dr Brandt"})
SEESTRASSE = Place(4, "Seestraße", {9: "Dr Weiss"})
AREAS = frozenset(("cheeks", "forehead"))
OFFERED = Offered({"peel": 3}, (LINDENHOF, SEESTRASSE), AREAS)


def request(**changes: Any) -> dict[str, Any]:
    denied = {"code": "drug", "status": "denied", "since": "2026-11-23"}
    return {
        "procedure": "peel",
        "patient": {"birth": "1990-05-14", "facts": [denied]},
        "sessions": 3,
        "not_before": "2026-12-01",
    } | changes


def read(data: Any, **more: Any) -> Any:
    return read_request(data, BOOK, offered=OFFERED, today=TODAY, **more)


def slips_of(data: Any) -> list[tuple[str, str]]:
    with pytest.raises(BadVignette) as caught:
        read(data)
    return [(slip.field, slip.kind) for slip in caught.value.slips]


def test_what_is_left_out_is_free():
    found = read(request())

    assert (found.procedure, found.sessions, found.not_before) == ("peel", 3, dt.date(2026, 12, 1))
    assert (found.location, found.practitioner, found.part) == (3, None, None)
    assert (found.weekdays, found.areas, found.ignored) == (EVERY_WEEKDAY, frozenset(), ())
    assert found.patient.birth == ADULT
    assert [fact.code for fact in found.patient.facts] == ["drug"]


def test_every_wish_is_read():
    wishes = {"location": "seestrasse", "practitioner": 9, "weekdays": [2, 4, 4], "every": 5}
    found = read(request(**wishes, part_of_day="afternoon", areas=["cheeks"]))

    assert (found.location, found.practitioner) == (4, 9)
    assert (found.weekdays, found.part) == ({2, 4}, (720, 1440))
    assert (found.areas, found.every) == ({"cheeks"}, 5)


@pytest.mark.parametrize("said", [8, "8", "Dr Brandt", " dr brandt "])
def test_a_practitioner_is_named_by_key_or_by_name(said: Any):
    assert read(request(practitioner=said)).practitioner == 8


def test_the_same_name_means_another_person_at_another_place():
    assert read(request(practitioner="Dr Weiss", location=4)).practitioner == 9


@pytest.mark.parametrize("part", ["morning", None])
def test_the_morning_ends_at_noon(part: str | None):
    assert read(request(part_of_day=part)).part == ((0, 720) if part else None)


def test_no_weekday_named_means_every_one():
    assert read(request(weekdays=[])).weekdays == EVERY_WEEKDAY
    assert read(request(weekdays=None)).weekdays == EVERY_WEEKDAY


@pytest.mark.parametrize(
    ("changes", "field", "kind"),
    [
        ({"procedure": None}, "procedure", "missing"),
        ({"procedure": 7}, "procedure", "not_text"),
        ({"procedure": "no_such"}, "procedure", "not_known"),
        ({"procedure": "home_cream"}, "procedure", "not_offered"),
        ({"patient": None}, "patient", "missing"),
        ({"patient": {}}, "patient.birth", "missing"),
        ({"areas": "cheeks"}, "areas", "not_a_list"),
        ({"areas": ["cheeks", "cheek"]}, "areas[1]", "not_a_choice"),
        ({"areas": [7]}, "areas[0]", "not_text"),
        ({"sessions": None}, "sessions", "missing"),
        ({"sessions": "3"}, "sessions", "not_a_number"),
        ({"sessions": 2.5}, "sessions", "not_a_number"),
        ({"sessions": True}, "sessions", "not_a_number"),
        ({"sessions": 0}, "sessions", "not_a_choice"),
        ({"sessions": 4}, "sessions", "more_than_a_course"),
        ({"not_before": None}, "not_before", "missing"),
        ({"not_before": "1.12.2026"}, "not_before", "not_a_date"),
        ({"not_before": "2026-11-22"}, "not_before", "day_is_over"),
        ({"not_before": "2030-01-01"}, "not_before", "years_away"),
        ({"location": 5}, "location", "not_here"),
        ({"location": True}, "location", "not_here"),
        ({"practitioner": "Dr Nobody"}, "practitioner", "not_here"),
        ({"practitioner": 9}, "practitioner", "not_here"),
        ({"practitioner": [7]}, "practitioner", "not_here"),
        ({"practitioner": ""}, "practitioner", "not_here"),
        ({"weekdays": 3}, "weekdays", "not_a_list"),
        ({"weekdays": [1, 8]}, "weekdays[1]", "not_a_choice"),
        ({"weekdays": [True]}, "weekdays[0]", "not_a_choice"),
        ({"weekdays": ["1"]}, "weekdays[0]", "not_a_choice"),
        ({"part_of_day": "evening"}, "part_of_day", "not_a_choice"),
        ({"part_of_day": 1}, "part_of_day", "not_a_choice"),
        ({"every": 7}, "every", "not_a_choice"),
        ({"every": 0}, "every", "not_a_choice"),
        ({"every": "5"}, "every", "not_a_number"),
    ],
)
def test_a_wish_that_is_wrong_names_its_field(changes: dict[str, Any], field: str, kind: str):
    assert slips_of(request(**changes)) == [(field, kind)]


def test_all_that_is_wrong_is_told_at_once():
    data = request(not_before="soon", sessions="many", part_of_day="night", location="Mars")
    data["patient"]["facts"][0]["status"] = "maybe"

    fields = [field for field, _kind in slips_of(data)]

    assert fields == [
        "not_before", "patient.facts[0].status", "sessions", "location", "part_of_day",
    ]  # fmt: skip


@pytest.mark.parametrize("data", [None, [], "peel", 7])
def test_only_an_object_is_a_request(data: Any):
    assert slips_of(data) == [("", "not_an_object")]


def test_somebody_who_works_nowhere_has_no_diary_to_ask():
    with pytest.raises(BadVignette) as caught:
        read_request(request(), BOOK, offered=Offered({"peel": 3}, (), AREAS), today=TODAY)

    assert [(slip.field, slip.value) for slip in caught.value.slips] == [("location", "")]


def test_a_patient_known_elsewhere_takes_the_place_of_one_described():
    known = Patient(dt.date(1971, 5, 17))

    assert read(request(patient=142), patient=known).patient is known


def test_an_answer_may_be_dated_up_to_the_first_day_asked_for():
    data = request()
    data["patient"]["facts"][0]["since"] = "2026-12-01"
    patient = read(data).patient
    assert patient.facts[0].since == dt.date(2026, 12, 1)
    assert known_on(patient, TODAY) == dt.date(2026, 12, 1)

    data["patient"]["facts"][0]["since"] = "2026-12-02"
    assert slips_of(data) == [("patient.facts[0].since", "answered_after_screening")]


def test_what_nothing_reads_is_told():
    data = request(weekday=[1])
    data["patient"]["facts"][0]["untill"] = None

    assert read(data).ignored == ("weekday", "patient.facts[0].untill")


def test_a_skin_type_without_a_day_is_one_seen_today():
    patient = read(request(patient={"birth": "1990-05-14", "skin_type": 2})).patient

    assert {fact.since for fact in patient.facts} == {TODAY}
    assert known_on(patient, TODAY) == TODAY
