"""Reading the diary from outside, and changing a visit: its status, its time with what follows."""

import datetime as dt
from typing import Any

import pytest
import time_machine

from clinic.audit.models import Entry
from plans.data.factories import FactFactory, LocationFactory, PatientFactory, UserFactory
from plans.diary.models import Appointment, Occupancy, StatusChange
from tests.api.diary import Caller, is_problem
from tests.diary.clinic import THURSDAY, Clinic

DAYS = (THURSDAY, dt.date(2027, 2, 26), dt.date(2027, 5, 26))


@pytest.fixture
def caller(clinic: Clinic) -> Caller:
    clinic.book(*DAYS)
    return Caller(clinic.reception)


def visits() -> list[Appointment]:
    return list(Appointment.objects.order_by("starts_at"))


def first(**path: Any) -> Appointment:
    return visits()[0]


def listed(caller: Caller, day: dt.date = THURSDAY) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = caller.get(f"/appointments?day={day}").json()["appointments"]
    return found


# --- resources


def test_who_and_what_can_be_booked_is_told(clinic: Clinic, caller: Caller):
    clinic.second_room.is_active = False
    clinic.second_room.save(update_fields=["is_active"])
    LocationFactory.create(name="Far away")

    said = caller.get("/resources").json()

    assert said["location"]["name"] == "Lindenhof"
    names = [(each["kind"], each["name"]) for each in said["resources"]]
    assert names == [
        ("practitioner", "Dr Weiss"), ("practitioner", "Dr Brandt"), ("room", "Room 1"),
    ]  # fmt: skip
    assert said["resources"][0]["capabilities"] == ["physician"]
    assert said["resources"][0]["id"] == clinic.weiss.pk


# --- appointments


def test_the_visits_of_a_day_are_told(clinic: Clinic, caller: Caller):
    [visit] = listed(caller)

    row = first()
    assert (visit["id"], visit["patient"], visit["patient_name"]) == (row.pk, 142, "Anna Petrova")
    assert (visit["procedure"], visit["title"]) == ("tca_peel_medium", "Medium TCA peel")
    assert (visit["ordinal"], visit["course"]) == (1, row.session and row.session.course_id)
    assert (visit["start"], visit["end"]) == (
        "2026-11-26T10:00:00+01:00",
        "2026-11-26T11:20:00+01:00",
    )
    assert visit["status"] == "booked"
    assert {each["name"] for each in visit["resources"]} == {"Dr Weiss", "Room 1"}
    assert visit["version"] == StatusChange.objects.filter(appointment=row).latest("pk").pk
    assert visit["verdict"] == "ok"


def test_a_day_is_the_location_s_own(clinic: Clinic, caller: Caller):
    stranger = UserFactory.create(role="reception", location=LocationFactory.create())

    assert listed(Caller(stranger)) == []
    assert listed(caller, dt.date(2026, 11, 27)) == []


def test_without_a_day_it_is_today(clinic: Clinic, caller: Caller):
    assert caller.get("/appointments").json()["day"] == "2026-11-09"


@pytest.mark.parametrize("query", ["?day=tomorrow", "?day=2026-02-30", "?day=9999-12-31"])
def test_a_day_has_to_be_a_date(clinic: Clinic, caller: Caller, query: str):
    assert is_problem(caller.get(f"/appointments{query}"), 422, "day")


def test_only_those_who_may_are_told_what_the_screening_says(clinic: Clinic, caller: Caller):
    FactFactory.create(
        patient=clinic.patient, fact_type__code="keloid_tendency", status="present",
        since=dt.date(2026, 1, 1),
    )  # fmt: skip
    manager = Caller(UserFactory.create(role="manager", location=clinic.location))

    assert listed(caller)[0]["verdict"] == "caution"
    assert listed(manager)[0]["verdict"] is None
    assert "eloid" not in manager.get(f"/appointments?day={THURSDAY}").content.decode()


