"""The job that Cadence exists for, by hand in a browser: from a new patient to a printed aftercare sheet."""

import datetime as dt
import io
import itertools
import re

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from clinic.patients.models import Answer, Patient
from clinic.patients.services import record_answers, set_skin_type
from plans.core.spacing import add_months
from plans.courses.models import Course
from plans.data.factories import PatientFactory, UserFactory
from plans.diary.models import Appointment
from plans.health.selectors import questions_for
from tests.conftest import OpenPage
from tests.journeys.conftest import Hand, House

TCA = "tca_peel_medium"


def told_no(patient: Patient, house: House, **present: dt.date) -> None:
    """Every question of the peel is answered no today, but for what is `present` until a day."""
    codes = [kind.code for kind in questions_for(patient, TCA).types]
    answers = [
        Answer(code, "present", until=present[code]) if code in present else Answer(code, "denied")
        for code in codes
    ]
    record_answers(patient, answers, by=house.reception)
    set_skin_type(patient, 3, patient.registered_on, by=house.physician)


@pytest.fixture
def anna(house: House) -> Patient:
    patient = PatientFactory(
        number=142, given_name="Anna", family_name="Petrova", location=house.location
    )
    told_no(patient, house)
    return patient


def book_three(page: Page, number: int) -> None:
    page.goto(f"/series/{number}/{TCA}/")
    page.get_by_role("button", name="Book all 3").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Medium TCA peel for")


def sign_on_the_pad(page: Page) -> None:
    """From the visit: the text is read, the field signed with the finger, and one is back at the visit."""
    page.get_by_role("link", name="Sign on the screen").click()
    expect(page.get_by_role("main")).to_contain_text("Scars")
    pad = page.locator(".sign-pad canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 90)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 40, steps=8)
    page.mouse.move(box["x"] + 280, box["y"] + 100, steps=8)
    page.mouse.up()
    page.get_by_role("button", name="Sign this consent").click()
    expect(page.locator("#h-consent + .is-ok")).to_be_visible()


def test_a_new_patient_is_registered_asked_and_booked_for_three_peels(
    house: House, open_page: OpenPage, monday: dt.date
):
    page = open_page()
    page.goto("/")
    page.get_by_label("User name").fill("roth")
    page.get_by_label("Password").fill(UserFactory.PASSWORD)
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_contain_text("Today")

    # Nobody of this name; the key n opens the form.
    page.keyboard.press("/")
    page.keyboard.type("petrova")
    expect(page.locator(".found")).to_contain_text("Nobody is registered")
    page.locator("main").click()
    page.keyboard.press("n")
    page.get_by_label("Given name").fill("Anna")
    page.get_by_label("Family name").fill("Petrova")
    page.get_by_label("Birth date").fill("1992-03-14")
    page.get_by_label("Phone").fill("0170 7001000")
    page.get_by_label("E-mail", exact=True).fill("anna@example.org")
    page.get_by_label("Language").select_option("en")
    page.get_by_role("button", name="Register", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Anna Petrova")
    patient = Patient.objects.get(family_name="Petrova")

    # All no, except isotretinoin, stopped long enough ago.
    page.goto(f"/health/{patient.number}/?procedure={TCA}")
    page.get_by_label(re.compile("isotretinoin", re.I)).first.check()
    stopped = add_months(monday, -7)
    page.locator("#id_until_isotretinoin_oral").fill(stopped.isoformat())
    page.get_by_role("button", name=re.compile("^Send")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Anna Petrova")
    set_skin_type(patient, 3, monday, by=house.physician)

    # The indication, then the procedure; three proposals' worth of dates, one button.
    page.get_by_role("link", name="Plan treatment").first.click()
    page.get_by_label("What is treated").select_option("pits")
    page.get_by_label("Depth of pits").select_option("deep")
    page.get_by_label("Procedure", exact=True).fill("tca")
    dates = page.get_by_role("link", name="See dates: Medium TCA peel")
    expect(dates).to_have_attribute("href", re.compile("sign=pits&depth=deep"))
    expect(page.locator("#choices")).to_contain_text("2 found")
    dates.click()
    offers = page.locator(".offer")
    expect(offers.first).to_contain_text("Best")
    expect(offers.first.locator(".verdict.is-ok")).to_have_count(3)
    page.get_by_role("button", name="Book all 3").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Medium TCA peel for Anna Petrova")

    days = [visit.starts_at.date() for visit in Appointment.objects.order_by("starts_at")]
    assert len(days) == 3
    assert days[0] == monday
    for earlier, later in itertools.pairwise(days):
        assert add_months(earlier, 3) <= later <= add_months(earlier, 6)
    assert Course.objects.get().plan.pit_depth == "deep"

    # The file draws them, the diary holds the first, the card lists all three.
    page.goto(f"/patients/{patient.number}/")
    expect(page.locator(".timeline .dot.is-booked")).to_have_count(3)
    page.goto(f"/diary/{monday}/")
    expect(page.locator(".visit-list")).to_contain_text("Anna Petrova")
    page.goto(f"/patients/{patient.number}/")
    page.get_by_role("link", name=re.compile("Appointment card")).click()
    expect(page.locator(".paper tbody tr")).to_have_count(3)


def test_on_the_day_she_arrives_is_treated_and_goes_home_with_a_dated_sheet(
    house: House, anna: Patient, open_page: OpenPage, monday: dt.date
):
    desk = open_page(house.reception)
    book_three(desk, 142)
    visit = Appointment.objects.order_by("starts_at").first()
    assert visit is not None
    desk.goto(f"/visits/{visit.pk}/")
    desk.get_by_role("button", name="Arrived").click()
    expect(desk.locator(".status.st-arrived").first).to_be_visible()
    expect(desk.get_by_role("button", name="Done")).to_have_count(0)

    practice = open_page(house.physician)
    practice.goto(f"/visits/{visit.pk}/")
    done = practice.get_by_role("button", name=re.compile("Done|done"))
    done.click()
    expect(practice.get_by_role("alert")).to_contain_text("No consent to Medium TCA peel is signed")
    sign_on_the_pad(practice)
    done.click()
    expect(practice.locator(".status.st-done").first).to_be_visible()
    practice.get_by_role("link", name="Aftercare sheet").click()
    sheet = practice.locator(".paper")
    over = monday + dt.timedelta(days=3)
    expect(sheet).to_contain_text(f"Should be over by {over:%a} {over.day} {over:%b}")
    expect(sheet).to_contain_text("falls off by itself")
    expect(sheet).to_contain_text("session 2 of 3")
    token = practice.locator("[name=csrfmiddlewaretoken]").first.input_value()
    answer = practice.request.post(
        f"/sheets/aftercare/{visit.pk}/", form={"way": "pdf", "csrfmiddlewaretoken": token}
    )
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.body())).pages)
    assert f"{over:%a} {over.day} {over:%b}" in text


