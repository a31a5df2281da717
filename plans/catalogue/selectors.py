"""Reading the catalogue: rules for screening, minutes for booking, everything for the pages."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce

from clinic.kit.languages import localized
from clinic.patients.models import FactType
from clinic.patients.selectors import fold
from clinic.places.models import Capability
from plans.catalogue.models import Confirmation, Contraindication, Procedure, Revision
from plans.core.availability import Phase
from plans.core.confirming import stated, unconfirmed
from plans.core.contraindications import one_per_fact
from plans.core.gaps import GapRule
from plans.core.listing import Entry
from plans.core.ruleset import PERIODS, LineRule, NeedRule, Origin, RuleSet, Step
from plans.core.screening import Cycle, Line, PatchTest, Recheck, Rulebook, Rules
from plans.core.screening import Gap as CoreGap
from plans.core.spacing import Period
from plans.drafts.models import RevisionState
from plans.gaps.selectors import gap_rules
from plans.terms.models import Group, Pit, Sign, Source, period

# Where each value of a rule set stands in the row of a revision; a period's columns end in _n and _unit.
COLUMNS = {
    "interval.min": "interval_min",
    "interval.recommended": "interval_recommended",
    "interval.max": "interval_max",
    "on_break.on_for": "cycle_on",
    "on_break.break_min": "cycle_break_min",
    "on_break.break_max": "cycle_break_max",
    "downtime": "downtime",
    "effect_lasts": "effect",
    "patch_test.read_after": "patch_read_after",
    "patch_test.valid_for": "patch_valid",
    "consent.valid_for": "consent_valid",
    "course.min": "sessions_min",
    "course.recommended": "sessions_recommended",
    "course.max": "sessions_max",
    "duration.setup": "setup_minutes",
    "duration.treat": "treat_minutes",
    "duration.cleanup": "cleanup_minutes",
    "anaesthesia.wait_minutes": "numbing_minutes",
    "age.min": "age_min",
    "age.caution_from": "age_caution_from",
    "name": "name",
    "on_break.counts_together": "cycle_counts_together",
    "patch_test.code": "patch_code",
    "patch_test.required": "patch_required",
    "patch_test.renewed_by_session": "patch_renewed_by_session",
    "consent.required": "consent_required",
    "home_allowed": "home_allowed",
    "needs.words": "needs_words",
    "anaesthesia.method": "anaesthesia",
    "indications": "indications",
    "suits": "suits",
    "useless_for": "useless_for",
    "parameters": "parameters",
    "regimen": "regimen",
}
_LINES = Prefetch("contraindications", Contraindication.objects.select_related("fact_type"))
_SOURCED = (_LINES, "contraindications__fact_type__former_codes", "value_sources")
_CONTENT = ("needs__capability", *_SOURCED, "care_steps")

_OWED = {
    "courses__sessions__isnull": False,
    "courses__sessions__performed_on__isnull": True,
    "courses__sessions__written_off_on__isnull": True,
}


def current_revision(code: str) -> Revision:
    """The revision in force, with its procedure and needs; two queries.  Raises Revision.DoesNotExist."""
    return current_revisions().prefetch_related("needs__capability").get(procedure__code=code)


def current_revisions() -> QuerySet[Revision]:
    """The revision in force of every procedure, in the catalogue's order; one query."""
    return (
        Revision.objects.filter(state=RevisionState.CURRENT)
        .select_related("procedure__group")
        .order_by("procedure__position", "procedure__code")
    )


def offered_procedures() -> QuerySet[Revision]:
    """What can be planned today: current revisions of procedures that are not retired; one query."""
    return current_revisions().filter(procedure__retired_at__isnull=True)


def rulebook(
    revisions: Mapping[str, Revision] | None = None, gaps: Iterable[GapRule] | None = None
) -> Rulebook:
    """The catalogue as screening reads it; four queries.

    `revisions` by procedure code stand in place of the current ones: the one that a course was planned
    under, or a draft. They need their procedure and its group (select_related) to cost no more queries.
    `gaps` stand in place of the table in force.
    """
    chosen = {revision.procedure.code: revision for revision in current_revisions()}
    chosen |= revisions or {}
    lines: dict[int, list[Line]] = defaultdict(list)
    # Any: the database knows the severities and units, the types do not. Unordered: a rulebook looks up.
    contraindications: Iterable[Any] = (
        Contraindication.objects.filter(revision__in=[revision.pk for revision in chosen.values()])
        .order_by("id")
        .annotate(fact=Coalesce("fact_type__merged_into__code", "fact_type__code"))
        .values_list("revision_id", "fact", "severity", "washout_n", "washout_unit")
    )
    for revision_id, fact, severity, n, unit in contraindications:
        lines[revision_id].append(Line(fact, severity, None if n is None else Period(n, unit)))
    facts: Iterable[Any] = FactType.objects.order_by().values_list(
        "code", "recheck_n", "recheck_unit"
    )
    return Rulebook(
        procedures={
            code: rules_of(revision, one_per_fact(lines[revision.pk]))
            for code, revision in chosen.items()
        },
        rechecks={code: _recheck(n, unit) for code, n, unit in facts},
        gaps=tuple(map(core_gap, gap_rules() if gaps is None else gaps)),
    )


