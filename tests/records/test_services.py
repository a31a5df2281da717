"""A record: a draft that two pages cannot overwrite for each other, one signature, then only additions."""

import dataclasses
import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from clinic.audit.models import Entry
from clinic.kit.refusals import AlreadyDone, Refusal
from plans.core.record import Harm, Saving, Use, Written
from plans.data.factories import LocationFactory
from plans.diary.models import Appointment
from plans.lots.models import Lot
from plans.records.models import LotUse, Reaction, TreatmentRecord
from plans.records.selectors import is_intact, record_of
from plans.records.services import (
    NotReady,
    Stale,
    add_addendum,
    add_event,
    follow_up,
    remove_reaction,
    save_draft,
    save_with_reaction,
    sign_record,
)
from tests.diary.clinic import Clinic, to
from tests.records.conftest import VALUES, WHOLE, draft, make_lot, signed

BURN = Harm("blister", 2, "left cheek")


def saved(visit: Appointment) -> TreatmentRecord:
    row = record_of(visit)
    assert row is not None
    return row


def actions() -> list[str]:
    return list(Entry.objects.order_by("id").values_list("action", flat=True))


# --- the draft


def test_a_draft_keeps_all_that_was_written(visit: Appointment, clinic: Clinic):
    at = visit.starts_at
    written = Written({"acid_percent": "twen"}, ("cheeks",), "cream", at, "note", "why")
    draft(visit, clinic, written)
    row = saved(visit)
    assert (row.values, row.areas, row.anaesthesia) == (
        {"acid_percent": "twen"},
        ["cheeks"],
        "cream",
    )
    assert (row.anaesthesia_at, row.notes, row.outside_reason, row.version) == (
        at,
        "note",
        "why",
        1,
    )
    assert (row.saved_by, row.revision, row.state) == (clinic.physician, clinic.peel, "draft")


def test_a_second_page_does_not_overwrite_the_first(visit: Appointment, clinic: Clinic):
    draft(visit, clinic)
    other = dataclasses.replace(WHOLE, notes="from elsewhere")
    with pytest.raises(Stale, match="saved this record on another page at 10:00"):
        save_draft(visit, other, Saving(0, uuid.uuid4()), by=clinic.practitioner)
    assert saved(visit).notes == "Even frost."
    save_draft(visit, other, Saving(1, uuid.uuid4()), by=clinic.practitioner)
    assert saved(visit).notes == "from elsewhere"


def test_a_page_whose_answer_was_lost_goes_on(visit: Appointment, clinic: Clinic, tab: uuid.UUID):
    for note in ("a", "ab", "abc"):
        written = dataclasses.replace(WHOLE, notes=note)
        save_draft(visit, written, Saving(0, tab), by=clinic.physician)
    assert (saved(visit).notes, saved(visit).version) == ("abc", 3)


def test_a_page_that_saves_itself_is_one_line_of_the_audit(
    visit: Appointment, clinic: Clinic, tab: uuid.UUID
):
    for version in range(3):
        save_draft(visit, WHOLE, Saving(version, tab), by=clinic.physician)
    assert actions().count("record_saved") == 1
    save_draft(visit, WHOLE, Saving(3, uuid.uuid4()), by=clinic.physician)
    assert actions().count("record_saved") == 2


def test_the_audit_holds_nothing_that_was_written(visit: Appointment, clinic: Clinic):
    row = signed(visit, clinic, dataclasses.replace(WHOLE, notes="Zyxnotiz"))
    add_addendum(visit, "Zyxnotiz", by=clinic.physician, key=uuid.uuid4())
    add_event(
        visit, Harm("scar", 1, "Zyxnotiz"), dt.date(2026, 11, 26), by=clinic.physician,
        key=uuid.uuid4(),
    )  # fmt: skip
    told = [str(entry.details) + entry.reason for entry in Entry.objects.all()]
    assert row.is_signed
    assert not [words for words in told if "Zyx" in words or "TCA" in words]


def test_reception_cannot_write_a_record(visit: Appointment, clinic: Clinic):
    with pytest.raises(PermissionDenied):
        save_draft(visit, WHOLE, Saving(0, uuid.uuid4()), by=clinic.reception)


def test_a_visit_that_did_not_take_place_has_no_record(second: Appointment, clinic: Clinic):
    to(second, "cancelled", clinic.reception, "ill")
    with pytest.raises(Refusal, match="did not take place"):
        draft(second, clinic)


# --- lots


