"""Booking writes all of a series or nothing, never twice, and never against a rule."""

import datetime as dt
import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from clinic.audit.models import Entry
from clinic.kit.refusals import AlreadyDone, Refusal
from clinic.places.models import HoursException
from plans.catalogue.models import Revision
from plans.core.chosen import Chosen
from plans.courses.models import Course, Session
from plans.data.factories import FactFactory, FactTypeFactory, PatientFactory
from plans.diary.models import Appointment, Occupancy, StatusChange, TimeTaken
from plans.diary.services import (
    NotAllowed,
    book_series,
    change_status,
    move_appointment,
    sign,
)
from tests.diary.clinic import BERLIN, NOW, THURSDAY, TODAY, days_of

THREE = (dt.date(2026, 11, 26), dt.date(2027, 2, 26), dt.date(2027, 5, 26))


def first_visit(course: Course) -> Appointment:
    return Appointment.objects.get(session__course=course, session__ordinal=1)


def to(visit: Appointment, status: str, by, reason: str = "") -> Appointment:
    return change_status(visit, status, by=by, reason=reason, key=uuid.uuid4())


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


def make_other(clinic):
    other = PatientFactory(location=clinic.location, skin_type=2, skin_type_on=TODAY)
    clinic.deny("isotretinoin_oral", "keloid_tendency", patient=other)
    return other


def test_what_the_guard_refuses_is_said_in_words_and_rolled_back(clinic, monkeypatch):
    clinic.book(THREE[1])
    monkeypatch.setattr("plans.diary.services._require_free", lambda *args, **kwargs: None)
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


