"""Pages of a record: what is filled in, what saves itself, what signing says, what is printed."""

import datetime as dt
import re
import uuid
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import translation

from clinic.staff.models import User
from plans.core import record as core
from plans.core.record import Harm
from plans.courses.selectors import local_day
from plans.diary.models import Appointment
from plans.lots.models import Lot
from plans.lots.services import recall_lot
from plans.lots.tags import amount_words
from plans.records.models import LotUse
from plans.records.selectors import history, in_visit, page_of, record_of
from plans.records.services import add_addendum, add_event, follow_up
from plans.records.tags import lines_of, use_words, value_words
from tests.diary.clinic import BERLIN, Clinic, client_of, said, to
from tests.records.conftest import VALUES, draft, make_lot, signed, typed

BY_ITSELF = {"HX-Request": "true"}


def post(client: Client, name: str, visit: Appointment, data: Any, *more: int, **how: Any) -> Any:
    return client.post(reverse(f"records:{name}", args=[visit.pk, *more]), data, **how)


def page(client: Client, visit: Appointment) -> Any:
    return client.get(reverse("records:record", args=[visit.pk]))


@pytest.fixture
def later(
    visit: Appointment, second: Appointment, clinic: Clinic, monday: time_machine.Traveller
) -> Appointment:
    """The second peel, three months after the first was signed."""
    signed(visit, clinic)
    to(visit, "done", clinic.physician)
    monday.move_to(dt.datetime(2027, 2, 26, 10, tzinfo=BERLIN))
    return second


def test_looking_at_a_record_writes_none(doctor: Client, visit: Appointment):
    answer = page(doctor, visit)
    assert answer.status_code == 200
    assert "10 to 40 %" in said(answer)
    assert "Not written down yet" not in said(answer)
    assert record_of(visit) is None


def test_a_first_record_begins_with_the_usual_anaesthesia_and_the_areas_of_the_course(
    doctor: Client, visit: Appointment
):
    assert visit.session is not None
    visit.session.course.areas = ["forehead", "back"]
    visit.session.course.save(update_fields=["areas"])
    form = page(doctor, visit).context["form"]
    assert form["anaesthesia"].value() == "lidocaine cream"
    assert form["areas"].value() == ["forehead"]


def test_the_next_record_is_filled_in_from_the_last_and_marks_what_differs(
    clinic: Clinic, later: Appointment
):
    doctor = client_of(clinic.physician)
    form = page(doctor, later).context["form"]
    assert form["p-acid_percent"].value() == "20"
    assert form["p-lot"].value() == ""
    assert not any(row.is_changed for row in form.rows())
    post(doctor, "save", later, typed(**{"p-acid_percent": "25"}))
    answer = page(doctor, later)
    changed = {
        row.entry.field.key: row.before for row in answer.context["form"].rows() if row.is_changed
    }
    assert changed == {"acid_percent": "20 %"}
    assert "Changed. Last time: 20 %" in said(answer)


def test_a_draft_is_saved_without_a_script(doctor: Client, visit: Appointment):
    answer = post(doctor, "save", visit, typed(notes="From the tablet"))
    assert answer.status_code == 302
    assert answer.url == reverse("records:record", args=[visit.pk])
    row = record_of(visit)
    assert row is not None
    assert (row.notes, row.values, row.areas) == ("From the tablet", VALUES, ["forehead"])


def test_a_page_that_saves_itself_gets_its_new_version(doctor: Client, visit: Appointment):
    answer = post(doctor, "save", visit, typed(), headers=BY_ITSELF)
    assert answer.status_code == 200
    html = answer.content.decode()
    assert html.lstrip().startswith('<div id="saved">')
    assert '<input type="hidden" name="version" value="1">' in html
    assert "Draft saved Thu 26 Nov at 10:00" in said(answer)


