"""Booking writes all of a series or nothing, never twice, and never against a rule."""

import datetime as dt
import uuid

import pytest

from clinic.audit.models import Entry
from clinic.kit.refusals import AlreadyDone, Refusal
from clinic.places.models import HoursException
from plans.catalogue.models import Revision
from plans.courses.models import Course, Session
from plans.data.factories import FactFactory, FactTypeFactory
from plans.diary.models import Appointment, Occupancy, StatusChange, TimeTaken
from plans.diary.services import NotAllowed
from plans.series.services import book_series
from tests.diary.clinic import BERLIN, THREE, THURSDAY, TODAY, days_of, first_visit, make_other


def test_a_series_is_written_with_its_visits_and_what_they_hold(clinic):
    course = clinic.book(*THREE)
    assert days_of(course) == list(THREE)
    held = Occupancy.objects.filter(appointment=first_visit(course)).order_by("starts_at")
    minutes = [
        (row.resource, row.starts_at.astimezone(BERLIN).strftime("%H:%M"),
         row.ends_at.astimezone(BERLIN).strftime("%H:%M"))
        for row in held
    ]  # fmt: skip
    assert minutes == [(clinic.room, "10:00", "11:20"), (clinic.weiss, "10:30", "11:20")]
    assert StatusChange.objects.filter(became="booked").count() == 3
    assert Entry.objects.filter(action="booked", patient_number=142).count() == 3


def test_the_screening_of_the_booking_is_kept(clinic):
    snapshot = first_visit(clinic.book(*THREE)).screening
    assert snapshot["verdict"] == "ok"
    assert snapshot["deferred"] == ["pregnancy"]
    assert len(snapshot["facts"]) == 2


def test_a_visit_keeps_its_local_hour_across_the_change_of_the_clock(clinic):
    course = clinic.book(dt.date(2026, 11, 26), dt.date(2027, 3, 26), dt.date(2027, 6, 28))
    starts = [visit.starts_at for visit in Appointment.objects.filter(session__course=course)]
    assert [start.astimezone(BERLIN).hour for start in starts] == [10, 10, 10]
    assert [start.astimezone(dt.UTC).hour for start in starts] == [9, 9, 8]


def test_a_taken_time_leaves_nothing_behind(clinic, monday):
    clinic.book(THREE[1])
    other = clinic.series(*THREE, patient=make_other(clinic))
    before = Course.objects.count(), Session.objects.count(), Entry.objects.count()
    with pytest.raises(TimeTaken, match="10:00 on Fri 26 Feb 2027"):
        book_series(other, by=clinic.reception, key=uuid.uuid4())
    assert before == (Course.objects.count(), Session.objects.count(), Entry.objects.count())
    assert Appointment.objects.count() == 1


def test_what_the_guard_refuses_is_said_in_words_and_rolled_back(clinic, monkeypatch):
    clinic.book(THREE[1])
    monkeypatch.setattr("plans.series.services.require_free", lambda *args, **kwargs: None)
    with pytest.raises(TimeTaken, match="Somebody else was faster"):
        clinic.book(*THREE, patient=make_other(clinic))
    assert Appointment.objects.count() == 1


def test_the_same_form_books_once(clinic):
    key, offer = uuid.uuid4(), clinic.series(*THREE)
    course = book_series(offer, by=clinic.reception, key=key)
    with pytest.raises(AlreadyDone) as again:
        book_series(offer, by=clinic.reception, key=key)
    assert again.value.outcome == str(course.pk)
    assert Course.objects.count() == 1


def test_a_refused_form_can_be_sent_again(clinic):
    key = uuid.uuid4()
    with pytest.raises(NotAllowed):
        book_series(clinic.series(THREE[0], THREE[0]), by=clinic.reception, key=key)
    course = book_series(clinic.series(*THREE), by=clinic.reception, key=key)
    assert days_of(course) == list(THREE)


@pytest.mark.parametrize(
    "second", [dt.date(2027, 2, 25), dt.date(2027, 5, 27)], ids=["too early", "too late"]
)
def test_a_session_outside_its_window_is_refused(clinic, second):
    with pytest.raises(NotAllowed, match=r"Session 2 .* window is Fri 26 Feb"):
        clinic.book(THREE[0], second)


def test_a_day_on_which_nobody_works_is_refused(clinic):
    HoursException.objects.create(
        location=clinic.location, first_day=THURSDAY, last_day=THURSDAY, reason="holiday"
    )
    with pytest.raises(TimeTaken):
        clinic.book(THURSDAY)


def test_somebody_who_is_not_able_is_refused(clinic):
    clinic.weiss.capabilities.clear()
    with pytest.raises(TimeTaken):
        clinic.book(THURSDAY)


@pytest.mark.parametrize("day", [TODAY - dt.timedelta(days=1), TODAY])
def test_the_past_cannot_be_booked(clinic, day):
    with pytest.raises(TimeTaken):
        clinic.book(day, minute=9 * 60)


def test_a_day_that_the_screening_makes_wait_is_refused_with_its_end(clinic):
    FactFactory(
        patient=clinic.patient, fact_type=FactTypeFactory(code="isotretinoin_oral"),
        status="present", since=dt.date(2026, 1, 1), until=dt.date(2026, 7, 9),
    )  # fmt: skip
    with pytest.raises(NotAllowed, match="Isotretinoin stopped 9 Jul 2026: wait 6 months"):
        clinic.book(THURSDAY)


def test_a_visit_that_would_endanger_a_later_one_is_refused(clinic):
    clinic.book(dt.date(2026, 12, 3), revision=clinic.toxin)
    with pytest.raises(NotAllowed, match="Too near to Botulinum toxin on Thu 3 Dec"):
        clinic.book(THURSDAY)
    assert clinic.book(dt.date(2026, 11, 19))


def test_rules_that_changed_since_the_offer_are_not_booked(clinic):
    offer = clinic.series(THURSDAY)
    Revision.objects.filter(pk=clinic.peel.pk).update(state="superseded")
    with pytest.raises(Refusal, match="rules of Medium TCA peel have changed"):
        book_series(offer, by=clinic.reception, key=uuid.uuid4())


@pytest.fixture
def visit(clinic, monday) -> Appointment:
    """A first peel on Thursday, and it is that Thursday at ten; nothing is left to ask."""
    course = clinic.book(*THREE)
    monday.move_to(dt.datetime(2026, 11, 26, 10, tzinfo=BERLIN))
    return first_visit(course)
