"""Writing a record: its draft, its one signature, and what is added afterwards."""

import datetime as dt
import uuid
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.utils.translation import gettext as _

from clinic.audit.services import claim, record, settle
from clinic.kit import clock
from clinic.kit.contention import one_transaction
from clinic.kit.refusals import Refusal
from clinic.kit.tags import clock as clock_words
from clinic.kit.tags import day_in_words
from clinic.staff.models import User
from plans.core import record as core
from plans.core.record import Harm, Saving, Written
from plans.courses.selectors import local_day
from plans.diary.models import Appointment, Status
from plans.lots.models import Lot
from plans.records.models import (
    Addendum,
    AdverseEvent,
    EventEntry,
    LotUse,
    Reaction,
    RecordState,
    TreatmentRecord,
)
from plans.records.selectors import NOTHING_DONE, content_of, lots_for, records, revision_of
from plans.records.tags import unready_words

_TREATED = (Status.IN_TREATMENT, Status.DONE)


class Stale(Refusal):
    """Somebody has saved the draft since this page was opened."""


class NotReady(Refusal):
    """The record cannot be signed as it is; its draft can be kept."""


def _refused(error: IntegrityError) -> Exception:
    """What the database's guards refused, as a Refusal in words."""
    said = str(error)
    if "record_signed_stays" in said or "_frozen" in said or "_closed" in said:
        return Refusal(_signed_already())
    if "lotuse_once_per_record" in said or "records_lotuse.lot_id" in said:
        return Refusal(_("One lot stands in two lines. Put it into one, with the whole amount."))
    if "records_treatmentrecord" in said and "visit_id" in said:
        return Stale(_stale_words(None))
    return error


def _signed_already() -> str:
    return _("This record is signed and stays as it is. Write an addendum instead.")


@one_transaction(_refused)
def save_draft(
    visit: Appointment, written: Written, saving: Saving, *, by: User
) -> TreatmentRecord:
    """Keep the draft as the page has it.

    Raises Stale if another page saved it meanwhile, Refusal if it is signed or the visit did not take place.
    """
    return _save(visit, written, saving, by)


@one_transaction(_refused)
def save_with_reaction(
    visit: Appointment, written: Written, saving: Saving, harm: Harm, at: dt.datetime, *, by: User, key: uuid.UUID
) -> TreatmentRecord:  # fmt: skip
    """Keep the draft, and add a reaction to it.  Raises as `save_draft`, AlreadyDone on a second sending."""
    submission = claim(key, by=by)
    row = _save(visit, written, saving, by)
    _react(row, harm, at, by)
    settle(submission, str(visit.pk))
    return row


@one_transaction(_refused)
def remove_reaction(visit: Appointment, pk: int, *, by: User) -> None:
    """Take a reaction out of a draft again.  Raises Refusal if it is signed or not there."""
    row = _locked(visit, by)
    found = Reaction.objects.filter(pk=pk, record=row).first() if row else None
    if row is None or found is None:
        raise Refusal(_("This reaction is gone already. Load the page again."))
    _require_draft(row)
    told: Any = {"kind": found.kind, "severity": found.severity}
    found.delete()
    record("reaction_removed", row, by=by, patient_number=visit.patient.number, **told)


@one_transaction(_refused)
def sign_record(
    visit: Appointment, written: Written, saving: Saving, *, by: User, key: uuid.UUID,
    harm: Harm | None = None, at: dt.datetime | None = None,
) -> TreatmentRecord:  # fmt: skip
    """Save the record and close it for good: from now on there are only addenda.

    Raises as `save_draft`; NotReady where something required is missing or the treatment has not begun;
    AlreadyDone on a second sending.
    """
    submission = claim(key, by=by)
    row = _save(visit, written, saving, by)
    if harm and at:
        _react(row, harm, at, by)
    if row.visit.status not in _TREATED:
        raise NotReady(
            _("The treatment has not begun yet. Begin it on the visit's page, then sign.")
        )
    _require_ready(row)
    row.state, row.signed_at, row.signed_by = RecordState.SIGNED, clock.now(), by
    row.digest = core.digest(content_of(_with_lines(row)))
    row.save(update_fields=["state", "signed_at", "signed_by", "digest"])
    told: Any = {"digest": row.digest, "version": row.version}
    record("record_signed", row, by=by, patient_number=visit.patient.number, **told)
    settle(submission, str(visit.pk))
    return row


