"""Running the cases against the rules in force and against a draft."""

from typing import Any

import pytest

from clinic.patients.models import FactType, FormerCode
from clinic.staff.models import User
from plans.catalogue.models import Revision
from plans.catalogue.selectors import rulebook
from plans.core.vignette_reading import read_vignette
from plans.data.factories import FactTypeFactory, RevisionFactory
from plans.vignettes import services
from plans.vignettes.models import Vignette
from plans.vignettes.selectors import (
    book_with_draft,
    differences_under,
    drafts,
    run_all,
    shipped_cases,
)
from tests.vignettes.conftest import case, keep


def test_the_product_ships_with_forty_cases():
    assert len(shipped_cases()) == 40


def test_shipped_and_own_cases_are_run(peel: Revision, physician: User, shipped: list[Any]):
    shipped.append(case())
    keep(physician, case(id="own", expect={"verdict": "refuse", "reasons": ["age:peel"]}))

    first, second = run_all(rulebook())

    assert (first.code, first.is_own, first.agrees) == ("C1", False, True)
    assert (second.code, second.is_own, second.agrees) == ("own", True, False)


def test_a_shipped_case_about_what_this_clinic_does_not_know_is_left_out(
    peel: Revision, physician: User, shipped: list[Any]
):
    shipped += [case(procedure="no_such"), case(id="C2")]

    assert [result.code for result in run_all(rulebook())] == ["C2"]


def test_an_own_case_that_cannot_be_judged_any_more_is_told(
    peel: Revision, physician: User, shipped: list[Any]
):
    keep(physician, case())
    Vignette.objects.update(case=case(procedure="no_such"))

    [result] = run_all(rulebook())

    assert not result.agrees
    assert [slip.field for slip in result.slips] == ["procedure"]


def test_a_case_under_a_former_code_is_run_under_the_one_in_force(
    peel: Revision, physician: User, shipped: list[Any]
):
    shipped.append(case())
    FormerCode.objects.create(code="pills", fact_type=FactType.objects.get(code="drug"))
    shipped[0]["patient"]["facts"][1]["code"] = "pills"

    assert [result.agrees for result in run_all(rulebook())] == [True]


def test_a_retired_case_is_not_run(peel: Revision, physician: User, shipped: list[Any]):
    [row] = keep(physician, case())
    services.retire(row, by=physician)

    assert run_all(rulebook()) == []


def draft(peel: Revision) -> Revision:
    """A draft of the peel for people of 99 and older, without any contraindication."""
    return RevisionFactory.create(procedure=peel.procedure, number=2, age_min=99)


def test_only_what_a_draft_changes_for_the_worse_is_told(
    peel: Revision, physician: User, shipped: list[Any]
):
    draft(peel)
    too_young = {"verdict": "refuse", "reasons": ["age:peel"], "earliest_ok": "2089-05-14"}
    shipped.append(case())
    keep(physician, case(id="wrong-before", expect={"verdict": "wait", "reasons": []}))
    keep(physician, case(id="right-after", expect=too_young))

    before, after = rulebook(), book_with_draft("peel")

    assert [result.code for result in differences_under(before, after)] == ["C1"]
    assert differences_under(before, before) == []


def test_a_draft_of_nothing_is_none(peel: Revision):
    for code in ("peel", "gaps", "no_such"):
        with pytest.raises(Revision.DoesNotExist):
            book_with_draft(code)
    assert drafts() == []


def test_drafts_are_named(peel: Revision):
    draft(peel)

    assert drafts() == [("peel", "Peel")]


def test_running_costs_the_same_for_few_and_many(
    peel: Revision, physician: User, shipped: list[Any], django_assert_num_queries: Any
):
    book = rulebook()
    for n in range(2):
        keep(physician, *(case(id=f"case-{n}-{m}") for m in range(1 + n * 20)))
        with django_assert_num_queries(3):
            run_all(book)
        with django_assert_num_queries(3):
            differences_under(book, book)


def test_a_case_with_a_question_the_catalogue_gained_differs(
    peel: Revision, physician: User, shipped: list[Any]
):
    """Nobody answered the new question: the case asks it."""
    read = read_vignette(case(), rulebook())
    new = FactTypeFactory.create(code="new_fact")
    second = draft(peel)
    second.contraindications.create(fact_type=new, severity="relative", source="clinic")

    found = read.screen(book_with_draft("peel"))

    assert "ask:peel:new_fact" in found.reasons