def test_the_first_lot_answers_the_fields_of_the_product(
    visit: Appointment, clinic: Clinic, tca: Lot
):
    written = Written(
        {"acid_percent": 20}, ("cheeks",), uses=(Use(tca.pk, Decimal("2.5"), "both"),)
    )
    draft(visit, clinic, written)
    row = saved(visit)
    assert row.values == {
        "acid_percent": 20, "product": "TCA 30", "lot": "4471", "expires": "2027-03-01",
    }  # fmt: skip
    [use] = tca.uses.all()
    assert (use.record, use.units, use.sites) == (row, Decimal("2.5"), "both")


def test_lots_of_a_draft_are_those_of_its_latest_save(
    visit: Appointment, clinic: Clinic, tca: Lot, tab: uuid.UUID
):
    cream = make_lot(clinic, "Lidocaine", "L1")
    for uses in ((Use(tca.pk),), (Use(cream.pk), Use(tca.pk)), (Use(cream.pk),)):
        save_draft(
            visit, dataclasses.replace(WHOLE, uses=uses), Saving(0, tab), by=clinic.physician
        )
    assert [use.lot for use in saved(visit).lot_uses.all()] == [cream]


def test_one_lot_stands_in_one_line(visit: Appointment, clinic: Clinic, tca: Lot):
    twice = dataclasses.replace(WHOLE, uses=(Use(tca.pk), Use(tca.pk)))
    with pytest.raises(Refusal, match="stands in two lines"):
        draft(visit, clinic, twice)
    assert record_of(visit) is None


@pytest.mark.parametrize("what", ["expired", "recalled", "elsewhere"])
def test_a_lot_that_may_not_be_used_is_refused(
    visit: Appointment, clinic: Clinic, tca: Lot, what: str
):
    changes: dict[str, Any] = {"expires_on": dt.date(2026, 11, 25)}
    if what == "recalled":
        changes = {
            "recalled_at": visit.starts_at, "recalled_by": clinic.physician, "recall_reason": "x",
        }  # fmt: skip
    if what == "elsewhere":
        changes = {"location": LocationFactory.create()}
    Lot.objects.filter(pk=tca.pk).update(**changes)
    with pytest.raises(Refusal, match="recalled or has expired"):
        draft(visit, clinic, dataclasses.replace(WHOLE, uses=(Use(tca.pk),)))


# --- the signature


def test_a_signed_record_is_closed_and_says_what_was_signed(visit: Appointment, clinic: Clinic):
    row = signed(visit, clinic)
    assert (row.state, row.signed_by) == ("signed", clinic.physician)
    assert is_intact(row)
    row.notes = "something else"
    assert not is_intact(row)
    with pytest.raises(Refusal, match="Write an addendum instead"):
        save_draft(visit, WHOLE, Saving(row.version, uuid.uuid4()), by=clinic.physician)


def test_the_digest_holds_lots_and_reactions_too(visit: Appointment, clinic: Clinic, tca: Lot):
    key = uuid.uuid4()
    written = dataclasses.replace(WHOLE, uses=(Use(tca.pk, Decimal("2.5"), "x"),))
    sign_record(
        visit, written, Saving(0, uuid.uuid4()), by=clinic.physician, key=key, harm=BURN,
        at=visit.starts_at,
    )  # fmt: skip
    row = saved(visit)
    assert is_intact(row)
    assert [(one.kind, one.severity) for one in row.reactions.all()] == [("blister", 2)]
    for line in (row.lot_uses.all()[0], row.reactions.all()[0]):
        changed = saved(visit)
        cached = changed.lot_uses.all() if isinstance(line, LotUse) else changed.reactions.all()
        setattr(cached[0], "sites" if isinstance(line, LotUse) else "note", "other")
        assert not is_intact(changed)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (Written(VALUES), "Treated zones"),
        (Written({**VALUES, "acid_percent": "x"}, ("cheeks",)), "TCA concentration"),
        (Written({**VALUES, "acid_percent": 50}, ("cheeks",)), "TCA concentration"),
        (Written({}, ("cheeks",)), "TCA concentration, Product, Lot number, Expiry date"),
    ],
)
def test_what_is_required_stands_before_the_signature(
    visit: Appointment, clinic: Clinic, written: Written, words: str
):
    with pytest.raises(NotReady, match=words):
        signed(visit, clinic, written)
    assert record_of(visit) is None


def test_a_value_beyond_its_limits_is_signed_with_its_reason(visit: Appointment, clinic: Clinic):
    written = Written({**VALUES, "acid_percent": 50}, ("cheeks",), outside_reason="thick skin")
    assert signed(visit, clinic, written).outside_reason == "thick skin"


