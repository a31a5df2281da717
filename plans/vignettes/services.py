"""Keeping the clinic's own cases."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.audit.services import claim, record, settle
from clinic.kit import clock
from clinic.kit.refusals import Refusal
from clinic.staff.models import User
from plans.core.vignettes import Vignette as CoreVignette
from plans.core.vignettes import written
from plans.vignettes.models import Vignette

# The addresses of two pages of this room.
_TAKEN = frozenset({"new", "paste"})


class CodeTaken(Refusal):
    """Another case has this code, maybe a retired one."""

    def __init__(self, code: str) -> None:
        super().__init__(
            _("Another case is called %(code)s. Choose another code.") % {"code": code}
        )


@transaction.atomic
def keep(vignettes: Iterable[CoreVignette], *, by: User, key: uuid.UUID) -> list[Vignette]:
    """Let these be cases of the clinic; all of them or none.  Raises CodeTaken, AlreadyDone."""
    submission = claim(key, by=by)
    rows = [_kept(vignette, by) for vignette in vignettes]
    settle(submission, ",".join(row.code for row in rows)[:200])
    return rows


def _kept(vignette: CoreVignette, by: User) -> Vignette:
    if vignette.code in _TAKEN or Vignette.objects.filter(code=vignette.code).exists():
        raise CodeTaken(vignette.code)
    row = Vignette.objects.create(
        code=vignette.code,
        note=vignette.note,
        case=written(vignette),
        created_at=clock.now(),
        created_by=by,
    )
    record("vignette_kept", row, by=by)
    return row


@transaction.atomic
def change(row: Vignette, vignette: CoreVignette, *, by: User) -> None:
    """Let the case `row` be `vignette` from now on, under the code that it has."""
    before: Any = row.case
    row.note, row.case = vignette.note, written(vignette) | {"id": row.code}
    row.save(update_fields=["note", "case"])
    if row.case != before:
        record("vignette_changed", row, by=by)


@transaction.atomic
def retire(row: Vignette, *, by: User) -> None:
    """Run the case no more; it stays on record."""
    row.retired_at = clock.now()
    row.save(update_fields=["retired_at"])
    record("vignette_retired", row, by=by)
