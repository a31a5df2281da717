"""Writing down what was seen on the skin."""

import dataclasses
import uuid

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from clinic.audit.services import claim, record, settle
from clinic.kit import clock
from clinic.kit.refusals import Refusal
from clinic.patients.models import Patient
from clinic.patients.services import set_skin_type
from clinic.staff.models import User
from plans.assessments.models import Assessment, Seen
from plans.impact.services import endangering


class ImpossibleDay(Refusal):
    """Nobody can have looked at the skin on that day."""


@dataclasses.dataclass(frozen=True)
class Assessed:
    """The new row's key, and those of the visits that were allowed until its skin type was known.

    >>> Assessed.read(str(Assessed(7, (41, 42))))
    Assessed(pk=7, endangered=(41, 42))
    """

    pk: int
    endangered: tuple[int, ...] = ()

    def __str__(self) -> str:
        return ".".join(map(str, (self.pk, *self.endangered)))

    @classmethod
    def read(cls, text: str) -> "Assessed":
        """What `str` wrote."""
        pk, *endangered = map(int, text.split("."))
        return cls(pk, tuple(endangered))


@transaction.atomic
def assess(patient: Patient, seen: Seen, *, by: User, key: uuid.UUID) -> Assessed:
    """A new assessment; what stood before stays readable. The skin type seen last becomes the patient's.

    Every visit to come is judged anew by it. Raises AlreadyDone with the outcome, as a text, when this form was
    sent before, ImpossibleDay for a day before the birth or to come, Refusal for what cannot be.
    """
    submission = claim(key, by=by)
    if not patient.birth_date <= seen.done_on <= clock.today():
        raise ImpossibleDay(_("Take today or an earlier day, after the patient's birth."))
    values = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in dataclasses.asdict(seen).items()
    }
    row = Assessment(patient=patient, created_at=clock.now(), created_by=by, **values)
    try:
        # An empty list is an answer here, which a form would call missing.
        row.full_clean(exclude=("signs", "pit_types", "causes", "areas"))
    except ValidationError as error:
        raise Refusal(" ".join(error.messages)) from error
    row.save(force_insert=True)
    record("assessed", row, by=by, patient_number=patient.number, signs=len(seen.signs))
    endangered = endangering(patient, lambda: _keep_skin_type(patient, seen, by=by))
    assessed = Assessed(row.pk, endangered)
    settle(submission, str(assessed))
    return assessed


def _keep_skin_type(patient: Patient, seen: Seen, *, by: User) -> None:
    """An assessment entered late does not undo what was seen after it."""
    stands = patient.skin_type_on
    is_later = stands is None or stands <= seen.done_on
    if seen.skin_type and is_later and seen.skin_type != patient.skin_type:
        set_skin_type(patient, seen.skin_type, seen.done_on, by=by)
