"""Writing patients and what they answer about their health."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max, Model
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from clinic.audit.models import Submission
from clinic.audit.services import claim, record, settle
from clinic.kit import clock
from clinic.kit.languages import localized
from clinic.kit.refusals import Refusal
from clinic.patients.models import (
    Answer,
    Fact,
    FactKind,
    FactStatus,
    FactType,
    Patient,
    PatientDetails,
)
from clinic.patients.selectors import (
    codes_now,
    contact_stamp,
    fold,
    live_facts,
    search_text_of,
)

FIRST_NUMBER = 1
# Two desks that register at the same moment compute the same next number; the later one computes it again.
MOST_TRIES = 10
FITZPATRICK = range(1, 7)
# Nobody plans the end of a treatment farther ahead; a washout counted from the year 9999 has no date.
LATEST_YEARS = 10
# Longer lists invite reading through people instead of searching for one.
MOST_FOUND = 20


@transaction.atomic
def register_patient(
    details: PatientDetails, *, location: Model, by: Any, key: uuid.UUID
) -> Patient:
    """A new patient of `location` with the next free number.

    Raises AlreadyDone with the patient's number when this form was sent before, Refusal when a detail cannot be true.
    """
    submission = claim(key, by=by)
    patient = Patient(
        location_id=location.pk, registered_on=clock.today(), **dataclasses.asdict(details)
    )
    _save_with_next_number(patient)
    record("registered", patient, by=by, patient_number=patient.number)
    settle(submission, str(patient.number))
    return patient


def was_sent(key: uuid.UUID) -> bool:
    """Whether the form with this key has been sent before. One query."""
    return Submission.objects.filter(key=key).exists()


def record_search(query: str, found: Sequence[Patient], *, by: Any) -> None:
    """Write down that somebody searched: how many were found, and the query only as a keyed hash."""
    digest = salted_hmac("clinic.patients.search", fold(query)).hexdigest()[:16]
    record("searched", "patients", by=by, query=digest, count=len(found))


def _save_with_next_number(patient: Patient) -> None:
    for _try in range(MOST_TRIES):
        patient.number = next_number()
        patient.search_text = search_text_of(patient)
        _check(patient)
        try:
            # The unique column decides between two that arrive together: the second waits, then tries again.
            with transaction.atomic():
                patient.save(force_insert=True)
        except IntegrityError:
            if not Patient.objects.filter(number=patient.number).exists():
                raise
        else:
            return
    raise Refusal(_("Too many people are being registered at this moment. Send the form again."))


def next_number() -> int:
    """The number after the highest one. One query."""
    highest: int | None = Patient.objects.aggregate(highest=Max("number"))["highest"]
    return FIRST_NUMBER if highest is None else highest + 1


class ContactMoved(Refusal):
    """Somebody else saved the contact data after the page was opened; `names` are the fields that now differ."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        super().__init__(
            _(
                "Somebody else saved this person's data meanwhile. Look at theirs below, then save again."
            )
        )


@transaction.atomic
def change_contact(
    patient: Patient, details: PatientDetails, *, by: Any, seen: str | None = None
) -> Patient:
    """Write `details` over what was known.  Raises Refusal when one of them cannot be true.

    `seen`: the stamp of what the page showed.  Raises ContactMoved when it is out of date, unless nothing differs.
    """
    patient = Patient.objects.select_for_update().get(pk=patient.pk)
    changed = [
        name
        for name, value in dataclasses.asdict(details).items()
        if getattr(patient, name) != value
    ]
    if not changed:
        return patient
    if seen is not None and seen != contact_stamp(patient):
        raise ContactMoved(changed)
    for name in changed:
        setattr(patient, name, getattr(details, name))
    patient.search_text = search_text_of(patient)
    _check(patient)
    patient.save(update_fields=[*changed, "search_text"])
    record("contact_changed", patient, by=by, patient_number=patient.number, fields=changed)
    return patient


@transaction.atomic
def set_skin_type(patient: Patient, skin_type: int | None, on: dt.date, *, by: Any) -> Patient:
    """Write down the Fitzpatrick type (1 to 6; None takes it back) that somebody saw on the day `on`."""
    if skin_type is not None and skin_type not in FITZPATRICK:
        raise Refusal(_("Fitzpatrick skin types run from I to VI. Pick one of the six."))
    if on > clock.today():
        raise Refusal(_("The skin type is dated in the future. Take the day on which it was seen."))
    patient = Patient.objects.select_for_update().get(pk=patient.pk)
    before = patient.skin_type
    patient.skin_type, patient.skin_type_on = skin_type, on if skin_type else None
    patient.save(update_fields=["skin_type", "skin_type_on"])
    record(
        "skin_type_set", patient, by=by, patient_number=patient.number, before=before, now=skin_type
    )
    return patient


@transaction.atomic
def record_answers(patient: Patient, answers: Sequence[Answer], *, by: Any) -> list[Fact]:
    """Add `answers` to what is known and return the rows that were new.

    Nothing is overwritten: a later "no" is a denial of its own day, it does not end what is still true.
    An answer equal to one that stands since today is not repeated. A former code counts as the present one.
    Raises Refusal for dates that contradict each other, ValueError for a code that the catalogue does not know.
    """
    Patient.objects.select_for_update().get(pk=patient.pk)
    types = _types_of(answers)
    standing = {_essence(row) for row in live_facts([patient.pk]) if _is_of_today(row)}
    rows = []
    for answer in answers:
        row = _fact(patient, types, answer, by=by)
        if _essence(row) not in standing:
            standing.add(_essence(row))
            rows.append(row)
    for row in rows:
        row.save(force_insert=True)
    if rows:
        record("answers_recorded", patient, by=by, patient_number=patient.number, count=len(rows))
    return rows


