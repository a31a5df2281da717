"""Writing down what was seen."""

import datetime as dt
import uuid

import pytest
from django.db import DatabaseError, transaction

from clinic.audit.models import Entry
from clinic.kit.refusals import AlreadyDone, Refusal
from clinic.patients.models import Patient
from plans.assessments.models import Assessment, Seen
from plans.assessments.services import ImpossibleDay, assess
from tests.diary.clinic import TODAY

SEEN = Seen(
    TODAY, ("pits",), ("rolling",), "deep", "old", ("squeezing",), 3, 4, ("cheeks",), "Left side worse."
)  # fmt: skip


def write(clinic, seen: Seen = SEEN, key: uuid.UUID | None = None) -> Assessment:
    made = assess(clinic.patient, seen, by=clinic.practitioner, key=key or uuid.uuid4())
    return Assessment.objects.get(pk=made.pk)


def test_all_that_was_seen_is_kept_with_who_and_when(clinic):
    row = Assessment.objects.get(pk=write(clinic).pk)
    assert (row.signs, row.pit_types, row.pit_depth, row.pit_age) == (
        ["pits"], ["rolling"], "deep", "old",
    )  # fmt: skip
    assert (row.causes, row.goodman_baron, row.areas) == (["squeezing"], 3, ["cheeks"])
    assert (row.created_by, row.done_on, row.note) == (clinic.practitioner, TODAY, SEEN.note)


def test_the_skin_type_seen_becomes_the_patient_s(clinic):
    write(clinic)
    patient = Patient.objects.get(pk=clinic.patient.pk)
    assert (patient.skin_type, patient.skin_type_on) == (4, TODAY)


def test_a_look_entered_late_does_not_undo_a_later_skin_type(clinic):
    write(clinic, Seen(TODAY - dt.timedelta(days=1), ("pits",), skin_type=5))
    assert Patient.objects.get(pk=clinic.patient.pk).skin_type == 3


@pytest.mark.parametrize("day", [TODAY + dt.timedelta(days=1), dt.date(1992, 3, 13)])
def test_nobody_looks_before_the_birth_or_tomorrow(clinic, day):
    with pytest.raises(ImpossibleDay, match="today or an earlier day"):
        write(clinic, Seen(day, ("pits",)))
    assert not Assessment.objects.exists()


def test_a_grade_that_does_not_exist_is_refused(clinic):
    with pytest.raises(Refusal, match="from 1 to 4"):
        write(clinic, Seen(TODAY, ("pits",), goodman_baron=5))


def test_a_form_sent_twice_makes_one_assessment(clinic):
    key = uuid.uuid4()
    row = write(clinic, key=key)
    with pytest.raises(AlreadyDone) as again:
        write(clinic, key=key)
    assert again.value.outcome == str(row.pk)
    assert Assessment.objects.count() == 1


def test_the_audit_says_that_and_by_whom_but_not_what_was_seen(clinic):
    write(clinic)
    line = Entry.objects.get(action="assessed")
    assert (line.by, line.patient_number) == (clinic.practitioner, 142)
    assert line.details == {"signs": 1}


def test_what_was_written_is_never_changed(clinic):
    row = write(clinic)
    with pytest.raises(DatabaseError), transaction.atomic():
        Assessment.objects.filter(pk=row.pk).update(note="otherwise")
