"""The diary under somebody's hand: dragged, lengthened, walked through by keys, and kept up to date."""

import datetime as dt
import re
import uuid
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from playwright.sync_api import Locator, Page, Route, expect

from plans.courses.services import open_course
from plans.data.factories import FactFactory, FactTypeFactory, PatientFactory
from plans.diary.models import Appointment
from plans.diary.services import change_status
from tests.conftest import OpenPage, sign_in
from tests.diary.clinic import NOW, Clinic

DAY = "/diary/2026-11-26/"
THURSDAY = dt.date(2026, 11, 26)
MINUTE = 6 / 5  # pixels: a row of five minutes is six high
POLLED_MS = 15_000


@pytest.fixture
def monday() -> Iterator[time_machine.Traveller]:
    """The clinic's Monday; here time goes on."""
    with time_machine.travel(NOW) as traveller:
        yield traveller


@pytest.fixture
def visit(live_server, clinic: Clinic) -> Appointment:
    return Appointment.objects.get(session__course=clinic.book(THURSDAY))


@pytest.fixture
def page(open_page: OpenPage, clinic: Clinic, visit: Appointment) -> Page:
    page = open_page(clinic.reception)
    page.goto(DAY)
    return page


@pytest.fixture
def drops(page: Page) -> list[dict[str, str]]:
    """What the page sends when a visit is dropped; nothing is carried out."""
    sent: list[dict[str, str]] = []

    def keep(route: Route) -> None:
        values = parse_qs(route.request.post_data or "")
        sent.append({key: each[0] for key, each in values.items()} | {"to": route.request.url})
        route.fulfill(status=200, content_type="text/html", body="<p>dropped</p>")

    page.route("**/drop/", keep)
    return sent


def block(page: Page, visit: Appointment) -> Locator:
    return page.locator(f"#v{visit.pk}")


def lane(page: Page, resource) -> Locator:
    return page.locator(f'.diary-lane[data-with="{resource.pk}"]')


def take(page: Page, visit: Appointment, *, from_top: float = 10) -> tuple[float, float]:
    """Hold the visit with the mouse; where the pointer is."""
    target = block(page, visit)
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    assert box
    x, y = box["x"] + 40, box["y"] + (from_top if from_top > 0 else box["height"] + from_top)
    page.mouse.move(x, y)
    page.mouse.down()
    return x, y


def middle(target: Locator) -> float:
    box = target.bounding_box()
    assert box
    return box["x"] + box["width"] / 2


def test_a_visit_is_dragged_to_another_time_and_another_practitioner(page, clinic, visit, drops):
    _x, y = take(page, visit)
    page.mouse.move(middle(lane(page, clinic.brandt)), y + 62 * MINUTE, steps=6)
    # The practitioner comes half an hour after the visit begins: from 10:30 to 11:20, an hour later.
    expect(lane(page, clinic.brandt).locator(".ghost")).to_have_text("11:30–12:20")
    page.mouse.up()
    expect(page.get_by_text("dropped")).to_be_visible()
    (sent,) = drops
    assert sent["to"].endswith(f"/moves/{visit.pk}/drop/")
    assert (sent["day"], sent["minute"]) == ("2026-11-26", "660")
    assert sent["with"] == str(clinic.brandt.pk)
    assert sent["version"] == str(visit.changes.latest("pk").pk)
    assert "minutes" not in sent
    assert uuid.UUID(sent["key"]).version == 4
    assert sent["csrfmiddlewaretoken"]


def test_the_lower_edge_lengthens(page, clinic, visit, drops):
    x, y = take(page, visit, from_top=-3)
    page.mouse.move(x, y + 21 * MINUTE, steps=4)
    expect(page.locator(".ghost")).to_have_text("10:30–11:40")
    page.mouse.up()
    expect(page.get_by_text("dropped")).to_be_visible()
    (sent,) = drops
    assert (sent["minute"], sent["minutes"]) == ("600", "100")


def test_escape_puts_it_back(page, clinic, visit, drops):
    x, y = take(page, visit)
    page.mouse.move(x, y + 60 * MINUTE, steps=4)
    expect(page.locator(".ghost")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(".ghost")).to_have_count(0)
    page.mouse.up()
    page.wait_for_timeout(200)
    assert not drops
    assert urlsplit(page.url).path == DAY


def test_a_visit_cannot_be_dropped_where_another_kind_of_resource_stands(
    page, clinic, visit, drops
):
    _x, y = take(page, visit)
    page.mouse.move(middle(lane(page, clinic.second_room)), y + 60 * MINUTE, steps=6)
    expect(page.locator(".ghost")).to_have_count(0)
    page.mouse.up()
    page.wait_for_timeout(200)
    assert not drops
    assert urlsplit(page.url).path == DAY


