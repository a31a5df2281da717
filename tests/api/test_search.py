"""Searching for a series from outside: the same answers as on the booking page."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from clinic.audit.models import Entry
from clinic.places.models import Resource
from clinic.staff.models import User
from plans.api.tags import KINDS
from plans.core.chosen import Chosen
from plans.courses.models import Occasion
from plans.data.factories import (
    BlockFactory,
    FactFactory,
    LocationFactory,
    OccupancyFactory,
    PatientFactory,
    ResourceFactory,
    UserFactory,
)
from plans.series.forms import chosen_of
from plans.series.selectors import Ask, proposals
from tests.api.diary import DESCRIBED, Caller, days_of, is_problem
from tests.diary.clinic import BERLIN, THURSDAY, Clinic


@pytest.fixture
def caller(clinic: Clinic) -> Caller:
    return Caller(clinic.physician)


def block(resource: Resource, day: dt.date, first: int = 0, last: int = 24) -> None:
    start = dt.datetime.combine(day, dt.time(), tzinfo=BERLIN) + dt.timedelta(hours=first)
    end = start + dt.timedelta(hours=last - first)
    row = BlockFactory.create(resource=resource, starts_at=start, ends_at=end)
    OccupancyFactory.create(
        resource=resource, appointment=None, block=row, starts_at=start, ends_at=end
    )


# --- what is offered


def test_a_free_diary_offers_every_session_on_its_target(clinic: Clinic, caller: Caller):
    said = caller.search().json()

    best = said["offers"][0]
    assert (best["kind"], best["cost"]) == ("best", 0)
    assert days_of(best) == ["2026-11-26", "2027-02-26", "2027-05-26"]
    assert said["impossible"] is None
    assert (said["patient"], said["starts_from"], said["waits"]) == (142, "2026-11-26", [])
    assert said["location"]["time_zone"] == "Europe/Berlin"


def test_a_session_is_told_in_full(clinic: Clinic, caller: Caller):
    first, second, third = caller.search().json()["offers"][0]["sessions"]

    assert (first["ordinal"], second["ordinal"], third["ordinal"]) == (1, 2, 3)
    # the wall clock stays, the offset is the one of that day
    assert first["start"] == "2026-11-26T09:00:00+01:00"
    assert (second["start"], second["end"]) == (
        "2027-02-26T09:00:00+01:00",
        "2027-02-26T10:20:00+01:00",
    )
    assert third["start"] == "2027-05-26T09:00:00+02:00"
    assert second["window"]["earliest"] <= second["target"] <= second["window"]["latest"]
    assert (second["target"], second["deviation_days"]) == ("2027-02-26", 0)
    assert (second["verdict"], second["reasons"]) == ("ok", [])
    assert "pregnancy" in second["deferred"]
    room = next(each for each in second["resources"] if each["role"] == "room")
    assert room == {"id": clinic.room.pk, "name": "Room 1", "kind": "room", "role": "room"}
    assert {each["role"] for each in second["resources"]} == {"practitioner", "room"}


def test_the_cost_counts_the_days_off_target_first(clinic: Clinic, caller: Caller):
    for each in (clinic.weiss, clinic.brandt):
        block(each, dt.date(2027, 2, 26))

    said = caller.search().json()["offers"]

    for offer in said:
        off = sum(abs(session["deviation_days"]) for session in offer["sessions"])
        assert int(offer["cost"]) == off
    assert said[0]["cost"] == min(offer["cost"] for offer in said) >= 1


def test_reasons_say_what_speaks_for_an_offer(clinic: Clinic, caller: Caller):
    reasons = caller.search().json()["offers"][0]["reasons"]

    texts = {each["text"] for each in reasons if each["is_for"]}
    assert {"Every session on its target day", "Always Room 1"} <= texts


@pytest.mark.parametrize(
    "wishes",
    [
        {},
        {"sessions": 1},
        {"weekdays": [1, 3], "part_of_day": "afternoon"},
        {"practitioner": "Dr Brandt"},
        {"practitioner": "Dr Brandt", "weekdays": [5], "part_of_day": "morning", "every": 5},
        {"not_before": "2026-12-24", "sessions": 2},
    ],
)
def test_the_answer_is_the_booking_page_s_own(
    clinic: Clinic, caller: Caller, wishes: dict[str, Any]
):
    for day in (dt.date(2026, 11, 26), dt.date(2027, 2, 26), dt.date(2026, 12, 28)):
        block(clinic.weiss, day, 0, 12)
    said = caller.search(**wishes).json()["offers"]

    parts = {"morning": (0, 720), "afternoon": (720, 1440), None: None}
    answer = proposals(
        Ask(
            patient=clinic.patient, location=clinic.location, revision=clinic.peel,
            count=wishes.get("sessions", 3),
            first_from=dt.date.fromisoformat(wishes.get("not_before", "2026-11-26")),
            practitioner=clinic.brandt.pk if "practitioner" in wishes else None,
            weekdays=frozenset(wishes.get("weekdays", range(1, 8))),
            part=parts[wishes.get("part_of_day")], every=wishes.get("every", 15),
        ),
        [clinic.weiss, clinic.brandt, clinic.room, clinic.second_room],
    )  # fmt: skip
    expected = [series.offer for series in answer.series if series.offer.kind in KINDS]
    assert [offer["kind"] for offer in said] == [offer.kind for offer in expected]
    for told, offer in zip(said, expected, strict=True):
        assert [_place(session) for session in told["sessions"]] == [
            (each.ordinal, each.day, each.minute, dict(each.resources)) for each in chosen_of(offer)
        ]
    assert len({tuple(map(str, map(_place, offer["sessions"]))) for offer in said}) == len(said)


def _place(session: dict[str, Any]) -> tuple[int, dt.date, int, dict[str, int]]:
    start = dt.datetime.fromisoformat(session["start"])
    held = {each["role"]: each["id"] for each in session["resources"]}
    chosen = Chosen(session["ordinal"], start.date(), start.hour * 60 + start.minute, held)
    return chosen.ordinal, chosen.day, chosen.minute, dict(chosen.resources)


def test_the_page_offers_the_same_first_series(clinic: Clinic, caller: Caller, desk: Client):
    block(clinic.weiss, dt.date(2027, 2, 26))
    best = caller.search(practitioner=clinic.weiss.pk).json()["offers"][0]
    page = desk.get(
        f"/series/142/tca_peel_medium/?first_from=2026-11-26&practitioner={clinic.weiss.pk}"
    )

    assert page.context["series"][0]["kind"] == "best"
    shown = [each["place"].day.isoformat() for each in page.context["series"][0]["sessions"]]
    assert shown == days_of(best)


# --- wishes


@pytest.mark.parametrize("said", ["Dr Brandt", "dr brandt"])
def test_a_practitioner_is_asked_for_by_name(clinic: Clinic, caller: Caller, said: str):
    offer = caller.search(practitioner=said).json()["offers"][0]
    people = {
        each["name"] for session in offer["sessions"] for each in session["resources"]
        if each["role"] == "practitioner"
    }  # fmt: skip
    assert people == {"Dr Brandt"}


def test_weekdays_and_part_of_day_are_kept_where_that_is_possible(clinic: Clinic, caller: Caller):
    said = caller.search(weekdays=[2, 4], part_of_day="afternoon").json()

    assert said["keeps_wishes"] is True
    for session in said["offers"][0]["sessions"]:
        start = dt.datetime.fromisoformat(session["start"])
        assert start.isoweekday() in (2, 4)
        assert start.hour >= 12


def test_a_date_that_matters_to_the_patient_stays_clear(clinic: Clinic, caller: Caller):
    for changes in ({}, {"patient": DESCRIBED}):
        assert days_of(caller.search(**changes).json()["offers"][0])[0] == "2026-11-26"
    Occasion.objects.create(
        patient=clinic.patient, day=THURSDAY, name="", created_by=clinic.physician,
        created_at=dt.datetime(2026, 11, 9, tzinfo=dt.UTC),
    )  # fmt: skip

    assert days_of(caller.search().json()["offers"][0])[0] > "2026-11-26"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"procedure": "no_such"}, "procedure"),
        ({"procedure": None}, "procedure"),
        ({"sessions": 0}, "sessions"),
        ({"sessions": 99}, "sessions"),
        ({"sessions": "three"}, "sessions"),
        ({"not_before": "2026-11-08"}, "not_before"),
        ({"not_before": "soon"}, "not_before"),
        ({"location": "Mars"}, "location"),
        ({"practitioner": "Dr Who"}, "practitioner"),
        ({"weekdays": [0]}, "weekdays[0]"),
        ({"part_of_day": "night"}, "part_of_day"),
        ({"patient": "Anna"}, "patient"),
        ({"patient": None, "patient_number": "14 2"}, "patient_number"),
        ({"areas": ["cheeks", "cheek"]}, "areas[1]"),
        ({"patient": {}}, "patient.birth"),
        ({"every": 4}, "every"),
    ],
)
def test_a_wish_that_is_wrong_names_its_field(
    clinic: Clinic, caller: Caller, changes: dict[str, Any], field: str
):
    answer = caller.search(**changes)

    assert is_problem(answer, 422, field)
    assert [each["field"] for each in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("named", [{"patient": "142"}, {"patient": None, "patient_number": "142"}])
def test_a_patient_s_number_may_be_sent_as_a_text(
    clinic: Clinic, caller: Caller, named: dict[str, Any]
):
    said = caller.search(**named).json()

    assert (said["patient"], len(said["offers"]) > 0) == (142, True)


def test_somebody_who_cannot_do_it_is_no_choice(clinic: Clinic, caller: Caller):
    nurse = ResourceFactory.create(location=clinic.location, name="Nurse Joy")

    answer = caller.search(practitioner=nurse.pk)

    assert is_problem(answer, 422, "practitioner")
    assert answer.json()["errors"][0]["code"] == "cannot_do_it"


def test_what_nothing_reads_is_told(clinic: Clinic, caller: Caller):
    assert caller.search(weekday=[1]).json()["ignored"] == ["weekday"]


# --- whose diary, whose patient


def test_a_patient_of_another_location_is_not_found(clinic: Clinic, caller: Caller):
    PatientFactory.create(number=900)

    for number in (900, 999_999):
        assert is_problem(caller.search(patient=number), 404, "patient")


def test_another_place_of_work_is_asked_for_by_its_name(clinic: Clinic, caller: Caller):
    far = LocationFactory.create(name="Seestraße", time_zone="Europe/Lisbon")
    assert is_problem(caller.search(location="Seestraße"), 422, "location")
    far.staff.add(clinic.physician)

    said = caller.search(location="Seestraße", patient=DESCRIBED).json()

    assert said["location"]["name"] == "Seestraße"
    assert said["impossible"]["constraint"] == "closed"  # nobody works there yet
    assert is_problem(caller.search(location=far.pk, patient=142), 404, "patient")


def test_somebody_who_works_nowhere_is_told_so(clinic: Clinic, caller: Caller):
    clinic.location.staff.clear()

    assert is_problem(caller.search(patient=DESCRIBED), 404, "location")


# --- a patient described


def test_a_patient_described_gets_offers_that_book_nothing(clinic: Clinic, caller: Caller):
    said = caller.search(patient=DESCRIBED).json()

    assert days_of(said["offers"][0]) == ["2026-11-26", "2027-02-26", "2027-05-26"]
    assert {offer["token"] for offer in said["offers"]} == {None}
    assert said["not_bookable"].startswith("The patient is described, not registered.")
    assert said["patient"] is None
    assert not Entry.objects.filter(action="opened").exists()


def test_what_is_told_of_a_patient_described_counts(clinic: Clinic, caller: Caller):
    drug = {"code": "isotretinoin_oral", "status": "present", "since": "2026-01-01"}
    told = DESCRIBED | {"facts": [*DESCRIBED["facts"][1:], drug | {"until": "2026-08-31"}]}  # type: ignore[index]  # a list

    said = caller.search(patient=told).json()
    assert said["starts_from"] == "2027-02-28"
    assert said["waits"][0]["rule"] == "ci:tca_peel_medium:isotretinoin_oral"
    assert days_of(said["offers"][0])[0] == "2027-03-01"  # the 28th is a Sunday

    before = DESCRIBED | {"history": [{"procedure": "tca_peel_medium", "date": "2026-10-01"}]}
    assert caller.search(patient=before).json()["starts_from"] > "2026-11-26"

    asked = DESCRIBED | {"facts": []}
    assert caller.search(patient=asked).json()["offers"][0]["sessions"][0]["verdict"] == "ask"


def test_the_clinic_s_own_bookings_take_time_from_a_patient_described(
    clinic: Clinic, caller: Caller
):
    for person in (clinic.weiss, clinic.brandt):
        block(person, THURSDAY)

    assert days_of(caller.search(patient=DESCRIBED).json()["offers"][0])[0] == "2026-11-27"


# --- impossible


def test_impossible_says_which_session_why_and_what_would_do(clinic: Clinic, caller: Caller):
    for person in (clinic.weiss, clinic.brandt):
        for n in range(70):
            block(person, THURSDAY + dt.timedelta(days=n))

    said = caller.search().json()

    assert said["offers"] == []
    impossible = said["impossible"]
    assert (impossible["ordinal"], impossible["constraint"]) == (1, "no_common_time")
    assert impossible["window"]["earliest"] == "2026-11-26"
    relaxation = impossible["relaxation"]
    assert relaxation["kind"] == "later_start"
    assert impossible["relaxations"][0] == relaxation
    again = caller.search(**relaxation["request"]).json()
    assert days_of(again["offers"][0])[0] == relaxation["day"] == "2027-02-04"


def test_what_has_no_end_on_record_makes_it_impossible(clinic: Clinic, caller: Caller):
    FactFactory.create(
        patient=clinic.patient, fact_type__code="isotretinoin_oral", status="present",
        since=dt.date(2026, 1, 1),
    )  # fmt: skip

    said = caller.search().json()

    assert (said["offers"], said["starts_from"]) == ([], None)
    impossible = said["impossible"]
    assert (impossible["ordinal"], impossible["constraint"]) == (1, "screening")
    assert "ci:tca_peel_medium:isotretinoin_oral" in impossible["reasons"]
    assert impossible["relaxation"] is None


# --- who may know what


def test_a_manager_books_without_learning_what_the_screening_says(clinic: Clinic):
    manager = UserFactory.create(role="manager", location=clinic.location)
    FactFactory.create(
        patient=clinic.patient, fact_type__code="keloid_tendency", status="present",
        since=dt.date(2026, 1, 1),
    )  # fmt: skip
    sees = Caller(clinic.reception).search().json()
    assert sees["offers"][0]["sessions"][0]["verdict"] == "caution"

    answer = Caller(manager).search()

    said = answer.json()
    assert said["offers"][0]["token"]
    assert {session["verdict"] for session in said["offers"][0]["sessions"]} == {None}
    assert "eloid" not in answer.text


@pytest.mark.parametrize("role", ["editor", "auditor"])
def test_a_role_that_may_not_is_refused(clinic: Clinic, role: str):
    other: User = UserFactory.create(role=role, location=clinic.location)

    assert Caller(other).search().status_code == 403
    assert not Entry.objects.filter(action="opened").exists()


def test_a_search_about_a_patient_is_written_down_without_its_answer(
    clinic: Clinic, caller: Caller
):
    caller.search()

    entry = Entry.objects.get(action="opened")
    assert (entry.patient_number, entry.by) == (142, clinic.physician)
    assert entry.details == {"page": "api", "procedure": "tca_peel_medium"}


# --- cost


def test_a_search_costs_the_same_however_full_the_diary_is(
    clinic: Clinic, caller: Caller, django_assert_num_queries: Any
):
    caller.search()
    with django_assert_num_queries(QUERIES):
        caller.search()
    for n in range(40):
        block(clinic.weiss, THURSDAY + dt.timedelta(days=n), 13, 15)
    for _ in range(5):
        other = PatientFactory.create(location=clinic.location)
        clinic.deny("isotretinoin_oral", "keloid_tendency", patient=other)
    with django_assert_num_queries(QUERIES):
        caller.search()


QUERIES = 47
