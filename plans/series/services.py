"""Writing a series: every session, or none. And the dates that matter to a patient."""

import datetime as dt
import uuid
from collections.abc import Sequence

from django.utils.translation import gettext as _

from clinic.audit.services import claim, record, settle
from clinic.kit import clock
from clinic.kit.contention import lock_days, one_transaction
from clinic.kit.refusals import Refusal
from clinic.patients.models import Patient
from clinic.places.models import Location
from clinic.staff.models import User
from plans.catalogue.models import Revision
from plans.core.chosen import ChosenSeries
from plans.core.screening import Screening
from plans.core.signatures import snapshot
from plans.courses.models import Course, Occasion
from plans.courses.selectors import CourseView, course_at
from plans.courses.services import open_course
from plans.diary.models import (
    TimeTaken,
    refused_words,
)
from plans.diary.selectors import case_of
from plans.diary.services import (
    NO_REASONS,
    Reasons,
    grounds,
    require_free,
    require_rules,
    sign_waits,
    write_visit,
)
from plans.diary.tags import taken_words
from plans.drafts.models import RevisionState
from plans.terms.models import Sign


@one_transaction(refused_words)
def book_series(
    offer: ChosenSeries, *, by: User, key: uuid.UUID, overrides: Reasons = NO_REASONS
) -> Course:
    """Book every session of `offer`, or none.

    `overrides`: by rule, the reason for which a physician books a day on which the rules say wait; each is
    signed for every session that it holds off. Raises, with nothing written, PermissionDenied if somebody else
    gives one, TimeTaken, NotAllowed or another Refusal; AlreadyDone (outcome: the course's key) if sent before.
    """
    location, patient = _locked([offer])
    submission = claim(key, by=by)
    course = _book(offer, patient, location, by, overrides)
    settle(submission, str(course.pk))
    return course


@one_transaction(refused_words)
def book_together(
    offers: Sequence[ChosenSeries], *, by: User, key: uuid.UUID, overrides: Reasons = NO_REASONS
) -> list[Course]:
    """Book the sessions of several courses of one patient, or none: each is judged beside those before it.

    Raises as `book_series` does (the outcome of AlreadyDone is the patient's number), and ValueError for offers
    that are not of one patient at one location.
    """
    location, patient = _locked(offers)
    submission = claim(key, by=by)
    courses = [_book(offer, patient, location, by, overrides) for offer in offers]
    settle(submission, str(patient.number))
    return courses


def _locked(offers: Sequence[ChosenSeries]) -> tuple[Location, Patient]:
    """The patient's row and all days of all offers, held until the transaction ends."""
    ((number, where),) = {(offer.patient, offer.location) for offer in offers}
    location = Location.objects.get(pk=where)
    # One writer for a patient at a time: two series booked at once must know of each other.
    patient = Patient.objects.select_for_update().get(number=number, location=location)
    lock_days(location.pk, [day for offer in offers for day in offer.days])
    return location, patient


def _book(
    offer: ChosenSeries, patient: Patient, location: Location, by: User, overrides: Reasons
) -> Course:
    """Every session of one offer, in a transaction that holds the patient and the days."""
    booked = course_at(location, offer.course) if offer.course else None
    revision = (
        booked.course.revision
        if booked
        else Revision.objects.select_related("procedure__group").get(pk=offer.revision)
    )
    if booked is None and revision.state != RevisionState.CURRENT:
        words = _("The rules of %(procedure)s have changed. Nothing was booked; choose again.")
        raise Refusal(words % {"procedure": revision.title})
    screenings = _allowed(offer, patient, revision, location, booked, by, overrides)
    for place in offer.sessions:
        require_free(place, revision, location, patient)
    course = booked.course if booked else _open(offer, patient, revision, by)
    sessions = {session.ordinal: session for session in course.sessions.all()}
    known = grounds(course)
    for place, screening in zip(offer.sessions, screenings, strict=True):
        kept = snapshot(screening, **known)
        write_visit(sessions[place.ordinal], place, kept, course, location, by)
        sign_waits(sessions[place.ordinal], place.day, screening, overrides, by)
    return course


@one_transaction(refused_words)
def keep_clear(patient: Patient, day: dt.date, name: str, *, by: User, key: uuid.UUID) -> Occasion:
    """Keep a date that matters to the patient clear of healing from now on.

    Raises Refusal for a day that is over or kept clear already; AlreadyDone if sent before.
    """
    Patient.objects.select_for_update().get(pk=patient.pk)
    submission = claim(key, by=by)
    if day < clock.today():
        raise Refusal(_("That day is over. Choose today or a later day."))
    if Occasion.objects.filter(patient=patient, day=day, removed_at__isnull=True).exists():
        raise Refusal(_("This date is kept clear already."))
    occasion = Occasion.objects.create(
        patient=patient, day=day, name=name.strip(), created_at=clock.now(), created_by=by
    )
    told = {"day": day.isoformat()}
    record("occasion_kept", occasion, by=by, patient_number=patient.number, **told)
    settle(submission, str(occasion.pk))
    return occasion


@one_transaction(refused_words)
def let_go(occasion: Occasion, *, by: User) -> Occasion:
    """Keep the date clear no longer; a second time changes nothing."""
    occasion = Occasion.objects.select_for_update().get(pk=occasion.pk)
    if occasion.removed_at is None:
        occasion.removed_at, occasion.removed_by = clock.now(), by
        occasion.save(update_fields=["removed_at", "removed_by"])
        record("occasion_let_go", occasion, by=by, patient_number=occasion.patient.number)
    return occasion


def _open(offer: ChosenSeries, patient: Patient, revision: Revision, by: User) -> Course:
    sign = Sign.objects.filter(code=offer.sign).first() if offer.sign else None
    return open_course(
        patient,
        revision,
        len(offer.sessions),
        by=by,
        sign=sign,
        pit_depth=offer.pit_depth,
        areas=offer.areas,
    )


def _allowed(
    offer: ChosenSeries,
    patient: Patient,
    revision: Revision,
    location: Location,
    booked: CourseView | None,
    by: User,
    overrides: Reasons,
) -> list[Screening]:
    """The screening of each session, as of today.  Raises NotAllowed if a rule forbids one."""
    left = booked.remaining() if booked and booked.unbooked else None
    if booked and (left is None or any(p.ordinal in left.fixed for p in offer.sessions)):
        raise Refusal(_("These sessions are booked by now. Open the course to see them."))
    dates = {view.ordinal: view.day for view in booked.sessions if view.day} if booked else {}
    new = {place.ordinal: place.day for place in offer.sessions}
    today = clock.today(location.zone)
    if min(offer.days) < today:
        raise TimeTaken(taken_words(min(offer.days), offer.sessions[0].minute))
    case = case_of(
        patient,
        revision.procedure.code,
        today,
        areas=booked.course.areas if booked else offer.areas,
        without=left.sessions if left else (),
    )
    screenings = [case.screen(day, offer.days[:n]) for n, day in enumerate(offer.days)]
    require_rules(
        case,
        dates,
        new,
        screenings,
        by,
        overrides,
        interval=revision.interval,
        may_be_late=min(new),
    )
    return screenings
