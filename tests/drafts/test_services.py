"""What every draft has in common on its way into force."""

import pytest

from clinic.audit.models import Entry
from clinic.kit.refusals import Refusal
from plans.catalogue.models import Procedure
from plans.core.gaps import GapRule
from plans.core.spacing import Period
from plans.data.factories import GroupFactory, ProcedureFactory
from plans.drafts.services import (
    DraftMoved,
    NotADraft,
    next_number,
    put_in_force,
    require_changes,
    require_review,
    set_offered,
)
from plans.gaps.models import GapTable
from plans.gaps.services import new_table

pytestmark = pytest.mark.django_db


@pytest.fixture
def table() -> GapTable:
    group = GroupFactory.create(code="peel")
    return new_table([GapRule(group.code, group.code, Period(1, "weeks"))], by=None)


def test_numbers_count_up_from_one(table: GapTable):
    assert table.number == 1
    assert next_number(GapTable.objects.all()) == 2


def test_what_comes_into_force_says_when_and_why(table: GapTable):
    put_in_force(table, " because ", by=None)
    stored = GapTable.objects.get()
    assert (stored.state, stored.reason) == ("current", "because")
    assert stored.published_at is not None


def test_what_was_in_force_before_stays_readable(table: GapTable):
    put_in_force(table, "first", by=None)
    put_in_force(new_table([], by=None), "second", by=None, instead_of=table)
    assert [row.state for row in GapTable.objects.order_by("number")] == ["superseded", "current"]
    assert table.gaps.count() == 1


def test_what_changes_nothing_is_not_published():
    require_changes(["a change"])
    with pytest.raises(Refusal, match="changes nothing"):
        require_changes([])


def test_what_is_offered_again_or_no_longer_is_written_down_once():
    procedure = ProcedureFactory.create()
    for _time in range(2):
        set_offered(procedure, False, "retired", reason=" old ", by=None, procedure=procedure.code)
    assert Procedure.objects.get().retired_at is not None
    [entry] = Entry.objects.filter(action="retired")
    assert entry.reason == "old"
    assert entry.details["procedure"] == procedure.code
    set_offered(procedure, True, "brought_back", reason="new", by=None, procedure=procedure.code)
    assert Procedure.objects.get().retired_at is None


def test_nothing_is_retired_without_a_reason():
    with pytest.raises(Refusal, match="Say why"):
        set_offered(ProcedureFactory.create(), False, "retired", reason=" ", by=None)
    assert Procedure.objects.get().retired_at is None


@pytest.mark.parametrize(
    ("reason", "version", "words"), [("good", 7, "differences again"), ("  ", 0, "Say why")]
)
def test_nothing_is_published_unseen_or_without_a_reason(
    table: GapTable, reason: str, version: int, words: str
):
    with pytest.raises(Refusal, match=words):
        require_review(table, reason, version)


def test_what_was_reviewed_may_be_published(table: GapTable):
    require_review(table, "good", table.version)
    require_review(table, "good", None)


def test_the_refusals_say_what_to_do_next():
    assert "Look at the revisions" in str(NotADraft())
    moved = DraftMoved(3, ["a change"])
    assert "save again" in str(moved)
    assert (moved.version, moved.changes) == (3, ("a change",))