@one_transaction(_refused)
def add_addendum(visit: Appointment, text: str, *, by: User, key: uuid.UUID) -> Addendum:
    """Add to a signed record.  Raises Refusal unless it is signed, by the same person."""
    submission = claim(key, by=by)
    row = _locked(visit, by)
    if row is None or not row.is_signed or row.signed_by is None:
        raise Refusal(_("The record is not signed yet. Write into the record itself."))
    if row.signed_by != by:
        words = _("Only %(name)s, who signed this record, can add to it.")
        raise Refusal(words % {"name": row.signed_by.display_name})
    added = Addendum.objects.create(record=row, text=text, at=clock.now(), by=by)
    record("addendum_written", row, by=by, patient_number=visit.patient.number, addendum=added.pk)
    settle(submission, str(visit.pk))
    return added


@one_transaction(_refused)
def add_event(
    visit: Appointment, harm: Harm, began_on: dt.date, *, by: User, key: uuid.UUID
) -> AdverseEvent:
    """Record harm that came of the visit's treatment, whenever it was told.

    Raises Refusal before anything was recorded of the visit, and for a day before it or still to come.
    """
    submission = claim(key, by=by)
    row = _locked(visit, by)
    if row is None:
        raise Refusal(_("Nothing is recorded of this visit yet. Save the record first."))
    if not local_day(visit) <= began_on <= clock.today(visit.location.zone):
        raise Refusal(_("Take a day from the treatment on, today at the latest."))
    event = AdverseEvent(record=row, kind=harm.kind, severity=harm.severity, note=harm.note)
    event.began_on, event.at, event.by = began_on, clock.now(), by
    event.save(force_insert=True)
    told: Any = {"kind": harm.kind, "severity": harm.severity, "began_on": began_on.isoformat()}
    record("adverse_event", row, by=by, patient_number=visit.patient.number, **told)
    settle(submission, str(visit.pk))
    return event


@one_transaction(_refused)
def follow_up(
    visit: Appointment, pk: int, note: str, *, next_on: dt.date | None, is_over: bool, by: User,
    key: uuid.UUID,
) -> EventEntry:  # fmt: skip
    """Write down how an adverse event went on.  Raises Refusal if it is over or belongs to another visit."""
    submission = claim(key, by=by)
    row = _locked(visit, by)
    event = AdverseEvent.objects.filter(pk=pk, record=row).first() if row else None
    if row is None or event is None or event.entries.filter(is_over=True).exists():
        raise Refusal(_("This event is over. Record a new one if it came back."))
    if is_over and next_on:
        raise Refusal(_("What is over needs no further look. Leave the day empty."))
    entry = EventEntry(event=event, note=note, next_on=next_on, is_over=is_over)
    entry.at, entry.by = clock.now(), by
    entry.save(force_insert=True)
    told: Any = {"event": event.pk, "is_over": is_over}
    record("adverse_event_followed", row, by=by, patient_number=visit.patient.number, **told)
    settle(submission, str(visit.pk))
    return entry


def _locked(visit: Appointment, by: User) -> TreatmentRecord | None:
    """The visit's record as it stands now, held until the transaction ends.

    The visit's row is held before it, so that two first saves do not both find nothing.
    """
    if not by.has_perm("clinic.write_record"):
        raise PermissionDenied
    Appointment.objects.select_for_update().get(pk=visit.pk)
    return (
        TreatmentRecord.objects.select_for_update(of=("self",))
        .select_related("visit", "revision", "saved_by", "signed_by")
        .filter(visit=visit)
        .first()
    )


