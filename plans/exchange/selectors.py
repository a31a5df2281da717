"""The stored catalogue as a file, and what a file would change."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.utils.translation import gettext as _
from pydantic import ValidationError

from clinic.kit.languages import localized
from clinic.kit.refusals import Refusal
from clinic.patients.models import FactType
from clinic.places.models import Capability
from plans.catalogue.models import Procedure, Revision
from plans.catalogue.selectors import ruleset, with_content
from plans.core.gaps import GapRule
from plans.data.catalogue_described import procedure_of
from plans.data.catalogue_differences import Comparison, compare, in_stored_codes, new_rechecks
from plans.data.catalogue_file import read_catalogue, used_sources
from plans.data.catalogue_layout import CatalogueFile
from plans.data.catalogue_rules import NO_ORDER, gap_rules_of, ruleset_of
from plans.data.catalogue_writer import write_catalogue
from plans.drafts.models import RevisionState
from plans.exchange.models import Edition
from plans.gaps.models import GapTable
from plans.gaps.selectors import gap_rules
from plans.impact.selectors import Impact, impact_of
from plans.protocols.models import ProtocolRevision
from plans.terms.models import Group, Pit, PitKind, Sign, Source

# The reason of what nobody but the catalogue file has written.
BY_FILE = "catalogue file"


def export_text() -> str:
    """The catalogue in force as the text of a file; as many queries as `export_file`."""
    return write_catalogue(export_file())


def export_file() -> CatalogueFile:
    """The catalogue in force as a file; seventeen queries, however many rows.

    What has no revision in force is left out; drafts, earlier revisions and confirmations stay in the clinic.
    Raises Refusal for what a file may not say.
    """
    pits = list(Pit.objects.order_by("position", "pk"))
    parts = {
        **_edition(),
        "signs": [_named(row) for row in Sign.objects.order_by("position", "pk")],
        **{
            f"pit_{kind}s": [_named(row) for row in pits if row.kind == kind]
            for kind in PitKind.values
        },
        "groups": [_named(row) for row in Group.objects.order_by("pk")],
        "capabilities": [
            {"code": row.code, "kind": row.kind, "name": row.name}
            for row in Capability.objects.order_by("pk")
        ],
        "facts": _facts(),
        "gaps": [_gap(rule) for rule in gap_rules()],
        "protocols": _protocols(),
    }
    try:
        procedures = [_procedure(one) for one in _in_force()]
        parts["sources"] = _sources([parts, [one.model_dump() for one in procedures]])
        return CatalogueFile.model_validate({**parts, "procedures": procedures})
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        place = ".".join(map(str, fault["loc"]))
        raise Refusal(
            _("A file may not say what stands at %(place)s: %(why)s. Change it, then export.")
            % {"place": f"{error.title} {place}", "why": fault["msg"]}
        ) from error


def _edition() -> dict[str, Any]:
    """What the file that was loaded last says of itself."""
    edition = Edition.objects.first()
    if edition is None:
        return {"version": "1"}
    return {
        "version": edition.version,
        "severities": edition.severities,
        **({"status": edition.status} if edition.status else {}),
    }


def _named(row: Any) -> dict[str, Any]:
    return {"code": row.code, "name": row.name}


def _facts() -> list[dict[str, Any]]:
    rows = FactType.objects.select_related("merged_into").prefetch_related("former_codes")
    return [_fact(row) for row in rows.order_by("pk")]


def _fact(row: FactType) -> dict[str, Any]:
    recheck: dict[str, Any] = {"unit": row.recheck_unit or "never", "value": row.recheck_n or 0}
    return {
        "code": row.code,
        "category": row.category,
        "kind": row.kind,
        "recheck": recheck | ({"source": row.recheck_source} if row.recheck_source else {}),
        "name": row.name,
        "order": None if row.position >= NO_ORDER else row.position,
        "question": row.question or None,
        "hint": row.hint or None,
        "end_question": row.end_question or None,
        "asked_by": "practitioner" if row.asked_by_practitioner else "patient",
        "former_codes": [one.code for one in row.former_codes.all()],
        "merged_into": row.merged_into.code if row.merged_into else None,
    }


def _gap(rule: GapRule) -> dict[str, Any]:
    after = "after_procedure" if rule.after_is_procedure else "after"
    before = "before_procedure" if rule.before_is_procedure else "before"
    return {
        "rule": rule.rule,
        after: rule.after,
        before: rule.before,
        "min": {"value": rule.min.n, "unit": rule.min.unit},
        "why": dict(rule.why),
        "source": rule.source,
    }


def _protocols() -> list[dict[str, Any]]:
    rows = ProtocolRevision.objects.filter(state=RevisionState.CURRENT).select_related("protocol")
    return [
        {
            "code": row.protocol.code,
            "name": row.name,
            "for": row.suits,
            "source": row.source,
            "note": row.note,
            "steps": row.steps,
            "retired_on": _day(row.protocol.retired_at),
        }
        for row in rows.order_by("protocol__position", "protocol__pk")
    ]


def _in_force() -> list[Revision]:
    rows = with_content().filter(state=RevisionState.CURRENT)
    return list(rows.order_by("procedure__position", "procedure__pk"))


def _procedure(revision: Revision) -> Any:
    procedure: Procedure = revision.procedure
    return procedure_of(
        procedure.code,
        procedure.group.code,
        ruleset(revision),
        is_home=procedure.is_home,
        retired_on=_day(procedure.retired_at),
    )


def _day(at: dt.datetime | None) -> dt.date | None:
    # In UTC, so that the file is the same wherever it is written.
    return None if at is None else at.astimezone(dt.UTC).date()


def _sources(parts: Any) -> list[dict[str, Any]]:
    """Every source, and one for each code that is used without standing in the list."""
    found = [
        {
            "id": row.code,
            "title": row.title,
            "url": row.url or None,
            "background": row.is_background,
        }
        for row in Source.objects.order_by("pk")
    ]
    listed = {one["id"] for one in found}
    used = dict.fromkeys(code for _place, code in used_sources(parts))
    return found + [{"id": code, "title": code} for code in used if code not in listed]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A draft and who has written it. `kind`: "procedure", "protocol" or "gaps"; `code` "" for the gaps."""

    kind: str
    code: str
    name: Mapping[str, str]
    number: int
    version: int
    is_by_file: bool

    @property
    def title(self) -> str:
        """Its name in the page's language; "" for the gaps."""
        return localized(self.name)


