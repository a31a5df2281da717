"""Lots: received, corrected until the first use, recalled; and everybody who got of one."""

import datetime as dt
import random
import uuid
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from clinic.audit.models import Entry
from clinic.kit.refusals import AlreadyDone, Refusal
from plans.core.lots import Received
from plans.data.factories import LocationFactory, PatientFactory
from plans.lots.models import Lot
from plans.lots.selectors import PAGE, Show, lots_page, standing_of, where_used
from plans.lots.services import (
    InUse,
    OnTheList,
    add_lot,
    correct_lot,
    lift_recall,
    recall_lot,
)
from plans.lots.tags import amount_words, standing_words
from plans.records.models import LotUse
from tests.diary.clinic import TODAY, Clinic, client_of
from tests.lots.conftest import LATER, Give, Receive

DAY = dt.timedelta(days=1)
BOX = Received("Botox", "C 12-34", "U", LATER, TODAY)


def typed(**changes) -> dict[str, object]:
    values = {"product": "Botox", "number": "C1234", "expires_on": LATER, "received_on": TODAY,
              "unit": "U", "key": uuid.uuid4()}  # fmt: skip
    return values | changes


# --- writing


def test_a_lot_that_was_received_is_on_the_list(clinic: Clinic, at_lots: Client):
    answer = at_lots.post(reverse("lots:add"), typed(product=" Botox  Cosmetic "))
    lot = Lot.objects.get()
    assert answer["Location"] == reverse("lots:lot", args=[lot.pk])
    assert (lot.product, lot.location, lot.entered_by) == (
        "Botox Cosmetic", clinic.location, clinic.practitioner,
    )  # fmt: skip
    assert "C1234" in at_lots.get(reverse("lots:list")).content.decode()


def test_a_second_click_makes_no_second_lot(clinic: Clinic, key: uuid.UUID):
    add_lot(clinic.location, BOX, by=clinic.physician, key=key)
    with pytest.raises(AlreadyDone):
        add_lot(clinic.location, BOX, by=clinic.physician, key=key)
    assert Lot.objects.count() == 1


def test_the_same_lot_spelled_otherwise_is_refused(
    clinic: Clinic, receive: Receive, key: uuid.UUID
):
    receive("BOTOX", "c1234")
    with pytest.raises(OnTheList):
        add_lot(clinic.location, BOX, by=clinic.physician, key=key)


def test_a_lot_twice_is_told_beside_its_number(receive: Receive, at_lots: Client):
    receive()
    answer = at_lots.post(reverse("lots:add"), typed())
    assert answer.status_code == 422
    assert "on the list already" in answer.context["form"].errors["number"][0]


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("received_on", {"received_on": TODAY + DAY}),
        ("expires_on", {"expires_on": TODAY - DAY}),
        ("expires_on", {"expires_on": "2226-01-01"}),
        ("product", {"product": " % "}),
        ("number", {"number": ""}),
    ],
)
def test_what_cannot_be_on_a_box_is_refused(at_lots: Client, field: str, changes: dict[str, str]):
    answer = at_lots.post(reverse("lots:add"), typed(**changes))
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Lot.objects.exists()


def test_the_service_refuses_dates_that_cannot_be(clinic: Clinic, key: uuid.UUID):
    late = Received("Botox", "1", "U", LATER, TODAY + DAY)
    over = Received("Botox", "1", "U", TODAY - DAY, TODAY)
    for box in (late, over):
        with pytest.raises(Refusal):
            add_lot(clinic.location, box, by=clinic.physician, key=uuid.uuid4())


def test_a_lot_is_corrected_until_a_record_names_it(
    receive: Receive, give: Give, clinic: Clinic, at_lots: Client
):
    lot = receive()
    edit = reverse("lots:edit", args=[lot.pk])
    assert at_lots.post(edit, typed(number="C1235")).status_code == 302
    lot.refresh_from_db()
    assert (lot.number, lot.folded) == ("C1235", "botox c1235")
    give(lot)
    assert at_lots.post(edit, typed(number="C9")).status_code == 422
    with pytest.raises(InUse):
        correct_lot(lot, BOX, by=clinic.physician, key=uuid.uuid4())
    lot.refresh_from_db()
    assert lot.number == "C1235"


@pytest.mark.parametrize("column", ["number", "product", "expires_on", "unit", "received_on"])
def test_the_database_keeps_what_is_known_of_a_used_lot(receive: Receive, give: Give, column: str):
    lot = receive()
    Lot.objects.filter(pk=lot.pk).update(number="C1235")
    give(lot)
    with pytest.raises(IntegrityError, match="lots_lot_used_stays"), transaction.atomic():
        Lot.objects.filter(pk=lot.pk).update(**{column: getattr(lot, column)})