def test_a_page_that_saves_itself_asks_for_a_reason_at_once(doctor: Client, visit: Appointment):
    beyond = typed(**{"p-acid_percent": "45"})
    html = post(doctor, "save", visit, beyond, headers=BY_ITSELF).content.decode()
    assert html.lstrip().startswith('<div id="saved" data-beyond>')
    [told] = re.findall(r'<p [^>]*id="id_p-acid_percent_error"[^>]*>', html)
    assert 'hx-swap-oob="true"' in told
    assert "hidden" not in told
    within = typed(version="1")
    html = post(doctor, "save", visit, within, headers=BY_ITSELF).content.decode()
    assert "data-beyond" not in html
    [told] = re.findall(r'<p [^>]*id="id_p-acid_percent_error"[^>]*>', html)
    assert told.endswith(" hidden>")


@pytest.mark.parametrize(
    "half", [{"use-0-units": "2"}, {"harm-kind": "blister"}, {"use-0-units": "much"}]
)
def test_what_is_half_written_does_not_keep_the_rest_from_being_saved(
    doctor: Client, visit: Appointment, half: dict[str, str]
):
    answer = post(doctor, "save", visit, typed(**half, notes="Even frost"), headers=BY_ITSELF)
    assert answer.status_code == 200
    assert "Draft saved, but for what is half written" in said(answer)
    row = record_of(visit)
    assert row is not None
    assert row.notes == "Even frost"
    assert not row.lot_uses.all()
    assert not row.reactions.all()


def test_the_choice_of_a_lot_says_first_what_to_know_of_it(
    doctor: Client, visit: Appointment, clinic: Clinic, monday: time_machine.Traveller
):
    make_lot(clinic, "TCA 20", "S1", expires_on=dt.date(2026, 12, 3))
    called = make_lot(clinic, "TCA 20", "R1")
    words = said(page(doctor, visit))
    assert "Expires in 7 days: TCA 20, lot S1, use by 3 Dec 2026 (ml)" in words
    monday.move_to(dt.datetime(2026, 11, 26, 18, tzinfo=BERLIN))
    recall_lot(called, "particles", by=clinic.physician, key=uuid.uuid4())
    # What was recalled since may be what she got: only by naming it does the recall find her.
    assert "Recalled: TCA 20, lot R1" in said(page(doctor, visit))


def test_a_lot_recalled_before_the_day_is_not_offered(
    doctor: Client, visit: Appointment, clinic: Clinic, monday: time_machine.Traveller
):
    called = make_lot(clinic, "TCA 20", "R1")
    monday.move_to(dt.datetime(2026, 11, 25, 18, tzinfo=BERLIN))
    recall_lot(called, "particles", by=clinic.physician, key=uuid.uuid4())
    monday.move_to(dt.datetime(2026, 11, 26, 10, tzinfo=BERLIN))
    assert "lot R1" not in said(page(doctor, visit))


def test_numbers_are_written_as_the_language_writes_them(
    visit: Appointment, clinic: Clinic, tca: Lot
):
    use = core.Use(tca.pk, Decimal("1.40"), "")
    values = VALUES | {"acid_percent": 17.5}
    row = signed(visit, clinic, core.Written(values, ("forehead",), uses=(use,)))
    with translation.override("de"):
        rows = lines_of(row)
    assert any(": 1,4 ml" in words for _label, words in rows)
    assert any(words == "17,5 %" for _label, words in rows)


def test_a_lot_counts_before_its_amount_is_a_number(doctor: Client, visit: Appointment, tca: Lot):
    for version, units, kept in (("0", "2,5", Decimal("2.5")), ("1", "2,5 o", None)):
        line = {"use-0-lot": str(tca.pk), "use-0-units": units, "version": version}
        post(doctor, "save", visit, typed(**line), headers=BY_ITSELF)
        row = record_of(visit)
        assert row is not None
        assert [use.units for use in row.lot_uses.all()] == [kept]


