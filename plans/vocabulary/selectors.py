"""Reading the vocabulary of facts: the questions, who uses them, on how many files they stand."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.crypto import salted_hmac

from clinic.kit.languages import localized
from clinic.patients.models import Fact, FactKind, FactStatus, FactType, FormerCode
from clinic.patients.selectors import fold
from plans.catalogue.models import Contraindication
from plans.core.contraindications import one_per_fact
from plans.core.screening import Line, Recheck
from plans.core.spacing import Period
from plans.drafts.models import RevisionState
from plans.terms.models import Source, period

LANGUAGES = [code for code, _name in settings.LANGUAGES]
# Derived facts follow from another field of the patient's: the Fitzpatrick skin type.
TRAIT = "trait"
TEXTS = ("name", "question", "hint", "end_question")


def category_of(fact: FactType) -> str:
    """The category as pages show it: what follows from the skin type is a trait."""
    return TRAIT if fact.kind == FactKind.DERIVED else fact.category


def recheck_of(fact: FactType) -> Recheck:
    """How long an answer stays good."""
    if fact.recheck_n is None:
        return "never"
    return Period(fact.recheck_n, fact.recheck_unit) if fact.recheck_n else "session"  # type: ignore[arg-type]  # a choice


def missing_texts(fact: FactType) -> list[str]:
    """The languages in which something that English has is not said, in the house's order."""
    texts: list[Mapping[str, str]] = [getattr(fact, name) for name in TEXTS]
    return [
        code for code in LANGUAGES if any(text.get("en") and not text.get(code) for text in texts)
    ]


@dataclass(frozen=True, slots=True)
class OnRecord:
    """Patients with an answer that stands, and those for whom it is true or was."""

    patients: int = 0
    present: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """A fact as the list shows it. `procedures`: how many ask for it; `merged`: codes read as this one."""

    fact: FactType
    category: str
    missing: tuple[str, ...]
    on_record: OnRecord
    procedures: int
    merged: tuple[str, ...] = ()


def overview(query: str = "", category: str = "") -> list[Row]:
    """The facts in the order in which they are asked; four queries, however many.

    `query` is looked for in codes (former ones too) and names of all languages. Facts merged into another are
    found by its side.
    """
    counts, used = _on_record(), _used()
    former: dict[int, list[str]] = defaultdict(list)
    for fact_type_id, code in FormerCode.objects.values_list("fact_type_id", "code"):
        former[fact_type_id].append(code)
    facts = list(FactType.objects.select_related("merged_into"))
    merged: dict[int, list[FactType]] = defaultdict(list)
    for fact in facts:
        merged[fact.merged_into_id or 0].append(fact)
    rows = []
    for fact in merged[0]:
        family = [fact, *merged[fact.pk]]
        words = [one.code for one in family] + [
            text for one in family for text in one.name.values()
        ]
        words += [code for one in family for code in former[one.pk]]
        fits = all(word in fold(" ".join(words)) for word in fold(query).split())
        if fits and category in ("", category_of(fact)):
            rows.append(
                Row(
                    fact,
                    category_of(fact),
                    tuple(missing_texts(fact)),
                    counts.get(fact.pk, OnRecord()),
                    len({code for one in family for code in used[one.pk]}),
                    tuple(one.code for one in merged[fact.pk]),
                )
            )
    return rows


def _on_record() -> dict[int, OnRecord]:
    """Patients by the fact that their answers are read as."""
    standing = Fact.objects.filter(replaced_by__isnull=True).order_by()
    read_as = Coalesce("fact_type__merged_into_id", "fact_type_id")
    rows = (
        standing.annotate(read_as=read_as)
        .values("read_as")
        .annotate(
            patients=Count("patient", distinct=True),
            present=Count("patient", distinct=True, filter=Q(status=FactStatus.PRESENT)),
        )
    )
    return {row["read_as"]: OnRecord(row["patients"], row["present"]) for row in rows}


def _used() -> Mapping[int, set[str]]:
    """The codes of the procedures in force that name each fact."""
    found: dict[int, set[str]] = defaultdict(set)
    rows = Contraindication.objects.filter(revision__state=RevisionState.CURRENT).order_by()
    for fact, code in rows.values_list("fact_type_id", "revision__procedure__code"):
        found[fact].add(code)
    return found


@dataclass(frozen=True, slots=True)
class Use:
    """A procedure in force that asks for a fact. `code` of the fact as its rules name it."""

    procedure: str
    title: str
    severity: str
    washout: Period | None
    source: str
    washout_source: str
    fact: str


