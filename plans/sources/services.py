"""Writing sources, and who stands by which value."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from clinic.audit.services import claim, record, settle
from clinic.kit import clock
from clinic.kit.refusals import Refusal
from plans.catalogue.models import Confirmation
from plans.core.confirming import Stated, unconfirmed
from plans.sources.selectors import confirmations, is_known, shelf
from plans.terms.models import Source


class ValueMoved(Refusal):
    """A value is not any more what the page showed."""

    def __init__(self) -> None:
        super().__init__(
            _("A value was changed after you opened this page. Look at it again, then confirm.")
        )


@dataclass(frozen=True, slots=True)
class Seen:
    """A value as the page showed it."""

    address: str
    text: str
    source: str


@transaction.atomic
def confirm(seen: Sequence[Seen], *, by: Any) -> int:
    """Stand by the values of `seen`, today; how many were not confirmed before.

    Raises ValueMoved if one of them is in force no more as it was seen, and then confirms none.
    """
    values = _as_they_stand(seen)
    waiting = unconfirmed(values, confirmations([one.address for one in values]))
    _write(waiting, by=by)
    if waiting:
        addresses = [one.address for one in waiting]
        record("values_confirmed", "catalogue", by=by, addresses=addresses)
    return len(waiting)


@transaction.atomic
def withdraw(seen: Sequence[Seen], *, by: Any) -> int:
    """Take back the confirmation of the values of `seen`; how many were confirmed.  Raises ValueMoved."""
    values = _as_they_stand(seen)
    waiting = unconfirmed(values, confirmations([one.address for one in values]))
    confirmed = [one for one in values if one not in waiting]
    _write(confirmed, by=by, is_withdrawn=True)
    if confirmed:
        addresses = [one.address for one in confirmed]
        record("confirmations_withdrawn", "catalogue", by=by, addresses=addresses)
    return len(confirmed)


def _as_they_stand(seen: Sequence[Seen]) -> list[Stated]:
    """The values in force that were seen; they are read again, for a page may be hours old."""
    documents = {one.address.partition("/")[0] for one in seen}
    now = {(one.address, one.text, one.source): one for one in shelf(documents).stated()}
    try:
        return [now[one.address, one.text, one.source] for one in dict.fromkeys(seen)]
    except KeyError:
        raise ValueMoved from None


def _write(values: Sequence[Stated], *, by: Any, is_withdrawn: bool = False) -> None:
    Confirmation.objects.bulk_create(
        Confirmation(
            address=one.address,
            value=one.text,
            source=one.source,
            by=by,
            on=clock.today(),
            at=clock.now(),
            is_withdrawn=is_withdrawn,
        )
        for one in values
    )


@transaction.atomic
def add_source(
    code: str, title: str, url: str, is_background: bool, *, by: Any, key: uuid.UUID
) -> Source:
    """A new source.  Raises AlreadyDone, or Refusal if the code is taken."""
    submission = claim(key, by=by)
    if is_known(code):
        raise Refusal(_("There is a source of this name. Choose another name, or edit that one."))
    source = Source.objects.create(code=code, title=title, url=url, is_background=is_background)
    record("source_added", source, by=by, code=code)
    settle(submission, reverse("sources:source", args=[source.pk]))
    return source


@transaction.atomic
def edit_source(source: Source, title: str, url: str, is_background: bool, *, by: Any) -> Source:
    """Say otherwise what `source` is; its code stays, for values are told by it."""
    stored = Source.objects.select_for_update().get(pk=source.pk)
    stored.title, stored.url, stored.is_background = title, url, is_background
    stored.save(update_fields=["title", "url", "is_background"])
    record("source_edited", stored, by=by, code=stored.code)
    return stored
