"""Renaming, merging and changing facts: what was answered and what was ruled goes on counting."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction

from clinic.audit.models import Entry
from clinic.kit import clock
from clinic.kit.refusals import AlreadyDone, Refusal
from clinic.patients.models import Answer, Fact, FactType, FormerCode, Patient
from clinic.patients.selectors import askable
from clinic.patients.services import record_answers
from clinic.staff.models import User
from plans.catalogue.models import Confirmation, Procedure
from plans.catalogue.selectors import confirmations, current_revision, ruleset
from plans.catalogue.services import save_draft, start_draft
from plans.core.ruleset import differences
from plans.core.screening import Screening
from plans.vocabulary import services
from plans.vocabulary.selectors import merge_preview, overview, stamp
from tests.vocabulary.conftest import Told

pytestmark = pytest.mark.django_db
Judge = Callable[..., Screening]
WHY = "one name for one thing"


def days_ago(n: int) -> dt.date:
    return clock.today() - dt.timedelta(days=n)


# Renaming


def test_a_patient_is_judged_alike_before_and_after_a_rename(
    isotretinoin: FactType, told: Told, judge: Judge, editor: User
):
    told("isotretinoin", "present", days_ago(90), days_ago(30))
    before = judge()
    services.rename_fact(isotretinoin, "retinoid_oral", reason=WHY, by=editor)
    after = judge()
    assert after.verdict == before.verdict
    assert after.earliest_ok == before.earliest_ok
    assert [one.replace("isotretinoin", "retinoid_oral") for one in before.reasons] == list(
        after.reasons
    )
    assert "ci:tca:retinoid_oral" in after.reasons


def test_answers_and_rules_go_with_the_fact(isotretinoin: FactType, told: Told, editor: User):
    fact = told("isotretinoin", "denied")
    services.rename_fact(isotretinoin, "retinoid_oral", reason=WHY, by=editor)
    fact.refresh_from_db()
    assert fact.fact_type.code == "retinoid_oral"
    assert "retinoid_oral" in {line.fact for line in ruleset(current_revision("tca")).lines}


def test_the_former_code_goes_on_asking_and_answering(
    isotretinoin: FactType, patient: Patient, editor: User
):
    services.rename_fact(isotretinoin, "retinoid_oral", reason=WHY, by=editor)
    assert [one.code for one in askable(["isotretinoin"])] == ["retinoid_oral"]
    record_answers(patient, [Answer("isotretinoin", "denied", clock.today())], by=editor)
    assert Fact.objects.get().fact_type_id == isotretinoin.pk


def test_a_new_draft_after_a_rename_differs_in_nothing(isotretinoin: FactType, editor: User):
    services.rename_fact(isotretinoin, "retinoid_oral", reason=WHY, by=editor)
    draft = start_draft(Procedure.objects.get(code="tca"), by=editor)
    stored, current = ruleset(draft), ruleset(current_revision("tca"))
    assert not differences(current, stored)
    saved = save_draft(draft, stored, draft.version, by=editor)
    assert not differences(current, ruleset(saved))


def test_what_a_physician_confirmed_stays_confirmed(isotretinoin: FactType, editor: User):
    for address, is_withdrawn in (
        ("tca/contraindications.isotretinoin", False),
        ("tca/contraindications.isotretinoin.washout", False),
        ("acid_home/contraindications.isotretinoin", True),
        ("facts/isotretinoin/recheck", False),
        ("tca/interval.min", False),
    ):
        Confirmation.objects.create(
            address=address,
            value="6 months",
            by=editor,
            on=clock.today(),
            at=clock.now(),
            is_withdrawn=is_withdrawn,
        )
    services.rename_fact(isotretinoin, "retinoid_oral", reason=WHY, by=editor)
    assert {address for address in confirmations() if "retinoid_oral" in address} == {
        "tca/contraindications.retinoid_oral",
        "tca/contraindications.retinoid_oral.washout",
        "facts/retinoid_oral/recheck",
    }


def test_a_rename_can_go_back(isotretinoin: FactType, editor: User):
    services.rename_fact(isotretinoin, "retinoid_oral", reason=WHY, by=editor)
    services.rename_fact(isotretinoin, "isotretinoin", reason=WHY, by=editor)
    assert list(FormerCode.objects.values_list("code", flat=True)) == ["retinoid_oral"]
    isotretinoin.refresh_from_db()
    assert isotretinoin.code == "isotretinoin"


@pytest.mark.parametrize("taken", ["keloid", "old_keloid"])
def test_a_code_of_another_fact_is_refused_now_and_in_former_times(
    isotretinoin: FactType, editor: User, taken: str
):
    FormerCode.objects.create(code="old_keloid", fact_type=FactType.objects.get(code="keloid"))
    with pytest.raises(Refusal, match="Another fact ha"):
        services.rename_fact(isotretinoin, taken, reason=WHY, by=editor)
    isotretinoin.refresh_from_db()
    assert isotretinoin.code == "isotretinoin"


def test_a_rename_is_on_record(isotretinoin: FactType, editor: User):
    services.rename_fact(isotretinoin, "retinoid_oral", reason=WHY, by=editor)
    entry = Entry.objects.filter(action="fact_type_renamed").get()
    assert entry.details == {"old": "isotretinoin", "new": "retinoid_oral"}
    assert entry.reason == WHY


# Merging


def test_answers_to_a_merged_fact_are_found_by_the_rule_of_the_other(
    isotretinoin: FactType, roaccutane: FactType, told: Told, judge: Judge, editor: User
):
    told("roaccutane", "present", days_ago(90))
    assert "ci:tca:isotretinoin" not in judge().reasons
    services.merge_facts(roaccutane, isotretinoin, reason=WHY, by=editor)
    assert "ci:tca:isotretinoin" in judge().reasons
    assert Fact.objects.get().fact_type.code == "roaccutane"


@pytest.mark.parametrize("yes", ["isotretinoin", "roaccutane"])
def test_a_yes_to_one_of_two_merged_facts_beats_a_no_to_the_other(
    isotretinoin: FactType, roaccutane: FactType, told: Told, judge: Judge, editor: User, yes: str
):
    told("isotretinoin", "present" if yes == "isotretinoin" else "denied", days_ago(5))
    told("roaccutane", "present" if yes == "roaccutane" else "denied", days_ago(1))
    services.merge_facts(roaccutane, isotretinoin, reason=WHY, by=editor)
    assert "ci:tca:isotretinoin" in judge().reasons


def test_a_no_to_the_merged_fact_answers_the_question(
    isotretinoin: FactType, roaccutane: FactType, told: Told, judge: Judge, editor: User
):
    assert "ask:tca:isotretinoin" in judge().reasons
    told("roaccutane", "denied")
    services.merge_facts(roaccutane, isotretinoin, reason=WHY, by=editor)
    assert "ask:tca:isotretinoin" not in judge().reasons


def test_where_both_lines_stand_the_stronger_counts_and_the_longer_washout(
    isotretinoin: FactType, roaccutane: FactType, told: Told, judge: Judge, editor: User
):
    told("isotretinoin", "present", days_ago(200), days_ago(40))
    preview = merge_preview(roaccutane, isotretinoin)
    [line] = preview.lines
    assert (line.procedure, line.severity) == ("acid_home", "absolute")
    assert line.washout is not None
    assert (line.washout.n, line.washout.unit) == (2, "months")
    assert line.is_changed
    services.merge_facts(roaccutane, isotretinoin, reason=WHY, by=editor)
    found = judge("acid_home")
    # In the washout of an absolute line: wait, for the two months of the other one.
    assert found.verdict.word == "wait"
    assert [one for one in found.reasons if one.startswith("ci:")] == ["ci:acid_home:isotretinoin"]


def test_a_merge_counts_whom_it_touches(isotretinoin: FactType, roaccutane: FactType, told: Told):
    told("roaccutane", "present", days_ago(9))
    told("isotretinoin", "denied")
    preview = merge_preview(roaccutane, isotretinoin)
    assert (preview.on_record.patients, preview.on_record.present, preview.both) == (1, 1, 1)
    assert preview.into_on_record.present == 0


def test_undoing_a_merge_gives_back_the_very_verdicts(
    isotretinoin: FactType, roaccutane: FactType, told: Told, judge: Judge, editor: User
):
    told("roaccutane", "present", days_ago(90))
    told("isotretinoin", "denied")
    before = (judge(), judge("acid_home"))
    services.merge_facts(roaccutane, isotretinoin, reason=WHY, by=editor)
    assert (judge(), judge("acid_home")) != before
    roaccutane.refresh_from_db()
    services.unmerge_fact(roaccutane, reason=WHY, by=editor)
    assert (judge(), judge("acid_home")) == before
    assert Fact.objects.count() == 2


def test_a_merged_fact_is_no_longer_asked(
    isotretinoin: FactType, roaccutane: FactType, editor: User
):
    services.merge_facts(roaccutane, isotretinoin, reason=WHY, by=editor)
    assert [one.code for one in askable(["roaccutane", "isotretinoin"])] == ["isotretinoin"]


def test_an_answer_with_the_merged_code_is_kept_and_counts(
    isotretinoin: FactType,
    roaccutane: FactType,
    patient: Patient,
    judge: Judge,
    editor: User,
):
    services.merge_facts(roaccutane, isotretinoin, reason=WHY, by=editor)
    record_answers(patient, [Answer("roaccutane", "present", days_ago(10))], by=editor)
    assert Fact.objects.count() == 1
    assert "ci:tca:isotretinoin" in judge().reasons


def refused(fact: FactType, into: FactType, by: User, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        services.merge_facts(fact, into, reason=WHY, by=by)
    fact.refresh_from_db()


def test_a_fact_is_not_merged_into_itself(isotretinoin: FactType, editor: User):
    refused(isotretinoin, isotretinoin, editor, "into itself")
    with pytest.raises(IntegrityError), transaction.atomic():
        FactType.objects.filter(pk=isotretinoin.pk).update(merged_into=isotretinoin.pk)


def test_merges_form_no_chain_and_no_loop(
    isotretinoin: FactType, roaccutane: FactType, editor: User
):
    third = FactType.objects.get(code="pregnancy")
    services.merge_facts(roaccutane, isotretinoin, reason=WHY, by=editor)
    refused(roaccutane, third, editor, "merged already")
    refused(isotretinoin, roaccutane, editor, "itself merged")
    refused(third, roaccutane, editor, "itself merged")
    refused(isotretinoin, third, editor, "Other facts are merged into this one")


def test_facts_of_different_kinds_and_derived_ones_are_not_merged(
    isotretinoin: FactType, roaccutane: FactType, editor: User
):
    refused(isotretinoin, FactType.objects.get(code="keloid"), editor, "same kind")
    FactType.objects.filter(pk=roaccutane.pk).update(kind="derived")
    refused(isotretinoin, roaccutane, editor, "skin type")
    refused(roaccutane, isotretinoin, editor, "skin type")


# Changing and adding


def test_a_changed_fact_holds_at_once_and_is_on_record(isotretinoin: FactType, editor: User):
    services.change_fact(
        isotretinoin,
        {"recheck_n": 1, "recheck_unit": "weeks"},
        seen=stamp(isotretinoin),
        reason=WHY,
        by=editor,
    )
    entry = Entry.objects.filter(action="fact_type_changed").get()
    assert entry.details["changed"] == ["recheck_n", "recheck_unit"]
    isotretinoin.refresh_from_db()
    assert isotretinoin.recheck_n == 1


def test_the_second_of_two_editors_is_told_and_loses_nothing(isotretinoin: FactType, editor: User):
    seen = stamp(isotretinoin)
    services.change_fact(isotretinoin, {"hint": {"en": "a"}}, seen=seen, reason=WHY, by=editor)
    with pytest.raises(services.FactMoved) as moved:
        services.change_fact(isotretinoin, {"hint": {"en": "b"}}, seen=seen, reason=WHY, by=editor)
    now = moved.value.stamp
    services.change_fact(isotretinoin, {"hint": {"en": "b"}}, seen=now, reason=WHY, by=editor)
    isotretinoin.refresh_from_db()
    assert isotretinoin.hint == {"en": "b"}


def test_a_change_needs_a_reason(isotretinoin: FactType, roaccutane: FactType, editor: User):
    tries: list[Callable[[], object]] = [
        lambda: services.change_fact(isotretinoin, {"hint": {}}, seen="", reason=" ", by=editor),
        lambda: services.rename_fact(isotretinoin, "x", reason="", by=editor),
        lambda: services.merge_facts(roaccutane, isotretinoin, reason="", by=editor),
        lambda: services.unmerge_fact(roaccutane, reason="", by=editor),
        lambda: services.add_fact("gout", {"name": {"en": "Gout"}}, reason="", by=editor),
    ]
    for attempt in tries:
        with pytest.raises(Refusal, match="Say why"):
            attempt()


NEW = {
    "name": {"en": "Gout"},
    "category": "condition",
    "kind": "episode",
    "recheck_n": 6,
    "recheck_unit": "months",
}


def test_a_new_fact_is_in_the_vocabulary_once(catalogue: None, editor: User):
    import uuid

    key = uuid.uuid4()
    services.add_fact("gout", NEW, reason=WHY, by=editor, key=key)
    with pytest.raises(AlreadyDone):
        services.add_fact("gout", NEW, reason=WHY, by=editor, key=key)
    with pytest.raises(Refusal, match="Another fact has this code"):
        services.add_fact("gout", NEW, reason=WHY, by=editor)
    assert [row.fact.code for row in overview("gout")] == ["gout"]


def test_a_new_fact_may_not_take_a_former_code(isotretinoin: FactType, editor: User):
    services.rename_fact(isotretinoin, "retinoid_oral", reason=WHY, by=editor)
    with pytest.raises(Refusal, match="Another fact had this code"):
        services.add_fact("isotretinoin", NEW, reason=WHY, by=editor)