def test_an_unreadable_value_is_kept_and_named(doctor: Client, visit: Appointment):
    post(doctor, "save", visit, typed(**{"p-acid_percent": "twenty"}))
    answer = page(doctor, visit)
    assert answer.context["form"]["p-acid_percent"].value() == "twenty"
    assert "cannot be read as a number" in said(answer)


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_page_that_is_behind_is_told_so_and_keeps_what_was_typed(
    doctor: Client, visit: Appointment, clinic: Clinic, headers: dict[str, str]
):
    draft(visit, clinic)
    answer = post(doctor, "save", visit, typed(notes="typed here"), headers=headers)
    assert answer.status_code == 422
    assert "saved this record on another page" in said(answer)
    if not headers:
        assert "typed here" in said(answer)


def test_a_page_saves_on_after_a_refused_signature(doctor: Client, visit: Appointment):
    form = typed(areas=[])
    answer = post(doctor, "sign", visit, form)
    assert answer.status_code == 422
    assert "Not signed yet. Look at: Treated zones." in said(answer)
    row = record_of(visit)
    assert row is not None
    assert (row.state, row.notes) == ("draft", "Even frost.")
    again = form | {"areas": ["cheeks"], "key": str(uuid.uuid4())}
    assert post(doctor, "sign", visit, again).url == reverse("visits:visit", args=[visit.pk])


def test_signing_closes_the_page_for_everybody_and_leaves_the_signer_an_addendum(
    doctor: Client, visit: Appointment, clinic: Clinic
):
    post(doctor, "sign", visit, typed())
    mine, theirs = page(doctor, visit), page(client_of(clinic.practitioner), visit)
    assert 'name="p-acid_percent"' not in mine.content.decode()
    assert "20 %" in said(mine)
    assert reverse("records:addendum", args=[visit.pk]) in mine.content.decode()
    assert reverse("records:addendum", args=[visit.pk]) not in theirs.content.decode()


def test_a_signed_record_takes_no_save(doctor: Client, visit: Appointment, clinic: Clinic):
    signed(visit, clinic)
    answer = post(doctor, "save", visit, typed(notes="changed"))
    assert answer.status_code == 422
    assert "Write an addendum instead" in said(answer)


def test_a_lot_is_chosen_from_the_store_and_those_past_their_day_are_not_offered(
    doctor: Client, visit: Appointment, clinic: Clinic, tca: Lot
):
    make_lot(clinic, "TCA 30", "old", expires_on=dt.date(2026, 11, 25))
    offered = page(doctor, visit).context["form"].uses.forms[0].fields["lot"].choices
    assert [key for key, _words in offered] == ["", str(tca.pk)]
    by_lot = {"use-0-lot": str(tca.pk), "use-0-units": "1.5", "use-0-sites": "cheeks"}
    by_hand = {"p-product": "", "p-lot": "", "p-expires": ""}
    post(doctor, "sign", visit, typed(**by_lot, **by_hand))
    row = record_of(visit)
    assert row is not None
    assert row.is_signed
    assert row.values["lot"] == "4471"


def test_an_amount_without_its_lot_is_asked_about(doctor: Client, visit: Appointment):
    answer = post(doctor, "save", visit, typed(**{"use-0-units": "2"}))
    assert answer.status_code == 422
    assert "Choose the lot, or empty this line." in said(answer)


def test_a_product_past_its_day_is_pointed_out(doctor: Client, visit: Appointment):
    post(doctor, "save", visit, typed(**{"p-expires": "2026-11-25"}))
    assert "was past its expiry date" in said(page(doctor, visit))


def test_a_reaction_is_added_with_the_draft_and_taken_out_again(doctor: Client, visit: Appointment):
    harm = {"harm-kind": "blister", "harm-severity": "2", "harm-happened_at": "10:20"}
    post(doctor, "save", visit, typed(**harm))
    answer = page(doctor, visit)
    assert "10:20 Blister or burn, moderate" in said(answer)
    row = record_of(visit)
    assert row is not None
    form = answer.context["form"]
    gone = {
        "remove": str(row.reactions.all()[0].pk),
        "version": "1",
        "tab": str(form["tab"].value()),
    }
    post(doctor, "save", visit, typed(**gone))
    assert "Blister or burn, moderate" not in said(page(doctor, visit))


