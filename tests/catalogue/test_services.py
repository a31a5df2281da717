"""Drafts and their publication, and what the database itself refuses."""

import uuid
from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from clinic.audit.models import Entry
from clinic.kit import clock
from clinic.kit.refusals import AlreadyDone, Refusal
from clinic.places.models import Location
from clinic.staff.models import User
from plans.catalogue.models import (
    CareStep,
    Contraindication,
    Need,
    Procedure,
    Revision,
    ValueSource,
)
from plans.catalogue.selectors import current_revision, ruleset, with_content
from plans.catalogue.services import discard, publish, save_draft, start_draft
from plans.core.ruleset import RuleSet
from plans.core.spacing import Period
from plans.drafts.models import RevisionState
from plans.drafts.services import DraftMoved, NotADraft
from tests.catalogue.conftest import book_course


def with_values(rules: RuleSet, **values: Any) -> RuleSet:
    """`rules` with other values; the paths' points are written as double underscores."""
    paths = {name.replace("__", "."): value for name, value in values.items()}
    return replace(rules, values={**rules.values, **paths})


LONGER = {"interval__min": Period(4, "months"), "interval__recommended": Period(4, "months")}


@pytest.fixture
def draft(tca: Procedure, editor: User) -> Revision:
    return start_draft(tca, by=editor)


def saved(draft: Revision, by: User, **values: Any) -> Revision:
    return save_draft(draft, with_values(ruleset(draft), **values), draft.version, by=by)


def test_a_draft_says_what_the_current_revision_says(draft: Revision):
    assert (draft.number, draft.state) == (2, RevisionState.DRAFT)
    assert ruleset(draft) == ruleset(current_revision("tca"))


def test_two_clicks_make_one_draft(tca: Procedure, draft: Revision, editor: User):
    assert start_draft(tca, by=editor) == draft


def test_a_draft_can_start_from_an_earlier_revision(tca: Procedure, draft: Revision, editor: User):
    first = current_revision("tca")
    publish(saved(draft, editor, **LONGER), reason="healing", by=editor)
    again = start_draft(tca, by=editor, base=first)
    assert again.interval_min_n == 3


def test_a_procedure_without_a_revision_has_nothing_to_copy(catalogue: None, editor: User):
    bare = Procedure.objects.create(code="bare", group=Procedure.objects.get(code="tca").group)
    with pytest.raises(Refusal, match="no revision yet"):
        start_draft(bare, by=editor)


def test_publishing_puts_the_draft_into_force_and_keeps_what_is_planned(
    draft: Revision, editor: User, location: Location
):
    course = book_course(editor, location, [None])
    published = publish(saved(draft, editor, **LONGER), reason="Slower healing", by=editor)
    assert current_revision("tca") == published
    assert (published.reason, published.published_by) == ("Slower healing", editor)
    course.refresh_from_db()
    assert (course.revision.number, course.revision.state) == (1, RevisionState.SUPERSEDED)


def test_publishing_is_on_record_with_what_changed(draft: Revision, editor: User):
    publish(saved(draft, editor, **LONGER), reason="Slower healing", by=editor)
    entry = Entry.objects.get(action="published")
    assert entry.reason == "Slower healing"
    assert {"interval.min", "interval.recommended"} <= set(entry.details["changed"])


def test_a_draft_that_changes_nothing_is_not_published(draft: Revision, editor: User):
    with pytest.raises(Refusal, match="changes nothing"):
        publish(draft, reason="just because", by=editor)
    assert current_revision("tca").number == 1


def test_publishing_needs_a_reason(draft: Revision, editor: User):
    changed = saved(draft, editor, **LONGER)
    with pytest.raises(Refusal, match="Say why"):
        publish(changed, reason="  ", by=editor)


def test_what_was_not_reviewed_is_not_published(draft: Revision, editor: User):
    saved(draft, editor, **LONGER)
    with pytest.raises(Refusal, match="Look at the differences again"):
        publish(draft, reason="as reviewed", by=editor, version=0)


def test_a_second_click_on_publish_answers_the_same(draft: Revision, editor: User):
    key = uuid.uuid4()
    publish(saved(draft, editor, **LONGER), reason="healing", by=editor, key=key)
    with pytest.raises(AlreadyDone) as done:
        publish(draft, reason="healing", by=editor, key=key)
    assert done.value.outcome == "/catalogue/tca/"
    assert Revision.objects.filter(procedure=draft.procedure).count() == 2


def test_a_published_revision_is_no_draft_any_more(draft: Revision, editor: User):
    publish(saved(draft, editor, **LONGER), reason="healing", by=editor)
    for act in (
        lambda: publish(draft, reason="again", by=editor),
        lambda: discard(draft, by=editor),
        lambda: save_draft(draft, ruleset(draft), 1, by=editor),
    ):
        with pytest.raises(NotADraft):
            act()


