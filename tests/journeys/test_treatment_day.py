"""The day of the treatment by hand on a tablet: from "she is here" to the sheet she takes home and the call after it."""

import datetime as dt
import re
import uuid
from collections.abc import Callable
from time import monotonic, sleep
from zoneinfo import ZoneInfo

import pytest
import time_machine
from playwright.sync_api import FilePayload, Page, expect

from clinic.audit.models import Entry
from clinic.patients.models import Answer, Patient
from clinic.patients.services import record_answers, set_skin_type
from plans.consents.models import Consent
from plans.core.lots import Received
from plans.data.factories import PatientFactory, UserFactory
from plans.diary.models import Appointment
from plans.health.selectors import questions_for
from plans.lots.models import Unit
from plans.lots.services import add_lot
from plans.photos.models import Photo
from plans.records.models import TreatmentRecord
from plans.sheets.models import HandedOut
from tests.conftest import OpenPage
from tests.journeys.conftest import House
from tests.photos.files import exif, saved, scene
from tests.take_shots import faults_of

BERLIN = ZoneInfo("Europe/Berlin")
TCA = "tca_peel_medium"
# So long ago that the answers which hold for a while have to be given again.
ASKED_DAYS_AGO = 100
ONE_DAY = dt.timedelta(days=1)
# "The last seconds": the page saves itself four seconds after the first unsaved letter at the latest.
MOST_LOST_SECONDS = 8


@pytest.fixture
def anna(house: House, monday: dt.date) -> Patient:
    """Anna Petrova, who was asked everything long ago and has three peels from today on."""
    then = dt.datetime.combine(monday, dt.time(9), BERLIN) - dt.timedelta(days=ASKED_DAYS_AGO)
    with time_machine.travel(then):
        patient = PatientFactory(
            number=142, given_name="Anna", family_name="Petrova", location=house.location
        )
        codes = [kind.code for kind in questions_for(patient, TCA).types]
        record_answers(patient, [Answer(code, "denied") for code in codes], by=house.reception)
        set_skin_type(patient, 3, patient.registered_on, by=house.physician)
    return patient


@pytest.fixture
def visit(anna: Patient, house: House, open_page: OpenPage, monday: dt.date) -> Appointment:
    """Her first peel, this morning."""
    add_lot(
        house.location,
        Received("TCA 20", "4471", Unit.MILLILITRES, monday + dt.timedelta(days=400), monday),
        by=house.physician,
        key=uuid.uuid4(),
    )
    page = open_page(house.reception)
    page.goto(f"/series/142/{TCA}/")
    page.get_by_role("button", name="Book all 3").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Medium TCA peel for")
    first = Appointment.objects.order_by("starts_at")[0]
    assert first.starts_at.astimezone(BERLIN).date() == monday
    return first


@pytest.fixture
def tablet(house: House, open_page: OpenPage) -> Page:
    return open_page(house.physician, width="tablet")


def is_fit(page: Page) -> None:
    """What a gloved hand on a tablet needs of every page of the day."""
    # A notice that is fading in or out has no colours to judge.
    page.wait_for_load_state()
    page.evaluate("document.querySelectorAll('.toast').forEach(each => each.remove())")
    assert faults_of(page) == [], page.url


def arrive(page: Page, visit: Appointment) -> None:
    page.goto("/visits/arrivals/")
    is_fit(page)
    button = page.get_by_role("button", name="Anna Petrova has arrived")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    button.click()
    page.goto(f"/visits/{visit.pk}/")
    expect(page.locator(".status.st-arrived").first).to_be_visible()
    is_fit(page)


