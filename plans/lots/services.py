"""Writing lots: received, corrected while nobody got of it, recalled."""

import uuid
from dataclasses import asdict

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils.translation import gettext as _

from clinic.audit.services import claim, record, settle
from clinic.kit import clock
from clinic.kit.contention import one_transaction
from clinic.kit.refusals import Refusal
from clinic.places.models import Location
from clinic.staff.models import User
from plans.core.lots import Received, folded_lot
from plans.lots.models import Lot
from plans.lots.selectors import is_used


class OnTheList(Refusal):
    """This lot of this product was entered before."""


class InUse(Refusal):
    """Somebody got of the lot: what is known of it stays."""


def _refused_words(error: IntegrityError) -> Exception:
    said = str(error)
    if "lot_once_per_location" in said or "lots_lot.folded" in said:
        return OnTheList(_("This lot of this product is on the list already. Look for its number."))
    if "lots_lot_used_stays" in said:
        return InUse(_in_use_words())
    return error


def _in_use_words() -> str:
    return _(
        "A record names this lot by now, so it stays as it is. Was it mistyped? Enter the right lot and recall this one."
    )


@one_transaction(_refused_words)
def add_lot(location: Location, received: Received, *, by: User, key: uuid.UUID) -> Lot:
    """A lot that was received.  Raises OnTheList, Refusal for dates that cannot be, AlreadyDone with its key."""
    submission = claim(key, by=by)
    lot = Lot(location=location, entered_at=clock.now(), entered_by=by)
    _write(lot, received)
    record("lot_added", lot, by=by)
    settle(submission, str(lot.pk))
    return lot


@one_transaction(_refused_words)
def correct_lot(lot: Lot, received: Received, *, by: User, key: uuid.UUID) -> None:
    """What was mistyped, while no record names the lot.  Raises InUse, and as `add_lot`."""
    submission = claim(key, by=by)
    row = _locked(lot)
    if is_used(row):
        raise InUse(_in_use_words())
    changed = sorted(
        name for name, value in asdict(received).items() if getattr(row, name) != value
    )
    _write(row, received)
    record("lot_corrected", row, by=by, changed=changed)
    settle(submission, str(row.pk))


def _write(lot: Lot, received: Received) -> None:
    for name, value in asdict(received).items():
        setattr(lot, name, value)
    lot.folded = folded_lot(received.product, received.number)
    if received.received_on > clock.today(lot.location.zone):
        raise Refusal(_("That day is still to come. Take today or an earlier day."))
    if received.expires_on < received.received_on:
        raise Refusal(_("It expired before it was received. Check both dates."))
    try:
        # A second lot of the same name is the guard's matter: it also decides between two at the same time.
        lot.clean_fields()
    except ValidationError as error:
        raise Refusal(" ".join(error.messages)) from error
    lot.save()


@one_transaction(_refused_words)
def recall_lot(lot: Lot, reason: str, *, by: User, key: uuid.UUID) -> None:
    """Let nobody be treated with the lot from now on.  Raises Refusal if it is recalled already, AlreadyDone."""
    submission = claim(key, by=by)
    row = _locked(lot)
    if row.recalled_at:
        raise Refusal(_("This lot is recalled already. The page shows by whom and why."))
    row.recalled_at, row.recalled_by, row.recall_reason = clock.now(), by, reason
    row.save(update_fields=["recalled_at", "recalled_by", "recall_reason"])
    record("lot_recalled", row, by=by, reason=reason)
    settle(submission, str(row.pk))


@one_transaction(_refused_words)
def lift_recall(lot: Lot, reason: str, *, by: User, key: uuid.UUID) -> None:
    """The recall was a mistake: the lot may be used again.  Raises Refusal if it is not recalled, AlreadyDone."""
    submission = claim(key, by=by)
    row = _locked(lot)
    if not row.recalled_at:
        raise Refusal(_("This lot is not recalled. Load the page again to see how it stands."))
    row.recalled_at, row.recalled_by, row.recall_reason = None, None, ""
    row.save(update_fields=["recalled_at", "recalled_by", "recall_reason"])
    record("lot_recall_lifted", row, by=by, reason=reason)
    settle(submission, str(row.pk))


def _locked(lot: Lot) -> Lot:
    return Lot.objects.select_for_update(of=("self",)).select_related("location").get(pk=lot.pk)