def test_no_lot_is_ever_deleted(receive: Receive):
    lot = receive()
    with pytest.raises(IntegrityError, match="lots_lot_stays"), transaction.atomic():
        Lot.objects.filter(pk=lot.pk).delete()


def test_a_recalled_lot_says_by_whom_and_why(
    receive: Receive, give: Give, clinic: Clinic, at_lots: Client
):
    lot = receive()
    give(lot)
    said = {"reason": "Particles, says the maker", "key": uuid.uuid4()}
    at_lots.post(reverse("lots:recall", args=[lot.pk]), said)
    page = at_lots.get(reverse("lots:lot", args=[lot.pk])).content.decode()
    assert "Particles, says the maker" in page
    lot.refresh_from_db()
    assert lot.recalled_by == clinic.practitioner
    assert Entry.objects.get(action="lot_recalled").reason == "Particles, says the maker"


def test_a_recall_needs_a_reason(receive: Receive, at_lots: Client):
    lot = receive()
    answer = at_lots.post(
        reverse("lots:recall", args=[lot.pk]), {"reason": " ", "key": uuid.uuid4()}
    )
    assert answer.status_code == 422
    lot.refresh_from_db()
    assert lot.recalled_at is None


def test_a_recall_can_be_taken_back_and_both_steps_stay_on_record(receive: Receive, clinic: Clinic):
    lot, by = receive(), clinic.physician
    recall_lot(lot, "wrong number", by=by, key=uuid.uuid4())
    with pytest.raises(Refusal):
        recall_lot(lot, "again", by=by, key=uuid.uuid4())
    lift_recall(lot, "it was the other lot", by=by, key=uuid.uuid4())
    with pytest.raises(Refusal):
        lift_recall(lot, "again", by=by, key=uuid.uuid4())
    lot.refresh_from_db()
    assert (lot.recalled_at, lot.recall_reason) == (None, "")
    steps = Entry.objects.filter(subject=f"lot:{lot.pk}").values_list("action", flat=True)
    assert sorted(steps) == ["lot_recall_lifted", "lot_recalled"]


# --- where it was used


def test_a_recall_finds_every_patient_with_visits_amounts_and_contact(
    receive: Receive, give: Give, clinic: Clinic, at_lots: Client
):
    lot, other = receive(), receive(number="OTHER")
    for n in range(60):
        who = PatientFactory(
            location=clinic.location, family_name=f"Name{n:02}", phone=f"+4917070010{n:02}"
        )
        give(lot, who)
    twice = PatientFactory(location=clinic.location, given_name="Twice", email="t@example.org")
    give(lot, twice, "12.50")
    give(lot, twice, "7.5")
    stranger = PatientFactory(location=clinic.location, family_name="Notthislot")
    give(other, stranger)
    page = at_lots.get(reverse("lots:patients", args=[lot.pk])).content.decode()
    assert all(f"Name{n:02}" in page and f"tel:+4917070010{n:02}" in page for n in range(60))
    assert "20 U in all" in page
    assert "t@example.org" in page
    assert "Notthislot" not in page
    assert "61 patients, 62 visits" in page


@pytest.mark.parametrize("seed", range(5))
def test_a_recall_finds_what_a_look_at_every_single_use_finds(
    receive: Receive, give: Give, clinic: Clinic, seed: int
):
    rng = random.Random(seed)
    lots = [receive(number=f"L{n}") for n in range(4)]
    patients = PatientFactory.create_batch(12, location=clinic.location)
    for _ in range(rng.randrange(60)):
        first, second = rng.sample(lots, 2)
        visit = give(first, rng.choice(patients), rng.choice(["1", "2.5", None])).record
        if rng.random() < 0.3:
            LotUse.objects.create(record=visit, lot=second, units=Decimal("0.5"))
    for lot in lots:
        uses: dict[int, list[Decimal | None]] = {}
        for use in LotUse.objects.all():
            if use.lot_id == lot.pk:
                uses.setdefault(use.record.visit.patient.number, []).append(use.units)
        found = {
            got.patient.number: sorted((use.units for use in got.uses), key=str)
            for got in where_used(lot)
        }
        assert found == {number: sorted(units, key=str) for number, units in uses.items()}
        for got in where_used(lot):
            counted = uses[got.patient.number]
            known = [units for units in counted if units is not None]
            assert got.units == (sum(known) if len(known) == len(counted) else None)


def test_a_sum_is_told_only_where_every_visit_counted(receive: Receive, give: Give):
    lot = receive()
    give(lot, units="20")
    give(lot, units=None)
    [got] = where_used(lot)
    assert (len(got.uses), got.units) == (2, None)


def test_a_draft_that_names_the_lot_is_on_the_recall_list(
    receive: Receive, give: Give, at_lots: Client
):
    lot = receive()
    give(lot)
    assert (
        "record not signed yet"
        in at_lots.get(reverse("lots:patients", args=[lot.pk])).content.decode()
    )


