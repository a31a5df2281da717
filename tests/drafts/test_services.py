"""What every draft has in common on its way into force."""

import pytest

from clinic.kit.refusals import Refusal
from plans.core.gaps import GapRule
from plans.core.spacing import Period
from plans.data.factories import GroupFactory
from plans.drafts.services import (
    DraftMoved,
    NotADraft,
    next_number,
    put_in_force,
    require_review,
    supersede,
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


def test_what_is_superseded_stays_readable(table: GapTable):
    put_in_force(table, "first", by=None)
    supersede(table)
    assert GapTable.objects.get().state == "superseded"
    assert table.gaps.count() == 1


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
