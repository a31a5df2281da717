"""Drafts of protocols and their publication, as procedures have them."""

import uuid
from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from clinic.audit.models import Entry
from clinic.kit.refusals import AlreadyDone, Refusal
from plans.catalogue.models import Revision
from plans.core.protocol import Content, Starts, Step
from plans.core.spacing import Period
from plans.drafts.models import RevisionState
from plans.drafts.services import DraftMoved, NotADraft
from plans.protocols.models import Protocol, ProtocolRevision
from plans.protocols.selectors import content, overview
from plans.protocols.services import (
    bring_back,
    create_protocol,
    discard,
    publish,
    retire,
    save_draft,
    start_draft,
)
from tests.protocols.conftest import Clinic

NEW = Content(
    {"en": "Quick start"}, {"signs": []}, (Step(1, "peel", Starts(), sessions=3),), "clinic default"
)


def test_a_draft_is_a_copy_of_the_revision_in_force(protocol, clinic: Clinic) -> None:
    draft = start_draft(protocol.protocol, by=clinic.editor)
    assert (draft.number, draft.state) == (2, RevisionState.DRAFT)
    assert content(draft) == content(protocol)
    assert start_draft(protocol.protocol, by=clinic.editor).pk == draft.pk


def test_any_revision_can_be_the_base_of_a_draft(protocol, clinic: Clinic) -> None:
    draft = start_draft(protocol.protocol, by=clinic.editor)
    save_draft(draft, replace(content(draft), note="Changed."), 0, by=clinic.editor)
    publish(draft, reason="A try.", by=clinic.physician)
    again = start_draft(protocol.protocol, by=clinic.editor, base=protocol)
    assert (again.number, again.note) == (3, "Order after the article.")


def test_a_draft_that_is_saved_changes_nothing_in_force(protocol, clinic: Clinic) -> None:
    draft = start_draft(protocol.protocol, by=clinic.editor)
    said = replace(content(draft), steps=content(draft).steps[:2])
    assert save_draft(draft, said, 0, by=clinic.editor).version == 1
    assert len(ProtocolRevision.objects.get(pk=protocol.pk).steps) == 3
    (entry,) = Entry.objects.filter(action="protocol_draft_saved")
    assert entry.details["changed"] == ["steps.3"]


def test_the_later_of_two_editors_is_told_and_loses_nothing(protocol, clinic: Clinic) -> None:
    draft = start_draft(protocol.protocol, by=clinic.editor)
    first, second = (replace(content(draft), note=note) for note in ("First.", "Second."))
    save_draft(draft, first, 0, by=clinic.editor)
    with pytest.raises(DraftMoved) as moved:
        save_draft(draft, second, 0, by=clinic.physician)
    (change,) = moved.value.changes
    assert (change.path, change.old, change.new) == ("note", "First.", "Second.")
    assert save_draft(draft, second, moved.value.version, by=clinic.physician).note == "Second."


def test_two_editors_of_one_mind_do_not_quarrel(protocol, clinic: Clinic) -> None:
    draft = start_draft(protocol.protocol, by=clinic.editor)
    said = replace(content(draft), note="The same.")
    save_draft(draft, said, 0, by=clinic.editor)
    assert save_draft(draft, said, 0, by=clinic.physician).version == 1


def test_steps_that_cannot_be_are_refused_by_name(protocol, clinic: Clinic) -> None:
    draft = start_draft(protocol.protocol, by=clinic.editor)
    for step, words in (
        (Step(1, "peel", Starts(), sessions=7), "at most"),
        (Step(1, "cream", Starts(), sessions=3), "at home"),
        (Step(1, "peel", Starts("end", 1, Period(1, "days")), sessions=3), "earlier"),
    ):
        with pytest.raises(Refusal, match=f"Step 1.*{words}"):
            save_draft(draft, replace(content(draft), steps=(step,)), 0, by=clinic.editor)
    with pytest.raises(Refusal, match="one step"):
        save_draft(draft, replace(content(draft), steps=()), 0, by=clinic.editor)


