"""Reading the stored catalogue: for screening, for booking, for the pages."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.kit import clock
from clinic.patients.selectors import fold
from clinic.places.models import Location
from clinic.staff.models import User
from plans.catalogue import selectors
from plans.catalogue.models import Confirmation, Procedure, Revision
from plans.catalogue.services import publish, save_draft, start_draft
from plans.core.availability import Phase
from plans.core.listing import Filters
from plans.core.ruleset import differences
from plans.core.screening import Rulebook
from plans.core.vignette_reading import read_vignette
from plans.core.vignettes import run
from plans.exchange.services import load_catalogue
from tests.catalogue.conftest import book_course
from tests.catalogue.small_file import FULL
from tests.core.conftest import book as book
from tests.core.test_vignettes import CASES


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_stored_catalogue_judges_each_case_as_written(
    stored_book: Rulebook, case: dict[str, Any]
):
    assert run(read_vignette(case, stored_book), stored_book).agrees


def test_the_stored_rulebook_is_the_file_s(stored_book: Rulebook, book: Rulebook):
    assert stored_book.rechecks == book.rechecks
    assert set(stored_book.gaps) == set(book.gaps)
    assert stored_book.procedures == book.procedures


def test_a_rulebook_costs_four_queries(catalogue: None, django_assert_num_queries: Any):
    with django_assert_num_queries(4):
        selectors.rulebook()


def test_a_given_revision_stands_in_place_of_the_current_one(tca: Procedure, manager: User):
    old = selectors.current_revision("tca")
    draft = start_draft(tca, by=manager)
    rules = selectors.ruleset(draft)
    publish(
        save_draft(draft, _with(rules, **{"age.min": 21}), 0, by=manager),
        reason="older",
        by=manager,
    )
    assert selectors.rulebook().rules("tca").age_min == 21
    assert selectors.rulebook({"tca": old}).rules("tca").age_min == 18


def test_a_role_is_the_kind_and_a_second_need_of_a_kind_is_numbered(catalogue: None):
    revision = selectors.current_revision("tca")
    assert set(selectors.phases(revision)) == {
        Phase("practitioner", 30, 80),
        Phase("room", 0, 80),
        Phase("device", 30, 80),
        Phase("device_2", 30, 80),
    }
    assert selectors.capability_by_role(revision) == {
        "practitioner": "physician",
        "room": "water",
        "device": "fan",
        "device_2": "lamp",
    }


def test_phases_of_a_prefetched_revision_cost_nothing(
    catalogue: None, django_assert_num_queries: Any
):
    revision = selectors.current_revision("tca")
    with django_assert_num_queries(0):
        selectors.phases(revision)
    alone = Revision.objects.get(pk=revision.pk)
    with django_assert_num_queries(1):
        assert selectors.phases(alone) == selectors.phases(revision)


def test_a_retired_procedure_is_not_offered_but_still_judged(tca: Procedure):
    Procedure.objects.filter(pk=tca.pk).update(retired_at=clock.now())
    assert [one.procedure.code for one in selectors.offered_procedures()] == ["acid_home"]
    assert "tca" in selectors.rulebook().procedures


def test_only_courses_that_owe_sessions_count_as_use(
    tca: Procedure, manager: User, location: Location
):
    book_course(manager, location, [10, None])
    done = book_course(manager, location, [None])
    done.sessions.update(performed_on=clock.today())
    assert selectors.courses_in_use(tca) == 1
    [row] = [row for row in selectors.overview() if row.procedure == tca]
    assert row.courses_owing == 1
    assert list(selectors.history(tca).values_list("courses_owing", flat=True)) == [1]


def test_the_list_finds_german_names_and_leaves_out_the_rest(catalogue: None):
    def found(*words: str) -> list[str]:
        rows = selectors.overview()
        filters = Filters(words=tuple(fold(word) for word in words))
        return [row.procedure.code for row in rows if filters.fits(row.entry)]

    assert found("peeling") == ["tca"]
    assert found("laser") == []


def test_a_confirmation_counts_until_it_is_withdrawn(catalogue: None, manager: User):
    address = "tca/interval.min"
    _confirm(address, by=manager)
    assert set(selectors.confirmations()) == {address}
    _confirm(address, by=manager, is_withdrawn=True)
    assert selectors.confirmations() == {}
    _confirm(address, by=manager)
    assert selectors.confirmations(prefix="tca/")[address].by == manager


def test_confirmations_are_those_asked_for(catalogue: None, manager: User):
    for address in ("tca/interval.min", "tca_other/interval.min"):
        _confirm(address, by=manager)
    assert set(selectors.confirmations(prefix="tca/")) == {"tca/interval.min"}
    assert set(selectors.confirmations(["tca_other/interval.min"])) == {"tca_other/interval.min"}


def test_the_list_counts_what_nobody_confirmed(tca: Procedure, manager: User):
    before = _waiting(tca)
    _confirm("tca/interval.min", by=manager)
    assert _waiting(tca) == before - 1


def _waiting(procedure: Procedure) -> int:
    return next(row.unconfirmed for row in selectors.overview() if row.procedure == procedure)


def _confirm(address: str, *, by: User, is_withdrawn: bool = False) -> None:
    """The interval of three months, as the small catalogue's article says."""
    Confirmation.objects.create(
        address=address, value="3 months", source="article", by=by, on=clock.today(),
        at=clock.now(), is_withdrawn=is_withdrawn,
    )  # fmt: skip


def test_a_stored_rule_set_reads_back_the_same(catalogue: None):
    load_catalogue(FULL)
    revision = selectors.current_revision("tca")
    stored = selectors.with_content().get(pk=revision.pk)
    assert differences(selectors.ruleset(revision), selectors.ruleset(stored)) == ()


def _with(rules: Any, **values: Any) -> Any:
    return replace(rules, values={**rules.values, **values})


def _queries(read: Any) -> int:
    with CaptureQueriesContext(connection) as queries:
        read()
    return len(queries)