@transaction.atomic
def correct_fact(fact: Fact, answer: Answer, *, by: Any, reason: str) -> Fact:
    """Put a new row in place of `fact`, which stays readable; also how something that was true gets its last day.

    Raises Refusal without a reason, or when somebody else has corrected the same row.
    """
    if not reason.strip():
        raise Refusal(_("A correction needs a reason. Say in a few words why the answer changes."))
    if answer.code != fact.fact_type.code:
        raise ValueError(
            f"an answer about {answer.code} cannot replace one about {fact.fact_type.code}"
        )
    Patient.objects.select_for_update().get(pk=fact.patient_id)
    if Fact.objects.filter(replaces=fact).exists():
        raise Refusal(
            _(
                "This answer was corrected a moment ago. Load the page again and look at the new one."
            )
        )
    row = _fact(fact.patient, {answer.code: fact.fact_type}, answer, by=by)
    row.replaces = fact
    row.save(force_insert=True)
    record(
        "fact_corrected",
        row,
        by=by,
        patient_number=fact.patient.number,
        reason=reason,
        replaces=fact.pk,
    )
    return row


def _types_of(answers: Iterable[Answer]) -> dict[str, FactType]:
    """The facts that `answers` are about, by the code that they use; one query, four with a code of former times."""
    codes = {answer.code for answer in answers}
    types = FactType.objects.in_bulk(codes, field_name="code")
    if len(types) == len(codes):
        return types
    renamed = {old: new for old, new in codes_now().items() if old in codes - set(types)}
    found = FactType.objects.in_bulk(renamed.values(), field_name="code")
    return types | {old: found[new] for old, new in renamed.items()}


def _fact(patient: Patient, types: Mapping[str, FactType], answer: Answer, *, by: Any) -> Fact:
    """An unsaved row for `answer`, its dates completed and checked."""
    if answer.code not in types:
        raise ValueError(f"no such fact: {answer.code}")
    fact_type = types[answer.code]
    answer = _complete(answer, fact_type)
    _refuse_impossible(answer, fact_type, patient)
    return Fact(
        patient=patient,
        fact_type=fact_type,
        status=answer.status,
        since=answer.since,
        until=answer.until,
        since_precision=answer.since_precision,
        until_precision=answer.until_precision,
        note=answer.note.strip(),
        recorded_at=clock.now(),
        recorded_by=by if getattr(by, "pk", None) else None,
    )


def _complete(answer: Answer, fact_type: FactType) -> Answer:
    """A denial is of today unless it names its day; an event has one day, whichever of the two was given."""
    if answer.status == FactStatus.DENIED:
        return dataclasses.replace(answer, since=answer.since or clock.today())
    if answer.status == FactStatus.PRESENT and fact_type.kind == FactKind.EVENT:
        if answer.since is None:
            return dataclasses.replace(
                answer, since=answer.until, since_precision=answer.until_precision
            )
        if answer.until is None:
            return dataclasses.replace(
                answer, until=answer.since, until_precision=answer.since_precision
            )
    return answer


def _refuse_impossible(answer: Answer, fact_type: FactType, patient: Patient) -> None:
    """What screening cannot read is not written down (docs/screening.md §3)."""
    name = localized(fact_type.name)
    if fact_type.kind == FactKind.DERIVED:
        raise Refusal(
            _("%(fact)s follows from the skin type. Set the skin type instead.") % {"fact": name}
        )
    if answer.status not in FactStatus.values:
        raise ValueError(f"no such status: {answer.status}")
    if answer.status != FactStatus.PRESENT and answer.until:
        raise Refusal(
            _(
                "%(fact)s: only something that was true has a last day. Answer yes, or take the last day away."
            )
            % {"fact": name}
        )
    if answer.since and answer.until and answer.since > answer.until:
        raise Refusal(
            _("%(fact)s: the last day cannot be before the first. Change one of the two.")
            % {"fact": name}
        )
    if answer.status == FactStatus.DENIED and answer.since and answer.since > clock.today():
        raise Refusal(
            _("%(fact)s: nobody can say no for a day to come. Take today or an earlier day.")
            % {"fact": name}
        )
    days = [day for day in (answer.since, answer.until) if day]
    if days and min(days) < patient.birth_date:
        raise Refusal(
            _("%(fact)s: a day is before the birth date. Check the year.") % {"fact": name}
        )
    if days and max(days).year > clock.today().year + LATEST_YEARS:
        raise Refusal(_("%(fact)s: a day is many years away. Check the year.") % {"fact": name})


def _check(patient: Patient) -> None:
    """Ask the model's own rules.  The number is left to the unique column."""
    try:
        patient.full_clean(validate_unique=False)
    except ValidationError as error:
        raise Refusal(" ".join(error.messages)) from error


def _essence(row: Fact) -> tuple[Any, ...]:
    told = (row.since, row.since_precision, row.until, row.until_precision)
    return (row.fact_type_id, row.status, told, row.note)


def _is_of_today(row: Fact) -> bool:
    return timezone.localtime(row.recorded_at).date() == clock.today()
