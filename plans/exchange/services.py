"""Bringing the database up to a catalogue file."""

import datetime as dt
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from typing import Any

from django.core.cache import cache
from django.db import models, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from clinic.audit.services import claim, record, settle
from clinic.kit import clock
from clinic.kit.refusals import Refusal
from clinic.patients.models import FactType, FormerCode
from clinic.places.models import Capability
from plans.catalogue.models import Procedure, Revision
from plans.catalogue.selectors import ruleset, with_content
from plans.catalogue.services import new_revision
from plans.consents.services import load_texts
from plans.core.gaps import gap_changes
from plans.core.ruleset import RuleSet, differences
from plans.data.catalogue_described import in_file_form
from plans.data.catalogue_differences import Comparison, compare, in_stored_codes
from plans.data.catalogue_file import read_catalogue
from plans.data.catalogue_layout import CatalogueFile
from plans.data.catalogue_report import Count, Report, tally
from plans.data.catalogue_rules import (
    NO_ORDER,
    Rows,
    gap_rules_of,
    plain_rows,
    protocol_rows,
    ruleset_of,
)
from plans.drafts.models import Drafted, RevisionState
from plans.drafts.services import next_number, put_in_force
from plans.exchange.models import Edition
from plans.exchange.selectors import BY_FILE, digest, export_file, place_of, stamp_of
from plans.gaps.selectors import current_table, draft_table, gap_rules
from plans.gaps.services import new_table
from plans.protocols.models import Protocol, ProtocolRevision
from plans.terms.models import Group, Pit, Sign, Source

# Say yes to every row that needs it.
ALL = "all"
# How long a checked file waits to be loaded, in seconds.
KEPT_FOR = 2 * 60 * 60

_TABLES: dict[str, type[models.Model]] = {
    "sources": Source,
    "signs": Sign,
    "pit_types": Pit,
    "pit_depths": Pit,
    "pit_ages": Pit,
    "groups": Group,
    "capabilities": Capability,
    "facts": FactType,
}


