"""Writing the diary: a visit's status and signatures, and the steps of which booking and moving are made. The database guards the time."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from clinic.audit.services import claim, record, settle
from clinic.kit import clock
from clinic.kit.contention import one_transaction
from clinic.kit.refusals import Refusal
from clinic.kit.tags import day_in_words
from clinic.patients.models import Patient
from clinic.patients.selectors import live_facts
from clinic.places.models import Location
from clinic.places.selectors import resources_at
from clinic.staff.models import User
from plans.catalogue.models import Revision
from plans.catalogue.selectors import current_revision, phases
from plans.consents.selectors import missing, of_visit
from plans.core.availability import Needs, Phase
from plans.core.case import Case, misplaced
from plans.core.chosen import Chosen
from plans.core.lengths import length_of
from plans.core.screening import Screening
from plans.core.signatures import excused, snapshot, unsigned
from plans.core.spacing import Interval
from plans.core.wallclock import instant
from plans.courses.models import Course, Override, Session
from plans.courses.selectors import local_day, names
from plans.courses.services import mark_performed, sign_finding
from plans.courses.tags import finding_words, misplaced_words, not_allowed_words, too_near_words
from plans.diary.models import (
    OPERATIONS,
    TRANSITIONS,
    Appointment,
    Occupancy,
    Status,
    StatusChange,
    TimeTaken,
    refused_words,
)
from plans.diary.selectors import candidates, check_in, free_days, visits
from plans.diary.tags import taken_words, unfit_words
from plans.gaps.selectors import current_table

Reasons = Mapping[str, str]  # why a physician treats although a rule says wait, by rule

Kept = dict[str, object]

NO_REASONS: Reasons = MappingProxyType({})


class NotAllowed(Refusal):
    """The rules of treatment say no to this day."""


def require_rules(
    case: Case, dates: Mapping[int, dt.date], new: Mapping[int, dt.date],
    screenings: Sequence[Screening], by: User, overrides: Reasons, *, interval: Interval | None,
    may_be_late: int = 0,
) -> None:  # fmt: skip
    """Refuse `new` days, by ordinal, that break their windows, their screening or a later visit of the patient.

    `dates`: of the course's other sessions.
    """
    all_dates, early = {**dates, **new}, excused(dict(zip(new, screenings, strict=True)), overrides)
    found = misplaced(
        all_dates, interval, since=min(new), may_be_late=may_be_late, may_be_early=early
    )
    if found:
        raise NotAllowed(misplaced_words(found[0], all_dates[found[0]], found[1]))
    for day, screening in zip(new.values(), screenings, strict=True):
        if standing := unsigned(screening.findings, overrides):
            sees = by.has_perm("clinic.see_screening")
            why = finding_words(standing[0], names()) if sees else _("Ask a practitioner")
            raise NotAllowed(not_allowed_words(day, why))
    require_no_harm(case, new.values())


def sign_waits(
    session: Session, day: dt.date, screening: Screening, overrides: Reasons, by: User
) -> None:
    """The signatures that let the session stand on a day on which it would have to wait."""
    for found in screening.findings:
        if found.level.blocks:
            sign_finding(session, day, found, overrides[found.rule], by=by)


def require_no_harm(case: Case, days: Iterable[dt.date]) -> None:
    """Refuse days that would endanger a later visit of the patient."""
    endangered = case.endangered(days)
    if endangered:
        rows = Appointment.objects.select_related("location", "session__course__revision")
        visit = rows.get(pk=endangered[0].key)
        title = visit.session.course.revision.title if visit.session else ""
        raise NotAllowed(too_near_words(title, local_day(visit)))


def require_free(
    place: Chosen, revision: Revision, location: Location, patient: Patient, *without: int
) -> None:
    """Everybody and everything needed is at work, able and not taken; else TimeTaken."""
    needs = Needs(phases(revision), candidates(revision, resources_at(location)))
    held = set(place.resources.values())
    free = free_days(location, held, place.day, place.day, without=without, patient=patient)
    if not needs.is_served(place.minute, free.get(place.day, {}), place.resources):
        raise TimeTaken(taken_words(place.day, place.minute))


def write_visit(
    session: Session, place: Chosen, screening: Kept, course: Course, location: Location, by: User
) -> Appointment:
    starts_at = instant(place.day, place.minute, location.zone)
    visit = Appointment.objects.create(
        patient=course.patient,
        location=location,
        session=session,
        starts_at=starts_at,
        ends_at=starts_at + dt.timedelta(minutes=length_of(phases(course.revision))),
        screening=screening,
        created_at=clock.now(),
        created_by=by,
    )
    hold(visit, phases(course.revision), place.resources)
    note(visit, "", Status.BOOKED, by)
    verdict, day = screening["verdict"], place.day.isoformat()
    told: Any = {"day": day, "session": session.ordinal, "verdict": verdict}
    record("booked", visit, by=by, patient_number=course.patient.number, **told)
    return visit


def grounds(course: Course) -> dict[str, Any]:
    """What a screening of today rests on, to be kept beside it; 4 queries."""
    return {
        "as_of": clock.today(),
        "revision": current_revision(course.revision.procedure.code).number,
        "gaps": getattr(current_table(), "number", None),
        "facts": [row.pk for row in live_facts([course.patient_id])],
    }


def hold(visit: Appointment, wanted: Iterable[Phase], resources: Mapping[str, int]) -> None:
    """Take the time: a row for each phase, of the resource that serves its role.

    Raises IntegrityError if a minute of it is taken.
    """
    Occupancy.objects.bulk_create(
        Occupancy(
            resource_id=resources[phase.role],
            starts_at=visit.starts_at + dt.timedelta(minutes=phase.from_minute),
            ends_at=visit.starts_at + dt.timedelta(minutes=phase.to_minute),
            appointment=visit,
        )
        for phase in wanted
    )


def note(
    visit: Appointment,
    was: str,
    became: str,
    by: User,
    reason: str = "",
    *,
    kept: Kept | None = None,
    before: Kept | None = None,
    batch: uuid.UUID | None = None,
) -> StatusChange:
    """A step in the visit's history.

    `before`: what it replaced, as in `StatusChange.before`; `batch`: shared by all steps of one act.
    """
    step = StatusChange(appointment=visit, was=was, became=became, at=clock.now(), by=by)
    step.reason, step.screening, step.before, step.batch = reason[:300], kept, before, batch
    step.save(force_insert=True)
    return step


def locked(visit: Appointment) -> Appointment:
    """The row as it stands now, held until the transaction ends."""
    Appointment.objects.select_for_update().get(pk=visit.pk)
    return visits().get(pk=visit.pk)


@one_transaction(refused_words)
def change_status(
    visit: Appointment, to: str, *, by: User, reason: str = "", key: uuid.UUID
) -> Appointment:
    """Bring the visit into status `to`.

    Cancelling and a no-show need a reason; cancelling gives the time back. Treating needs a clear check-in and,
    where the procedure asks for it, a consent that counts today.
    Raises PermissionDenied for a role that may not, Refusal if it does not follow, AlreadyDone on a second
    sending.
    """
    if to not in OPERATIONS or not by.has_perm(f"clinic.{OPERATIONS[to]}"):
        raise PermissionDenied
    visit, reason = locked(visit), reason.strip()
    submission = claim(key, by=by)
    was = visit.status
    if to not in TRANSITIONS[was]:
        raise Refusal(unfit_words(was, to))
    require_time(visit, to, reason)
    kept = None
    if to in (Status.IN_TREATMENT, Status.DONE):
        kept = _treatment_grounds(visit, was)
        require_consent(visit, was)
    visit.status = to
    visit.save(update_fields=["status"])
    if to == Status.CANCELLED:
        Occupancy.objects.filter(appointment=visit).delete()
    if to == Status.DONE and visit.session:
        mark_performed(visit.session, local_day(visit), by=by)
    note(visit, was, to, by, reason, kept=kept)
    record(str(to), visit, by=by, patient_number=visit.patient.number, reason=reason, was=was)
    settle(submission, str(visit.pk))
    return visit


def require_time(visit: Appointment, to: str, reason: str) -> None:
    """What a status asks of the calendar and of the person who sets it."""
    if to in (Status.CANCELLED, Status.NO_SHOW) and not reason:
        raise Refusal(_("Say why, in a few words."))
    today, day = clock.today(visit.location.zone), local_day(visit)
    # What was begun on its day may be written down later: the session counts from the visit's own day.
    is_late = to == Status.DONE and visit.status == Status.IN_TREATMENT and day < today
    if to in (Status.ARRIVED, Status.IN_TREATMENT, Status.DONE) and day != today and not is_late:
        words = _("This visit is on %(day)s, not today. Move it to today first.")
        raise Refusal(words % {"day": day_in_words(day)})
    if to == Status.NO_SHOW and day > today:
        raise Refusal(_("This visit is still to come. Cancel or move it instead."))


def _treatment_grounds(visit: Appointment, was: str) -> Kept | None:
    """What the check-in says of the treatment, to be kept with it; nobody is treated while it leaves a point open.

    Once begun, a treatment is recorded as done whatever was found meanwhile; a day later by what was found then.
    """
    checked, session = check_in(visit, clock.today(visit.location.zone)), visit.session
    if checked is None or session is None:
        begun = visit.changes.filter(became=Status.IN_TREATMENT).last()
        return begun.screening if begun else None
    if checked.open_findings and was != Status.IN_TREATMENT:
        said = names()
        what = "; ".join(finding_words(found, said) for found in checked.open_findings[:3])
        raise NotAllowed(_("Not yet: %(what)s. Settle it first.") % {"what": what})
    signed = sorted(row.pk for row in checked.signatures.values())
    return snapshot(checked.screening, **grounds(session.course)) | {"signatures": signed}


def require_consent(visit: Appointment, was: str) -> None:
    """Nobody is treated without the consent that the procedure asks for; once begun, what was done is recorded."""
    revision = of_visit(visit)
    if revision is None or was == Status.IN_TREATMENT:
        return
    if lacking := missing(visit.patient, revision, clock.today(visit.location.zone)):
        raise NotAllowed(lacking[0].words)


@one_transaction(refused_words)
def sign(visit: Appointment, rule: str, reason: str, *, by: User, key: uuid.UUID) -> Override:
    """Sign for one finding of the visit as judged today; good while its basis is the same (screening.md, 8).

    Raises PermissionDenied for somebody who may not sign for it, Refusal if nobody may, if the finding no
    longer stands, or if the reason says nothing.
    """
    visit = locked(visit)
    submission = claim(key, by=by)
    checked = check_in(visit, clock.today(visit.location.zone))
    standing = checked.open_findings if checked else []
    found = next((finding for finding in standing if finding.rule == rule), None)
    if found is None or visit.session is None:
        raise Refusal(_("This point is settled or has changed. Load the page again."))
    signature = sign_finding(visit.session, local_day(visit), found, reason, by=by)
    settle(submission, str(visit.pk))
    return signature
