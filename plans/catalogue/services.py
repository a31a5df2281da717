"""Writing the catalogue: drafts, their publication, and the catalogue file."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
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
    Gap,
    Group,
    Need,
    Procedure,
    Protocol,
    Revision,
    RevisionState,
    Sign,
    Source,
    ValueSource,
)
from plans.catalogue.selectors import columns, draft_of, ruleset, with_content
from plans.core.ruleset import Difference, RuleSet, differences, is_touched, sourced
from plans.data.catalogue_file import read_catalogue
from plans.data.catalogue_layout import CatalogueFile
from plans.data.catalogue_report import Count, Report, tally
from plans.data.catalogue_rules import Rows, gap_rows, plain_rows, ruleset_of

# The reason of what nobody but the catalogue file has written.
_BY_FILE = "catalogue file"


class NotADraft(Refusal):
    """The revision is published, or gone."""


class DraftMoved(Refusal):
    """Somebody saved the draft after this editor opened it. `changes`: theirs (old) against ours (new)."""

    def __init__(self, text: str, version: int, changes: tuple[Difference, ...]) -> None:
        super().__init__(text)
        self.version = version
        self.changes = changes


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
    draft = _new_revision(procedure, ruleset(chosen), by=by, base=chosen)
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
        text = _(
            "Somebody else saved this draft meanwhile. Your values are kept below: save again to put them over theirs."
        )
        raise DraftMoved(text, stored.version, changes)
    stored.version += 1
    _fill(stored, rules)
    _save_checked(stored)
    confirmations = _confirmations(stored, changes)
    for name in ("needs", "contraindications", "care_steps", "value_sources"):
        getattr(stored, name).all().delete()
    _add_lines(stored, rules, confirmations)
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
    if version is not None and version != stored.version:
        raise Refusal(
            _(
                "The draft was changed after you opened this page. Look at the differences again, then publish."
            )
        )
    if not reason.strip():
        raise Refusal(_("Say why the rules change: the reason stands in the history."))
    code, number = stored.procedure.code, stored.number
    current = with_content().filter(procedure=stored.procedure, state=RevisionState.CURRENT).first()
    changes = differences(ruleset(current), ruleset(stored)) if current else ()
    if current and not changes:
        raise Refusal(_("This draft changes nothing. Change a value first, or discard it."))
    if current:
        current.state = RevisionState.SUPERSEDED
        current.save(update_fields=["state"])
    _put_in_force(stored, reason.strip(), by=by)
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


def _put_in_force(revision: Revision, reason: str, *, by: Any) -> None:
    revision.state = RevisionState.CURRENT
    revision.reason = reason
    revision.published_at = clock.now()
    revision.published_by = by
    revision.save(update_fields=["state", "reason", "published_at", "published_by"])


def _locked_draft(draft: Revision) -> Revision:
    """The draft as it stands now, with its content, nobody else writing."""
    Procedure.objects.select_for_update().get(pk=draft.procedure_id)
    stored = with_content().filter(pk=draft.pk, state=RevisionState.DRAFT).first()
    if stored is None:
        raise NotADraft(
            _(
                "This draft is published or discarded already. Open the procedure to see its revisions."
            )
        )
    return stored


def _new_revision(
    procedure: Procedure, rules: RuleSet, *, by: Any, base: Revision | None = None
) -> Revision:
    """A draft with the next number that says what `rules` say; confirmations come along from `base`."""
    numbers = Revision.objects.filter(procedure=procedure).aggregate(last=models.Max("number"))
    number = (numbers["last"] or 0) + 1
    draft = Revision(procedure=procedure, number=number, created_at=clock.now(), created_by=by)
    _fill(draft, rules)
    _save_checked(draft)
    changes = differences(ruleset(base), rules) if base else ()
    _add_lines(draft, rules, _confirmations(base, changes) if base else {})
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


Confirmations = Mapping[str, Mapping[str, Any]]


def _confirmations(revision: Revision, changes: Iterable[Difference]) -> Confirmations:
    """Who confirmed which value, for the values that `changes` leave alone."""
    changes = tuple(changes)
    return {
        row.path: {"confirmed_by_id": row.confirmed_by_id, "confirmed_on": row.confirmed_on}
        for row in revision.value_sources.all()
        if row.confirmed_on is not None and not is_touched(row.path, changes)
    }


def _add_lines(revision: Revision, rules: RuleSet, confirmations: Confirmations) -> None:
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
            **confirmations.get(origin.path, {}),
        )
        for origin in rules.origins
    )


_TABLES: dict[str, type[models.Model]] = {
    "sources": Source,
    "signs": Sign,
    "groups": Group,
    "capabilities": Capability,
    "facts": FactType,
    "protocols": Protocol,
}


def load_catalogue(text: str, *, by: Any = None) -> Report:
    """Bring the database up to the catalogue file `text`; a second load changes nothing.

    A procedure without a revision gets its first one, in force. One whose rules differ gets a draft: no file
    publishes a change. Gaps and questions have no drafts and change at once. Nothing is deleted.
    Raises BadFile with every fault, and then has written nothing.
    """
    file = read_catalogue(text)
    with transaction.atomic():
        counts = {name: _keep(_TABLES[name], rows) for name, rows in plain_rows(file).items()}
        groups = {group.code: group for group in Group.objects.all()}
        counts["gaps"] = _keep_gaps(file, groups)
        counts["revisions"], notes = _keep_revisions(file, groups, by=by)
        report = Report(counts, notes)
        if report.created or report.changed:
            record(
                "catalogue_loaded",
                "catalogue",
                by=by,
                version=file.version,
                created=report.created,
                changed=report.changed,
            )
    return report


def _keep(model: type[models.Model], rows: Rows) -> Count:
    """Make or change the rows of `model` with these codes; leave the others alone."""
    kept: Iterable[Any] = model._default_manager.all()
    existing = {row.code: row for row in kept}
    return tally(
        _write(existing.get(code) or model(code=code), values) for code, values in rows.items()
    )


def _keep_gaps(file: CatalogueFile, groups: Mapping[str, Group]) -> Count:
    existing = {
        (gap.after.code, gap.before.code): gap
        for gap in Gap.objects.select_related("after", "before")
    }
    return tally(
        _write(existing.get(pair) or Gap(after=groups[pair[0]], before=groups[pair[1]]), values)
        for pair, values in gap_rows(file).items()
    )


def _write(row: models.Model, values: Mapping[str, Any]) -> str:
    """Save `row` if it is new or differs; say which field of Count it adds to."""
    is_new = row.pk is None
    if not is_new and all(getattr(row, name) == value for name, value in values.items()):
        return "unchanged"
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    return "created" if is_new else "changed"


def _keep_revisions(
    file: CatalogueFile, groups: Mapping[str, Group], *, by: Any
) -> tuple[Count, tuple[str, ...]]:
    existing = {procedure.code: procedure for procedure in Procedure.objects.all()}
    stored: dict[tuple[str, str], Revision] = {
        (revision.procedure.code, revision.state): revision
        for revision in with_content().exclude(state=RevisionState.SUPERSEDED)
    }
    outcomes, notes = [], []
    for position, described in enumerate(file.procedures):
        code = described.code
        procedure = existing.get(code) or Procedure(code=code)
        group, is_home = groups[described.group], described.kind == "home"
        _write(procedure, {"is_home": is_home, "group": group, "position": position})
        current, draft = (
            stored.get((code, state)) for state in (RevisionState.CURRENT, RevisionState.DRAFT)
        )
        outcome, note = _keep_revision(procedure, current, draft, ruleset_of(described), by=by)
        outcomes.append(outcome)
        notes += [f"{code}: {note}"] if note else []
    return tally(outcomes), tuple(notes)


def _keep_revision(
    procedure: Procedure,
    current: Revision | None,
    draft: Revision | None,
    rules: RuleSet,
    *,
    by: Any,
) -> tuple[str, str]:
    """What became of the procedure's rules, and a sentence for the report."""
    if current and ruleset(current) == rules:
        return "unchanged", ""
    if draft and ruleset(draft) == rules:
        return "unchanged", _("draft %(n)d says what the file says and waits to be published") % {
            "n": draft.number
        }
    if draft and (draft.version or draft.reason != _BY_FILE):
        return "unchanged", _("the file differs; draft %(n)d of a person was left as it is") % {
            "n": draft.number
        }
    if draft:
        draft.delete()
    revision = _new_revision(procedure, rules, by=by, base=current)
    if current is None:
        _put_in_force(revision, _BY_FILE, by=by)
        return "created", ""
    revision.reason = _BY_FILE
    revision.save(update_fields=["reason"])
    return "changed", _(
        "the file differs from revision %(k)d; draft %(n)d waits to be published"
    ) % {
        "k": current.number,
        "n": revision.number,
    }
