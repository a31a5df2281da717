"""How a draft becomes what is in force, whatever it is a draft of."""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db.models import Max, Model, QuerySet
from django.utils.translation import gettext as _

from clinic.audit.services import record
from clinic.kit import clock
from clinic.kit.refusals import Refusal
from plans.drafts.models import Drafted, RevisionState

Offered = TypeVar("Offered", bound=Model)


class NotADraft(Refusal):
    """The revision is published, or gone."""

    def __init__(self) -> None:
        super().__init__(
            _("This draft is published or discarded already. Look at the revisions to see which.")
        )


class DraftMoved(Refusal):
    """Somebody saved the draft after this editor opened it. `changes`: theirs (old) against ours (new)."""

    def __init__(self, version: int, changes: Sequence[Any]) -> None:
        super().__init__(
            _(
                "Somebody else saved this draft meanwhile. Your values are kept below: save again to put them over theirs."
            )
        )
        self.version = version
        self.changes = tuple(changes)


def next_number(revisions: "QuerySet[Any]") -> int:
    """The number after the highest of `revisions`, 1 for the first. One query."""
    highest: int | None = revisions.aggregate(highest=Max("number"))["highest"]
    return (highest or 0) + 1


def require_review(draft: Drafted, reason: str, version: int | None) -> None:
    """Raise Refusal unless there is a reason and `draft` is what was reviewed (None: no review)."""
    if version is not None and version != draft.version:
        raise Refusal(
            _(
                "The draft was changed after you opened this page. Look at the differences again, then publish."
            )
        )
    if not reason.strip():
        raise Refusal(_("Say why the rules change: the reason stands in the history."))


def require_changes(changes: Sequence[Any]) -> None:
    """Raise Refusal if a draft says nothing else than what is in force."""
    if not changes:
        raise Refusal(_("This draft changes nothing. Change a value first, or discard it."))


def put_in_force(
    revision: Drafted, reason: str, *, by: Any, instead_of: Drafted | None = None
) -> None:
    """Let `revision` be the one in force from this moment; the one before it stays readable."""
    if instead_of is not None:
        instead_of.state = RevisionState.SUPERSEDED
        instead_of.save(update_fields=["state"])
    revision.state = RevisionState.CURRENT
    revision.reason = reason.strip()
    revision.published_at = clock.now()
    revision.published_by = by
    revision.save(update_fields=["state", "reason", "published_at", "published_by"])


def set_offered(
    row: Offered, is_offered: bool, action: str, *, reason: str, by: Any, **details: Any
) -> Offered:
    """Offer `row`, which has a `retired_at`, for new plans again or no longer; inside the caller's transaction.

    Writes `action` with `details` only if that changes something.  Raises Refusal without a reason.
    """
    if not reason.strip():
        raise Refusal(_("Say why: the reason stands in the history."))
    stored: Any = type(row)._default_manager.select_for_update().get(pk=row.pk)
    if (stored.retired_at is None) != is_offered:
        stored.retired_at = None if is_offered else clock.now()
        stored.save(update_fields=["retired_at"])
        record(action, stored, by=by, reason=reason.strip()[:300], **details)
    kept: Offered = stored
    return kept