def test_a_press_without_a_drag_opens_the_visit(page, visit):
    block(page, visit).click()
    page.wait_for_url(f"**/visits/{visit.pk}/")


@pytest.mark.parametrize(("width", "shows_signs"), [("3.75rem", False), ("14rem", True)])
def test_how_far_a_course_is_shows_whole_in_a_narrow_block(page, visit, width, shows_signs):
    strip = block(page, visit).locator(".strip")
    strip.evaluate(
        "(e, width) => { const c = e.closest('.diary-col'); c.style.minWidth = c.style.maxWidth = width; }",
        width,
    )
    strip.scroll_into_view_if_needed()
    box, words, signs = strip.evaluate(
        """strip => {
            const words = document.createRange();
            words.selectNode(strip.lastChild);
            const boxes = [strip, words, strip.querySelector("svg")].map(e => e.getBoundingClientRect());
            return boxes.map(b => [b.left, b.right, b.top, b.bottom]);
        }"""
    )
    assert box[0] <= words[0]
    assert words[1] <= box[1] + 0.5
    assert box[2] - 1 <= words[2] < words[3] <= box[3] + 1
    assert (signs[2] < box[3] and signs[1] <= box[1]) == shows_signs


def test_two_presses_on_free_time_lead_to_the_choice_of_a_patient(page, clinic):
    lane(page, clinic.brandt).dblclick(position={"x": 40, "y": 300})  # 250 minutes after nine
    page.wait_for_url(f"**/patients/?day=2026-11-26&minute=780&with={clinic.brandt.pk}")
    page.get_by_label("Search patients").last.fill("142")
    page.get_by_role("link", name="Anna Petrova").click()
    page.get_by_role("link", name="Plan treatment").click()
    page.get_by_label("See dates: Medium TCA peel").click()
    expect(page.get_by_text("13:00").first).to_be_visible()


def test_what_waits_for_a_date_is_dragged_from_the_tray(open_page, live_server, clinic):
    course = open_course(clinic.patient, clinic.peel, 3, by=clinic.reception)
    page = open_page(clinic.reception)
    page.goto(DAY)
    page.locator("#tray > summary").click()
    waiting = page.locator("[data-book]")
    expect(waiting).to_contain_text("Anna Petrova")
    box, column = waiting.bounding_box(), lane(page, clinic.weiss).bounding_box()
    assert box
    assert column
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(middle(lane(page, clinic.weiss)), column["y"] + 121 * MINUTE, steps=8)
    expect(page.locator(".ghost")).to_have_text("11:00–12:20")
    page.mouse.up()
    page.wait_for_url("**/series/142/tca_peel_medium/**")
    asked = parse_qs(urlsplit(page.url).query)
    assert asked == {
        "course": [str(course.pk)], "day": ["2026-11-26"], "minute": ["660"],
        "with": [str(clinic.weiss.pk)],
    }  # fmt: skip


