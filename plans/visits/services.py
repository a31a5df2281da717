"""Writing what becomes of a visit, for somebody who saw how it stood."""

import uuid

from clinic.audit.services import claim
from clinic.kit.contention import one_transaction
from clinic.staff.models import User
from plans.diary.models import Appointment, refused_words
from plans.diary.services import change_status, locked
from plans.moves.selectors import last_step
from plans.moves.services import Stale
from plans.moves.tags import stale_words


@one_transaction(refused_words)
def set_status(
    visit: Appointment, to: str, version: int, *, by: User, reason: str = "", key: uuid.UUID
) -> Appointment:
    """As `change_status`, unless somebody changed the visit meanwhile: then Stale, with who did what.

    `version`: the key of the last step in its history that the person has seen; 0 for none.
    """
    row = locked(visit)
    last = last_step(row)
    if last is not None and last.pk != version:
        claim(key, by=by)  # a second sending is told so: the step it does not know is its own
        raise Stale(stale_words(row, last))
    return change_status(row, to, by=by, reason=reason, key=key)