def test_the_later_of_two_editors_is_told_what_the_other_changed(
    draft: Revision, editor: User, manager: User
):
    saved(draft, editor, **LONGER)
    mine = with_values(ruleset(draft), age__min=21)
    with pytest.raises(DraftMoved) as moved:
        save_draft(draft, mine, 0, by=manager)
    assert moved.value.version == 1
    told = {change.path: (change.old, change.new) for change in moved.value.changes}
    assert told["interval.min"] == (Period(4, "months"), Period(3, "months"))
    assert told["age.min"] == (18, 21)


def test_two_editors_of_one_mind_do_not_quarrel(draft: Revision, editor: User, manager: User):
    stored = saved(draft, editor, **LONGER)
    same = ruleset(with_content().get(pk=stored.pk))
    assert save_draft(draft, same, 0, by=manager).version == 1


def test_discarding_leaves_what_is_in_force(draft: Revision, editor: User):
    discard(draft, by=editor)
    assert not Revision.objects.filter(pk=draft.pk).exists()
    assert current_revision("tca").number == 1
    assert Entry.objects.filter(action="draft_discarded").count() == 1


def test_a_changed_value_is_the_clinic_s_own(draft: Revision, editor: User):
    stored = saved(draft, editor, **LONGER)
    sources = dict(stored.value_sources.values_list("path", "source"))
    assert sources["interval.min"] == "clinic default"
    assert sources["course.min"] == "article"


def test_a_value_set_back_gets_its_source_back(draft: Revision, editor: User):
    stored = saved(draft, editor, **LONGER)
    back = saved(
        stored, editor, interval__min=Period(3, "months"), interval__recommended=Period(3, "months")
    )
    assert ruleset(back) == ruleset(current_revision("tca"))


def test_contradicting_values_are_refused_in_words(draft: Revision, editor: User):
    with pytest.raises(Refusal, match="shortest interval cannot be longer"):
        saved(draft, editor, interval__min=Period(5, "months"))
    draft.refresh_from_db()
    assert (draft.version, draft.interval_min_n) == (0, 3)


@pytest.mark.parametrize(
    ("field", "value", "name"),
    [
        ("interval_min_n", 7, "revision_interval_min_not_above_interval_recommended"),
        ("interval_max_n", 2, "revision_interval_recommended_not_above_interval_max"),
        (
            "interval_max_n",
            0,
            "revision_interval_",
        ),  # two rules say no; each database names another
        ("interval_max_n", None, "revision_interval_whole"),
        ("sessions_max", None, "revision_sessions_whole"),
        ("sessions_min", 4, "revision_sessions_in_order"),
    ],
)
def test_the_database_refuses_rules_that_contradict_each_other(
    draft: Revision, field: str, value: Any, name: str
):
    other = Procedure.objects.get(code="acid_home")
    draft.pk, draft.procedure, draft.number = None, other, 9
    setattr(draft, field, value)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Revision.objects.bulk_create([draft])


def test_the_database_knows_one_draft_and_one_current_revision(tca: Procedure, draft: Revision):
    for state in (RevisionState.DRAFT, RevisionState.CURRENT):
        extra = Revision(
            procedure=tca, number=9, state=state, created_at=clock.now(), name={"en": "x"}
        )
        with pytest.raises(IntegrityError), transaction.atomic():
            extra.save()


def test_published_rules_cannot_change_through_the_models(catalogue: None):
    revision = current_revision("tca")
    revision.interval_min_n = 1
    acts: list[Any] = [
        revision.save,
        revision.delete,
        revision.contraindications.all().delete,
        lambda: revision.contraindications.update(severity="relative"),
        lambda: revision.care_steps.update(text={"en": "x"}),
        lambda: revision.needs.update(to_minute=5),
        lambda: revision.value_sources.update(source="x"),
        lambda: Revision.objects.filter(pk=revision.pk).update(state="draft"),
    ]
    for act in acts:
        with pytest.raises(IntegrityError), transaction.atomic():
            act()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE catalogue_revision SET interval_min_n = 1 WHERE id = {revision}",
        "UPDATE catalogue_revision SET state = 'draft' WHERE id = {revision}",
        "DELETE FROM catalogue_contraindication WHERE revision_id = {revision}",
        "UPDATE catalogue_contraindication SET washout_n = 0 WHERE revision_id = {revision}",
        "DELETE FROM catalogue_need WHERE revision_id = {revision}",
        "DELETE FROM catalogue_carestep WHERE revision_id = {revision}",
        "UPDATE catalogue_valuesource SET source = 'x' WHERE revision_id = {revision}",
    ],
)
def test_published_rules_cannot_change_in_the_database_itself(catalogue: None, sql: str):
    statement = sql.format(revision=current_revision("tca").pk)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("model", [Need, Contraindication, CareStep, ValueSource])
def test_nothing_is_added_to_a_published_revision(catalogue: None, model: Any):
    revision = current_revision("tca")
    row = model.objects.filter(revision=revision).first()
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()
