"""What is recorded stands and falls with the change itself, and stays."""

import uuid

import pytest
from django.db import IntegrityError, connection, transaction

from clinic.audit.models import Entry, Submission
from clinic.audit.services import claim, record, settle
from clinic.kit import clock
from clinic.kit.refusals import AlreadyDone, Refusal
from clinic.patients.services import set_skin_type
from plans.data.factories import PatientFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_a_change_that_is_rolled_back_leaves_no_record():
    patient = PatientFactory.create()
    with transaction.atomic():
        set_skin_type(patient, 3, clock.today(), by=None)
        assert Entry.objects.filter(action="skin_type_set").exists()
        transaction.set_rollback(True)
    assert not Entry.objects.exists()
    patient.refresh_from_db()
    assert patient.skin_type is None


def test_a_change_without_its_record_does_not_stand(monkeypatch: pytest.MonkeyPatch):
    patient = PatientFactory.create()

    def fail(*args: object, **kwargs: object) -> None:
        raise IntegrityError

    monkeypatch.setattr("clinic.patients.services.record", fail)
    with pytest.raises(IntegrityError):
        set_skin_type(patient, 3, clock.today(), by=None)
    patient.refresh_from_db()
    assert patient.skin_type is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET action = 'nothing'",
        "UPDATE audit_entry SET by_id = NULL",
        "DELETE FROM audit_entry",
    ],
)
def test_the_database_refuses_to_change_the_record(statement: str):
    record("opened", "patient:1", by=None)
    with (
        pytest.raises(IntegrityError, match="append_only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert Entry.objects.get().action == "opened"


def test_the_orm_cannot_change_the_record_either():
    entry = record("opened", "patient:1", by=None)
    entry.action = "nothing"
    with pytest.raises(IntegrityError), transaction.atomic():
        entry.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        entry.delete()


def test_a_key_can_be_claimed_once_and_answers_with_what_came_of_it():
    nurse, key = UserFactory.create(), uuid.uuid4()
    settle(claim(key, by=nurse), "17")
    with pytest.raises(AlreadyDone) as done:
        claim(key, by=nurse)
    assert done.value.outcome == "17"


def test_a_key_of_somebody_else_says_nothing():
    key = uuid.uuid4()
    settle(claim(key, by=UserFactory.create()), "17")
    with pytest.raises(Refusal, match="Somebody else"):
        claim(key, by=UserFactory.create())


def test_a_refused_form_can_be_sent_again():
    nurse, key = UserFactory.create(), uuid.uuid4()
    with transaction.atomic():
        claim(key, by=nurse)
        transaction.set_rollback(True)
    assert claim(key, by=nurse).pk
    assert Submission.objects.count() == 1
