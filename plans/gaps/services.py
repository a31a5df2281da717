"""Writing the clinic's gaps: the table's draft, and its publication."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.apps import apps
from django.db import transaction
from django.utils.translation import gettext as _

from clinic.audit.services import claim, record, settle
from clinic.kit import clock
from clinic.kit.refusals import Refusal
from plans.core.gaps import GapRule, gap_changes
from plans.drafts.models import RevisionState
from plans.drafts.services import (
    DraftMoved,
    NotADraft,
    next_number,
    put_in_force,
    require_changes,
    require_review,
)
from plans.gaps.models import Gap, GapTable
from plans.gaps.selectors import current_table, draft_table, gap_rules
from plans.terms.models import Group


@transaction.atomic
def start_table(*, by: Any, base: GapTable | None = None) -> GapTable:
    """The draft of the gaps: the one there is, else a copy of `base` (the table in force by default)."""
    _lock()
    draft = draft_table()
    if draft is not None:
        return draft
    draft = new_table(gap_rules(base), by=by)
    record("gaps_draft_started", draft, by=by, number=draft.number)
    return draft


@transaction.atomic
def save_table(draft: GapTable, rules: Sequence[GapRule], version: int, *, by: Any) -> GapTable:
    """Let `draft` hold `rules`.

    Raises DraftMoved if it was saved since `version`, NotADraft, Refusal for a pair that stands twice.
    """
    stored = _locked_draft(draft)
    _require_once(rules)
    changes = gap_changes(gap_rules(stored), rules)
    if not changes:
        return stored
    if stored.version != version:
        raise DraftMoved(stored.version, changes)
    stored.version += 1
    stored.save(update_fields=["version"])
    stored.gaps.all().delete()
    _write_lines(stored, rules)
    changed = [change.path for change in changes]
    record("gaps_draft_saved", stored, by=by, number=stored.number, changed=changed)
    return stored


@transaction.atomic
def discard_table(draft: GapTable, *, by: Any) -> None:
    """Throw the draft away.  Raises NotADraft."""
    stored = _locked_draft(draft)
    record("gaps_draft_discarded", stored, by=by, number=stored.number)
    stored.delete()


@transaction.atomic
def publish_table(
    draft: GapTable,
    *,
    reason: str,
    by: Any,
    key: uuid.UUID | None = None,
    version: int | None = None,
) -> GapTable:
    """Put the draft of the gaps into force: it screens from this moment on.

    `version` is the one that was reviewed, `key` the form's.  Raises NotADraft, AlreadyDone, or Refusal: no
    reason, nothing changed, or saved since the review.
    """
    submission = claim(key, by=by) if key else None
    stored, current = _locked_draft(draft), current_table()
    require_review(stored, reason, version)
    changes = gap_changes(gap_rules(current) if current else (), gap_rules(stored))
    require_changes(changes)
    put_in_force(stored, reason, by=by, instead_of=current)
    changed = [change.path for change in changes]
    record(
        "gaps_published",
        stored,
        by=by,
        reason=stored.reason,
        number=stored.number,
        changed=changed,
    )
    if submission:
        settle(submission, str(stored.number))
    return stored


def new_table(rules: Sequence[GapRule], *, by: Any) -> GapTable:
    """A draft with the next number that holds `rules`; inside the caller's transaction."""
    number = next_number(GapTable.objects.all())
    table = GapTable.objects.create(number=number, created_at=clock.now(), created_by=by)
    _write_lines(table, rules)
    return table


def _lock() -> None:
    """One writer at a time: the numbers of all tables are of one row of documents."""
    list(GapTable.objects.select_for_update().values_list("pk", flat=True))


def _locked_draft(draft: GapTable) -> GapTable:
    _lock()
    stored = GapTable.objects.filter(pk=draft.pk, state=RevisionState.DRAFT).first()
    if stored is None:
        raise NotADraft
    return stored


def _require_once(rules: Sequence[GapRule]) -> None:
    if len({one.place for one in rules}) < len(rules):
        raise Refusal(_("A gap between the same two stands here twice. Remove one."))


def _write_lines(table: GapTable, rules: Sequence[GapRule]) -> None:
    # Procedures belong to a higher room: found by their name.
    groups = dict(Group.objects.values_list("code", "pk"))
    procedure = apps.get_model("plans", "Procedure")
    procedures: dict[str, int] = dict(procedure._default_manager.values_list("code", "pk"))
    Gap.objects.bulk_create(_line(table, rule, groups, procedures) for rule in rules)


def _line(
    table: GapTable, rule: GapRule, groups: Mapping[str, int], procedures: Mapping[str, int]
) -> Gap:
    after = procedures if rule.after_is_procedure else groups
    before = procedures if rule.before_is_procedure else groups
    if rule.after not in after or rule.before not in before:
        raise ValueError(f"{rule.rule}: no such group or procedure")
    return Gap(
        table=table,
        after_id=None if rule.after_is_procedure else after[rule.after],
        after_procedure_id=after[rule.after] if rule.after_is_procedure else None,
        before_id=None if rule.before_is_procedure else before[rule.before],
        before_procedure_id=before[rule.before] if rule.before_is_procedure else None,
        min_n=rule.min.n,
        min_unit=rule.min.unit,
        why=dict(rule.why),
        source=rule.source,
    )