def core_gap(rule: GapRule) -> CoreGap:
    """A line of the gaps as screening reads it."""
    sides = rule.after_is_procedure, rule.before_is_procedure
    return CoreGap(rule.after, rule.before, rule.min, *sides)


def rules_of(revision: Revision, lines: Iterable[Line]) -> Rules:
    """A revision as screening reads it, with these contraindications."""
    return Rules(
        code=revision.procedure.code,
        group=revision.procedure.group.code,
        is_home=revision.procedure.is_home,
        lines=tuple(lines),
        interval_min=period(revision, "interval_min"),
        age_min=revision.age_min,
        caution_from=revision.age_caution_from,
        cycle=cycle(revision),
        patch_test=patch_test(revision),
    )


def cycle(revision: Revision) -> Cycle | None:
    """Use and pause in turn; None for a procedure without pauses."""
    on_for, least, most = (
        period(revision, f"cycle_{part}") for part in ("on", "break_min", "break_max")
    )
    if on_for is None or least is None or most is None:
        return None
    return Cycle(on_for, least, most, frozenset(revision.cycle_counts_together))


def patch_test(revision: Revision) -> PatchTest | None:
    """The test on the skin that comes first; None for none."""
    read_after, valid_for = period(revision, "patch_read_after"), period(revision, "patch_valid")
    if not revision.patch_code or read_after is None or valid_for is None:
        return None
    return PatchTest(
        revision.patch_code,
        revision.patch_required,
        read_after,
        valid_for,
        revision.patch_renewed_by_session,
    )


def _recheck(n: int | None, unit: Any) -> Recheck:
    if n is None:
        return "never"
    return Period(n, unit) if n else "session"


def phases(revision: Revision) -> tuple[Phase, ...]:
    """Which role is held from when to when; one query, none with needs__capability prefetched.

    A role is its need's kind (practitioner, room, device); a second need of a kind is "device_2".
    """
    return tuple(Phase(role, need.from_minute, need.to_minute) for role, need in _roles(revision))


def capability_by_role(revision: Revision) -> dict[str, str]:
    """What the resource in each role of `phases` must be able to do; costs as `phases`."""
    return {role: need.capability.code for role, need in _roles(revision)}


def _roles(revision: Revision) -> list[tuple[str, Any]]:
    is_prefetched = "needs" in getattr(revision, "_prefetched_objects_cache", {})
    needs = revision.needs.all() if is_prefetched else revision.needs.select_related("capability")
    seen: dict[str, int] = defaultdict(int)
    roles = []
    for need in needs:
        seen[need.kind] += 1
        number = seen[need.kind]
        roles.append((need.kind if number == 1 else f"{need.kind}_{number}", need))
    return roles


def ruleset(revision: Revision) -> RuleSet:
    """All that a revision says, as one value; four queries, none of with_content()."""
    return replace(
        sourced_rules(revision),
        needs=tuple(
            NeedRule(need.kind, need.capability.code, need.from_minute, need.to_minute)
            for need in revision.needs.all()
        ),
        steps=tuple(
            Step(row.is_precare, row.kind, row.from_day, row.to_day, row.is_approximate, row.text)
            for row in sorted(
                revision.care_steps.all(), key=lambda row: (not row.is_precare, row.position)
            )
        ),
    )


def sourced_rules(revision: Revision) -> RuleSet:
    """What a revision says on a source, without needs and care sheets; two queries, none of with_sources()."""
    return RuleSet(
        values={path: _value(revision, path) for path in COLUMNS},
        lines=tuple(
            LineRule(
                row.fact_type.code,
                row.severity,
                period(row, "washout"),
                row.source,
                row.washout_source,
                row.note,
            )
            for row in revision.contraindications.all()
        ),
        # Sorted here: databases differ in how they put points and underscores in order.
        origins=tuple(
            Origin(row.path_now, row.source, row.note)
            for row in sorted(revision.value_sources.all(), key=lambda row: row.path_now)
        ),
    )


def _value(revision: Revision, path: str) -> Any:
    column = COLUMNS[path]
    return (
        period(revision, column) if hasattr(revision, f"{column}_n") else getattr(revision, column)
    )


def columns(rules: RuleSet) -> dict[str, Any]:
    """The values of `rules` by the columns of a revision's row."""
    found: dict[str, Any] = {}
    for path, value in rules.values.items():
        column = COLUMNS[path]
        if path in PERIODS:
            found[f"{column}_n"] = value.n if value else None
            found[f"{column}_unit"] = value.unit if value else ""
        else:
            found[column] = value
    return found


def with_content() -> QuerySet[Revision]:
    """Revisions with all that `ruleset` reads; seven queries, however many rows."""
    return Revision.objects.select_related("procedure__group").prefetch_related(*_CONTENT)