def test_nothing_is_signed_before_the_treatment_begins(second: Appointment, clinic: Clinic):
    with pytest.raises(NotReady, match="has not begun"):
        signed(second, clinic)


def test_a_second_press_signs_once(visit: Appointment, clinic: Clinic, tab: uuid.UUID):
    key = uuid.uuid4()
    sign_record(visit, WHOLE, Saving(0, tab), by=clinic.physician, key=key)
    with pytest.raises(AlreadyDone):
        sign_record(visit, WHOLE, Saving(0, tab), by=clinic.physician, key=key)
    assert actions().count("record_signed") == 1


def test_the_orm_cannot_change_what_is_signed(visit: Appointment, clinic: Clinic):
    row = signed(visit, clinic)
    row.notes = "it went well"
    for change in (
        row.save,
        row.delete,
        lambda: TreatmentRecord.objects.filter(pk=row.pk).update(state="draft"),
        lambda: Reaction.objects.create(record=row, kind="pain", severity=1, at=visit.starts_at),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    assert saved(visit).notes == "Even frost."


# --- what is added


def test_only_the_one_who_signed_adds_to_a_record(visit: Appointment, clinic: Clinic):
    signed(visit, clinic)
    with pytest.raises(Refusal, match="who signed this record"):
        add_addendum(visit, "later", by=clinic.practitioner, key=uuid.uuid4())
    add_addendum(visit, "later", by=clinic.physician, key=uuid.uuid4())
    assert [row.text for row in saved(visit).addenda.all()] == ["later"]


def test_a_draft_gets_no_addendum(visit: Appointment, clinic: Clinic):
    draft(visit, clinic)
    with pytest.raises(Refusal, match="not signed yet"):
        add_addendum(visit, "later", by=clinic.physician, key=uuid.uuid4())


def test_a_reaction_of_a_draft_can_be_taken_out_again(
    visit: Appointment, clinic: Clinic, tab: uuid.UUID
):
    key = uuid.uuid4()
    for _again in range(2):
        try:
            save_with_reaction(
                visit, WHOLE, Saving(0, tab), BURN, visit.starts_at, by=clinic.physician, key=key
            )
        except AlreadyDone:
            continue
    [row] = saved(visit).reactions.all()
    remove_reaction(visit, row.pk, by=clinic.physician)
    assert not saved(visit).reactions.all()
    with pytest.raises(Refusal, match="gone already"):
        remove_reaction(visit, row.pk, by=clinic.physician)


def test_a_reaction_that_was_signed_stays(visit: Appointment, clinic: Clinic):
    sign_record(
        visit, WHOLE, Saving(0, uuid.uuid4()), by=clinic.physician, key=uuid.uuid4(), harm=BURN,
        at=visit.starts_at,
    )  # fmt: skip
    [row] = saved(visit).reactions.all()
    with pytest.raises(Refusal, match="stays as it is"):
        remove_reaction(visit, row.pk, by=clinic.physician)


def test_an_adverse_event_is_followed_up_until_it_is_over(visit: Appointment, clinic: Clinic):
    signed(visit, clinic)
    day, by = dt.date(2026, 11, 26), clinic.practitioner
    event = add_event(visit, BURN, day, by=by, key=uuid.uuid4())
    more: dict[str, Any] = {"by": by, "next_on": None}
    follow_up(visit, event.pk, "better", is_over=False, key=uuid.uuid4(), **more)
    follow_up(visit, event.pk, "healed", is_over=True, key=uuid.uuid4(), **more)
    assert [entry.note for entry in event.entries.all()] == ["better", "healed"]
    with pytest.raises(Refusal, match="is over"):
        follow_up(visit, event.pk, "again", is_over=False, key=uuid.uuid4(), **more)


@pytest.mark.parametrize("day", [dt.date(2026, 11, 25), dt.date(2026, 11, 27)])
def test_an_adverse_event_begins_between_the_treatment_and_today(
    visit: Appointment, clinic: Clinic, day: dt.date
):
    signed(visit, clinic)
    with pytest.raises(Refusal, match="from the treatment on"):
        add_event(visit, BURN, day, by=clinic.physician, key=uuid.uuid4())


def test_an_event_of_another_visit_is_not_followed_up_here(
    visit: Appointment, second: Appointment, clinic: Clinic
):
    signed(visit, clinic)
    draft(second, clinic)
    event = add_event(visit, BURN, dt.date(2026, 11, 26), by=clinic.physician, key=uuid.uuid4())
    with pytest.raises(Refusal):
        follow_up(
            second, event.pk, "x", next_on=None, is_over=True, by=clinic.physician,
            key=uuid.uuid4(),
        )  # fmt: skip
