"""What a calendar says, read back by a library that others use too."""

import datetime as dt
import uuid
from typing import Any

import icalendar
import pytest
import time_machine
from django.test import Client
from django.utils.translation import get_language

from clinic.kit.calendars import Line, calendar_of, uid_of
from clinic.patients.models import Patient
from plans.core.acts import Act
from plans.data.factories import LocationFactory
from plans.diary.models import Appointment, Occupancy
from plans.diary.services import change_status, note
from plans.feeds.services import issue_feed
from plans.moves.selectors import latest_steps
from plans.moves.services import carry_out
from tests.diary.clinic import BERLIN, Clinic


def parsed(file: bytes) -> Any:
    found = icalendar.Calendar.from_ical(file)
    assert isinstance(found, icalendar.Calendar)
    return found


def read(stranger: Client, clinic: Clinic, whose: Any) -> Any:
    token = issue_feed(whose, by=clinic.physician, key=uuid.uuid4())
    return parsed(stranger.get(f"/feeds/{token}.ics").content)


def events(stranger: Client, clinic: Clinic, whose: Any = None) -> list[Any]:
    found: list[Any] = read(stranger, clinic, whose or clinic.patient).events
    return found


def first_visit() -> Appointment:
    return Appointment.objects.select_related("patient", "location").order_by("starts_at")[0]


def cancel(clinic: Clinic, visit: Appointment) -> None:
    version = latest_steps([visit.pk])[visit.pk]
    act = Act("cancelled", visit.pk, version)
    carry_out(act, by=clinic.reception, key=uuid.uuid4(), reason="ill")


def test_the_patient_s_visits_stand_at_their_local_time_on_both_sides_of_the_clock_change(
    booked: Clinic, stranger: Client
):
    calendar = read(stranger, booked, booked.patient)

    starts = [event.start for event in calendar.events]
    assert [start.strftime("%Y-%m-%d %H:%M") for start in starts] == [
        "2026-11-26 10:00", "2027-02-26 10:00", "2027-05-26 10:00",
    ]  # fmt: skip
    visits = Appointment.objects.order_by("starts_at")
    assert [start.astimezone(dt.UTC) for start in starts] == [row.starts_at for row in visits]
    assert [event.end for event in calendar.events] == [
        row.ends_at.astimezone(BERLIN) for row in visits
    ]
    assert [start.astimezone(dt.UTC).hour for start in starts] == [9, 9, 8]
    assert all(event["DTSTART"].params["TZID"] == "Europe/Berlin" for event in calendar.events)
    [zone] = calendar.timezones
    # the rules that are sent say the same as the machine's own
    for start in starts:
        naive = start.replace(tzinfo=None)
        assert zone.to_tz(lookup_tzid=False).utcoffset(naive) == start.utcoffset()


def test_a_calendar_is_whole(booked: Clinic, stranger: Client):
    calendar = read(stranger, booked, booked.patient)

    assert not calendar.errors
    assert (calendar["VERSION"], calendar["REFRESH-INTERVAL"].dt) == ("2.0", dt.timedelta(hours=1))
    assert calendar["PRODID"]
    uids = [event["UID"] for event in calendar.events]
    assert len(set(uids)) == 3
    for event in calendar.events:
        assert not event.errors
        assert {"UID", "DTSTAMP", "DTSTART", "DTEND", "LAST-MODIFIED", "SEQUENCE"} <= event.keys()
        assert (event["STATUS"], event["SEQUENCE"]) == ("CONFIRMED", 0)


def test_nobody_learns_a_treatment_or_a_name(booked: Clinic, stranger: Client):
    for whose in (booked.patient, booked.weiss):
        token = issue_feed(whose, by=booked.physician, key=uuid.uuid4())
        said = stranger.get(f"/feeds/{token}.ics").text
        for mark in ("Petrova", "Anna", "142", "peel", "Peel", "Weiss", "Lindenhof", "tca"):
            assert mark not in said.split("END:VTIMEZONE")[-1], mark
        summaries = {event["SUMMARY"] for event in parsed(said.encode()).events}
        assert summaries == {"Appointment"}


def test_only_those_who_work_there_are_told_the_room(booked: Clinic, stranger: Client):
    assert {event["LOCATION"] for event in events(stranger, booked, booked.weiss)} == {"Room 1"}
    assert not any("LOCATION" in event for event in events(stranger, booked))


def test_a_calendar_holds_what_is_one_s_own(booked: Clinic, stranger: Client):
    assert len(events(stranger, booked, booked.weiss)) == 3
    booked.brandt.user = booked.practitioner
    booked.brandt.save(update_fields=["user"])
    assert events(stranger, booked, booked.brandt) == []
    other = Patient.objects.get(pk=booked.patient.pk)
    other.pk, other.number = None, 143
    other.save(force_insert=True)
    assert events(stranger, booked, other) == []


