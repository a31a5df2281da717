"""What the editor needs to know beside the draft itself: what can be chosen, what is confirmed, how far it is."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from clinic.kit.languages import localized
from clinic.patients.models import FactType
from clinic.places.models import Capability
from plans.catalogue.models import Confirmation, Procedure, Revision
from plans.catalogue.selectors import with_content
from plans.core.confirming import Stated, stated
from plans.core.gaps import GapRule
from plans.core.ruleset import RuleSet, differences
from plans.core.sections import section_of
from plans.core.texts import wordings
from plans.drafts.models import RevisionState
from plans.gaps.models import GapTable
from plans.gaps.selectors import current_table, draft_table, gap_rules
from plans.terms.models import Group, Pit, Sign, Source

Names = Mapping[str, str]


@dataclass(frozen=True)
class Choices:
    """All that can be chosen, code to name in the page's language. `pits` by kind, then code."""

    facts: Names
    capabilities: Names
    kinds: Names  # the kind of each capability
    sources: Names
    signs: Names
    pits: Mapping[str, Names]
    groups: Names
    procedures: Names


def choices() -> Choices:
    """Everything an editor may choose from; seven queries."""
    capabilities: list[Any] = list(Capability.objects.order_by("kind", "code"))
    pits: dict[str, dict[str, str]] = {"type": {}, "depth": {}, "age": {}}
    for pit in Pit.objects.all():
        pits[pit.kind][pit.code] = localized(pit.name)
    shown = Revision.objects.filter(state=RevisionState.CURRENT).order_by("procedure__position")
    facts = FactType.objects.filter(merged_into__isnull=True).values_list("code", "name")
    return Choices(
        facts=_by_name({code: localized(texts) for code, texts in facts}),
        capabilities={one.code: localized(one.name) for one in capabilities},
        kinds={one.code: one.kind for one in capabilities},
        sources=dict(Source.objects.values_list("code", "title")),
        signs={one.code: localized(one.name) for one in Sign.objects.all()},
        pits=pits,
        groups=_by_name({one.code: localized(one.name) for one in Group.objects.all()}),
        procedures={
            code: localized(texts) for code, texts in shown.values_list("procedure__code", "name")
        },
    )


def _by_name(names: Names) -> Names:
    return dict(sorted(names.items(), key=lambda item: item[1].casefold()))


def draft_with_content(code: str) -> Revision | None:
    """The procedure's draft with all that `ruleset` reads; seven queries."""
    return with_content().filter(procedure__code=code, state=RevisionState.DRAFT).first()


def current_with_content(procedure: Procedure) -> Revision | None:
    """The revision in force with all that `ruleset` reads; seven queries."""
    return with_content().filter(procedure=procedure, state=RevisionState.CURRENT).first()


def standing_confirmations(prefix: str) -> dict[str, Confirmation]:
    """The confirmation that stands at each address beginning with `prefix`, by address; one query.

    The latest of an address counts, unless it withdraws. Whether it still speaks of the value that stands there
    now is `Stated.is_same`.
    """
    latest = {
        row.address: row
        for row in Confirmation.objects.filter(address__startswith=prefix)
        .select_related("by")
        .order_by("id")
    }
    return {address: row for address, row in latest.items() if not row.is_withdrawn}


def confirmed(code: str, rules: RuleSet) -> tuple[dict[str, Confirmation], dict[str, Stated]]:
    """By place: what is confirmed as it stands in `rules`, and what waits for the physician. One query."""
    standing = standing_confirmations(f"{code}/")
    found, open_ = {}, {}
    for value in stated(code, rules):
        row = standing.get(value.address)
        if row is not None and value.is_same(row.value, row.source):
            found[value.path] = row
        else:
            open_[value.path] = value
    return found, open_


@dataclass(frozen=True)
class Marks:
    """What a section's tab shows: how many things stand in it, what of it is missing, open, or changed."""

    count: int | None = None
    missing: int = 0
    unconfirmed: int = 0
    changed: int = 0


def marks(
    rules: RuleSet, current: RuleSet | None, unconfirmed: Iterable[str], gaps: int
) -> dict[str, Marks]:
    """The marks of each section; no query. `unconfirmed`: places. `gaps`: how many touch the procedure."""
    languages = [code for code, _name in settings.LANGUAGES]
    missing = Counter({each.path: len(each.missing(languages)) for each in wordings(rules)})
    missing_by = Counter[str]()
    for path, n in missing.items():
        missing_by[section_of(path)] += n
    open_by = Counter(map(section_of, unconfirmed))
    changes = differences(current, rules) if current else ()
    changed_by = Counter(
        section_of(change.path) for change in changes if not change.path.startswith("sources.")
    )
    counts = {
        "contraindications": len(rules.lines),
        "gaps": gaps,
        "parameters": len(rules.values["parameters"] or ()),
        "care": len(rules.steps),
        "needs": len(rules.needs),
    }
    sections = {*counts, *missing_by, *open_by, *changed_by}
    return {
        section: Marks(
            counts.get(section), missing_by[section], open_by[section], changed_by[section]
        )
        for section in sections
    }


@dataclass(frozen=True)
class Gaps:
    """The clinic's gaps as they can be edited: the draft's if there is one, else those in force."""

    table: GapTable | None
    draft: GapTable | None
    rules: tuple[GapRule, ...] = field(default=())


def gaps_to_edit() -> Gaps:
    """The gap table to edit; three queries at most."""
    current, draft = current_table(), draft_table()
    return Gaps(current, draft, gap_rules(draft or current))
