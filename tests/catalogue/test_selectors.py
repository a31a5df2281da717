"""Reading the stored catalogue: for screening, for booking, for the pages."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.kit import clock
from clinic.places.models import Location
from clinic.staff.models import User
from plans.catalogue import selectors
from plans.catalogue.models import Procedure, Revision
from plans.catalogue.services import load_catalogue, publish, save_draft, start_draft
from plans.core.availability import Phase
from plans.core.ruleset import differences
from plans.core.screening import Rulebook, screen
from plans.core.spacing import Interval, Period
from plans.data.factories import LocationFactory
from tests.catalogue.conftest import book_course
from tests.catalogue.small_file import FULL
from tests.core.conftest import book as book
from tests.core.test_vignettes import CASES, date_or_none, read_patient


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_stored_catalogue_judges_each_case_as_written(
    stored_book: Rulebook, case: dict[str, Any]
):
    found = screen(
        stored_book,
        case["procedure"],
        read_patient(case["patient"]),
        dt.date.fromisoformat(case["session_date"]),
        date_or_none(case.get("as_of")),
    )
    assert found.verdict.word == case["expect"]["verdict"]
    assert set(found.reasons) == set(case["expect"]["reasons"])
    assert found.earliest_ok == date_or_none(case["expect"]["earliest_ok"])


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


def test_touched_courses_come_with_their_next_date_and_what_would_be_too_early(
    tca: Procedure, manager: User, location: Location
):
    course = book_course(manager, location, [1, 100])
    four = Interval(Period(4, "months"), Period(4, "months"), Period(6, "months"))
    [one] = selectors.touched(tca, location, four)
    today = clock.today(location.zone)
    first, second = today + dt.timedelta(days=1), today + dt.timedelta(days=100)
    assert (one.patient, one.owed, one.next_day) == (course.patient, 2, first)
    assert one.early == ((2, second, Period(4, "months").after(first)),)


def test_touched_courses_are_those_of_the_location(
    tca: Procedure, manager: User, location: Location
):
    book_course(manager, LocationFactory(), [1])
    assert selectors.touched(tca, location, None) == []
    assert selectors.touched(tca, None, None) == []


def test_touched_courses_cost_the_same_however_many(
    tca: Procedure, manager: User, location: Location
):
    book_course(manager, location, [1])
    few = _queries(lambda: selectors.touched(tca, location, None))
    for _ in range(4):
        book_course(manager, location, [1, 100, None])
    assert _queries(lambda: selectors.touched(tca, location, None)) == few == 3


def test_the_search_finds_german_names_and_leaves_out_the_rest(catalogue: None):
    assert [row.procedure.code for row in selectors.overview("peeling")] == ["tca"]
    assert selectors.overview("laser") == []


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