def test_a_reaction_needs_how_bad_it_is(doctor: Client, visit: Appointment):
    answer = post(doctor, "save", visit, typed(**{"harm-kind": "blister"}))
    assert answer.status_code == 422
    assert "Say how bad it is." in said(answer)


def test_a_page_that_saves_itself_adds_no_reaction_that_is_half_told(
    doctor: Client, visit: Appointment
):
    harm = {"harm-kind": "blister", "harm-severity": "2"}
    post(doctor, "save", visit, typed(**harm), headers=BY_ITSELF)
    row = record_of(visit)
    assert row is not None
    assert not row.reactions.all()


def test_what_is_added_later_stands_on_the_page(doctor: Client, visit: Appointment, clinic: Clinic):
    signed(visit, clinic)
    post(doctor, "addendum", visit, {"key": uuid.uuid4(), "text": "Called: all well."})
    event = {"kind": "scar", "severity": "1", "began_on": "2026-11-26", "note": "small"}
    post(doctor, "event", visit, {"key": uuid.uuid4(), **event})
    row = record_of(visit)
    assert row is not None
    pk = row.events.all()[0].pk
    follow = {f"event-{pk}-key": uuid.uuid4(), f"event-{pk}-note": "paler"}
    assert post(doctor, "follow_up", visit, follow, pk).status_code == 302
    words = said(page(doctor, visit))
    assert all(each in words for each in ("Called: all well.", "Scar, mild", "small", "paler"))


def test_when_to_look_again_stands_on_the_worklist(
    visit: Appointment, clinic: Clinic, monday: time_machine.Traveller
):
    signed(visit, clinic)
    by: Any = {"by": clinic.physician}
    event = add_event(visit, Harm("scar", 1, ""), local_day(visit), key=uuid.uuid4(), **by)
    again = dt.date(2026, 12, 3)
    follow_up(visit, event.pk, "red", next_on=again, is_over=False, key=uuid.uuid4(), **by)

    def worklist(who: User) -> str:
        return said(client_of(who).get("/worklist/"))

    assert "Look again after" not in worklist(clinic.physician)
    monday.move_to(dt.datetime(2026, 12, 3, 9, tzinfo=BERLIN))
    assert "Look again after Medium TCA peel of Thu 26 Nov" in worklist(clinic.physician)
    assert "Scar, mild" in worklist(clinic.physician)
    assert "Look again after" in worklist(clinic.reception)
    assert "Scar" not in worklist(clinic.reception)
    follow_up(visit, event.pk, "gone", next_on=None, is_over=True, key=uuid.uuid4(), **by)
    assert "Look again after" not in worklist(clinic.physician)


def test_an_addendum_by_somebody_else_is_refused_in_the_page(visit: Appointment, clinic: Clinic):
    signed(visit, clinic)
    client = client_of(clinic.practitioner)
    answer = post(client, "addendum", visit, {"key": uuid.uuid4(), "text": "mine"})
    assert answer.status_code == 422
    row = record_of(visit)
    assert row is not None
    assert not row.addenda.all()


def test_the_map_presses_the_boxes_beneath_it(doctor: Client, visit: Appointment):
    html = page(doctor, visit).content.decode()
    svg = html[html.index('<svg class="face-map"') : html.index("</svg>", html.index("face-map"))]
    pressed = set(re.findall(r'<label for="([^"]+)"', svg))
    boxes = set(re.findall(r'<input type="checkbox" name="areas"[^>]* id="([^"]+)"', html))
    assert pressed
    assert pressed < boxes  # "other" has no place on a face


def test_the_anaesthesia_says_from_when_it_works(doctor: Client, visit: Appointment):
    post(doctor, "save", visit, typed(anaesthesia="cream", anaesthesia_at="09:50"))
    assert "Works from 10:20, after 30 minutes." in said(page(doctor, visit))


def test_the_paper_speaks_the_patients_language(doctor: Client, visit: Appointment, clinic: Clinic):
    clinic.patient.language = "de"
    clinic.patient.save(update_fields=["language"])
    row = signed(visit, clinic)
    html = doctor.get(reverse("records:printed", args=[visit.pk])).content.decode()
    assert '<article class="paper" lang="de">' in html
    assert "TCA-Konzentration" in html
    assert row.digest in html
    answer = doctor.get(reverse("records:pdf", args=[visit.pk]))
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Cache-Control"] == "no-store, private"
    assert answer.content.startswith(b"%PDF")


