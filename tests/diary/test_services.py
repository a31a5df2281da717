"""What the database refuses, and how a visit goes from one status to the next."""

import datetime as dt
import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from clinic.kit.refusals import Refusal
from plans.courses.models import Session
from plans.data.factories import FactFactory, FactTypeFactory
from plans.diary.models import Appointment, Occupancy, StatusChange
from plans.diary.services import NotAllowed, sign
from tests.diary.clinic import BERLIN, NOW, THREE, THURSDAY, first_visit, make_other, to


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