def test_a_day_costs_the_same_however_full_it_is(
    clinic: Clinic, caller: Caller, django_assert_num_queries: Any
):
    listed(caller)
    with django_assert_num_queries(QUERIES):
        assert len(listed(caller)) == 1
    for n in range(4):
        other = PatientFactory.create(
            location=clinic.location, skin_type=3, skin_type_on=dt.date(2026, 11, 9)
        )
        clinic.deny("isotretinoin_oral", "keloid_tendency", patient=other)
        clinic.book(THURSDAY, patient=other, minute=690 + 80 * n)
    with django_assert_num_queries(QUERIES):
        assert len(listed(caller)) == 5


QUERIES = 31


# --- status


def status(caller: Caller, to: str, key: str | None = None, **more: Any) -> Any:
    return caller.post(f"/appointments/{first().pk}/status", {"to": to} | more, key=key)


def test_a_visit_is_confirmed(clinic: Clinic, caller: Caller):
    version = listed(caller)[0]["version"]

    answer = status(caller, "confirmed", version=version)

    assert (answer.status_code, answer.json()["status"]) == (200, "confirmed")
    assert answer.json()["version"] > version
    assert first().status == "confirmed"
    assert Entry.objects.get(action="confirmed").by == clinic.reception


@pytest.mark.parametrize("to", ["cancelled"])
def test_a_visit_is_cancelled_with_a_reason_and_gives_its_time_back(
    clinic: Clinic, caller: Caller, to: str
):
    assert is_problem(status(caller, to), 422, "reason")
    row = first()
    held = set(row.occupancy.values_list("resource", flat=True))

    answer = status(caller, to, reason="on holiday")

    assert answer.json()["status"] == "cancelled"
    assert not Occupancy.objects.filter(appointment=row).exists()
    step = StatusChange.objects.filter(appointment=row).latest("pk")
    assert (step.became, step.reason) == ("cancelled", "on holiday")
    assert step.before
    assert set(step.before["resources"].values()) == held


def test_a_no_show_is_marked_on_its_day(
    clinic: Clinic, caller: Caller, monday: time_machine.Traveller
):
    assert is_problem(status(caller, "no_show", reason="did not come"), 409)
    monday.move_to(dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC))

    assert status(caller, "no_show", reason="did not come").json()["status"] == "no_show"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "to"),
        ({"to": "burnt"}, "to"),
        ({"to": "confirmed", "version": "x"}, "version"),
        ({"to": "cancelled", "reason": 7}, "reason"),
    ],
)
def test_a_status_that_is_wrong_names_its_field(
    clinic: Clinic, caller: Caller, body: dict[str, Any], field: str
):
    assert is_problem(caller.post(f"/appointments/{first().pk}/status", body), 422, field)


def test_what_does_not_follow_is_refused_with_the_reason(clinic: Clinic, caller: Caller):
    answer = status(Caller(clinic.physician), "done")

    assert is_problem(answer, 409)
    assert first().status == "booked"


@pytest.mark.parametrize("to", ["confirmed", "cancelled"])
def test_a_stale_version_is_refused_with_who_changed_what(clinic: Clinic, caller: Caller, to: str):
    version = listed(caller)[0]["version"]
    status(Caller(clinic.physician), "confirmed")
    status(Caller(clinic.physician), "booked")

    answer = status(caller, to, reason="ill", version=version)

    assert is_problem(answer, 409)
    assert clinic.physician.display_name in answer.json()["reason"]
    assert first().status == "booked"


