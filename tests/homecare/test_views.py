"""The pages of home care."""

import datetime as dt
import io
import re
import uuid

import icalendar
import pytest
import time_machine
from django.test import Client
from pypdf import PdfReader

from plans.courses.models import HomeCare
from plans.data.factories import FactFactory, FactTypeFactory
from tests.diary.clinic import THURSDAY, TODAY, client_of
from tests.homecare.conftest import AtHome

LIST, START = "/homecare/142/", "/homecare/142/start/"
LAST, AGAIN = dt.date(2026, 11, 19), dt.date(2026, 12, 10)


def day(n: int) -> dt.date:
    return TODAY + dt.timedelta(days=n)


def sent(act: str = "check", **values: object) -> dict[str, object]:
    return {"key": uuid.uuid4(), "act": act, "first": TODAY, "last": "", "reason": "", **values}


def key_of(page: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found
    return found[1]


def test_nothing_is_saved_before_the_checks_are_seen(healthy: AtHome, physician: Client):
    page = physician.post(START, sent(product="heparin_ointment"))
    assert page.status_code == 200
    assert "Nothing stands against it." in page.text
    assert "Begin Heparin ointment, Mon 9 Nov to Sun 15 Nov" in page.text
    assert not HomeCare.objects.exists()

    values = sent("save", product="heparin_ointment", last=day(6), key=key_of(page.text))
    assert physician.post(START, values)["Location"] == LIST
    assert physician.post(START, values)["Location"] == LIST
    assert HomeCare.objects.count() == 1
    listed = physician.get(LIST).text
    assert "Heparin ointment" in listed
    assert "2 times a day" in listed


def test_the_last_day_is_proposed_before_the_peel(home: AtHome, physician: Client):
    home.clinic.book(THURSDAY)
    page = physician.post(START, sent(product="retinoid_topical"))
    assert 'value="2026-11-19"' in page.text
    assert "Nothing stands against it." in page.text


def test_a_day_too_late_is_said_and_offers_no_button(home: AtHome, physician: Client):
    home.clinic.book(THURSDAY)
    page = physician.post(START, sent(product="retinoid_topical", last=day(60)))
    assert "Let it end on Thu 19 Nov 2026 or earlier." in page.text
    assert 'value="save"' not in page.text
    refused = physician.post(START, sent("save", product="retinoid_topical", last=day(60)))
    assert refused.status_code == 422
    assert "Let it end on Thu 19 Nov 2026 or earlier." in refused.text
    assert not HomeCare.objects.exists()


def test_an_allergy_is_shown_before_saving(healthy: AtHome, physician: Client):
    allergy = FactTypeFactory(code="allergy_heparin")
    FactFactory(patient=healthy.patient, fact_type=allergy, status="present", since=None)
    page = physician.post(START, sent(product="heparin_ointment")).text
    assert "is-refuse" in page
    assert "Allergy heparin" in page
    assert 'value="save"' not in page


def test_a_caution_asks_for_its_reason_beside_the_checks(healthy: AtHome, physician: Client):
    bleeding = FactTypeFactory(code="bleeding_disorder")
    FactFactory(patient=healthy.patient, fact_type=bleeding, status="present", since=None)
    page = physician.post(START, sent(product="heparin_ointment")).text
    assert re.search(r'<textarea name="reason"', page)
    values = sent("save", product="heparin_ointment", last=day(6), reason="short")
    assert physician.post(START, values).status_code == 422
    values |= {"reason": "mild, discussed with her", "key": uuid.uuid4()}
    assert physician.post(START, values).status_code == 302


@pytest.mark.parametrize(
    "wrong", [{"product": "tca_peel_medium"}, {"product": "retinoid_topical", "first": "soon"}]
)
def test_what_was_typed_wrong_is_kept(home: AtHome, physician: Client, wrong: dict[str, str]):
    page = physician.post(START, sent(**wrong))
    assert page.status_code == 422
    assert "data-errors" in page.text


def test_a_product_can_be_named_in_the_address(home: AtHome, physician: Client):
    page = physician.get(START, {"product": "heparin_ointment"}).text
    assert re.search(r'<option value="heparin_ointment"\s+selected', page)


def test_a_conflict_leads_to_the_change_that_mends_it(home: AtHome, physician: Client):
    home.clinic.book(THURSDAY)
    care = home.begin(home.retinoid, TODAY, LAST)
    HomeCare.objects.filter(pk=care.pk).update(ends_on=None)
    page = physician.get(LIST).text
    assert "What does not go together" in page
    pause = re.search(r'href="(/homecare/use/\d+/pause/[^"]+)"', page)
    assert pause
    form = physician.get(pause[1].replace("&amp;", "&")).text
    assert 'value="2026-11-19"' in form
    assert 'value="2026-12-10"' in form

    values = {"key": key_of(form), "last": LAST, "again_on": AGAIN, "reason": "peel"}
    assert physician.post(f"/homecare/use/{care.pk}/pause/", values)["Location"] == LIST
    assert "What does not go together" not in physician.get(LIST).text
    assert HomeCare.objects.filter(starts_on=AGAIN, ends_on=None).exists()


def test_the_last_day_is_changed_and_the_use_stopped(home: AtHome, physician: Client):
    care = home.begin(home.retinoid, TODAY, day(89))
    end, stop = (f"/homecare/use/{care.pk}/{word}/" for word in ("end", "stop"))
    assert 'value="2027-02-06"' in physician.get(end).text
    early = physician.post(end, {"key": uuid.uuid4(), "last": day(-1)})
    assert (early.status_code, "before the first" in early.text) == (422, True)
    assert physician.post(end, {"key": uuid.uuid4(), "last": day(20)})["Location"] == LIST
    without = physician.post(stop, {"key": uuid.uuid4(), "last": day(3), "reason": ""})
    assert without.status_code == 422
    assert (
        physician.post(stop, {"key": uuid.uuid4(), "last": day(3), "reason": "burns"})["Location"]
        == LIST
    )
    care.refresh_from_db()
    assert (care.ends_on, care.stopped_on, care.stopped_reason) == (day(20), day(3), "burns")
    assert "burns" in physician.get(LIST).text
    assert "Stop it" not in physician.get(stop).text


def test_the_calendar_is_a_page_and_a_tagged_pdf(home: AtHome):
    home.clinic.book(THURSDAY)
    home.begin(home.retinoid, TODAY, LAST)
    reception = client_of(home.clinic.reception)
    page = reception.get("/homecare/142/calendar/").text
    assert page.count('<span class="ticks"') == 11
    assert "Retinoid topical" in page
    found = reception.get("/homecare/142/calendar.pdf")
    assert found["Content-Type"] == "application/pdf"
    assert found["Cache-Control"] == "no-store, private"
    assert b"/StructTreeRoot" in found.content
    assert b"pdfuaid" in found.content


@pytest.mark.parametrize(
    ("asked", "width"), [("", 595), ("?paper=a5&is_large=on", 420), ("?paper=a0&is_large=x", 595)]
)
def test_the_calendar_prints_on_the_paper_and_in_the_letters_chosen(home: AtHome, asked, width):
    home.begin(home.retinoid, TODAY, LAST)
    found = client_of(home.clinic.reception).get(f"/homecare/142/calendar.pdf{asked}")
    reader = PdfReader(io.BytesIO(found.content))
    assert {round(page.mediabox.width) for page in reader.pages} == {width}
    assert b"pdfuaid" in found.content


def test_the_link_is_shown_once_and_reminds_without_a_name(home: AtHome, physician: Client):
    home.begin(home.retinoid, TODAY, LAST)
    page = physician.get("/homecare/142/link/").text
    assert "There is none" in page
    values = {"key": key_of(page), "act": "issue"}
    made = physician.post("/homecare/142/link/", values).text
    address = re.search(r"http://testserver(/homecare/reminders/[^<]+\.ics)", made)
    assert address
    assert address[1] not in physician.get("/homecare/142/link/").text

    stranger = Client()
    answer = stranger.get(address[1])
    assert answer["Referrer-Policy"] == "no-referrer"
    calendar = icalendar.Calendar.from_ical(answer.content)
    assert len(calendar.events) == 11
    assert {str(event["SUMMARY"]) for event in calendar.events} == {"Cadence reminder"}
    assert [event.start.strftime("%H:%M") for event in calendar.events] == ["20:00"] * 11
    # A UID may hold any digits.
    told = [line for line in answer.text.splitlines() if not line.startswith("UID:")]
    assert not re.search("etinoid|Petrova|Anna|142", "\n".join(told))
    assert stranger.get(address[1]).content == answer.content

    again = physician.post("/homecare/142/link/", {"key": uuid.uuid4(), "act": "issue"}).text
    assert stranger.get(address[1]).status_code == 404
    newer = re.search(r"http://testserver(/homecare/reminders/[^<]+\.ics)", again)
    assert newer
    assert stranger.get(newer[1]).status_code == 200
    physician.post("/homecare/142/link/", {"key": uuid.uuid4(), "act": "revoke"})
    assert stranger.get(newer[1]).status_code == 404


def test_the_reminders_follow_what_changes(
    home: AtHome, physician: Client, monday: time_machine.Traveller
):
    care = home.begin(home.retinoid, TODAY, LAST)
    made = physician.post("/homecare/142/link/", {"key": uuid.uuid4(), "act": "issue"}).text
    address = re.findall(r"http://testserver(/homecare/reminders/[^<]+\.ics)", made)[0]
    values = {"key": uuid.uuid4(), "last": day(3), "reason": "burns"}
    physician.post(f"/homecare/use/{care.pk}/stop/", values)
    assert len(icalendar.Calendar.from_ical(Client().get(address).content).events) == 4
    monday.shift(dt.timedelta(days=367))
    assert Client().get(address).status_code == 404


def test_links_are_tried_so_often_and_no_more(home: AtHome):
    from plans.links.services import MOST_MISSES

    stranger = Client(REMOTE_ADDR="203.0.113.9")
    answers = [stranger.get("/homecare/reminders/no-such.ics") for _ in range(MOST_MISSES + 1)]
    assert {each.status_code for each in answers[:-1]} == {404}
    assert answers[-1].status_code == 429