def test_publishing_supersedes_and_the_database_keeps_what_was_published(
    protocol, clinic: Clinic
) -> None:
    draft = start_draft(protocol.protocol, by=clinic.editor)
    save_draft(draft, replace(content(draft), note="New."), 0, by=clinic.editor)
    published = publish(draft, reason="The order changed.", by=clinic.physician, version=1)
    assert published.published_by == clinic.physician
    assert ProtocolRevision.objects.get(pk=protocol.pk).state == RevisionState.SUPERSEDED
    changes: list[dict[str, Any]] = [
        {"note": "Rewritten."},
        {"steps": []},
        {"state": RevisionState.DRAFT},
    ]
    for change in changes:
        with pytest.raises(IntegrityError), transaction.atomic():
            ProtocolRevision.objects.filter(pk=published.pk).update(**change)
    with pytest.raises(NotADraft):
        save_draft(draft, content(protocol), 1, by=clinic.editor)


@pytest.mark.parametrize(
    ("reason", "version", "words"),
    [("", 1, "Say why"), ("Because.", 0, "was changed after"), (" ", None, "Say why")],
)
def test_publishing_needs_a_reason_and_a_review(
    protocol, clinic: Clinic, reason: str, version: int | None, words: str
) -> None:
    draft = start_draft(protocol.protocol, by=clinic.editor)
    save_draft(draft, replace(content(draft), note="New."), 0, by=clinic.editor)
    with pytest.raises(Refusal, match=words):
        publish(draft, reason=reason, by=clinic.physician, version=version)


def test_a_draft_that_changes_nothing_is_not_published(protocol, clinic: Clinic) -> None:
    draft = start_draft(protocol.protocol, by=clinic.editor)
    with pytest.raises(Refusal, match="changes nothing"):
        publish(draft, reason="Because.", by=clinic.physician)


def test_a_form_sent_twice_publishes_once(protocol, clinic: Clinic) -> None:
    draft, key = start_draft(protocol.protocol, by=clinic.editor), uuid.uuid4()
    save_draft(draft, replace(content(draft), note="New."), 0, by=clinic.editor)
    publish(draft, reason="Because.", by=clinic.physician, key=key)
    with pytest.raises(AlreadyDone):
        publish(draft, reason="Because.", by=clinic.physician, key=key)


def test_a_procedure_retired_since_the_draft_keeps_it_from_being_published(
    protocol, clinic: Clinic, rules: dict[str, Revision]
) -> None:
    draft = start_draft(protocol.protocol, by=clinic.editor)
    save_draft(draft, replace(content(draft), note="New."), 0, by=clinic.editor)
    laser = rules["laser"].procedure
    laser.retired_at = protocol.created_at
    laser.save()
    with pytest.raises(Refusal, match=r"Step 3: .*not offered any more"):
        publish(draft, reason="Because.", by=clinic.physician)


def test_a_new_protocol_has_a_code_of_its_name_and_comes_last(protocol, clinic: Clinic) -> None:
    draft = create_protocol(NEW, by=clinic.editor)
    assert draft.protocol.code == "quick_start"
    assert [row.protocol.code for row in overview()] == ["deep_pits", "quick_start"]
    assert [row.protocol.code for row in overview(offered_only=True)] == ["deep_pits"]
    for name in ("Quick start", "New", "Пилинг"):
        with pytest.raises(Refusal):
            create_protocol(replace(NEW, name={"en": name}), by=clinic.editor)


def test_a_discarded_first_draft_takes_its_protocol_with_it(protocol, clinic: Clinic) -> None:
    discard(create_protocol(NEW, by=clinic.editor), by=clinic.editor)
    discard(start_draft(protocol.protocol, by=clinic.editor), by=clinic.editor)
    assert [row.code for row in Protocol.objects.all()] == ["deep_pits"]


def test_a_retired_protocol_is_offered_again_with_a_reason(protocol, clinic: Clinic) -> None:
    with pytest.raises(Refusal):
        retire(protocol.protocol, reason=" ", by=clinic.editor)
    retire(protocol.protocol, reason="Nobody wants it.", by=clinic.editor)
    assert overview(offered_only=True) == []
    assert len(overview()) == 1
    bring_back(protocol.protocol, reason="Somebody does.", by=clinic.editor)
    assert len(overview(offered_only=True)) == 1
    actions = Entry.objects.values_list("action", "reason")
    assert ("protocol_retired", "Nobody wants it.") in actions
    assert ("protocol_brought_back", "Somebody does.") in actions


def test_the_list_costs_three_queries(protocol, clinic: Clinic, django_assert_num_queries) -> None:
    for n in range(4):
        create_protocol(replace(NEW, name={"en": f"More {n}"}), by=clinic.editor)
    with django_assert_num_queries(3):
        assert len(overview()) == 5