def test_a_booked_course_keeps_its_revision_and_the_next_one_gets_the_new(
    house: House, anna: Patient, open_page: OpenPage
):
    desk = open_page(house.reception)
    book_three(desk, 142)
    editor = open_page(house.editor)
    editor.goto(f"/catalogue/{TCA}/")
    editor.get_by_role("button", name="Edit").click()
    editor.get_by_label("Recommended interval").first.fill("4")
    editor.get_by_role("button", name="Save and review whom it touches").click()
    expect(editor.locator("#h-impact + *, .sticky").last).to_contain_text("1 course still owes")
    editor.get_by_role("button", name=re.compile("Publish")).click()
    expect(editor.get_by_role("heading", level=1)).to_contain_text("Medium TCA peel")

    course = Course.objects.get()
    assert course.revision.number == 1
    other = PatientFactory(
        number=143, given_name="Elif", family_name="Kaya", location=house.location
    )
    told_no(other, house)
    desk.goto(f"/series/143/{TCA}/")
    expect(desk.locator(".page-head")).to_contain_text("4 months")
    desk.goto("/courses/" + str(course.pk) + "/")
    second = Appointment.objects.order_by("starts_at")[1]
    assert second.starts_at.date() <= add_months(
        course.sessions.get(ordinal=1).appointments.get().starts_at.date(), 4
    )


def test_after_isotretinoin_the_proposals_start_on_the_first_day_allowed(
    house: House, open_page: OpenPage, monday: dt.date
):
    patient = PatientFactory(
        number=144, given_name="Ivo", family_name="Lang", location=house.location
    )
    stopped = add_months(monday, -4)
    told_no(patient, house, isotretinoin_oral=stopped)
    page = open_page(house.reception)
    page.goto(f"/series/144/{TCA}/")
    free = add_months(stopped, 6)
    note = page.locator(".note.is-wait")
    expect(note).to_contain_text(re.compile("sotretinoin"))
    expect(note).to_contain_text("6 months")
    expect(note).to_contain_text(f"{free.day} {free:%b} {free.year}")
    first = page.locator(".offer").first.locator("time").first
    day = dt.date.fromisoformat(first.get_attribute("datetime") or "")
    assert free <= day <= free + dt.timedelta(days=4)


def test_a_patient_who_was_never_asked_reads_ask_and_never_ok(house: House, open_page: OpenPage):
    PatientFactory(number=145, given_name="Tea", family_name="Novak", location=house.location)
    page = open_page(house.reception)
    page.goto(f"/series/145/{TCA}/")
    expect(page.locator(".offer .verdict.is-ask").first).to_be_visible()
    expect(page.locator(".offer .verdict.is-ok")).to_have_count(0)
    expect(page.get_by_role("link", name="Answer the questions")).to_be_visible()