def with_sources() -> QuerySet[Revision]:
    """Revisions with all that `sourced_rules` reads; four queries, however many rows."""
    return Revision.objects.select_related("procedure__group").prefetch_related(*_SOURCED)


def procedures() -> QuerySet[Any]:
    """Procedures in the catalogue's order, each with `courses_owing`; one query."""
    owed = {f"revisions__{path}": value for path, value in _OWED.items()}
    return (
        Procedure.objects.select_related("group")
        .annotate(courses_owing=Count("revisions__courses", distinct=True, filter=Q(**owed)))
        .order_by("position", "code")
    )


def courses_in_use(procedure: Procedure) -> int:
    """How many courses of the procedure, under whichever revision, still owe a session; one query."""
    return (
        Revision.objects.filter(**_OWED, procedure=procedure).values("courses").distinct().count()
    )


@dataclass(frozen=True)
class Row:
    """A procedure as the list shows it; `revision` is the one in force, else the draft.

    `unconfirmed`: how many values of the revision in force the physician has not confirmed.
    """

    procedure: Procedure
    revision: Revision
    draft: Revision | None
    courses_owing: int
    unconfirmed: int

    @property
    def entry(self) -> Entry:
        """What the list's filters look at; it is found by its names in all languages and its codes."""
        named = [self.revision.name, self.procedure.group.name, *self.revision.indications]
        words = [self.procedure.code, *(text for texts in named for text in texts.values())]
        return Entry(
            fold(" ".join(words)),
            self.procedure.group.code,
            frozenset(self.revision.suits.get("signs", ())),
            self.procedure.is_home,
            self.courses_owing > 0,
            self.draft is not None,
            self.unconfirmed,
            self.procedure.retired_at is not None,
        )


def overview() -> list[Row]:
    """The catalogue, one group after the other; six queries, however many procedures."""
    stored = {
        (revision.procedure_id, revision.state): revision
        for revision in with_sources().exclude(state=RevisionState.SUPERSEDED)
    }
    known = confirmations()
    found: dict[int, list[Row]] = defaultdict(list)
    for procedure in procedures():
        current, draft = (stored.get((procedure.pk, state)) for state in ("current", "draft"))
        if revision := current or draft:
            values = stated(procedure.code, sourced_rules(current)) if current else ()
            waiting = len(unconfirmed(values, known))
            row = Row(procedure, revision, draft, procedure.courses_owing, waiting)
            found[procedure.group_id].append(row)
    return [row for rows in found.values() for row in rows]


def confirmations(addresses: Iterable[str] = (), *, prefix: str = "") -> dict[str, Confirmation]:
    """Who confirmed what last, by address, without what was withdrawn since; one query.

    All, or only `addresses` if there are any, or those that begin with `prefix`. A row speaks of the text and source that it names.
    """
    rows = Confirmation.objects.select_related("by").order_by("id")
    if wanted := set(addresses):
        rows = rows.filter(address__in=wanted)
    if prefix:
        rows = rows.filter(address__startswith=prefix)
    latest = {row.address: row for row in rows}
    return {address: row for address, row in latest.items() if not row.is_withdrawn}


def fact_names() -> dict[str, str]:
    """Every fact's name in the page's language by its code, in alphabetical order; one query."""
    names = {code: localized(texts) for code, texts in FactType.objects.values_list("code", "name")}
    return dict(sorted(names.items(), key=lambda item: item[1].casefold()))


def names_in() -> dict[str, str]:
    """The names of all that rules may speak of; six queries.

    Facts and capabilities by code; "signs.<code>", "pit_ages.<code>", "groups.<code>", "procedures.<code>".
    """
    current = Revision.objects.filter(state=RevisionState.CURRENT)
    procedures = current.values_list("procedure__code", "name")
    named = {
        **dict(Capability.objects.values_list("code", "name")),
        **{f"groups.{code}": name for code, name in Group.objects.values_list("code", "name")},
        **{f"procedures.{code}": name for code, name in procedures},
        **{f"signs.{code}": name for code, name in Sign.objects.values_list("code", "name")},
        **{f"pit_{pit.kind}s.{pit.code}": pit.name for pit in Pit.objects.all()},
    }
    return fact_names() | {code: localized(texts) for code, texts in named.items()}


def sources() -> dict[str, Source]:
    """Every source by its code; one query."""
    return {source.code: source for source in Source.objects.all()}


def source_titles() -> dict[str, str]:
    """The title of every source by its code; one query."""
    return {code: source.title for code, source in sources().items()}


def history(procedure: Procedure) -> QuerySet[Any]:
    """All revisions, latest first, each with `courses_owing`; one query."""
    return (
        Revision.objects.filter(procedure=procedure)
        .select_related("published_by", "created_by")
        .annotate(courses_owing=Count("courses", distinct=True, filter=Q(**_OWED)))
        .order_by("-number")
    )


def draft_of(procedure: Procedure) -> Revision | None:
    """The procedure's draft; one query."""
    return Revision.objects.filter(procedure=procedure, state=RevisionState.DRAFT).first()
