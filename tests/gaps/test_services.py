"""The clinic's gaps: a draft of the whole table, its publication, and two editors."""

import uuid

import pytest
from django.db import IntegrityError, transaction

from clinic.audit.models import Entry
from clinic.kit.refusals import AlreadyDone, Refusal
from clinic.staff.models import User
from plans.catalogue.selectors import rulebook
from plans.core.gaps import GapRule, gap_changes
from plans.core.spacing import Period
from plans.data.factories import GroupFactory, ProcedureFactory, UserFactory
from plans.drafts.services import DraftMoved, NotADraft
from plans.gaps.models import Gap, GapTable
from plans.gaps.selectors import current_table, draft_table, gap_rules
from plans.gaps.services import discard_table, publish_table, save_table, start_table

pytestmark = pytest.mark.django_db

WEEKS_2 = Period(2, "weeks")
BY_GROUP = GapRule("peel", "laser", WEEKS_2, {"en": "The barrier is thin."}, "article")
BY_PROCEDURE = GapRule("tca", "laser", Period(3, "months"), {}, "clinic default", True)


@pytest.fixture
def editor() -> User:
    peel, laser = GroupFactory.create(code="peel"), GroupFactory.create(code="laser")
    ProcedureFactory.create(code="tca", group=peel)
    ProcedureFactory.create(code="erbium", group=laser)
    return UserFactory.create()


@pytest.fixture
def in_force(editor: User) -> GapTable:
    draft = save_table(start_table(by=editor), [BY_GROUP], 0, by=editor)
    return publish_table(draft, reason="first", by=editor)


def test_what_is_published_is_what_screening_reads(in_force: GapTable, editor: User):
    draft = start_table(by=editor)
    assert gap_rules(draft) == (BY_GROUP,)
    save_table(draft, [BY_GROUP, BY_PROCEDURE], draft.version, by=editor)
    assert gap_rules() == (BY_GROUP,)
    assert [gap.min for gap in rulebook().gaps] == [WEEKS_2]

    publish_table(draft, reason="TCA stings longer", by=editor)

    assert gap_rules() == (BY_GROUP, BY_PROCEDURE)
    assert [gap.after_is_procedure for gap in rulebook().gaps] == [False, True]
    assert [gap.min for gap in rulebook(gaps=[BY_PROCEDURE]).gaps] == [Period(3, "months")]
    assert current_table() == GapTable.objects.get(number=2)
    assert Entry.objects.get(action="gaps_published", details__number=2).details["changed"] == [
        "gap:tca>laser"
    ]


def test_there_is_one_draft(in_force: GapTable, editor: User):
    assert start_table(by=editor) == start_table(by=editor) == draft_table()


def test_any_table_can_be_the_base_of_a_draft(in_force: GapTable, editor: User):
    second = save_table(start_table(by=editor), [], 0, by=editor)
    publish_table(second, reason="none at all", by=editor)
    assert gap_rules(start_table(by=editor, base=in_force)) == (BY_GROUP,)


def test_the_later_of_two_editors_is_told_and_loses_nothing(in_force: GapTable, editor: User):
    draft = start_table(by=editor)
    save_table(draft, [BY_PROCEDURE], 0, by=editor)
    with pytest.raises(DraftMoved) as moved:
        save_table(draft, [BY_GROUP, BY_PROCEDURE], 0, by=editor)
    assert moved.value.changes == gap_changes([BY_PROCEDURE], [BY_GROUP, BY_PROCEDURE])
    again = save_table(draft, [BY_GROUP, BY_PROCEDURE], moved.value.version, by=editor)
    assert gap_rules(again) == (BY_GROUP, BY_PROCEDURE)


def test_a_pair_stands_once(in_force: GapTable, editor: User):
    draft = start_table(by=editor)
    with pytest.raises(Refusal, match="twice"):
        save_table(draft, [BY_GROUP, BY_GROUP], 0, by=editor)
    assert gap_rules(draft) == (BY_GROUP,)


def test_a_pair_that_the_catalogue_does_not_know_is_a_mistake_of_the_caller(editor: User):
    with pytest.raises(ValueError, match="gap:peel>nothing"):
        save_table(start_table(by=editor), [GapRule("peel", "nothing", WEEKS_2)], 0, by=editor)


@pytest.mark.parametrize(
    ("reason", "version", "words"),
    [(" ", 1, "Say why"), ("good", 0, "differences again"), ("good", 1, "changes nothing")],
)
def test_a_publication_is_refused(
    in_force: GapTable, editor: User, reason: str, version: int, words: str
):
    draft = start_table(by=editor)
    save_table(draft, [], 0, by=editor)
    if "nothing" in words:
        save_table(draft, [BY_GROUP], 1, by=editor)
        version = 2
    with pytest.raises(Refusal, match=words):
        publish_table(draft, reason=reason, by=editor, version=version)
    assert current_table() == in_force


def test_a_second_click_publishes_once(in_force: GapTable, editor: User):
    draft, key = start_table(by=editor), uuid.uuid4()
    save_table(draft, [], 0, by=editor)
    publish_table(draft, reason="none", by=editor, key=key)
    with pytest.raises(AlreadyDone):
        publish_table(draft, reason="none", by=editor, key=key)


def test_a_draft_that_is_gone_is_said_to_be(in_force: GapTable, editor: User):
    draft = start_table(by=editor)
    discard_table(draft, by=editor)
    assert Gap.objects.filter(table=in_force).count() == Gap.objects.count()
    for verb in (
        lambda: discard_table(draft, by=editor),
        lambda: save_table(draft, [], 0, by=editor),
        lambda: publish_table(draft, reason="x", by=editor),
    ):
        with pytest.raises(NotADraft):
            verb()


def test_a_line_of_a_table_in_force_cannot_be_added(in_force: GapTable):
    line = in_force.gaps.get()
    line.pk, line.before = None, line.after
    with pytest.raises(IntegrityError), transaction.atomic():
        line.save()
