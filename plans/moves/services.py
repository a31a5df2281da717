"""Writing a move and whatever follows from it: every change of a visit's time goes through `carry_out`."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.utils.translation import gettext as _

from clinic.audit.services import claim, record, settle
from clinic.kit import clock
from clinic.kit.contention import lock_days, one_transaction
from clinic.kit.refusals import Refusal
from clinic.patients.models import Patient
from clinic.staff.models import User
from plans.core.acts import Act, Step
from plans.core.availability import Phase
from plans.core.offers import Booked
from plans.core.scene import Signed, State, faults, smallest_addition
from plans.core.screening import Screening
from plans.core.signatures import snapshot
from plans.core.wallclock import instant
from plans.courses.models import Course, Session
from plans.courses.selectors import names
from plans.diary.models import (
    LIVE,
    MOVABLE,
    OPERATIONS,
    STRETCHABLE,
    TRANSITIONS,
    Appointment,
    Occupancy,
    Status,
    StatusChange,
    TimeTaken,
    refused_words,
)
from plans.diary.services import (
    NO_REASONS,
    NotAllowed,
    Reasons,
    grounds,
    hold,
    locked,
    note,
    require_time,
    sign_waits,
)
from plans.diary.tags import unfit_words
from plans.moves.selectors import (
    NEW_PART,
    Change,
    Known,
    before_of,
    days_of,
    days_touched,
    last_step,
    scene_of,
    steps_of,
)
from plans.moves.tags import fault_words, needs_words, stale_words

_MINUTE = dt.timedelta(minutes=1)


class Stale(Refusal):
    """Somebody changed the visit while the form was open; the words say who and how."""


@dataclass(frozen=True)
class Done:
    """What was carried out: `batch` undoes it, `moved` visits stand elsewhere."""

    batch: uuid.UUID
    visit: Appointment
    moved: int


@one_transaction(refused_words)
def carry_out(
    act: Act,
    *,
    by: User,
    key: uuid.UUID,
    reason: str = "",
    accepted: Collection[int] | None = None,
    overrides: Reasons = NO_REASONS,
    batch: uuid.UUID | None = None,
) -> Done:
    """Do all of `act`, or the part of it with the lines `accepted` (keys); everything or nothing.

    `overrides`: by rule, why a physician moves the visit to a day on which the rules say wait; each is signed.
    `batch`: shared by all steps in the history. Raises, with nothing written, Stale if somebody changed one of the
    visits, TimeTaken, NotAllowed or another Refusal; PermissionDenied; AlreadyDone (outcome: the visit's key).
    """
    visit = Appointment.objects.select_related("location").get(pk=act.visit)
    Patient.objects.select_for_update().get(pk=visit.patient_id)
    lock_days(visit.location_id, days_touched(visit, act))
    visit = locked(visit)
    submission = claim(key, by=by)
    known = _known(visit, act)
    _require_current(known, act)
    _require_status(visit, act)
    offered = act.outcome(known.scene, known.key)
    if accepted is not None:
        act = act.part(known.scene, known.key, accepted)
    state, signed = act.outcome(known.scene, known.key), {known.key: frozenset(overrides)}
    if act.steps:
        _require_legal(known, act, state, offered, signed, by)
    work = _Writing(known, state, by, reason.strip(), batch or uuid.uuid4())
    work.write(act, overrides)
    settle(submission, str(visit.pk))
    return Done(work.batch, visit, len(act.steps))


def _known(visit: Appointment, act: Act) -> Known:
    """Everything read again, with nobody else writing."""
    if visit.status not in LIVE:
        raise _stale(visit)
    step = act.steps[0] if act.kind == "move" and act.steps else None
    minutes = step.to.end_minute - step.to.start_minute if step else None
    change = Change(minutes, act.at or None, act.kind in ("cancelled", "no_show"))
    try:
        return scene_of(visit, change)
    except ValueError:
        raise Refusal(_("The visit cannot have this length. Choose another one.")) from None


def _require_current(known: Known, act: Act) -> None:
    """Nobody changed one of the visits since the act was planned."""
    if known.version != act.version:
        raise _stale(known.visit)
    for step in act.steps:
        row = known.visits.get(step.key)
        if step.version != (known.versions.get(row.pk, 0) if row else 0):
            raise _stale(row or known.visit)


def _stale(visit: Appointment) -> Stale:
    return Stale(stale_words(visit, last_step(visit)))


def _require_status(visit: Appointment, act: Act) -> None:
    if act.kind in ("cancelled", "no_show"):
        return  # each visit is asked when its status changes
    if act.kind == "split" and (
        visit.continues_id or visit.continuations.filter(status__in=LIVE).exists()
    ):
        raise Refusal(_("This visit is split already. Move one of its parts instead."))
    stays = act.kind == "move" and all(
        instant(step.to.day, step.to.start_minute, visit.location.zone) == visit.starts_at
        for step in act.steps[:1]
    )
    if visit.status not in (STRETCHABLE if stays else MOVABLE):
        raise Refusal(_("Only a visit that is booked or confirmed can be moved."))


def _require_legal(
    known: Known, act: Act, state: State, offered: State, signed: Signed, by: User
) -> None:
    """Window, screening, other visits and free time of everything together; else a Refusal in words."""
    found = [
        fault
        for fault in faults(known.scene, state, signed)
        if not act.leaves_behind(fault, known.key)
    ]
    if not found:
        return
    fault = found[0]
    sees = by.has_perm("clinic.see_screening")
    said = fault_words(known, fault, state, names(), sees=sees)
    needs = smallest_addition(known.scene, state, offered, fault, signed)
    if needs:
        raise NotAllowed(f"{said} {needs_words(known, needs)}")
    raise TimeTaken(said) if fault.kind in ("taken", "clash") else NotAllowed(said)


class _Writing:
    """The steps of one act, each noted in its visit's history with what it replaced."""

    def __init__(self, known: Known, state: State, by: User, reason: str, batch: uuid.UUID) -> None:
        self.known = known
        self.state = state
        self.by = by
        self.reason = reason
        self.batch = batch
        self.told: dict[int, Any] = {}  # by course: what its screenings rest on

    def write(self, act: Act, overrides: Reasons) -> None:
        if act.kind in ("cancelled", "no_show"):
            self._fall_out(act.kind)
        rows = self._rows(act)
        befores = {key: before_of(row) for key, row in rows.items()}
        # All old times are free before the first new one is taken: two visits may change places.
        Occupancy.objects.filter(appointment__in=[row.pk for row in rows.values()]).delete()
        if act.kind == "split":
            self._shorten(rows[self.known.key], befores[self.known.key])
        for step in act.steps:
            if step.key in rows:
                self._move(rows[step.key], step, befores[step.key])
            else:
                self._book(step)
            if step.key == self.known.key and self.known.visit.session:
                self._sign(self.known.visit.session, step, overrides)

    def _sign(self, session: Session, step: Step, overrides: Reasons) -> None:
        """The signatures that were given now; earlier ones stand on the same day."""
        found = self._screening(step.key)
        now = tuple(each for each in found.findings if each.rule in overrides)
        sign_waits(session, step.to.day, replace(found, findings=now), overrides, self.by)

    def _rows(self, act: Act) -> dict[int, Appointment]:
        """The visits that change, by key."""
        rows = {s.key: self.known.visits[s.key] for s in act.steps if s.key in self.known.visits}
        if act.kind == "split":
            rows[self.known.key] = self.known.visit
        elif act.kind != "move":
            rows.pop(self.known.key, None)  # it is over: its session gets a new visit
        return rows

    def _fall_out(self, kind: str) -> None:
        """The visit does not take place, nor does its second part."""
        visit = self.known.visit
        for row in (visit, *visit.continuations.filter(status__in=LIVE)):
            _require_step(row, kind, self.by, self.reason)
            before = before_of(row)
            row.status = kind
            row.save(update_fields=["status"])
            if kind == Status.CANCELLED:
                Occupancy.objects.filter(appointment=row).delete()
            self._note(row, before["status"], before)
            self._record(kind, row, before)

    def _shorten(self, visit: Appointment, before: dict[str, Any]) -> None:
        """What is left of a visit that is split: its first part."""
        booked = self.state[self.known.key]
        visit.ends_at = visit.starts_at + (booked.end_minute - booked.start_minute) * _MINUTE
        visit.save(update_fields=["ends_at"])
        hold(visit, self.known.phases, booked.resources)
        self._note(visit, visit.status, before)
        self._record("split", visit, before)

    def _move(self, visit: Appointment, step: Step, before: dict[str, Any]) -> None:
        was = visit.status
        self._place(visit, step.to)
        if visit.starts_at.isoformat() != before["starts_at"]:
            visit.status = (
                Status.BOOKED
            )  # whoever confirmed the old time has not confirmed this one
        if step.key in self.known.scene.places:
            visit.screening = self._snapshot(step.key)
        visit.save(update_fields=["starts_at", "ends_at", "status", "screening"])
        hold(visit, self.known.phases_of(step.key), step.to.resources)
        self._note(visit, was, before)
        self._record("moved", visit, before)

    def _book(self, step: Step) -> None:
        """A visit that was not there: for a session that is owed again, or the second part of a split one."""
        known, is_part = self.known, step.key == NEW_PART
        visit = Appointment(
            patient=known.visit.patient,
            location=known.visit.location,
            session=None if is_part else Session.objects.get(pk=step.key),
            continues=known.visit if is_part else None,
            created_at=clock.now(),
            created_by=self.by,
        )
        self._place(visit, step.to)
        if not is_part:
            visit.screening = self._snapshot(step.key)
        visit.save(force_insert=True)
        hold(visit, known.phases_of(step.key), step.to.resources)
        note(visit, "", visit.status, self.by, self.reason, batch=self.batch)
        self._record("booked", visit, {})

    def _place(self, visit: Appointment, to: Booked) -> None:
        visit.starts_at = instant(to.day, to.start_minute, visit.location.zone)
        visit.ends_at = visit.starts_at + (to.end_minute - to.start_minute) * _MINUTE

    def _note(self, visit: Appointment, was: str, before: dict[str, Any]) -> None:
        note(visit, was, visit.status, self.by, self.reason, before=before, batch=self.batch)

    def _record(self, action: str, visit: Appointment, before: Mapping[str, Any]) -> None:
        times: Any = {"after": visit.starts_at.isoformat()}
        if before:
            times["before"] = before["starts_at"]
        number = visit.patient.number
        record(
            action, visit, by=self.by, patient_number=number, reason=self.reason,
            batch=str(self.batch), **times,
        )  # fmt: skip

    def _snapshot(self, key: int) -> dict[str, object]:
        course = self.known.course_of(key)
        if course is None:
            raise ValueError("only a session is screened")
        return snapshot(self._screening(key), **self._grounds(course))

    def _grounds(self, course: Course) -> dict[str, Any]:
        if course.pk not in self.told:
            self.told[course.pk] = grounds(course)
        found: dict[str, Any] = self.told[course.pk]
        return found

    def _screening(self, key: int) -> Screening:
        return self.known.scene.screening(key, self.state)


def _require_step(visit: Appointment, to: str, by: User, reason: str) -> None:
    """The rules of `change_status` for a visit that does not take place."""
    if not by.has_perm(f"clinic.{OPERATIONS[to]}"):
        raise PermissionDenied
    if to not in TRANSITIONS[visit.status]:
        raise Refusal(unfit_words(visit.status, to))
    require_time(visit, to, reason)


def _undo_refused(error: IntegrityError) -> Exception:
    """One of the old times is not free any more."""
    if isinstance(refused_words(error), Refusal):
        words = _(
            "One of the old times is taken by now. Nothing was undone; move the visit instead."
        )
        return TimeTaken(words)
    return error


@one_transaction(_undo_refused)
def undo(batch: uuid.UUID, *, by: User) -> Appointment:
    """Bring back times, resources and status of all visits of one act of `by`; noted in each history.

    A visit that the act booked is cancelled. Returns the visit acted upon. Raises Stale if one of them has changed
    since, TimeTaken if an old time is taken by now, Refusal for an act of somebody else.
    """
    steps = list(steps_of(batch))
    if not steps or any(step.by_id != by.pk for step in steps):
        raise Refusal(_("Only what you did yourself can be undone."))
    first = steps[0].appointment
    Patient.objects.select_for_update().get(pk=first.patient_id)
    lock_days(first.location_id, {day for step in steps for day in days_of(step)})
    visits = {step.appointment_id: locked(step.appointment) for step in steps}
    own = {step.pk for step in steps}
    for visit in visits.values():
        last = last_step(visit)
        if last is not None and last.pk not in own:
            raise Stale(stale_words(visit, last))
    nows = {pk: before_of(visit) | {"undoes": str(batch)} for pk, visit in visits.items()}
    Occupancy.objects.filter(appointment__in=list(visits)).delete()
    # What was booked goes first: its session gets its old visit back.
    for step in sorted(steps, key=lambda step: step.before is not None):
        _bring_back(visits[step.appointment_id], step, nows[step.appointment_id], by)
    return visits[first.pk]


def _bring_back(visit: Appointment, step: StatusChange, now: dict[str, Any], by: User) -> None:
    was, before = visit.status, step.before
    if before is None:
        visit.status = Status.CANCELLED
    else:
        visit.starts_at = dt.datetime.fromisoformat(before["starts_at"])
        visit.ends_at = dt.datetime.fromisoformat(before["ends_at"])
        visit.status = before["status"]
    visit.save(update_fields=["starts_at", "ends_at", "status"])
    if before is not None:
        phases = [Phase(role, *times) for role, times in before["phases"].items()]
        hold(visit, phases, before["resources"])
    note(visit, was, visit.status, by, before=now, batch=None)
    number = visit.patient.number
    record("undone", visit, by=by, patient_number=number, batch=str(step.batch))