def _save(visit: Appointment, written: Written, saving: Saving, by: User) -> TreatmentRecord:
    row = _locked(visit, by)
    is_new_page = row is None or row.saved_from != saving.tab
    if row is None:
        row = _first(visit, saving)
    else:
        _require_draft(row)
        _require_fresh(row, saving)
    scheme = core.scheme(row.revision.parameters) if row.revision else ()
    lots = _lots(visit, row, written)
    values = dict(written.values)
    if written.uses:
        main = lots[written.uses[0].lot]
        values = core.with_batch(
            scheme, values, core.Batch(main.product, main.number, main.expires_on)
        )
    row.values, row.areas = values, list(written.areas)
    row.anaesthesia, row.anaesthesia_at = written.anaesthesia, written.anaesthesia_at
    row.notes, row.outside_reason = written.notes, written.outside_reason
    row.version += 1
    row.saved_from, row.saved_at, row.saved_by = saving.tab, clock.now(), by
    row.save()
    _keep_uses(row, written.uses)
    if is_new_page:
        # A page saves itself every few seconds: one line for all of that.
        told: Any = {"version": row.version}
        record("record_saved", row, by=by, patient_number=visit.patient.number, **told)
    return row


def _first(visit: Appointment, saving: Saving) -> TreatmentRecord:
    fresh = Appointment.objects.get(pk=visit.pk)
    if fresh.status in NOTHING_DONE:
        raise Refusal(_("This visit did not take place: there is nothing to record."))
    if saving.version:
        raise Stale(_stale_words(None))
    return TreatmentRecord(visit=fresh, revision=revision_of(visit))


def _require_draft(row: TreatmentRecord) -> None:
    if row.is_signed:
        raise Refusal(_signed_already())


def _require_fresh(row: TreatmentRecord, saving: Saving) -> None:
    """A page whose last answer got lost on the way may go on: what stands there is its own."""
    if row.version != saving.version and row.saved_from != saving.tab:
        raise Stale(_stale_words(row))


def _stale_words(row: TreatmentRecord | None) -> str:
    if row is None:
        return _("Not saved: this record was begun on another page. Open it again; what you typed stands here until then.")  # fmt: skip
    words = _(
        "Not saved: %(name)s saved this record on another page at %(time)s, %(day)s. Open it again and repeat "
        "what is missing there; what you typed stands here until then."
    )
    return words % {
        "name": row.saved_by.display_name,
        "time": clock_words(row.saved_at),
        "day": day_in_words(row.saved_at),
    }


def _lots(visit: Appointment, row: TreatmentRecord, written: Written) -> dict[int, Lot]:
    """The lots that are written down, by key.  Raises Refusal for one that may not be used that day."""
    if not written.uses:
        return {}
    kept = row.lot_uses.values_list("lot", flat=True) if row.pk else ()
    good = {lot.pk: lot for lot in lots_for(visit, kept)}
    if any(use.lot not in good for use in written.uses):
        raise Refusal(
            _(
                "One of the lots was recalled or has expired. Load the page again and choose another."
            )
        )
    return good


def _keep_uses(row: TreatmentRecord, uses: tuple[core.Use, ...]) -> None:
    """The draft's lots as they are written down now; untouched where nothing changed."""
    stood = [(use.lot_id, use.units, use.sites) for use in row.lot_uses.all()]
    wanted = [(use.lot, use.units, use.sites) for use in uses]
    if stood == wanted:
        return
    row.lot_uses.all().delete()
    LotUse.objects.bulk_create(
        LotUse(record=row, lot_id=lot, units=units, sites=sites) for lot, units, sites in wanted
    )


def _react(row: TreatmentRecord, harm: Harm, at: dt.datetime, by: User) -> None:
    Reaction.objects.create(
        record=row, kind=harm.kind, severity=harm.severity, at=at, note=harm.note
    )
    told: Any = {"kind": harm.kind, "severity": harm.severity}
    number = row.visit.patient.number
    record("reaction_recorded", row, by=by, patient_number=number, **told)


def _require_ready(row: TreatmentRecord) -> None:
    scheme = core.scheme(row.revision.parameters) if row.revision else ()
    values = {**row.values, core.ZONES: row.areas}
    entries = core.entries_of(scheme, values)
    missing = core.unready(entries, has_reason=bool(row.outside_reason))
    if missing:
        raise NotReady(unready_words(missing))


def _with_lines(row: TreatmentRecord) -> TreatmentRecord:
    """The record as it stands, with its lines as they will be read back, and the signature that is being given."""
    read = records().get(pk=row.pk)
    read.signed_at, read.signed_by = row.signed_at, row.signed_by
    return read
