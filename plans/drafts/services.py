"""How a draft becomes what is in force, whatever it is a draft of."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from clinic.kit import clock
from clinic.kit.refusals import Refusal
from plans.drafts.models import Drafted, RevisionState


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


def supersede(revision: Drafted) -> None:
    """Take `revision` out of force; it stays readable."""
    revision.state = RevisionState.SUPERSEDED
    revision.save(update_fields=["state"])


def put_in_force(revision: Drafted, reason: str, *, by: Any) -> None:
    """Let `revision` be the one in force from this moment; the one before it is superseded first."""
    revision.state = RevisionState.CURRENT
    revision.reason = reason.strip()
    revision.published_at = clock.now()
    revision.published_by = by
    revision.save(update_fields=["state", "reason", "published_at", "published_by"])