def test_registering_takes_one_key_three_fields_and_enter(house: House, open_page: OpenPage):
    page = open_page(house.reception)
    page.goto("/")
    hand = Hand(page)
    hand.press("n")
    hand.fill(page.get_by_label("Given name"), "Mara")
    hand.fill(page.get_by_label("Family name"), "Klein")
    hand.fill(page.get_by_label("Birth date"), "1988-02-29")
    hand.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mara Klein")
    assert (hand.actions, hand.fields) == (2, 3)


def test_planning_and_booking_three_peels_takes_three_actions(
    house: House, anna: Patient, open_page: OpenPage
):
    page = open_page(house.reception)
    page.goto("/patients/142/")
    hand = Hand(page)
    hand.click(page.get_by_role("link", name="Plan treatment").first)
    hand.click(page.get_by_role("link", name="See dates: Medium TCA peel"))
    hand.click(page.get_by_role("button", name="Book all 3"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("for Anna Petrova")
    assert Appointment.objects.count() == 3
    assert (hand.actions, hand.fields) == (3, 0)


def test_moving_a_visit_takes_two_clicks_and_a_date(
    house: House, anna: Patient, open_page: OpenPage
):
    page = open_page(house.reception)
    book_three(page, 142)
    last = Appointment.objects.order_by("starts_at")[2]
    page.goto(f"/visits/{last.pk}/")
    hand = Hand(page)
    hand.click(page.get_by_role("link", name="Move"))
    day = last.starts_at.date() + dt.timedelta(days=1)
    hand.fill(page.get_by_label("New date"), day.isoformat())
    expect(page.locator(".diff ins")).to_contain_text(f"{day:%a} {day.day} {day:%b}")
    hand.click(page.get_by_role("button", name="Confirm 1 change"))
    expect(page.locator(".status.st-booked").first).to_be_visible()
    last.refresh_from_db()
    assert (hand.actions, hand.fields) == (2, 1)
    assert last.starts_at.date() == day


def test_a_first_session_that_would_push_the_second_out_of_its_window_takes_it_along(
    house: House, anna: Patient, open_page: OpenPage
):
    page = open_page(house.reception)
    book_three(page, 142)
    first, second, _third = Appointment.objects.order_by("starts_at")
    day = first.starts_at.date() + dt.timedelta(days=1)
    page.goto(f"/moves/{first.pk}/?day={day}")
    page.get_by_role("button", name=re.compile(r"Confirm \d changes")).click()
    expect(page.locator(".status.st-booked").first).to_be_visible()
    assert Appointment.objects.get(pk=first.pk).starts_at.date() == day
    assert Appointment.objects.get(pk=second.pk).starts_at > second.starts_at


def test_the_days_aftercare_sheets_take_two_actions(
    house: House, anna: Patient, open_page: OpenPage
):
    page = open_page(house.reception)
    book_three(page, 142)
    page.add_init_script("window.print = () => { document.body.dataset.printed = 'yes' }")
    page.goto("/")
    hand = Hand(page)
    hand.click(page.get_by_role("link", name="Print aftercare"))
    expect(page.locator(".paper")).to_have_count(1)
    hand.click(page.get_by_role("button", name="Print"))
    expect(page.locator("body[data-printed=yes]")).to_have_count(1)
    assert (hand.actions, hand.fields) == (2, 0)


def test_changing_an_interval_takes_three_clicks_and_one_field(
    house: House, anna: Patient, open_page: OpenPage
):
    page = open_page(house.editor)
    page.goto(f"/catalogue/{TCA}/")
    hand = Hand(page)
    hand.click(page.get_by_role("button", name="Edit"))
    hand.fill(page.get_by_label("Recommended interval").first, "4")
    hand.click(page.get_by_role("button", name="Save and review whom it touches"))
    expect(page.get_by_role("heading", name="Who is touched")).to_be_visible()
    hand.click(page.get_by_role("button", name=re.compile("Publish")))
    expect(page.get_by_text("4 months").first).to_be_visible()
    assert (hand.actions, hand.fields) == (3, 1)


def test_a_slot_taken_meanwhile_is_refused_with_fresh_offers(
    house: House, anna: Patient, open_page: OpenPage
):
    other = PatientFactory(
        number=146, given_name="Elif", family_name="Kaya", location=house.location
    )
    told_no(other, house)
    slow, quick = open_page(house.reception), open_page(house.reception)
    slow.goto(f"/series/146/{TCA}/")
    book_three(quick, 142)
    slow.get_by_role("button", name="Book all 3").click()
    expect(slow.locator("[role=alert]").first).to_be_visible()
    assert Appointment.objects.count() == 3
    slow.get_by_role("button", name="Book all 3").click()
    expect(slow.get_by_role("heading", level=1)).to_contain_text("for Elif Kaya")
    assert Appointment.objects.count() == 6
