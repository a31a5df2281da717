"""Writing the catalogue: drafts and their publication, and what is no longer offered."""

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from clinic.audit.services import claim, record, settle
from clinic.kit import clock
from clinic.kit.refusals import Refusal
from clinic.patients.models import FactType
from clinic.places.models import Capability
from plans.catalogue.models import (
    CareStep,
    Contraindication,
    Need,
    Procedure,
    Revision,
    ValueSource,
)
from plans.catalogue.selectors import columns, draft_of, ruleset, with_content
from plans.core.ruleset import RuleSet, differences, sourced
from plans.drafts.models import RevisionState
from plans.drafts.services import (
    DraftMoved,
    NotADraft,
    next_number,
    put_in_force,
    require_changes,
    require_review,
    set_offered,
)


@transaction.atomic
def start_draft(procedure: Procedure, *, by: Any, base: Revision | None = None) -> Revision:
    """The procedure's draft: the one there is, else a copy of `base` (the current revision by default).

    Raises Refusal if there is nothing to copy.
    """
    Procedure.objects.select_for_update().get(pk=procedure.pk)  # two clicks make one draft
    draft = draft_of(procedure)
    if draft is not None:
        return draft
    wanted = {"pk": base.pk} if base else {"state": RevisionState.CURRENT}
    if (chosen := with_content().filter(procedure=procedure, **wanted).first()) is None:
        raise Refusal(_("This procedure has no revision yet. Load the catalogue file first."))
    draft = new_revision(procedure, ruleset(chosen), by=by)
    record("draft_started", draft, by=by, procedure=procedure.code, number=draft.number)
    return draft


@transaction.atomic
def save_draft(draft: Revision, rules: RuleSet, version: int, *, by: Any) -> Revision:
    """Let `draft` say what `rules` say; the sources of values that changed become the clinic's own.

    Raises DraftMoved if it was saved since `version`, NotADraft, or Refusal if values contradict each other.
    """
    stored = _locked_draft(draft)
    before = ruleset(stored)
    current = with_content().filter(procedure=stored.procedure, state=RevisionState.CURRENT).first()
    rules = sourced(rules, before, *([ruleset(current)] if current else []))
    changes = differences(before, rules)
    if stored.version != version and not changes:
        return stored  # the same form sent twice, or two editors of one mind
    if stored.version != version:
        raise DraftMoved(stored.version, changes)
    stored.version += 1
    _fill(stored, rules)
    _save_checked(stored)
    for name in ("needs", "contraindications", "care_steps", "value_sources"):
        getattr(stored, name).all().delete()
    _add_lines(stored, rules)
    paths = [change.path for change in changes]
    record(
        "draft_saved",
        stored,
        by=by,
        procedure=stored.procedure.code,
        number=stored.number,
        changed=paths,
    )
    return stored


@transaction.atomic
def discard(draft: Revision, *, by: Any) -> None:
    """Throw the draft away.  Raises NotADraft."""
    stored = _locked_draft(draft)
    record("draft_discarded", stored, by=by, procedure=stored.procedure.code, number=stored.number)
    stored.delete()


@transaction.atomic
def publish(
    draft: Revision,
    *,
    reason: str,
    by: Any,
    key: uuid.UUID | None = None,
    version: int | None = None,
) -> Revision:
    """Put `draft` into force for courses planned from now on; what is planned keeps its revision.

    `version` is the one that was reviewed, `key` the form's.  Raises NotADraft, AlreadyDone,
    or Refusal: no reason, nothing changed, or saved since the review.
    """
    submission = claim(key, by=by) if key else None
    stored = _locked_draft(draft)
    require_review(stored, reason, version)
    code, number = stored.procedure.code, stored.number
    current = with_content().filter(procedure=stored.procedure, state=RevisionState.CURRENT).first()
    changes = differences(ruleset(current), ruleset(stored)) if current else ()
    if current:
        require_changes(changes)
    put_in_force(stored, reason, by=by, instead_of=current)
    record(
        "published",
        stored,
        by=by,
        reason=stored.reason,
        procedure=code,
        number=number,
        changed=[c.path for c in changes],
    )
    if submission:
        settle(submission, reverse("catalogue:procedure", args=[code]))
    return stored


@transaction.atomic
def retire(procedure: Procedure, *, reason: str, by: Any) -> Procedure:
    """Offer `procedure` no longer: its courses go on, new ones are not planned.  Raises Refusal without a reason."""
    return set_offered(procedure, False, "retired", reason=reason, by=by, procedure=procedure.code)


@transaction.atomic
def bring_back(procedure: Procedure, *, reason: str, by: Any) -> Procedure:
    """Offer a retired procedure again.  Raises Refusal without a reason."""
    return set_offered(
        procedure, True, "brought_back", reason=reason, by=by, procedure=procedure.code
    )


def _locked_draft(draft: Revision) -> Revision:
    """The draft as it stands now, with its content, nobody else writing."""
    Procedure.objects.select_for_update().get(pk=draft.procedure_id)
    stored = with_content().filter(pk=draft.pk, state=RevisionState.DRAFT).first()
    if stored is None:
        raise NotADraft
    return stored


def new_revision(procedure: Procedure, rules: RuleSet, *, by: Any) -> Revision:
    """A draft with the next number that says what `rules` say; inside the caller's transaction."""
    number = next_number(Revision.objects.filter(procedure=procedure))
    draft = Revision(procedure=procedure, number=number, created_at=clock.now(), created_by=by)
    _fill(draft, rules)
    _save_checked(draft)
    _add_lines(draft, rules)
    return draft


def _fill(revision: Revision, rules: RuleSet) -> None:
    for column, value in columns(rules).items():
        setattr(revision, column, value)


def _save_checked(revision: Revision) -> None:
    """Save.  Raises Refusal in the words of the constraint that a value breaks."""
    try:
        revision.validate_constraints()
    except ValidationError as error:
        raise Refusal(" ".join(error.messages)) from error
    revision.save()


def _add_lines(revision: Revision, rules: RuleSet) -> None:
    capabilities = dict(Capability.objects.values_list("code", "pk"))
    facts = dict(FactType.objects.values_list("code", "pk"))
    Need.objects.bulk_create(
        Need(
            revision=revision,
            capability_id=capabilities[need.capability],
            kind=need.kind,
            from_minute=need.from_minute,
            to_minute=need.to_minute,
        )
        for need in rules.needs
    )
    Contraindication.objects.bulk_create(
        Contraindication(
            revision=revision,
            fact_type_id=facts[line.fact],
            severity=line.severity,
            washout_n=line.washout.n if line.washout else None,
            washout_unit=line.washout.unit if line.washout else "",
            source=line.source,
            washout_source=line.washout_source,
            note=line.note,
        )
        for line in rules.lines
    )
    CareStep.objects.bulk_create(
        CareStep(
            revision=revision,
            is_precare=step.is_precare,
            kind=step.kind,
            from_day=step.from_day,
            to_day=step.to_day,
            is_approximate=step.is_approximate,
            text=dict(step.text),
            position=position,
        )
        for position, step in enumerate(rules.steps)
    )
    ValueSource.objects.bulk_create(
        ValueSource(
            revision=revision,
            path=origin.path,
            source=origin.source,
            note=origin.note,
        )
        for origin in rules.origins
    )
