"""Who stands by which value, and for how long that counts."""

import uuid
from dataclasses import replace

import pytest
from django.db import DatabaseError, transaction

from clinic.audit.models import Entry
from clinic.kit import clock
from clinic.kit.refusals import AlreadyDone, Refusal
from clinic.staff.models import User
from plans.catalogue.models import Confirmation, Procedure
from plans.catalogue.selectors import current_revision, ruleset, with_content
from plans.catalogue.services import publish, save_draft, start_draft
from plans.core.spacing import Period
from plans.sources.selectors import (
    PROTOCOLS,
    confirmations,
    shelf,
    unconfirmed_rules,
)
from plans.sources.services import Seen, ValueMoved, add_source, confirm, edit_source, withdraw
from plans.terms.models import Source
from tests.sources.conftest import waiting

LEAST = Seen("tca/interval.min", "3 months", "article")
LONGEST = Seen("tca/interval.max", "6 months", "clinic default")
GAP = Seen("gaps/home_acid>peel", "3 days", "article")
RECHECK = Seen("facts/keloid/recheck", "12 months", "article")


def change(by: User, **values: object) -> None:
    """Publish a next revision of the peel with these values."""
    draft = start_draft(Procedure.objects.get(code="tca"), by=by)
    rules = ruleset(with_content().get(pk=draft.pk))
    given = {name.replace("__", "."): value for name, value in values.items()}
    changed = replace(rules, values={**rules.values, **given})
    publish(save_draft(draft, changed, draft.version, by=by), reason="seen", by=by)


def test_a_confirmation_names_the_person_the_day_the_value_and_its_source(
    catalogue: None, physician: User
):
    assert confirm([LEAST], by=physician) == 1
    [row] = Confirmation.objects.all()
    assert (row.address, row.value, row.source) == ("tca/interval.min", "3 months", "article")
    assert (row.by, row.on, row.is_withdrawn) == (physician, clock.today(), False)
    entry = Entry.objects.get(action="values_confirmed")
    assert (entry.by, entry.details) == (physician, {"addresses": ["tca/interval.min"]})


@pytest.mark.parametrize("seen", [LEAST, GAP, RECHECK], ids=lambda seen: seen.address)
def test_every_kind_of_value_can_be_confirmed(catalogue: None, physician: User, seen: Seen):
    before = waiting()
    confirm([seen], by=physician)
    assert waiting() == before - {seen.address} < before


def test_the_step_of_a_protocol_can_be_confirmed(catalogue: None, physician: User):
    [step] = shelf({PROTOCOLS}).stated()
    assert step.address == "protocols/deep_pits/steps.1"
    assert confirm([Seen(step.address, step.text, "article")], by=physician) == 1


def test_what_is_confirmed_already_is_not_confirmed_again(catalogue: None, physician: User):
    confirm([LEAST], by=physician)
    assert confirm([LEAST, LONGEST], by=physician) == 1
    assert Confirmation.objects.count() == 2


def test_a_value_that_changed_meanwhile_confirms_none_of_them(catalogue: None, physician: User):
    change(physician, interval__max=Period(8, "months"))
    with pytest.raises(ValueMoved):
        confirm([LEAST, LONGEST], by=physician)
    assert not Confirmation.objects.exists()


@pytest.mark.parametrize(
    "seen",
    [
        Seen("tca/interval.min", "3 months", "label"),
        Seen("tca/interval.least", "3 months", "article"),
        Seen("none/interval.min", "3 months", "article"),
        Seen("", "", ""),
    ],
)
def test_what_is_not_in_force_cannot_be_confirmed(catalogue: None, physician: User, seen: Seen):
    with pytest.raises(ValueMoved):
        confirm([seen], by=physician)


def test_a_confirmation_ends_when_the_value_changes_and_counts_again_when_it_comes_back(
    catalogue: None, physician: User
):
    confirm([LONGEST], by=physician)
    assert not is_open("tca/interval.max")
    change(physician, interval__max=Period(8, "months"))
    assert is_open("tca/interval.max")


def test_a_confirmation_outlives_a_change_of_another_value(catalogue: None, physician: User):
    confirm([LEAST], by=physician)
    change(physician, age__min=21)
    assert not is_open("tca/interval.min")


def is_open(address: str) -> bool:
    """Whether the peel's value at `address` waits for the physician."""
    return address in waiting()


def test_a_confirmation_is_withdrawn_by_another_row(catalogue: None, physician: User):
    confirm([LEAST], by=physician)
    assert withdraw([LEAST, LONGEST], by=physician) == 1
    assert [row.is_withdrawn for row in Confirmation.objects.all()] == [False, True]
    assert confirmations() == {}
    assert Entry.objects.filter(action="confirmations_withdrawn").count() == 1


@pytest.mark.parametrize("change", ["update", "delete"])
def test_confirmations_only_grow(catalogue: None, physician: User, change: str):
    confirm([LEAST], by=physician)
    row = Confirmation.objects.all()
    with pytest.raises(DatabaseError), transaction.atomic():
        row.update(value="4 months") if change == "update" else row.delete()


# What a finding rests on


@pytest.mark.parametrize(
    ("rule", "values"),
    [
        ("interval:tca", [LEAST]),
        ("gap:home_acid>peel", [GAP]),
        ("age:tca", [Seen("tca/age.min", "18", "clinic default")]),
        (
            "ci:tca:isotretinoin",
            [
                Seen("tca/contraindications.isotretinoin", "temporary", "article"),
                Seen("tca/contraindications.isotretinoin.washout", "6 months", "article"),
            ],
        ),
        (
            "break:acid_home",
            [
                Seen("acid_home/on_break.on_for", "3 months", "article"),
                Seen("acid_home/on_break.break_min", "1 months", "article"),
            ],
        ),
    ],
)
def test_a_finding_is_marked_until_all_behind_it_is_confirmed(
    catalogue: None, physician: User, rule: str, values: list[Seen]
):
    for seen in values:
        assert unconfirmed_rules([rule]) == {rule}
        confirm([seen], by=physician)
    assert unconfirmed_rules([rule]) == set()


def test_an_open_question_rests_on_no_number(catalogue: None):
    assert unconfirmed_rules(["ask:tca:keloid"]) == set()


def test_a_course_s_own_revision_is_judged_by_its_own_values(catalogue: None, physician: User):
    old = with_content().get(pk=current_revision("tca").pk)
    change(physician, interval__min=Period(4, "months"), interval__recommended=Period(4, "months"))
    confirm([Seen("tca/interval.min", "4 months", "clinic default")], by=physician)
    assert unconfirmed_rules(["interval:tca"]) == set()
    old = with_content().get(pk=old.pk)
    assert unconfirmed_rules(["interval:tca"], old) == {"interval:tca"}


# Sources


def test_a_source_is_added_once(db: None, editor: User):
    key = uuid.uuid4()
    made = add_source("label", "A label", "", is_background=False, by=editor, key=key)
    with pytest.raises(AlreadyDone):
        add_source("label", "A label", "", is_background=False, by=editor, key=key)
    with pytest.raises(Refusal, match="There is a source of this name"):
        add_source("LABEL", "Another", "", is_background=False, by=editor, key=uuid.uuid4())
    assert list(Source.objects.all()) == [made]


def test_a_source_keeps_its_code(db: None, editor: User):
    made = Source.objects.create(code="label", title="A label")
    edit_source(made, "The label of 2026", "https://example.org/", is_background=True, by=editor)
    made.refresh_from_db()
    assert (made.code, made.title, made.is_background) == ("label", "The label of 2026", True)