def answer_on_the_tablet(page: Page, house: House) -> None:
    """Only what is due is asked; nothing else of the product can be reached meanwhile."""
    page.get_by_role("link", name="Hand over the tablet").click()
    page.get_by_role("button", name="Lock and hand over").click()
    is_fit(page)
    asked = page.locator(".ask .pick").count()
    page.goto("/patients/")
    expect(page.locator(".ask .pick")).to_have_count(asked)
    page.get_by_label(re.compile("pregnant", re.IGNORECASE)).first.wait_for()
    page.get_by_role("button", name=re.compile("^Send")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you: nothing more is asked")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_role("main")).to_contain_text("This is not the password")
    page.get_by_label("Password").fill(UserFactory.PASSWORD)
    page.get_by_role("button", name="Take back").click()
    expect(page.locator("#h-check")).to_have_text("Check-in")


def consent_by_name(page: Page) -> None:
    """First without anything, which is refused beside the fields; then by keyboard."""
    page.get_by_role("link", name="Sign on the screen").click()
    page.get_by_label("First and family name").fill("An")
    page.get_by_role("button", name="Sign this consent").click()
    expect(page.locator(".invalid").first).to_be_visible()
    expect(page.get_by_label("First and family name")).to_have_value("An")
    is_fit(page)
    page.get_by_label("First and family name").fill("Anna Petrova")
    page.get_by_label("I sign by typing my name").check()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#h-consent + .is-ok")).to_be_visible()


def begin(page: Page) -> None:
    """Every point of the check-in is settled now."""
    page.get_by_role("button", name="Begin treatment").click()
    expect(page.locator(".status", has_text="In treatment").first).to_be_visible()


def write_the_record(page: Page) -> None:
    """A value beyond its limits asks for a reason at once; an area is pressed on the drawing and by keyboard."""
    page.get_by_role("link", name="Write the record").click()
    is_fit(page)
    page.get_by_label(re.compile("^TCA concentration")).fill("45")
    why = page.get_by_label("Why a value is beyond its limits")
    expect(why).to_be_visible()
    expect(page.locator("#id_p-acid_percent_error")).to_contain_text("Beyond the limits")
    expect(page.locator(".value .invalid:visible")).to_have_count(1)
    why.fill("Scarred, thick skin")
    page.get_by_label(re.compile("^Layers")).fill("2")
    expect(page.locator("#saved")).to_contain_text("Draft saved")
    page.get_by_label("2: white with pink showing through").check()
    page.get_by_label("acetone").check()
    page.get_by_label(re.compile("^Pain")).fill("4")
    page.locator(".face-map label[title=Cheeks]").first.click()
    page.get_by_label("Forehead").focus()
    page.keyboard.press("Space")
    page.get_by_label("Product lot", exact=True).select_option(index=1)
    page.get_by_label("Amount").first.fill("2,5")
    page.get_by_role("textbox", name="Notes", exact=True).fill("Even frost after the second layer.")


def lose_power(page: Page, visit: Appointment, open_page: OpenPage, house: House) -> Page:
    """The battery is empty a few seconds after the last word; the record goes on from another tablet."""
    expect(page.locator("#saved")).to_contain_text("Draft saved")
    wait_until(lambda: "second layer" in TreatmentRecord.objects.get(visit=visit).notes)
    page.context.set_offline(True)
    page.context.close()
    other = open_page(house.physician, width="tablet")
    other.goto(f"/records/{visit.pk}/")
    expect(other.get_by_role("textbox", name="Notes", exact=True)).to_have_value(
        re.compile("second layer")
    )
    expect(other.get_by_label(re.compile("^TCA concentration"))).to_have_value("45")
    expect(other.get_by_label("Cheeks", exact=True)).to_be_checked()
    return other


def sign_the_record(page: Page) -> None:
    """Something is still missing, and is named; then it is whole, and only an addendum can follow."""
    page.get_by_label("Why a value is beyond its limits").fill("")
    page.get_by_role("button", name="Sign the record").click()
    expect(page.get_by_role("alert").first).to_contain_text("Not signed yet. Look at: TCA conc")
    is_fit(page)
    page.get_by_label("Why a value is beyond its limits").fill("Scarred, thick skin")
    page.get_by_role("button", name="Sign the record").click()
    expect(page.locator("#h-record + .is-ok")).to_have_text(re.compile("signed"))
    page.get_by_role("link", name="Open the record").click()
    expect(page.locator("form.record")).to_have_count(0)
    page.get_by_label("Addendum").fill("Cooled for ten minutes more.")
    page.get_by_role("button", name="Add to the record").click()
    expect(page.locator("#h-addenda")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("Cooled for ten minutes more.")
    is_fit(page)
    page.get_by_role("link", name="Back to the visit").click()


def photograph(page: Page) -> None:
    """A consent of its own; a page that only calls itself a picture is refused, a phone's photo is kept."""
    page.get_by_role("link", name="Sign for photos").first.click()
    page.get_by_label("First and family name").fill("Anna Petrova")
    page.get_by_label("I sign by typing my name").check()
    page.get_by_role("button", name="Sign this consent").click()
    page.get_by_role("link", name="Take photos").click()
    # The page's own camera is offered, so that of the device is not.
    expect(page.get_by_role("button", name="Open the camera")).to_be_visible()
    expect(page.get_by_label("Take a photo")).to_be_hidden()
    page.locator("label", has_text="Whole face").click()
    page.locator("label", has_text="Front").click()
    file = page.locator("input[name=file]")
    bad: FilePayload = {
        "name": "a.jpg",
        "mimeType": "image/jpeg",
        "buffer": b"<script>alert(1)</script>",
    }
    file.set_input_files(files=bad)
    page.get_by_role("button", name="Keep the photo").click()
    expect(page.locator(".invalid").first).to_be_visible()
    expect(page.get_by_label("Front")).to_be_checked()
    assert not Photo.objects.exists()
    is_fit(page)
    good = saved(scene(1200, 900), "JPEG", exif=exif())
    kept: FilePayload = {"name": "b.jpg", "mimeType": "image/jpeg", "buffer": good}
    file.set_input_files(files=kept)
    page.get_by_role("button", name="Keep the photo").click()
    expect(page.locator(".shots img").first).to_be_visible()
    is_fit(page)


def finish(page: Page, visit: Appointment) -> None:
    """Done: the next session and its window stand there, counted from today."""
    page.goto(f"/visits/{visit.pk}/")
    page.get_by_role("button", name="Treatment is done").click()
    after = page.locator("section", has=page.locator("#h-after"))
    expect(after).to_contain_text("Session 2 is booked on")
    expect(after).to_contain_text("Counted from this treatment")
    expect(after).to_contain_text("Follow-up call, due")
    is_fit(page)


def hand_out(page: Page, visit: Appointment) -> None:
    """The sheet names the days, prints itself, and what was handed out is on record."""
    page.add_init_script("window.print = () => { document.body.dataset.printed = 'yes' }")
    page.get_by_role("link", name="Open the sheet").click()
    expect(page.locator(".paper")).to_contain_text("session 2 of 3")
    is_fit(page)
    page.get_by_role("button", name="Print").click()
    expect(page.locator("body[data-printed=yes]")).to_have_count(1)
    [kept] = HandedOut.objects.filter(visit=visit)
    assert (kept.kind, kept.way, kept.language) == ("aftercare", "print", "en")


def call_her(visit: Appointment, house: House, open_page: OpenPage, monday: dt.date) -> None:
    """The next day the call is on reception's worklist, until somebody writes down that it was made."""
    with time_machine.travel(dt.datetime.combine(monday + ONE_DAY, dt.time(9), BERLIN), tick=True):
        page = open_page(house.reception, width="tablet")
        page.goto("/worklist/")
        line = page.get_by_role("main")
        expect(line).to_contain_text("Follow-up call after Medium TCA peel")
        is_fit(page)
        page.goto(f"/visits/{visit.pk}/")
        page.get_by_label("What was said").fill("All well")
        page.get_by_role("button", name="Called").click()
        expect(page.get_by_role("main")).to_contain_text("Follow-up call settled")
        page.goto("/worklist/")
        expect(line).not_to_contain_text("Follow-up call")


def wait_until(is_so: Callable[[], bool]) -> None:
    """Until the server has written it; fails after the time a power cut may cost."""
    end = monotonic() + MOST_LOST_SECONDS
    while not is_so():
        assert monotonic() < end, "not saved in time"
        sleep(0.1)


def test_a_whole_treatment_day_on_a_tablet(
    visit: Appointment, house: House, tablet: Page, open_page: OpenPage, monday: dt.date
):
    arrive(tablet, visit)
    answer_on_the_tablet(tablet, house)
    told = Entry.objects.filter(action="questions_answered").values_list("details", flat=True)
    assert [each["way"] for each in told] == ["tablet"]
    consent_by_name(tablet)
    assert Consent.objects.get().way == "typed"
    begin(tablet)
    write_the_record(tablet)
    other = lose_power(tablet, visit, open_page, house)
    sign_the_record(other)
    photograph(other)
    finish(other, visit)
    hand_out(other, visit)
    call_her(visit, house, open_page, monday)
    record = TreatmentRecord.objects.get(visit=visit)
    assert record.values["acid_percent"] == 45
    assert sorted(record.areas) == ["cheeks", "forehead"]
    assert [str(use.units) for use in record.lot_uses.all()] == ["2.50"]