class CatalogueMoved(Refusal):
    """The catalogue is no longer what the check of the file was made against."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "The catalogue changed after this file was checked. Nothing was loaded: look at the differences below, then load."
            )
        )


def keep_file(text: str, *, by: Any) -> str:
    """Keep a file between its check and its load, for two hours; the name it is kept under."""
    name = digest(text)
    cache.set(place_of(name, by), text, KEPT_FOR)
    return name


@transaction.atomic
def load_catalogue(
    text: str,
    *,
    by: Any = None,
    accept: Collection[str] = (),
    seen: str = "",
    key: uuid.UUID | None = None,
) -> Report:
    """Bring the database up to the catalogue file `text`; a second load changes nothing.

    What is new comes into force. A procedure, the table of gaps or a protocol that differs gets a draft: no file
    publishes a change. Facts, and the category of a procedure, have no drafts and screen at once: they change only
    if `accept` holds their key ("facts.pregnancy") or ALL. Nothing is deleted. A procedure that the product has a
    text of consent for gets it.

    `seen` is the stamp of the catalogue that the file was checked against, `key` the form's.
    Raises BadFile with every fault, CatalogueMoved or AlreadyDone, and then has written nothing.
    """
    submission = claim(key, by=by) if key else None
    stored = export_file()
    if seen and seen != stamp_of(stored):
        raise CatalogueMoved
    file = in_stored_codes(read_catalogue(text), stored)
    found = compare(stored, file)
    counts, notes = _keep_tables(file, found, accept)
    counts["revisions"], more = _keep_revisions(file, found, accept, by=by)
    counts["gaps"], gap_notes = _keep_gaps(file, by=by)
    counts["protocols"], protocol_notes = _keep_protocols(file, by=by)
    report = Report(counts, (*notes, *more, *gap_notes, *protocol_notes))
    load_texts()
    if report.created or report.changed or found.edition:
        _record(file, report, by=by)
    if submission:
        settle(submission, reverse("exchange:file"))
    return report


def _record(file: CatalogueFile, report: Report, *, by: Any) -> None:
    edition = Edition.objects.create(
        version=file.version,
        status=file.status,
        severities=[word.model_dump() for word in file.severities],
        loaded_at=clock.now(),
        loaded_by=by,
    )
    record(
        "catalogue_loaded",
        edition,
        by=by,
        version=file.version,
        created=report.created,
        changed=report.changed,
    )


def _keep_tables(
    file: CatalogueFile, found: Comparison, accept: Collection[str]
) -> tuple[dict[str, Count], list[str]]:
    """Make and change the rows without revisions, table by table; what was left alone, in sentences."""
    counts, notes = {}, []
    for table, rows in plain_rows(file).items():
        counts[table] = tally(_keep_rows(table, rows, found, accept))
    for change in found.rows:
        if change.is_named_only:
            words = _("%(key)s: the file merges, renames or retires it; do that on its own page")
            notes.append(words % {"key": change.key})
        elif not _is_accepted(change.key, found, accept):
            fields = ", ".join(one.path for one in change.changes)
            words = _("%(key)s: %(fields)s left as it is; nobody has said yes to the change")
            notes.append(words % {"key": change.key, "fields": fields})
    _link_facts(file, found.new["facts"])
    return counts, notes


def _is_accepted(key: str, found: Comparison, accept: Collection[str]) -> bool:
    change = found.change(key)
    return change is None or not change.needs_tick or ALL in accept or key in accept


def _keep_rows(table: str, rows: Rows, found: Comparison, accept: Collection[str]) -> Iterable[str]:
    """What became of each row: the name of a field of Count."""
    model = _TABLES[table]
    changed = {change.code for change in found.rows if change.table == table}
    kept: Iterable[Any] = model._default_manager.all()
    existing = {(getattr(row, "kind", ""), row.code): row for row in kept}
    by_code = {row.code: row for row in kept} if model is not Pit else {}
    for code, values in rows.items():
        if code in found.new[table]:
            _write(model(code=code), values)
            yield "created"
        elif code not in changed or _only_named(f"{table}.{code}", found):
            yield "unchanged"
        elif not _is_accepted(f"{table}.{code}", found, accept):
            yield "left"
        else:
            row = by_code.get(code) or existing[values["kind"], code]
            # The order is the clinic's, except where the file gives it in so many words.
            has_order = table == "facts" and values["position"] < NO_ORDER
            _write(row, {k: v for k, v in values.items() if k != "position" or has_order})
            yield "changed"


def _only_named(key: str, found: Comparison) -> bool:
    change = found.change(key)
    return change is not None and change.is_named_only


def _link_facts(file: CatalogueFile, new: Collection[str]) -> None:
    """What new facts were called before, and what they are read as."""
    rows = {row.code: row for row in FactType.objects.all()} if new else {}
    taken = set(FormerCode.objects.values_list("code", flat=True)) | set(rows) if new else set()
    for fact in file.facts:
        if fact.code not in new:
            continue
        for code in fact.former_codes:
            if code not in taken:
                FormerCode.objects.create(code=code, fact_type=rows[fact.code])
        if fact.merged_into and rows[fact.merged_into].merged_into_id is None:
            rows[fact.code].merged_into = rows[fact.merged_into]
            rows[fact.code].save(update_fields=["merged_into"])


def _write(row: models.Model, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


def _keep_revisions(
    file: CatalogueFile, found: Comparison, accept: Collection[str], *, by: Any
) -> tuple[Count, tuple[str, ...]]:
    existing = {procedure.code: procedure for procedure in Procedure.objects.all()}
    groups = {group.code: group for group in Group.objects.all()}
    stored: dict[tuple[str, str], Revision] = {
        (revision.procedure.code, revision.state): revision
        for revision in with_content().exclude(state=RevisionState.SUPERSEDED)
    }
    outcomes, notes = [], []
    for position, described in enumerate(file.procedures):
        code, is_home = described.code, described.kind == "home"
        procedure = existing.get(code)
        if procedure is None:
            procedure = Procedure(
                code=code, position=position, retired_at=_noon(described.retired_on)
            )
            _write(procedure, {"is_home": is_home, "group": groups[described.group]})
        elif found.change(f"procedures.{code}") and _is_accepted(
            f"procedures.{code}", found, accept
        ):
            _write(procedure, {"is_home": is_home, "group": groups[described.group]})
        rules = ruleset_of(described)
        outcome, note = _keep_rules(
            stored.get((code, RevisionState.CURRENT)),
            stored.get((code, RevisionState.DRAFT)),
            partial(_says_rules, rules=rules),
            partial(new_revision, procedure, rules),
            by=by,
        )
        outcomes.append(outcome)
        notes += [f"{code}: {note}"] if note else []
    return tally(outcomes), tuple(notes)


def _noon(day: dt.date | None) -> dt.datetime | None:
    return None if day is None else dt.datetime.combine(day, dt.time(12), tzinfo=dt.UTC)


def _keep_rules(
    current: Drafted | None,
    draft: Drafted | None,
    says: Callable[[Any], bool],
    write: Callable[..., Drafted],
    *,
    by: Any,
) -> tuple[str, str]:
    """What became of one thing that has revisions, and a sentence for the report.

    `says`: whether a revision says what the file says; `write(by=)` makes a draft that does.
    """
    if current and says(current):
        return "unchanged", ""
    if draft and says(draft):
        words = _("draft %(n)d says what the file says and waits to be published")
        return "unchanged", words % {"n": draft.number}
    if draft and (draft.version or draft.reason != BY_FILE):
        words = _("the file differs; draft %(n)d of a person was left as it is")
        return "unchanged", words % {"n": draft.number}
    if draft:
        draft.delete()
    written = write(by=by)
    if current is None:
        put_in_force(written, BY_FILE, by=by)
        return "created", ""
    written.reason = BY_FILE
    written.save(update_fields=["reason"])
    words = _("the file differs from revision %(k)d; draft %(n)d waits to be published")
    return "changed", words % {"k": current.number, "n": written.number}


def _says_rules(revision: Revision, rules: RuleSet) -> bool:
    return not differences(in_file_form(ruleset(revision)), rules)


def _keep_gaps(file: CatalogueFile, *, by: Any) -> tuple[Count, tuple[str, ...]]:
    rules = gap_rules_of(file)
    if not rules:
        return Count(unchanged=1), ()
    outcome, note = _keep_rules(
        current_table(),
        draft_table(),
        lambda table: not gap_changes(gap_rules(table), rules),
        partial(new_table, rules),
        by=by,
    )
    return tally([outcome]), (f"gaps: {note}",) if note else ()


def _keep_protocols(file: CatalogueFile, *, by: Any) -> tuple[Count, tuple[str, ...]]:
    existing = {protocol.code: protocol for protocol in Protocol.objects.all()}
    stored: dict[tuple[str, str], ProtocolRevision] = {
        (revision.protocol.code, revision.state): revision
        for revision in ProtocolRevision.objects.select_related("protocol")
        if revision.state != RevisionState.SUPERSEDED
    }
    retired = {protocol.code: protocol.retired_on for protocol in file.protocols}
    outcomes, notes = [], []
    for position, (code, values) in enumerate(protocol_rows(file).items()):
        protocol = existing.get(code)
        if protocol is None:
            protocol = Protocol(code=code)
            _write(protocol, {"position": position, "retired_at": _noon(retired[code])})
        outcome, note = _keep_rules(
            stored.get((code, RevisionState.CURRENT)),
            stored.get((code, RevisionState.DRAFT)),
            partial(_says, values=values),
            partial(_new_protocol_draft, protocol, values),
            by=by,
        )
        outcomes.append(outcome)
        notes += [f"{code}: {note}"] if note else []
    return tally(outcomes), tuple(notes)


def _new_protocol_draft(
    protocol: Protocol, values: Mapping[str, Any], *, by: Any
) -> ProtocolRevision:
    number = next_number(ProtocolRevision.objects.filter(protocol=protocol))
    return ProtocolRevision.objects.create(
        protocol=protocol, number=number, created_at=clock.now(), created_by=by, **values
    )


def _says(row: models.Model, values: Mapping[str, Any]) -> bool:
    return all(getattr(row, name) == value for name, value in values.items())