def uses(facts: Iterable[FactType]) -> list[Use]:
    """The procedures in force that name one of `facts`, in the catalogue's order; one query."""
    rows = Contraindication.objects.filter(
        fact_type__in=list(facts), revision__state=RevisionState.CURRENT
    )
    ordered = rows.select_related("revision__procedure", "fact_type").order_by(
        "revision__procedure__position", "revision__procedure__code", "id"
    )
    return [
        Use(
            row.revision.procedure.code,
            row.revision.title,
            row.severity,
            period(row, "washout"),
            row.source,
            row.washout_source,
            row.fact_type.code,
        )
        for row in ordered
    ]


def on_record(facts: Iterable[FactType]) -> OnRecord:
    """How many patients have an answer to one of `facts`; one query."""
    standing = Fact.objects.filter(fact_type__in=list(facts), replaced_by__isnull=True)
    found = standing.aggregate(
        patients=Count("patient", distinct=True),
        present=Count("patient", distinct=True, filter=Q(status=FactStatus.PRESENT)),
    )
    return OnRecord(found["patients"], found["present"])


def fact_by_code(code: str) -> FactType | None:
    """The fact with this code, or that had it once; two queries at most."""
    facts = FactType.objects.select_related("merged_into")
    return facts.filter(code=code).first() or facts.filter(former_codes__code=code).first()


def merged_into(fact: FactType) -> QuerySet[FactType]:
    """The facts that are read as this one; one query."""
    return FactType.objects.filter(merged_into=fact)


def partners(fact: FactType) -> QuerySet[FactType]:
    """The facts that `fact` may be merged into: of its kind, standing for themselves; one query."""
    found = FactType.objects.filter(kind=fact.kind, merged_into__isnull=True)
    return found.exclude(pk=fact.pk).exclude(kind=FactKind.DERIVED).order_by("position", "code")


@dataclass(frozen=True, slots=True)
class MergedLine:
    """What a procedure's line becomes; `before`: its lines now, one or two."""

    procedure: str
    title: str
    before: tuple[Use, ...]
    severity: str
    washout: Period | None

    @property
    def is_changed(self) -> bool:
        """Both facts stand in it, and one of its two lines would say something else."""
        return any(
            (one.severity, one.washout) != (self.severity, self.washout) for one in self.before
        )


@dataclass(frozen=True, slots=True)
class MergePreview:
    """What a merge touches. `both`: patients who answered both questions."""

    on_record: OnRecord
    into_on_record: OnRecord
    both: int
    lines: tuple[MergedLine, ...] = field(default=())


def merge_preview(fact: FactType, into: FactType) -> MergePreview:
    """Whose facts a merge of `fact` into `into` touches, and what becomes of each line; four queries."""
    families = [fact], [into, *merged_into(into)]
    standing = Fact.objects.filter(replaced_by__isnull=True)
    own = standing.filter(fact_type=fact).values("patient")
    both = standing.filter(fact_type__in=families[1], patient__in=own)
    by_procedure: dict[str, list[Use]] = defaultdict(list)
    for use in uses([*families[0], *families[1]]):
        by_procedure[use.procedure].append(use)
    touched = [
        found for found in by_procedure.values() if any(use.fact == fact.code for use in found)
    ]
    return MergePreview(
        on_record(families[0]),
        on_record(families[1]),
        both.values("patient").distinct().count(),
        tuple(_merged_line(found) for found in touched),
    )


def _merged_line(found: list[Use]) -> MergedLine:
    lines: Any = [Line("-", use.severity, use.washout) for use in found]  # type: ignore[arg-type]  # a choice
    [line] = one_per_fact(lines)
    return MergedLine(found[0].procedure, found[0].title, tuple(found), line.severity, line.washout)


def stamp(fact: FactType) -> str:
    """Changes whenever anything does that an editor may change."""
    names = [one.name for one in FactType._meta.concrete_fields]
    values = "\0".join(str(getattr(fact, name)) for name in names)
    return salted_hmac("plans.vocabulary", values).hexdigest()[:16]


def source_codes() -> list[tuple[str, str]]:
    """Every source, code and title; one query."""
    return list(Source.objects.values_list("code", "title"))


def title_of(fact: FactType) -> str:
    """The fact's name in the page's language."""
    return localized(fact.name) or fact.code