def test_a_calendar_without_appointments_is_a_calendar(clinic: Clinic, stranger: Client):
    calendar = read(stranger, clinic, clinic.patient)
    assert (calendar.events, calendar["VERSION"]) == ([], "2.0")


def test_a_change_keeps_the_uid_and_counts(booked: Clinic, stranger: Client, monday: Any):
    before = events(stranger, booked)[0]
    monday.shift(dt.timedelta(hours=2))
    change_status(first_visit(), "confirmed", by=booked.reception, key=uuid.uuid4())
    after = events(stranger, booked)[0]

    assert after["UID"] == before["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 1)
    changed = after["LAST-MODIFIED"].dt - before["LAST-MODIFIED"].dt
    assert changed == dt.timedelta(hours=2)
    assert after["DTSTAMP"].dt == after["LAST-MODIFIED"].dt


@pytest.mark.parametrize("whose", ["patient", "weiss"])
def test_what_is_cancelled_is_told_for_thirty_days(
    booked: Clinic, stranger: Client, monday: time_machine.Traveller, whose: str
):
    owner = getattr(booked, whose)
    uid = events(stranger, booked, owner)[0]["UID"]
    cancel(booked, first_visit())

    gone = events(stranger, booked, owner)[0]
    assert (gone["UID"], gone["STATUS"]) == (uid, "CANCELLED")
    monday.shift(dt.timedelta(days=29))
    assert events(stranger, booked, owner)[0]["STATUS"] == "CANCELLED"
    monday.shift(dt.timedelta(days=2))
    assert [event["STATUS"] for event in events(stranger, booked, owner)] == ["CONFIRMED"] * 2


def test_a_cancelled_visit_of_a_colleague_is_not_told(booked: Clinic, stranger: Client):
    booked.brandt.user = booked.practitioner
    booked.brandt.save(update_fields=["user"])
    cancel(booked, first_visit())

    assert events(stranger, booked, booked.brandt) == []


def test_the_past_reaches_back_thirty_days(
    booked: Clinic, stranger: Client, monday: time_machine.Traveller
):
    monday.move_to(dt.datetime(2026, 12, 26, 9, 59, tzinfo=BERLIN))
    assert len(events(stranger, booked)) == 3
    monday.move_to(dt.datetime(2026, 12, 26, 10, 1, tzinfo=BERLIN))
    assert len(events(stranger, booked)) == 2


def test_the_words_are_the_patient_s_language(
    booked: Clinic, stranger: Client, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("clinic.kit.calendars._", lambda said: f"{said} {get_language()}")
    Patient.objects.filter(pk=booked.patient.pk).update(language="de")
    booked.patient.refresh_from_db()

    calendar = read(stranger, booked, booked.patient)

    assert {event["SUMMARY"] for event in calendar.events} == {"Appointment de"}


def test_the_second_part_of_a_split_visit_is_an_appointment_of_its_own(
    booked: Clinic, stranger: Client
):
    first = first_visit()
    second = Appointment.objects.create(
        patient=first.patient, location=first.location, continues=first, created_at=first.created_at,
        starts_at=first.starts_at + dt.timedelta(hours=4), ends_at=first.ends_at + dt.timedelta(hours=4),
    )  # fmt: skip
    note(second, "", "booked", booked.reception)
    Occupancy.objects.create(
        resource=booked.weiss,
        appointment=second,
        starts_at=second.starts_at,
        ends_at=second.ends_at,
    )
    for whose in (booked.patient, booked.weiss):
        starts = [event.start.strftime("%d %H:%M") for event in events(stranger, booked, whose)]
        assert starts[:2] == ["26 10:00", "26 14:00"]


def test_times_are_those_of_the_place(db: None, stranger: Client):
    lisbon = LocationFactory.create(time_zone="Europe/Lisbon")
    start = dt.datetime(2026, 11, 26, 9, tzinfo=dt.UTC)
    line = Line(1, start, start + dt.timedelta(hours=1), False, 0, start)

    [event] = parsed(calendar_of([line], lisbon.zone, "en")).events

    assert event["DTSTART"].params["TZID"] == "Europe/Lisbon"
    assert event["UID"] == uid_of(1) != uid_of(2)


def test_the_same_lines_make_the_same_file():
    start = dt.datetime(2026, 11, 26, 9, tzinfo=dt.UTC)
    lines = [Line(1, start, start + dt.timedelta(hours=1), False, 0, start)]

    assert calendar_of(lines, BERLIN, "en") == calendar_of(lines, BERLIN, "en")