def test_nothing_is_printed_before_anything_is_written(doctor: Client, visit: Appointment):
    for name in ("printed", "pdf"):
        assert doctor.get(reverse(f"records:{name}", args=[visit.pk])).status_code == 404


def test_a_consultation_is_recorded_by_its_notes(
    doctor: Client, visit: Appointment, clinic: Clinic
):
    talk = Appointment.objects.create(
        patient=clinic.patient, location=clinic.location, status="in_treatment",
        starts_at=visit.starts_at + dt.timedelta(hours=2),
        ends_at=visit.starts_at + dt.timedelta(hours=3), created_at=visit.created_at,
    )  # fmt: skip
    form = {name: value for name, value in typed().items() if not name.startswith("p-")}
    assert post(doctor, "sign", talk, form | {"areas": []}).status_code == 302
    row = record_of(talk)
    assert row is not None
    assert (row.is_signed, row.revision, row.values) == (True, None, {})


# --- what other rooms show


def test_a_visit_shows_what_its_record_says(visit: Appointment, clinic: Clinic):
    assert in_visit(visit)["record"] is None
    signed(visit, clinic)
    shown = in_visit(visit)
    assert ("TCA concentration", "20 %") in shown["lines"]
    assert ("Areas", "Forehead") in shown["lines"]


def test_the_history_holds_what_was_signed_and_what_went_wrong(
    visit: Appointment, second: Appointment, clinic: Clinic
):
    draft(second, clinic)
    signed(visit, clinic)
    add_event(
        visit, Harm("scar", 1, "x"), dt.date(2026, 11, 26), by=clinic.physician, key=uuid.uuid4()
    )
    [row] = history(clinic.patient)
    assert (row.day, row.title) == (dt.date(2026, 11, 26), "Medium TCA peel")
    assert [one.kind for one in row.events] == ["scar"]


def test_queries_do_not_grow_with_what_is_written(
    visit: Appointment, second: Appointment, clinic: Clinic, tca: Lot,
    django_assert_max_num_queries: Any,
):  # fmt: skip
    signed(visit, clinic)
    with django_assert_max_num_queries(6):
        assert len(history(clinic.patient)) == 1
    add_addendum(visit, "a", by=clinic.physician, key=uuid.uuid4())
    add_addendum(visit, "b", by=clinic.physician, key=uuid.uuid4())
    for kind in ("scar", "pain"):
        event = add_event(
            visit, Harm(kind, 1, "x"), dt.date(2026, 11, 26), by=clinic.physician, key=uuid.uuid4()
        )
        follow_up(
            visit, event.pk, "y", next_on=None, is_over=False, by=clinic.physician, key=uuid.uuid4()
        )
    draft(second, clinic)
    with django_assert_max_num_queries(6):
        [row] = history(clinic.patient)
    assert len(row.events) == 2


def test_the_page_asks_a_fixed_number_of_times(
    visit: Appointment, clinic: Clinic, tca: Lot, django_assert_max_num_queries: Any
):
    draft(visit, clinic)
    with django_assert_max_num_queries(12):
        page_of(visit)


@pytest.mark.parametrize(("language", "words"), [("en", "1.4 J/cm²"), ("ru", "1,4 Дж/см²")])
def test_units_are_written_as_the_pages_language_writes_them(language, words):
    fluence = core.Field("fluence", {"en": "Fluence"}, "number", "J/cm2")
    with translation.override(language):
        assert value_words(fluence, 1.4) == words


def test_one_lot_tells_its_amount_in_the_same_words_everywhere(tca):
    use = LotUse(lot=tca, units=Decimal("1.5"))
    with translation.override("ru"):
        assert amount_words(use.units, tca.unit) == "1,5 мл"
        assert use_words(use).endswith(": 1,5 мл")