@pytest.mark.parametrize("to", ["confirmed", "cancelled"])
def test_the_same_key_sets_a_status_once(clinic: Clinic, caller: Caller, to: str):
    version = listed(caller)[0]["version"]
    answers = [status(caller, to, key="call 9", reason="ill", version=version) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert StatusChange.objects.filter(appointment=first(), became=to).count() == 1


def test_a_status_is_set_by_those_who_may(clinic: Clinic, caller: Caller):
    assert status(caller, "in_treatment").status_code == 403
    manager = Caller(UserFactory.create(role="manager", location=clinic.location))
    assert status(manager, "arrived").status_code == 403
    assert status(manager, "confirmed").status_code == 200


def test_a_visit_of_another_location_is_not_found(clinic: Clinic, caller: Caller):
    stranger = Caller(UserFactory.create(role="physician", location=LocationFactory.create()))

    for path, body in (("status", {"to": "confirmed"}), ("move", {"start": "2026-11-27T10:00"})):
        for pk in (first().pk, 999_999):
            answer = stranger.post(f"/appointments/{pk}/{path}", body)
            assert is_problem(answer, 404, "id")
    assert first().status == "booked"


# --- move


def move(caller: Caller, query: str = "", key: str | None = None, **body: Any) -> Any:
    return caller.post(f"/appointments/{first().pk}/move{query}", body, key=key)


def starts() -> list[str]:
    return [row.starts_at.isoformat()[:16] for row in visits()]


def test_a_preview_tells_what_follows_and_changes_nothing(clinic: Clinic, caller: Caller):
    before, steps = starts(), StatusChange.objects.count()

    said = move(caller, "?preview=true", start="2026-12-10T10:00", rest="shift").json()

    assert (starts(), StatusChange.objects.count()) == (before, steps)
    assert (said["batch"], said["moved"], said["is_possible"]) == (None, 0, True)
    lines = said["lines"]
    assert [line["id"] for line in lines] == [row.pk for row in visits()]
    assert lines[0]["before"]["start"] == "2026-11-26T10:00:00+01:00"
    assert lines[0]["after"]["start"] == "2026-12-10T10:00:00+01:00"
    assert [line["is_moved"] for line in lines] == [True, True, True]
    assert lines[1]["after"]["start"].startswith("2027-03-10T10:00")
    assert lines[2]["window"]["earliest"] <= lines[2]["after"]["start"][:10]
    assert lines[1]["verdict"] == "ok"
    assert {each["name"] for each in lines[0]["after"]["resources"]} == {"Dr Weiss", "Room 1"}
    assert said["last_day_after"] > said["last_day_before"]


def test_a_move_is_carried_out_with_all_that_follows(clinic: Clinic, caller: Caller):
    previewed = move(caller, "?preview=true", start="2026-12-10T10:00", rest="shift").json()

    answer = move(
        caller, "?preview=false", start="2026-12-10T10:00", rest="shift", reason="ill",
        version=previewed["version"],
    )  # fmt: skip

    said = answer.json()
    assert (answer.status_code, said["moved"]) == (200, 3)
    assert said["lines"] == previewed["lines"]
    assert said["version"] > previewed["version"]
    assert starts()[0] == "2026-12-10T09:00"
    assert [row.starts_at.date().isoformat() for row in visits()] == [
        line["after"]["start"][:10] for line in said["lines"]
    ]
    batches = set(StatusChange.objects.exclude(batch=None).values_list("batch", flat=True))
    assert {str(batch) for batch in batches} == {said["batch"]}
    assert StatusChange.objects.filter(reason="ill").count() == 3


def test_a_part_of_what_follows_may_be_accepted(clinic: Clinic, caller: Caller):
    _one, two, three = visits()
    wish = {"start": "2026-12-10T10:00", "rest": "shift"}

    refused = move(caller, **wish, accept=[two.pk])
    assert is_problem(refused, 409)
    assert "Accept the new date of Medium TCA peel 3 as well." in refused.json()["reason"]
    assert is_problem(move(caller, **wish, accept=[999_999]), 422, "accept[0]")
    assert move(caller, **wish, accept=[two.pk, three.pk]).json()["moved"] == 3


def test_nothing_else_moves_where_nothing_else_is_accepted(clinic: Clinic, caller: Caller):
    said = move(caller, start="2026-11-25T10:00", rest="shift", accept=[]).json()

    assert said["moved"] == 1
    assert [row.starts_at.date() for row in visits()] == [dt.date(2026, 11, 25), *DAYS[1:]]


def test_a_visit_moves_alone_where_all_may_stay(clinic: Clinic, caller: Caller):
    said = move(caller, day="2026-11-25", minute=660, reason="asked").json()

    assert (said["moved"], [line["is_moved"] for line in said["lines"]]) == (
        1,
        [True, False, False],
    )
    assert starts()[0] == "2026-11-25T10:00"


def test_another_length_and_another_room_are_asked_for(clinic: Clinic, caller: Caller):
    said = move(
        caller, start="2026-11-26T10:00", minutes=95, resources=[clinic.second_room.pk]
    ).json()

    assert said["lines"][0]["after"]["end"] == "2026-11-26T11:35:00+01:00"
    held = set(first().occupancy.values_list("resource__name", flat=True))
    assert held == {"Dr Weiss", "Room 2"}


def test_a_place_that_is_taken_is_told_by_the_preview_and_refused(clinic: Clinic, caller: Caller):
    said = move(caller, "?preview=true", start="2026-11-26T20:00").json()

    assert said["is_possible"] is False
    [problem] = [each for each in said["problems"] if each["is_hard"]]
    assert (problem["kind"], problem["id"]) == ("taken", first().pk)
    assert problem["words"]
    before = starts()
    assert is_problem(move(caller, start="2026-11-26T20:00"), 409)
    assert starts() == before


def test_a_stale_move_is_refused_with_who_changed_what(clinic: Clinic, caller: Caller):
    version = listed(caller)[0]["version"]
    status(Caller(clinic.physician), "confirmed")

    answer = move(caller, start="2026-11-27T10:00", version=version)

    assert is_problem(answer, 409)
    assert clinic.physician.display_name in answer.json()["reason"]


@pytest.mark.parametrize("start", ["2026-11-26T20:00", "2026-11-27T10:00"])
def test_a_stale_preview_tells_the_change_before_anything_else(
    clinic: Clinic, caller: Caller, start: str
):
    version = listed(caller)[0]["version"]
    status(Caller(clinic.physician), "confirmed")

    answer = move(caller, "?preview=true", start=start, version=version)

    assert is_problem(answer, 409)
    assert clinic.physician.display_name in answer.json()["reason"]
    now = listed(caller)[0]["version"]
    assert move(caller, "?preview=true", start=start, version=now).status_code == 200


def test_the_same_key_moves_once(clinic: Clinic, caller: Caller):
    answers = [move(caller, key="m1", start="2026-11-25T10:00") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[1].json()["moved"] == 0
    assert StatusChange.objects.filter(appointment=first()).count() == 2


def test_what_is_over_cannot_be_moved(clinic: Clinic, caller: Caller):
    status(caller, "cancelled", reason="ill")

    for query in ("?preview=true", ""):
        assert is_problem(move(caller, query, start="2026-11-27T10:00"), 409)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "start"),
        ({"start": "soon"}, "start"),
        ({"day": "2026-11-27"}, "minute"),
        ({"start": "2026-11-27T10:00", "rest": "all"}, "rest"),
        ({"start": "2026-11-27T10:00", "resources": [999_999]}, "resources[0]"),
        ({"start": "2026-11-27T10:00", "minutes": 5}, "minutes"),
    ],
)
def test_a_move_that_is_wrong_names_its_field(
    clinic: Clinic, caller: Caller, body: dict[str, Any], field: str
):
    assert is_problem(move(caller, **body), 422, field)


def test_a_role_that_may_not_move_is_refused(clinic: Clinic, caller: Caller):
    editor = Caller(UserFactory.create(role="editor", location=clinic.location))

    assert move(editor, start="2026-11-27T10:00").status_code == 403
