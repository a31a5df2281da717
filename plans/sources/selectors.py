"""Reading what the catalogue's values rest on, and which of them the physician has confirmed."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import QuerySet

from clinic.kit import clock
from clinic.patients.models import FactType
from plans.catalogue import selectors as catalogue
from plans.catalogue.models import Revision
from plans.catalogue.selectors import confirmations
from plans.catalogue.tags import Backing
from plans.core.confirming import (
    Stated,
    behind,
    stated,
    stated_gap,
    stated_recheck,
    unconfirmed,
)
from plans.core.gaps import GapRule
from plans.core.protocol import read_steps, stated_steps
from plans.core.ruleset import RuleSet
from plans.core.spacing import Period
from plans.drafts.models import RevisionState
from plans.gaps.selectors import gap_rules
from plans.terms.models import Source

__all__ = ["confirmations"]

# Documents that are no procedure's; their values' addresses begin with these words.
GAPS, FACTS, PROTOCOLS = "gaps", "facts", "protocols"
# The words are those of the diary's statuses.
_TO_COME = ("booked", "confirmed", "arrived", "in_treatment")


@dataclass(frozen=True)
class Shelf:
    """All that is in force and stands on sources: rules by procedure, gaps, rechecks, steps of protocols."""

    revisions: Mapping[str, Revision] = field(default_factory=dict)
    rules: Mapping[str, RuleSet] = field(default_factory=dict)
    gaps: tuple[GapRule, ...] = ()
    facts: tuple[FactType, ...] = ()
    protocols: tuple[Any, ...] = ()

    def stated(self) -> list[Stated]:
        """Every value, document after document."""
        found = [one for code, rules in self.rules.items() for one in stated(code, rules)]
        found += [stated_gap(gap.rule, gap.min, gap.source) for gap in self.gaps]
        found += map(recheck_of, self.facts)
        found += [
            one
            for row in self.protocols
            for one in stated_steps(row.protocol.code, read_steps(row.steps), row.source)
        ]
        return found


def shelf(documents: Collection[str] | None = None) -> Shelf:
    """What is in force of `documents` (a procedure's code, GAPS, FACTS, PROTOCOLS), all by default; seven queries at most."""
    current = catalogue.with_sources().filter(state=RevisionState.CURRENT)
    if documents is not None:
        current = current.filter(procedure__code__in=documents)
    revisions = {
        revision.procedure.code: revision
        for revision in current.order_by("procedure__position", "procedure__code")
    }
    every = documents is None
    return Shelf(
        revisions=revisions,
        rules={code: catalogue.sourced_rules(revision) for code, revision in revisions.items()},
        gaps=gap_rules() if every or GAPS in (documents or ()) else (),
        facts=tuple(_rechecked()) if every or FACTS in (documents or ()) else (),
        protocols=tuple(_protocols()) if every or PROTOCOLS in (documents or ()) else (),
    )


def _rechecked() -> QuerySet[FactType]:
    """The facts whose answers stay good for a stated time; those asked at each session state none."""
    return FactType.objects.filter(recheck_n__gt=0, merged_into__isnull=True)


def recheck_of(fact: FactType) -> Stated:
    length: Any = Period(fact.recheck_n or 0, fact.recheck_unit)  # type: ignore[arg-type]  # the database knows the units
    return stated_recheck(fact.code, length, fact.recheck_source)


def _protocols() -> Iterable[Any]:
    # Protocols belong to a higher room: read by their table.
    rows = apps.get_model("plans", "ProtocolRevision")._default_manager
    return rows.filter(state=RevisionState.CURRENT).select_related("protocol")


def backing_of(prefix: str = "") -> Backing:
    """Confirmations of the addresses that begin with `prefix`, and the titles of sources; two queries."""
    titles = {code: source.title for code, source in catalogue.sources().items()}
    return Backing(confirmations(prefix=prefix), titles)


def unconfirmed_rules(rules: Iterable[str], revision: Revision | None = None) -> set[str]:
    """Those screening findings, by rule code, that rest on a value nobody has confirmed; 13 queries at most, none for none.

    `revision` stands in place of its procedure's current one: what a course was planned under.
    """
    resting = {rule: behind(rule) for rule in rules if behind(rule)}
    if not resting:
        return set()
    documents = {
        address.partition("/")[0] for addresses in resting.values() for address in addresses
    }
    found = shelf(documents)
    values = found.stated()
    if revision is not None and revision.state != RevisionState.CURRENT:
        code, former = revision.procedure.code, catalogue.with_sources().get(pk=revision.pk)
        values = [one for one in values if not one.address.startswith(f"{code}/")]
        values += stated(code, catalogue.sourced_rules(former))
    known = confirmations([one.address for one in values])
    merged = _merged()
    waiting = {_standing(one.address, merged) for one in unconfirmed(values, known)}
    return {rule for rule, addresses in resting.items() if not waiting.isdisjoint(addresses)}


def _merged() -> dict[str, str]:
    """The codes that stand for another by now, each with that other; one query."""
    rows = FactType.objects.filter(merged_into__isnull=False)
    return dict(rows.values_list("code", "merged_into__code"))


def _standing(address: str, merged: Mapping[str, str]) -> str:
    """`address` with the fact that stands for the one it names: findings speak of that."""
    document, _slash, path = address.partition("/")
    parts = path.split(".")
    if parts[0] == "contraindications" and len(parts) > 1:
        parts[1] = merged.get(parts[1], parts[1])
    return f"{document}/{'.'.join(parts)}"


def booked() -> set[str]:
    """Codes of the procedures, and "groups.<code>" of their groups, with a session booked from now on; one query."""
    ahead = {
        "courses__sessions__appointments__status__in": _TO_COME,
        "courses__sessions__appointments__ends_at__gte": clock.now(),
    }
    pairs = Revision.objects.filter(**ahead).values_list(
        "procedure__code", "procedure__group__code"
    )
    return {name for code, group in pairs.distinct() for name in (code, f"groups.{group}")}


def sources() -> QuerySet[Source]:
    """Every source, by code; one query."""
    return Source.objects.order_by("code")


def is_known(code: str, besides: Source | None = None) -> bool:
    """Whether another source has this code already; one query."""
    others = Source.objects.filter(code__iexact=code)
    return others.exclude(pk=besides.pk).exists() if besides else others.exists()