def test_who_was_shown_is_written_down(
    receive: Receive, give: Give, clinic: Clinic, at_lots: Client
):
    lot = receive()
    give(lot)
    at_lots.get(reverse("lots:lot", args=[lot.pk]))
    assert Entry.objects.get(action="lot_patients_shown").details == {
        "patients": [clinic.patient.number], "visits": 1,
    }  # fmt: skip


def test_the_same_lot_at_another_location_is_pointed_at_but_its_patients_are_not_shown(
    receive: Receive, give: Give, at_lots: Client
):
    lot = receive()
    elsewhere = LocationFactory(name="Seeseite")
    theirs = receive(location=elsewhere)
    give(theirs, PatientFactory(location=elsewhere, family_name="Fernweh"))
    page = at_lots.get(reverse("lots:lot", args=[lot.pk])).content.decode()
    assert "Seeseite" in page
    assert "Fernweh" not in page
    assert at_lots.get(reverse("lots:lot", args=[theirs.pk])).status_code == 404


def test_where_used_costs_one_query(receive: Receive, give: Give, django_assert_num_queries):
    lot = receive()
    for _n in range(12):
        give(lot)
    with django_assert_num_queries(1):
        [got] = where_used(lot)
        assert [use.visit.location.zone for use in got.uses]


# --- the list, and the choice


@pytest.mark.parametrize(
    ("show", "numbers"),
    [
        ("", ["LATELY", "SOON", "GOOD"]),
        ("soon", ["SOON"]),
        ("expired", ["LATELY", "LONG"]),
        ("recalled", ["CALLED"]),
        ("all", ["GOOD", "CALLED", "SOON", "LATELY", "LONG"]),
        ("no-such", ["LATELY", "SOON", "GOOD"]),
    ],
)
def test_the_list_is_filtered(
    receive: Receive, clinic: Clinic, at_lots: Client, show: str, numbers: list[str]
):
    receive(number="LONG", expires_on=TODAY - 60 * DAY)
    receive(number="LATELY", expires_on=TODAY - 2 * DAY)
    receive(number="SOON", expires_on=TODAY + 30 * DAY)
    receive(number="GOOD", expires_on=TODAY + 90 * DAY)
    called = receive(number="CALLED", expires_on=TODAY + 60 * DAY)
    recall_lot(called, "particles", by=clinic.physician, key=uuid.uuid4())
    rows = at_lots.get(reverse("lots:list"), {"show": show}).context["rows"]
    assert [each.lot.number for each, _sign, _words in rows] == numbers


def test_a_number_finds_its_lot_however_old_it_is(receive: Receive, at_lots: Client):
    old = receive(number="AB-77 1", expires_on=TODAY - 60 * DAY)
    receive(number="ZZ", expires_on=LATER)
    rows = at_lots.get(reverse("lots:list"), {"q": "ab771"}).context["rows"]
    assert [each.lot for each, _sign, _words in rows] == [old]


def test_the_list_pages_and_costs_the_same_for_many(
    receive: Receive, give: Give, clinic: Clinic, django_assert_num_queries
):
    for n in range(PAGE + 3):
        give(receive(number=f"N{n}"))
    for number, shown in ((1, PAGE), (2, 3), ("99", 3), ("nonsense", PAGE)):
        with django_assert_num_queries(2):
            _page, listed = lots_page(clinic.location, "", Show.AT_HAND, number, TODAY)
        assert (len(listed), {each.uses for each in listed}) == (shown, {1})


def test_the_list_warns_of_what_expires_and_what_expired(receive: Receive, at_lots: Client):
    receive(number="A", expires_on=TODAY - DAY)
    receive(number="B", expires_on=TODAY + DAY)
    receive(number="C", expires_on=TODAY - 200 * DAY, received_on=TODAY - 300 * DAY)
    page = at_lots.get(reverse("lots:list")).content.decode()
    assert "1 lot expired in the last 30 days" in page
    assert "1 lot expires within 30 days" in page


def test_htmx_gets_the_list_alone(receive: Receive, at_lots: Client):
    receive()
    answer = at_lots.get(reverse("lots:list"), headers={"HX-Request": "true"}).content.decode()
    assert answer.lstrip().startswith("<section")


def test_reception_does_not_keep_lots(clinic: Clinic):
    assert client_of(clinic.reception).get(reverse("lots:list")).status_code == 403


def test_amounts_are_written_without_idle_zeros(receive: Receive, give: Give):
    lot = receive()
    for units, words in (("20", "20 U"), ("100", "100 U"), ("0.5", "0.5 U"), (None, "")):
        use = give(lot, units=units)
        use.refresh_from_db()
        assert amount_words(use.units, lot.unit) == words


def test_the_last_day_is_said(receive: Receive):
    assert standing_words(standing_of(receive(expires_on=TODAY), TODAY)) == "Last day today"