def test_the_database_itself_refuses_an_overlap(clinic):
    course = clinic.book(THURSDAY)
    row = Occupancy.objects.filter(appointment=first_visit(course))[0]
    columns = "resource_id, starts_at, ends_at, appointment_id, block_id"
    with (
        pytest.raises(IntegrityError, match="occupancy_no_overlap"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            f"INSERT INTO diary_occupancy ({columns}) SELECT {columns} FROM diary_occupancy "
            "WHERE id = %s",
            [row.pk],
        )


def test_the_database_itself_keeps_the_history_of_a_visit(clinic):
    clinic.book(THURSDAY)
    with pytest.raises(IntegrityError, match="append_only"), transaction.atomic():
        StatusChange.objects.all().delete()


def test_touching_visits_do_not_overlap(clinic):
    clinic.book(THURSDAY)
    assert clinic.book(THURSDAY, minute=680, patient=make_other(clinic))


# Statuses


@pytest.fixture
def visit(clinic, monday) -> Appointment:
    """A first peel on Thursday, and it is that Thursday at ten; nothing is left to ask."""
    course = clinic.book(*THREE)
    monday.move_to(dt.datetime(2026, 11, 26, 10, tzinfo=BERLIN))
    return first_visit(course)


def test_a_visit_is_done_and_its_session_performed(clinic, visit):
    clinic.deny("pregnancy", on=THURSDAY)
    to(visit, "arrived", clinic.reception)
    to(visit, "in_treatment", clinic.practitioner)
    to(visit, "done", clinic.practitioner)
    assert Session.objects.get(pk=visit.session_id).performed_on == THURSDAY


def test_a_question_left_open_keeps_the_treatment_from_beginning(clinic, visit):
    to(visit, "arrived", clinic.reception)
    with pytest.raises(NotAllowed, match="Pregnancy: never asked"):
        to(visit, "in_treatment", clinic.practitioner)


def test_reception_marks_arrived_but_not_done(clinic, visit):
    clinic.deny("pregnancy", on=THURSDAY)
    to(visit, "arrived", clinic.reception)
    with pytest.raises(PermissionDenied):
        to(visit, "done", clinic.reception)


def test_nobody_arrives_on_another_day(clinic, visit, monday):
    monday.move_to(NOW)
    with pytest.raises(Refusal, match="Thu 26 Nov"):
        to(visit, "arrived", clinic.reception)


@pytest.mark.parametrize("status", ["cancelled", "no_show"])
def test_a_visit_that_does_not_happen_needs_a_reason(clinic, visit, status):
    with pytest.raises(Refusal, match="Say why"):
        to(visit, status, clinic.reception)


def test_a_cancelled_visit_gives_its_time_back(clinic, visit):
    to(visit, "cancelled", clinic.reception, "ill")
    assert not Occupancy.objects.filter(appointment=visit).exists()
    assert Session.objects.get(pk=visit.session_id).is_owed


def test_a_no_show_leaves_the_session_owed(clinic, visit):
    to(visit, "no_show", clinic.reception, "did not come")
    session = Session.objects.get(pk=visit.session_id)
    assert session.is_owed
    reasons = StatusChange.objects.filter(appointment=visit).values_list("reason", flat=True)
    assert "did not come" in reasons


def test_a_status_that_does_not_follow_is_refused(clinic, visit):
    to(visit, "cancelled", clinic.reception, "ill")
    with pytest.raises(Refusal, match="is Cancelled"):
        to(visit, "arrived", clinic.reception)


def test_a_status_that_does_not_exist_is_refused(clinic, visit):
    with pytest.raises(PermissionDenied):
        to(visit, "vanished", clinic.physician)


def present(clinic, code: str, until: dt.date | None = None) -> None:
    FactFactory(
        patient=clinic.patient, fact_type=FactTypeFactory(code=code), status="present",
        since=dt.date(2026, 11, 20), until=until,
    )  # fmt: skip


KELOID = "ci:tca_peel_medium:keloid_tendency"
ISOTRETINOIN = "ci:tca_peel_medium:isotretinoin_oral"


def test_a_caution_is_signed_before_the_treatment(clinic, visit):
    clinic.deny("pregnancy", on=THURSDAY)
    present(clinic, "keloid_tendency")
    to(visit, "arrived", clinic.reception)
    with pytest.raises(NotAllowed, match="Keloid tendency"):
        to(visit, "in_treatment", clinic.practitioner)
    sign(
        visit, KELOID, "small area, test spot healed well", by=clinic.practitioner, key=uuid.uuid4()
    )
    assert to(visit, "in_treatment", clinic.practitioner).status == "in_treatment"


def test_a_signature_dies_with_what_it_rested_on(clinic, visit):
    clinic.deny("pregnancy", on=THURSDAY)
    present(clinic, "keloid_tendency")
    sign(
        visit, KELOID, "small area, test spot healed well", by=clinic.practitioner, key=uuid.uuid4()
    )
    FactFactory(
        patient=clinic.patient, fact_type=FactTypeFactory(code="keloid_tendency"),
        status="present", since=dt.date(2026, 11, 24),
    )  # fmt: skip
    to(visit, "arrived", clinic.reception)
    with pytest.raises(NotAllowed):
        to(visit, "in_treatment", clinic.practitioner)


def test_a_wait_is_overridden_by_a_physician_only(clinic, visit):
    present(clinic, "isotretinoin_oral", until=dt.date(2026, 11, 22))
    reason = "low dose for one week only"
    with pytest.raises(PermissionDenied):
        sign(visit, ISOTRETINOIN, reason, by=clinic.practitioner, key=uuid.uuid4())
    assert (
        sign(visit, ISOTRETINOIN, reason, by=clinic.physician, key=uuid.uuid4()).by
        == clinic.physician
    )


def test_a_signature_needs_a_reason_of_ten_letters(clinic, visit):
    present(clinic, "keloid_tendency")
    with pytest.raises(Refusal, match="10 letters"):
        sign(visit, KELOID, "fine", by=clinic.physician, key=uuid.uuid4())


def test_an_open_question_cannot_be_signed(clinic, visit):
    with pytest.raises(Refusal, match="Nobody can sign"):
        sign(
            visit, "ask:tca_peel_medium:pregnancy", "she told me so", by=clinic.physician,
            key=uuid.uuid4(),
        )  # fmt: skip


# Moving


def place(clinic, day: dt.date, minute: int = 600) -> Chosen:
    return Chosen(1, day, minute, {"practitioner": clinic.weiss.pk, "room": clinic.room.pk})


def move(clinic, visit, day: dt.date, minute: int = 600) -> Appointment:
    return move_appointment(
        visit,
        place(clinic, day, minute),
        by=clinic.reception,
        reason="works late",
        key=uuid.uuid4(),
    )


def test_a_visit_moves_with_what_it_holds(clinic):
    visit = first_visit(clinic.book(*THREE))
    moved = move(clinic, visit, THURSDAY, 700)
    assert timezone.localtime(moved.starts_at, BERLIN).strftime("%H:%M") == "11:40"
    held = Occupancy.objects.filter(appointment=visit)
    assert {row.starts_at for row in held} == {
        moved.starts_at, moved.starts_at + dt.timedelta(minutes=30)
    }  # fmt: skip
    assert "Moved from Thu 26 Nov 2026, 10:00. works late" in {
        change.reason for change in visit.changes.all()
    }


def test_a_visit_may_move_into_its_own_time(clinic):
    moved = move(clinic, first_visit(clinic.book(*THREE)), THURSDAY, 615)
    assert moved.starts_at.astimezone(BERLIN).minute == 15


def test_a_move_that_pushes_a_later_session_out_of_its_window_names_it(clinic):
    visit = first_visit(clinic.book(*THREE))
    with pytest.raises(NotAllowed, match=r"Session 2 would stand on Fri 26 Feb 2027; its window"):
        move(clinic, visit, dt.date(2026, 11, 27))


def test_a_move_onto_a_taken_time_changes_nothing(clinic):
    visit = first_visit(clinic.book(*THREE))
    clinic.book(dt.date(2026, 11, 25), patient=make_other(clinic))
    with pytest.raises(TimeTaken):
        move(clinic, visit, dt.date(2026, 11, 25))
    assert Appointment.objects.get(pk=visit.pk).starts_at == visit.starts_at


def test_a_visit_that_is_over_does_not_move(clinic, visit):
    to(visit, "cancelled", clinic.reception, "ill")
    with pytest.raises(Refusal, match="Only a visit"):
        move(clinic, visit, dt.date(2026, 11, 30))
