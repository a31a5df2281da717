"""What a visit's history says, and what a page of a move costs."""

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from plans.courses.models import Occasion
from plans.diary.models import Appointment
from plans.diary.selectors import visits
from plans.diary.services import change_status
from plans.moves.selectors import scene_of
from plans.moves.services import undo
from plans.moves.tags import apart_words, history_rows, moment_words
from tests.diary.clinic import THURSDAY, TODAY, make_other, said
from tests.moves.moving import at, fall_out, move, visit_of

DECEMBER = dt.date(2026, 12, 10)


def words_of(visit) -> list[str]:
    return [row["words"] for row in history_rows(visits().get(pk=visit.pk))]


def test_each_step_of_a_visit_is_told_with_times_and_resources(clinic, visit):
    move(clinic, visit, at(clinic, THURSDAY, 660, room=clinic.second_room.pk))
    change_status(visit, "confirmed", by=clinic.reception, key=uuid.uuid4())
    done = move(clinic, visit, at(clinic, DECEMBER))
    undo(done.batch, by=clinic.reception)
    fall_out(clinic, visit, accepted=[])
    first = "Thu 26 Nov 2026, 10:00–11:20, Dr Weiss, Room 1"
    second = "Thu 26 Nov 2026, 11:00–12:20, Dr Weiss, Room 2"
    third = "Thu 10 Dec 2026, 10:00–11:20, Dr Weiss, Room 1"
    assert words_of(visit) == [
        f"Booked for {first}",
        f"From {first} to {second}",
        "",
        f"From {second} to {third}",
        f"Undone: from {third} back to {second}",
        f"Was to be {second}",
    ]


def test_the_person_stands_first_wherever_the_history_tells_of_a_visit(clinic, visit):
    move(clinic, visit, at(clinic, THURSDAY, 660))  # the room is held before the person comes
    assert words_of(visit)[-1].endswith(" to Thu 26 Nov 2026, 11:00–12:20, Dr Weiss, Room 1")


def test_the_history_costs_the_same_however_long_it_is(clinic, visit, django_assert_num_queries):
    for minute in (615, 630, 645):
        move(clinic, visit, at(clinic, THURSDAY, minute))
    row = visits().get(pk=visit.pk)
    with django_assert_num_queries(2):
        assert len(history_rows(row)) == 4


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2026-11-26", "2027-02-26", "3 months"),
        ("2026-11-26", "2027-03-12", "3 months 14 days"),
        ("2026-11-26", "2026-12-10", "14 days"),
        ("2026-11-30", "2027-02-28", "3 months"),
        ("2026-11-26", "2026-11-26", "0 days"),
        ("2026-12-14", "2026-12-07", "−7 days"),
    ],
)
def test_a_distance_is_said_in_months_and_days(start, end, words):
    assert apart_words(dt.date.fromisoformat(start), dt.date.fromisoformat(end)) == words


def test_a_moment_of_another_day_is_said_with_its_day(clinic, monday):
    moment = dt.datetime(2026, 11, 8, 14, 5, tzinfo=dt.UTC)
    assert moment_words(moment).endswith(", Sun 8 Nov")


# What it costs


def queries(work) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        work()
    return len(captured)


def test_a_patient_with_many_visits_costs_no_more_queries(clinic, visit):
    few = queries(lambda: scene_of(visit))
    for year, month in ((2027, 7), (2027, 12), (2028, 5)):
        clinic.book(dt.date(year, month, 2), revision=clinic.toxin)
    assert queries(lambda: scene_of(visit)) == few
    assert few <= 40


def test_a_full_diary_costs_the_page_no_more_queries(clinic, desk, visit):
    url = f"/moves/{visit.pk}/"

    def look() -> None:
        assert desk.get(url, {"day": "2026-12-10"}).status_code == 200

    look()
    few = queries(look)
    for day in (3, 4, 7, 8):
        clinic.book(dt.date(2026, 12, day), patient=make_other(clinic), revision=clinic.toxin)
    assert queries(look) == few


def test_looking_writes_nothing(clinic, desk, visit):
    before = list(Appointment.objects.order_by("pk").values())
    for name in ("", "cancel/", "missed/", "split/"):
        desk.get(f"/moves/{visit.pk}/{name}")
    assert list(Appointment.objects.order_by("pk").values()) == before


def test_a_date_to_keep_clear_is_told_where_it_is_reached(clinic, desk, visit):
    Occasion.objects.create(
        patient=clinic.patient,
        day=DECEMBER,
        created_at=visit.created_at,
        created_by=clinic.physician,
    )
    page = desk.get(f"/moves/{visit.pk}/", {"day": "2026-12-10"})
    assert "still healing on Thu 10 Dec, a date to keep clear" in said(page)


def test_a_session_placed_anew_keeps_clear_of_that_date(clinic, course, visit):
    Occasion.objects.create(
        patient=clinic.patient, day=dt.date(2027, 3, 10), created_at=visit.created_at,
        created_by=clinic.physician,
    )  # fmt: skip
    move(clinic, visit, at(clinic, DECEMBER))
    second = visit_of(course, 2)
    assert second.starts_at.date() != dt.date(2027, 3, 10)
    assert second.starts_at.date() > TODAY
