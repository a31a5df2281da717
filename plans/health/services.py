"""Writing what is known about a patient's health; every visit to come is judged anew in the same breath."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from clinic.audit.services import claim, record, settle
from clinic.kit import clock
from clinic.patients.models import Answer, Fact, FactStatus, Patient
from clinic.patients.services import correct_fact, record_answers, set_skin_type
from plans.impact.services import endangering

# The reason of a correction that was made by answering; codes of reasons are read by nobody but people.
AT_THE_FORM = "told at the health form"


@dataclass(frozen=True)
class Saved:
    """How many rows are new, and the keys of the visits that were allowed before and are not any more."""

    count: int
    endangered: tuple[int, ...]


@transaction.atomic
def keep_form(
    patient: Patient,
    answers: Iterable[Answer],
    ended: Iterable[tuple[Fact, Answer]],
    *,
    by: Any,
    key: uuid.UUID,
) -> Saved:
    """Record a health form: its answers, and the last day of what it says has ended.

    Nothing but a last day closes what stands as true. What ended before today is denied for today, so that it is
    not asked again at once. Raises Refusal with nothing written; AlreadyDone, with the keys of the endangered
    visits parted by dots, if the form was sent before.
    """

    def write() -> int:
        said, over = list(answers), list(ended)
        for fact, answer in over:
            correct_fact(fact, answer, by=by, reason=AT_THE_FORM)
            if answer.until is not None and answer.until < clock.today():
                said.append(Answer(answer.code, FactStatus.DENIED, since=clock.today()))
        return len(over) + len(record_answers(patient, said, by=by))

    return _keep(patient, write, by=by, key=key)


@transaction.atomic
def keep_fact(patient: Patient, answer: Answer, *, by: Any, key: uuid.UUID) -> Saved:
    """Record one answer, also about something that no form asks.  Raises as `keep_form` does."""
    return _keep(patient, lambda: len(record_answers(patient, [answer], by=by)), by=by, key=key)


@transaction.atomic
def keep_correction(fact: Fact, answer: Answer, *, by: Any, reason: str, key: uuid.UUID) -> Saved:
    """Put `answer` in place of `fact`, or give it its last day.  Raises as `keep_form` does."""

    def write() -> int:
        correct_fact(fact, answer, by=by, reason=reason)
        return 1

    return _keep(fact.patient, write, by=by, key=key)


@transaction.atomic
def keep_skin_type(patient: Patient, skin_type: int | None, *, by: Any) -> Saved:
    """Write down the skin type as seen today."""

    def write() -> int:
        set_skin_type(patient, skin_type, clock.today(), by=by)
        return 1

    return _screened(patient, write)


def _keep(patient: Patient, write: Callable[[], int], *, by: Any, key: uuid.UUID) -> Saved:
    submission = claim(key, by=by)
    saved = _screened(patient, write)
    settle(submission, ".".join(map(str, saved.endangered)))
    return saved


def _screened(patient: Patient, write: Callable[[], int]) -> Saved:
    """Write between two screenings of everything the patient has booked."""
    counts: list[int] = []
    endangered = endangering(patient, lambda: counts.append(write()))
    return Saved(sum(counts), endangered)


def opened_facts(patient: Patient, *, by: Any) -> None:
    """Somebody looked at everything that is known about this patient's health."""
    record("opened", patient, by=by, patient_number=patient.number, page="facts")
