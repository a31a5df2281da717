"""Saving one section of a draft: by whom it may be, and beside what others saved meanwhile."""

import uuid
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from clinic.audit.services import claim, settle
from clinic.kit.refusals import Refusal
from plans.catalogue.models import Procedure, Revision
from plans.catalogue.selectors import draft_of, ruleset, with_content
from plans.catalogue.services import save_draft, start_draft
from plans.core.editing import hard_changes, table_with
from plans.core.gaps import GapRule, gap_changes, touching
from plans.core.ruleset import RuleSet
from plans.core.sections import fingerprint, part_of
from plans.drafts.models import RevisionState
from plans.editor.selectors import gaps_to_edit
from plans.gaps.models import GapTable
from plans.gaps.selectors import gap_rules
from plans.gaps.services import save_table, start_table

# No version of any draft: a save that names it is told what stands there instead.
_ANOTHER = -1


def require_editor(section: str, *, by: Any) -> None:
    """Raise PermissionDenied unless `by` may change `section`: a physician only the contraindications."""
    wanted = "draft_catalogue" if section == "contraindications" else "edit_catalogue"
    if not by.has_perm(f"clinic.{wanted}"):
        raise PermissionDenied


@transaction.atomic
def open_draft(procedure: Procedure, *, by: Any, base: Revision | None = None) -> Revision:
    """The procedure's draft, begun from `base` (the revision in force by default) if there is none yet.

    Raises Refusal if there is nothing to copy, or `base` refuses other patients than the revision in force does
    and `by` may not change what refuses.
    """
    is_new = draft_of(procedure) is None
    draft = start_draft(procedure, by=by, base=base)
    if is_new and base is not None and not by.has_perm("clinic.edit_hard_rule"):
        stored = with_content().filter(procedure=procedure)
        current = stored.filter(state=RevisionState.CURRENT).first()
        if current and hard_changes(ruleset(current), ruleset(stored.get(pk=draft.pk))):
            raise Refusal(
                _(
                    "What refuses differs in that revision. A physician or an editor has to begin the draft from it."
                )
            )
    return draft


@transaction.atomic
def save_section(
    draft: Revision,
    section: str,
    rules: RuleSet,
    *,
    seen: str,
    by: Any,
    key: uuid.UUID | None = None,
) -> Revision:
    """Let `draft` say what `rules` say: the draft as it was read, with `section` typed anew.

    `seen` is the fingerprint of the section that the editor had before them: what others saved in other
    sections stays and is no clash. `key`: the form's.  Raises PermissionDenied, AlreadyDone for a second
    click, DraftMoved if the same section was saved since, NotADraft, or Refusal if values contradict each other.
    """
    require_editor(section, by=by)
    submission = claim(key, by=by) if key else None
    before = ruleset(draft)
    if hard_changes(before, rules) and not by.has_perm("clinic.edit_hard_rule"):
        raise PermissionDenied
    is_fresh = seen == fingerprint(part_of(before, section))
    saved = save_draft(draft, rules, draft.version if is_fresh else _ANOTHER, by=by)
    if submission:
        settle(submission, section)
    return saved


@transaction.atomic
def save_gaps(
    code: str, group: str, typed: tuple[GapRule, ...], *, seen: str, by: Any
) -> GapTable | None:
    """Put the gaps that touch a procedure into the draft of the clinic's table, which is started if need be.

    None when nothing changed.  Raises PermissionDenied, or DraftMoved if they were changed since `seen`.
    """
    require_editor("gaps", by=by)
    stored = gaps_to_edit()
    shown = touching(stored.rules, code, group)
    rules = table_with(stored.rules, shown, typed)
    if not gap_changes(stored.rules, rules):
        return stored.draft
    draft = start_table(by=by)
    is_fresh = seen == fingerprint(shown)
    # The draft may have been saved between reading and locking: the table's own version tells.
    version = stored.draft.version if stored.draft else draft.version
    if gap_rules(draft) != stored.rules:
        is_fresh = False
    return save_table(draft, rules, version if is_fresh else _ANOTHER, by=by)