def waiting() -> list[Waiting]:
    """Every draft of the catalogue: procedures first, then gaps and protocols; three queries."""
    drafts = {"state": RevisionState.DRAFT}
    revisions = Revision.objects.filter(**drafts).select_related("procedure")
    protocols = ProtocolRevision.objects.filter(**drafts).select_related("protocol")
    return [
        *(
            _waiting("procedure", row, row.procedure.code, row.name)
            for row in revisions.order_by("procedure__position", "pk")
        ),
        *(_waiting("gaps", row, "", {}) for row in GapTable.objects.filter(**drafts)),
        *(
            _waiting("protocol", row, row.protocol.code, row.name)
            for row in protocols.order_by("protocol__position", "pk")
        ),
    ]


def _waiting(kind: str, row: Any, code: str, name: Mapping[str, str]) -> Waiting:
    by_file = row.reason == BY_FILE and not row.version
    return Waiting(kind, code, name, row.number, row.version, by_file)


def stamp() -> str:
    """Changes whenever the catalogue in force or one of its drafts does; as `export_file`, and three more."""
    return stamp_of(export_file())


def stamp_of(stored: CatalogueFile) -> str:
    """The stamp of the catalogue `stored`, which was just read; three queries."""
    return digest(write_catalogue(stored) + "".join(map(repr, waiting())))


def digest(text: str) -> str:
    """The name under which a checked file is kept."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def place_of(name: str, by: Any) -> str:
    """Where the cache holds the file `name` that `by` sent."""
    return f"exchange:{by.pk}:{name}"


def kept_file(name: str, by: Any) -> str | None:
    """The text that `by` sent to be checked; None if it was not, or too long ago. One query."""
    text: str | None = cache.get(place_of(name, by))
    return text if text is not None and digest(text) == name else None


@dataclass(frozen=True, slots=True)
class Check:
    """What a file would change. `stamp`: of the catalogue that it was compared with."""

    stored: CatalogueFile
    file: CatalogueFile
    found: Comparison
    stamp: str


def check(text: str) -> Check:
    """Compare a file with the catalogue; as `stamp`.  Raises BadFile with every fault."""
    stored = export_file()
    file = in_stored_codes(read_catalogue(text), stored)
    return Check(stored, file, compare(stored, file), stamp_of(stored))


def impact_of_file(checked: Check) -> Impact:
    """What gets worse for the sessions to come, everywhere, once all of the file is in force and ticked."""
    found, file = checked.found, checked.file
    rules = {one.code: ruleset_of(one) for one in file.procedures if one.code in found.procedures}
    return impact_of(
        rules,
        gaps=gap_rules_of(file) if found.gaps else None,
        rechecks=new_rechecks(found, file),
        location=None,
    )