def test_arrows_lead_from_visit_to_visit_and_m_moves_one(open_page, live_server, clinic):
    other = PatientFactory(location=clinic.location, given_name="Bea", family_name="Later")
    first = Appointment.objects.get(session__course=clinic.book(THURSDAY))
    later = Appointment.objects.get(
        session__course=clinic.book(THURSDAY, minute=720, patient=other)
    )
    page = open_page(clinic.reception)
    page.goto(DAY)
    block(page, first).focus()
    page.keyboard.press("ArrowDown")
    expect(block(page, later)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(block(page, first)).to_be_focused()
    assert urlsplit(page.url).path == DAY  # the page's own arrows lead to another day
    page.keyboard.press("m")
    page.wait_for_url(f"**/moves/{first.pk}/**")


def test_keys_lead_to_other_days_and_views(page):
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**/diary/2026-11-27/")
    page.keyboard.press("w")
    page.wait_for_url("**/diary/week/2026-11-27/")
    page.keyboard.press("d")
    page.wait_for_url("**/diary/2026-11-23/")
    page.keyboard.press("t")
    page.wait_for_url("**/diary/2026-11-09/")


def test_details_stand_beside_a_visit_that_is_focused_or_pointed_at(page, visit):
    page.keyboard.press("Tab")
    block(page, visit).focus()
    page.keyboard.press("ArrowUp")  # a key was the last thing pressed: focus shows
    block(page, visit).hover()
    details = page.locator(".visit-card")
    expect(details).to_contain_text("Medium TCA peel")
    expect(details).to_contain_text("Room 1")
    page.keyboard.press("Escape")
    expect(details).to_have_count(0)


def test_a_change_by_somebody_else_shows_by_itself_and_focus_stays(page, clinic, visit):
    page.set_viewport_size({"width": 1280, "height": 700})
    block(page, visit).focus()
    page.evaluate("document.querySelector('.diary').scrollTop = 40")
    change_status(visit, "confirmed", by=clinic.physician, key=uuid.uuid4())
    news = page.get_by_role("status")
    expect(news).to_contain_text("Anna Petrova, Confirmed.", timeout=POLLED_MS)
    expect(page.locator(f"#v{visit.pk}.st-confirmed")).to_be_focused()
    assert page.evaluate("document.querySelector('.diary').scrollTop") == 40


def test_nothing_is_drawn_anew_under_a_hand_that_drags(page, clinic, visit, drops):
    x, y = take(page, visit)
    page.mouse.move(x, y + 60 * MINUTE, steps=4)
    change_status(visit, "confirmed", by=clinic.physician, key=uuid.uuid4())
    page.wait_for_timeout(6_000)
    expect(page.locator(".ghost")).to_have_count(1)
    expect(page.locator(f"#v{visit.pk}.st-booked")).to_have_count(1)
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(page.locator(f"#v{visit.pk}.st-confirmed")).to_have_count(1, timeout=POLLED_MS)


def test_the_badge_of_screening_has_the_colour_of_its_verdict(page, clinic, visit):
    drug = FactTypeFactory(code="isotretinoin_oral")
    days = {"since": dt.date(2026, 1, 1), "until": dt.date(2026, 11, 1)}
    FactFactory(patient=clinic.patient, fact_type=drug, status="present", **days)
    page.reload()
    badge = block(page, visit).locator(".verdict i")
    same = page.locator(f'[data-row="{visit.pk}"] .verdict i')
    colour = "each => getComputedStyle(each).color"
    assert badge.evaluate(colour) == same.evaluate(colour)


def test_a_server_that_does_not_answer_is_said_once_and_stays_said(
    browser, live_server, clinic, visit
):
    context = browser.new_context(base_url=live_server.url)  # one whose complaints are wanted
    sign_in(context, clinic.reception, live_server.url)
    page = context.new_page()
    page.goto(DAY)
    page.route("**/changes/**", lambda route: route.abort())
    expect(page.locator("#diary-offline")).to_be_visible(timeout=POLLED_MS)
    expect(page.locator(".toast.show")).to_have_count(0)
    page.unroute("**/changes/**")
    expect(page.locator("#diary-offline")).to_be_hidden(timeout=POLLED_MS)
    context.close()


def test_the_line_of_now_moves_with_the_minutes(open_page, live_server, clinic):
    page = open_page(clinic.reception)
    page.clock.install()
    page.goto("/diary/2026-11-09/")
    line = page.locator(".now-line").first
    expect(line).to_have_class(re.compile(r"\bat-60\b"))
    page.clock.fast_forward(5 * 60_000)
    expect(line).to_have_class(re.compile(r"\bat-65\b"))


def test_paper_and_phones_get_the_list_alone(open_page, clinic, visit):
    phone = open_page(clinic.reception, width="phone")
    phone.goto(DAY)
    expect(phone.locator(".diary")).to_be_hidden()
    expect(phone.locator("#day-list")).to_contain_text("Anna Petrova")
    paper = open_page(clinic.reception)
    paper.goto(DAY)
    paper.emulate_media(media="print")
    for hidden in (".diary", ".diary-tools", "#tray", "[data-move]"):
        expect(paper.locator(hidden).first).to_be_hidden()
    expect(paper.locator("h1")).to_be_visible()
    expect(paper.locator("#day-list")).to_contain_text("Medium TCA peel")


def test_a_dropped_visit_is_moved_and_can_be_brought_back(page, clinic, visit):
    _x, y = take(page, visit)
    page.mouse.move(middle(lane(page, clinic.brandt)), y + 62 * MINUTE, steps=6)
    page.mouse.up()
    moved = lane(page, clinic.brandt).locator(f"#v{visit.pk}")
    expect(moved).to_contain_text("11:00")
    assert urlsplit(page.url).path == DAY
    page.get_by_role("button", name="Undo").click()
    expect(lane(page, clinic.weiss).locator(f"#v{visit.pk}")).to_contain_text("10:00")
