"""Running the cases: those that the product ships with and the clinic's own."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from clinic.kit.languages import localized
from clinic.patients.selectors import codes_now
from plans.catalogue.models import Revision
from plans.catalogue.selectors import current_revisions, fact_names, rulebook
from plans.core.screening import Rulebook, Screening
from plans.core.vignette_reading import read_vignette
from plans.core.vignettes import BadVignette, Expected, Slip, answer_of, rows_of, run
from plans.core.vignettes import Vignette as CoreVignette
from plans.drafts.models import RevisionState
from plans.gaps.selectors import draft_table, gap_rules
from plans.terms.models import Group
from plans.vignettes.models import Vignette

SHIPPED = Path(__file__).resolve().parent.parent / "data" / "vignettes.json"
# In place of a procedure's code: the draft of the table of gaps.
GAPS = "gaps"


@dataclass(frozen=True)
class Result:
    """A case and what the rules say to it.

    `row`: the clinic's own; None for one that the product ships with. `slips`: why it cannot be judged; then
    `vignette` and `found` are None.
    """

    code: str
    note: str
    row: Vignette | None
    vignette: CoreVignette | None
    found: Screening | None
    slips: tuple[Slip, ...] = ()

    @property
    def is_own(self) -> bool:
        return self.row is not None

    @property
    def agrees(self) -> bool:
        """The rules say what is expected. A case that they cannot judge does not agree."""
        return self.found is not None and self.expected in (None, self.answer)

    @property
    def expected(self) -> Expected | None:
        return self.vignette.expected if self.vignette else None

    @property
    def answer(self) -> Expected | None:
        """What the rules say, in the form of what is expected."""
        return answer_of(self.found) if self.found else None


def run_all(book: Rulebook) -> list[Result]:
    """Every case, judged by `book`: those of the product, then the clinic's own, by code. 3 queries.

    A case of the product that speaks of something this clinic's catalogue does not know is left out.
    """
    former = codes_now()
    return [*_shipped(book, former), *_own(book, former)]


def differences_under(before: Rulebook, after: Rulebook) -> list[Result]:
    """The cases that agree with `before` and would not with `after`, as judged by `after`. 3 queries."""
    former = codes_now()
    own = list(kept())
    agreed = {
        (result.is_own, result.code)
        for result in (*_shipped(before, former), *_results(own, before, former))
        if result.agrees
    }
    return [
        result
        for result in (*_shipped(after, former), *_results(own, after, former))
        if not result.agrees and (result.is_own, result.code) in agreed
    ]


def kept() -> Any:
    """The clinic's own cases, without those retired. One query."""
    return Vignette.objects.filter(retired_at=None).select_related("created_by")


def _own(book: Rulebook, former: Mapping[str, str]) -> Iterator[Result]:
    return _results(kept(), book, former)


def _results(rows: Any, book: Rulebook, former: Mapping[str, str]) -> Iterator[Result]:
    for row in rows:
        yield judged(row.case, book, former, row=row)


def _shipped(book: Rulebook, former: Mapping[str, str]) -> Iterator[Result]:
    for data in shipped_cases():
        result = judged(data, book, former)
        if not any(slip.kind == "not_known" for slip in result.slips):
            yield result


def judged(
    data: Any, book: Rulebook, former: Mapping[str, str], *, row: Vignette | None = None
) -> Result:
    """The case that `data` holds, as `book` judges it. No query."""
    name = data if isinstance(data, Mapping) else {}
    code = row.code if row else str(name.get("id") or "")
    note = row.note if row else str(name.get("note") or "")
    try:
        outcome = run(read_vignette(data, book, former), book)
    except BadVignette as error:
        return Result(code, note, row, None, None, error.slips)
    return Result(code, note, row, outcome.vignette, outcome.found)


@cache
def shipped_cases() -> tuple[Any, ...]:
    """The cases that the product ships with, as its file has them."""
    return tuple(rows_of(json.loads(SHIPPED.read_text(encoding="utf-8"))))


def book_with_draft(code: str) -> Rulebook:
    """The rules in force with one draft in their place: of a procedure, or of the gaps (GAPS). 6 queries at most.

    Raises Revision.DoesNotExist if there is no such draft.
    """
    if code == GAPS:
        table = draft_table()
        if table is None:
            raise Revision.DoesNotExist
        return rulebook(gaps=gap_rules(table))
    drafts = Revision.objects.filter(state=RevisionState.DRAFT)
    return rulebook({code: drafts.select_related("procedure__group").get(procedure__code=code)})


def drafts() -> list[tuple[str, str]]:
    """The code and the name of every draft that the cases can be run against. Two queries."""
    rows = Revision.objects.filter(state=RevisionState.DRAFT).select_related("procedure")
    found = [(row.procedure.code, row.title) for row in rows.order_by("procedure__position")]
    return [*found, (GAPS, "")] if draft_table() else found


def case_names() -> dict[str, str]:
    """What rules and cases name: facts by code, "groups.<code>", "procedures.<code>". 3 queries."""
    procedures = {f"procedures.{row.procedure.code}": row.title for row in current_revisions()}
    groups = Group.objects.values_list("code", "name")
    return fact_names() | procedures | {f"groups.{code}": localized(name) for code, name in groups}


@dataclass(frozen=True)
class CaseChoices:
    """What a case can be about, each as code and name. `entries`: procedures and patch tests."""

    procedures: list[tuple[str, str]]
    facts: list[tuple[str, str]]
    entries: list[tuple[str, str]]


def case_choices() -> CaseChoices:
    """Two queries."""
    current = list(current_revisions())
    procedures = [(row.procedure.code, row.title) for row in current]
    tests = sorted({row.patch_code for row in current if row.patch_code})
    facts = list(fact_names().items())
    return CaseChoices(procedures, facts, [*procedures, *((code, code) for code in tests)])
