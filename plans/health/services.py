"""Writing what is known about a patient's health; every visit to come is judged anew in the same breath."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from clinic.audit.services import claim, record, settle
from clinic.kit import clock
from clinic.kit.refusals import Refusal
from clinic.patients.models import Answer, Fact, FactStatus, Patient
from clinic.patients.services import correct_fact, record_answers, set_skin_type
from clinic.staff.models import User
from plans.courses.selectors import local_day
from plans.diary.models import MOVABLE, Appointment
from plans.impact.services import endangering
from plans.links.models import Purpose
from plans.links.selectors import links_of
from plans.links.services import Letter, issue, post_later, require_mail, revoke

# The reason of a correction that was made by answering; codes of reasons are read by nobody but people.
AT_THE_FORM = "told at the health form"


# How an answer before a visit came in, and the note that the record keeps of it; read by people only.
WAYS = {
    "screen": "",
    "tablet": "answered by the patient on the tablet",
    "link": "answered by the patient through the link",
}


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


@transaction.atomic
def keep_told(
    visit: Appointment,
    answers: Iterable[Answer],
    *,
    way: str,
    by: User | None,
    sender: User,
    key: uuid.UUID,
) -> Saved:
    """Record what was answered for one visit. `way`: of WAYS.

    `by`: who writes it down, None where the patient did it alone; `sender`: whose account or link it came through.
    Raises Refusal with nothing written, AlreadyDone as `keep_form` does.
    """
    patient, said = visit.patient, [replace(answer, note=WAYS[way]) for answer in answers]
    submission = claim(key, by=sender)
    saved = _screened(patient, lambda: len(record_answers(patient, said, by=by)))
    record(
        "questions_answered",
        visit,
        by=by,
        patient_number=patient.number,
        way=way,
        count=saved.count,
    )
    settle(submission, ".".join(map(str, saved.endangered)))
    return saved


@transaction.atomic
def make_link(visit: Appointment, *, by: User, key: uuid.UUID) -> str:
    """The secret of a link under which the patient answers before the visit; earlier ones of it open nothing any more.

    Raises Refusal for a visit that asks nothing any more, AlreadyDone on a second sending.
    """
    submission = claim(key, by=by)
    is_over = local_day(visit) < clock.today(visit.location.zone)
    if visit.session is None or visit.status not in MOVABLE or is_over:
        raise Refusal(_("This visit asks nothing beforehand: it is over, or no treatment."))
    for link in links_of(visit.patient, Purpose.HEALTH).filter(visit=visit):
        revoke(link, by=by)
    secret = issue(Purpose.HEALTH, patient=visit.patient, visit=visit, by=by)
    settle(submission, str(visit.pk))
    return secret


def send_link(
    visit: Appointment, address: Callable[[str], str], *, by: User, key: uuid.UUID
) -> None:
    """Make a link as make_link does and send it to the patient: no name, no treatment and no date stand in the e-mail.

    `address`: of the page, for a secret.  Raises Refusal, also when it could not be sent; AlreadyDone on a second sending.
    """
    instead = _("Make a link and give it to the patient yourself.")
    require_mail(visit.patient, instead)
    with transaction.atomic():
        secret = make_link(visit, by=by, key=key)
        record("link_sent", visit, by=by, patient_number=visit.patient.number)
        told = {
            "clinic": visit.location.name,
            "phone": visit.location.phone,
            "page": address(secret),
        }
        with translation.override(visit.patient.language):
            subject = _("From %(clinic)s: questions before your visit") % told
            body = _(
                "Before your visit we have some questions. Please answer them here:\n%(page)s\n\nKeep the address to yourself. Questions? Call %(phone)s."
            )
            letter = Letter(visit.patient, subject, body % told, secret, Purpose.HEALTH, instead)
        post_later(letter, by=by)


@transaction.atomic
def revoke_links(visit: Appointment, *, by: User) -> None:
    """Let no link of the visit open anything any more."""
    for link in links_of(visit.patient, Purpose.HEALTH).filter(visit=visit):
        revoke(link, by=by)


def note_handing(action: str, visit: Appointment, *, by: User) -> None:
    """The tablet was given to the patient, taken back, or somebody tried to; `action` says which."""
    record(action, visit, by=by, patient_number=visit.patient.number)


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
