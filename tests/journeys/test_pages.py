"""Every page as the people see it who open it: nothing for axe to find, nothing too wide, keys that work.

And the pages that the work cannot do without, with scripts switched off.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from http import HTTPStatus
from itertools import product
from zoneinfo import ZoneInfo

import pytest
import time_machine
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from clinic.patients.models import Fact, Patient
from clinic.places.models import Location, Resource
from clinic.staff.models import User
from plans.assessments.models import Assessment
from plans.catalogue.models import Procedure, Revision
from plans.catalogue.selectors import ruleset
from plans.catalogue.services import save_draft, start_draft
from plans.core.sections import sections_of
from plans.core.spacing import Period
from plans.courses.models import Course
from plans.data.demo import make_demo
from plans.data.factories import LocationFactory, PatientFactory, UserFactory
from plans.diary.models import Appointment, Status
from plans.gaps.services import start_table
from plans.lots.models import Lot
from plans.protocols.models import Protocol
from plans.protocols.services import start_draft as start_protocol
from plans.terms.models import Source
from tests.conftest import OpenPage, sign_in
from tests.journeys.conftest import House
from tests.take_shots import faults_of

BERLIN = ZoneInfo("Europe/Berlin")
# A Thursday morning without holidays near, when a clinic is full of people.
MORNING = dt.datetime(2026, 11, 26, 10, 50, tzinfo=BERLIN)
TCA = "tca_peel_medium"
ANNA = 142
PEEL, CREAM, PITS = "fruit_peel_pro", "azelaic_gel", "post_acne_deep_pits"
FACT = "isotretinoin_oral"
# What refuses, or is not there, has a page too. Everything else must answer.
REFUSED = {("reception", "/nowhere/"), ("reception", f"/editor/{TCA}/rules/")}
# Both widths and both themes. What axe finds hangs on one of them at a time: no need for all four.
PARTS = 2  # of the longest lists
LONG = ("reception", "practitioner", "physician", "manager")
LOOKS = (("desk", "light"), ("phone", "dark"))

Addresses = dict[str, list[str]]


@dataclass(frozen=True)
class Demo:
    """The addresses to open, by the user name of who opens them; "" is nobody in particular."""

    addresses: Addresses

    def person(self, name: str) -> User | None:
        return User.objects.get(username=name) if name else None


@pytest.fixture
def morning() -> Iterator[None]:
    with time_machine.travel(MORNING, tick=True):
        yield


@pytest.fixture
def demo(transactional_db: None, morning: None) -> Demo:
    """A small demo clinic with a draft of a procedure, of the gaps and of a protocol, and a session to review."""
    make_demo(40, seed=7)
    editor = User.objects.get(username="editor")
    start_draft(Procedure.objects.get(code=TCA), by=editor)
    start_draft(Procedure.objects.get(code=CREAM), by=editor)
    change_the_interval(start_draft(Procedure.objects.get(code=PEEL), by=editor), editor)
    start_table(by=editor)
    start_protocol(Protocol.objects.get(code=PITS), by=editor)
    return Demo(addresses())


def change_the_interval(draft: Revision, editor: User) -> None:
    """So that sessions to come are touched by the draft, and the cases of the product too."""
    rules = ruleset(draft)
    longer = {"interval.min": Period(3, "months"), "interval.recommended": Period(3, "months")}
    longer["interval.max"] = Period(6, "months")
    changed = replace(rules, values={**rules.values, **longer})
    save_draft(draft, changed, draft.version, by=editor)


def addresses() -> Addresses:
    """Each page of the product in each of its states, once."""
    course = Course.objects.get(patient__number=ANNA, revision__procedure__code=TCA)
    fact = Fact.objects.filter(patient__number=ANNA).latest("pk")
    assessment = Assessment.objects.filter(patient__number=ANNA).latest("pk")
    source = Source.objects.get(code="article")
    lot = Lot.objects.latest("pk")
    newcomer = Patient.objects.get(family_name="Hughes").number
    shown = (Status.BOOKED, Status.ARRIVED, Status.DONE, Status.CANCELLED)
    visits = {status: visit_that_is(status) for status in shown}
    practitioner = Resource.objects.filter(kind="practitioner")[0]
    done, booked = visits[Status.DONE], visits[Status.BOOKED]
    return {
        "": ["/account/login/", "/account/logout/"],
        "reception": [
            "/", f"/diary/{MORNING.date()}/", "/diary/2026-11-29/",
            f"/diary/{MORNING.date()}/?colour=category&names=hidden", f"/diary/week/{MORNING.date()}/",
            f"/diary/month/{MORNING.date()}/", "/hours/blocks/",
            *(f"/visits/{pk}/" for pk in visits.values()), f"/moves/{booked}/",
            f"/moves/{booked}/cancel/", f"/moves/{booked}/missed/", f"/moves/{booked}/split/",
            f"/series/{ANNA}/{TCA}/free/", f"/series/{ANNA}/combined/?code={TCA}", f"/series/{ANNA}/together/",
            f"/feeds/patients/{ANNA}/",
            f"/series/{newcomer}/{TCA}/", f"/series/{ANNA}/{TCA}/", f"/series/{ANNA}/{TCA}/?sessions=99",
            f"/courses/plan/{ANNA}/", f"/courses/plan/{ANNA}/?q=zzz", f"/courses/{course.pk}/",
            f"/patients/{newcomer}/", f"/patients/{ANNA}/edit/", "/patients/", "/patients/new/",
            "/worklist/", "/staff/language/", *(address for _name, address in REFUSED),
            "/catalogue/", f"/catalogue/{TCA}/", f"/protocols/for/{ANNA}/", f"/health/{newcomer}/",
        ],
        "physician": [
            f"/patients/{ANNA}/", f"/health/{ANNA}/", f"/health/{ANNA}/facts/{fact.pk}/",
            f"/health/{ANNA}/facts/", f"/health/{ANNA}/facts/add/", f"/health/{ANNA}/saved/",
            f"/visits/{visits[Status.ARRIVED]}/", "/feeds/",
            f"/sheets/aftercare/{done}/", f"/sheets/before/{done}/", f"/sheets/plan/{ANNA}/", f"/sheets/card/{course.pk}/", f"/sheets/{MORNING.date()}/",
            "/account/password/change/", "/account/2fa/",
            f"/assessments/{ANNA}/", f"/assessments/{ANNA}/new/", f"/assessments/{newcomer}/",
            f"/assessments/{ANNA}/{assessment.pk}/", f"/protocols/{PITS}/apply/{ANNA}/",
            "/sources/unconfirmed/", f"/sources/unconfirmed/{CREAM}/",
        ],
        "practitioner": [
            "/visits/arrivals/", f"/visits/{done}/", f"/visits/{visits[Status.ARRIVED]}/",
            f"/health/visit/{booked}/", f"/health/visit/{booked}/tablet/", f"/health/visit/{booked}/link/",
            f"/consents/{ANNA}/", f"/consents/{ANNA}/photo/sign/", f"/consents/{ANNA}/photo/paper/",
            f"/records/{done}/", f"/records/{done}/print/", f"/records/{visits[Status.ARRIVED]}/",
            f"/photos/{ANNA}/", f"/photos/{ANNA}/add/", f"/photos/course/{course.pk}/",
            f"/outcomes/{course.pk}/", f"/outcomes/visit/{done}/", "/lots/", "/lots/add/", f"/lots/{lot.pk}/",
            f"/lots/{lot.pk}/patients/",
            f"/homecare/{ANNA}/", f"/homecare/{ANNA}/start/", f"/homecare/{ANNA}/calendar/",
            f"/sheets/aftercare/{done}/", f"/sheets/before/{booked}/", f"/sheets/plan/{ANNA}/",
            f"/patients/{ANNA}/", f"/patients/{ANNA}/summary/",
        ],
        "editor": [
            "/", "/catalogue/", "/catalogue/?q=zzz", f"/catalogue/{TCA}/",
            *(f"/editor/{TCA}/{section}/" for section in sections_of(is_home=False)),
            f"/editor/{CREAM}/regimen/", f"/protocols/{PITS}/draft/", "/protocols/new/",
        ],
        "manager": [
            "/hours/", f"/hours/{practitioner.pk}/", "/hours/holidays/",
            "/catalogue/gaps/", "/impact/gaps/", f"/impact/{PEEL}/", f"/catalogue/{TCA}/revisions/1/",
            f"/catalogue/{PEEL}/revisions/2/against/1/", f"/catalogue/{TCA}/retire/",
            "/protocols/", f"/protocols/{PITS}/", f"/protocols/{PITS}/draft/publish/",
            "/vocabulary/", "/vocabulary/?q=zzz", "/vocabulary/new/", f"/vocabulary/{FACT}/",
            f"/vocabulary/{FACT}/edit/", f"/vocabulary/{FACT}/rename/", f"/vocabulary/{FACT}/merge/",
            "/sources/", "/sources/new/", f"/sources/{source.pk}/", f"/sources/{source.pk}/edit/",
            "/vignettes/", "/vignettes/new/", "/vignettes/paste/", "/exchange/", "/api/v1/docs",
        ],
    }  # fmt: skip


def visit_that_is(status: Status) -> int:
    """A visit in this state, of today if there is one."""
    there = Appointment.objects.filter(status=status)
    visit = there.filter(starts_at__date=MORNING.date()).first() or there.latest("starts_at")
    return visit.pk


# One after the other they would keep a single processor busy long after all the rest is done.
@pytest.mark.parametrize(
    ("name", "part"),
    [("", 0), ("editor", 0), *product(LONG, range(PARTS))],
)
@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_every_page_is_fit_for_everybody(
    demo: Demo, open_page: OpenPage, width: str, theme: str, name: str, part: int
):
    found: list[str] = []
    page = open_page(demo.person(name), width=width, theme=theme)
    step = PARTS if name in LONG else 1
    for address in demo.addresses[name][part::step]:
        answer = page.goto(address)
        assert answer is not None
        faults = faults_of(page)
        # A form that is refused shows itself again, 422; that is an answer.
        if (answer.ok or answer.status == HTTPStatus.UNPROCESSABLE_ENTITY) == (
            (name, address) in REFUSED
        ):
            faults.append(f"answered {answer.status}")
        found += [f"{address}: {fault}" for fault in faults]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_a_clinic_without_anything_in_it_says_what_comes_first(
    transactional_db: None, open_page: OpenPage, width: str, theme: str
):
    location = LocationFactory()
    page = open_page(UserFactory(role="manager", location=location), width=width, theme=theme)
    for address in ("/", "/diary/", "/patients/", "/worklist/", "/catalogue/"):
        page.goto(address)
        assert faults_of(page) == [], address
        expect(page.locator("main .empty h2")).to_be_visible()


@pytest.fixture
def reception(transactional_db: None) -> User:
    return UserFactory(role="reception", location=LocationFactory())


def focused(page: Page) -> str:
    """The id of what the keys go to, else its class, else its tag."""
    where: str = page.evaluate(
        "(at => at.id || at.className || at.tagName.toLowerCase())(document.activeElement)"
    )
    return where


def test_the_first_key_leads_past_the_frame(reception: User, open_page: OpenPage):
    page = open_page(reception)
    page.goto("/worklist/")
    page.keyboard.press("Tab")
    assert focused(page) == "skip"
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert focused(page) == "main"


def test_the_slash_leads_to_the_search_and_the_arrows_through_what_it_finds(
    reception: User, open_page: OpenPage
):
    PatientFactory(
        given_name="Anna", family_name="Petrova", number=ANNA, location=Location.objects.get()
    )
    page = open_page(reception)
    page.goto("/worklist/")
    page.keyboard.press("/")
    field = page.get_by_role("search").get_by_role("searchbox")
    expect(field).to_be_focused()
    page.keyboard.type("petrova")
    expect(page.locator(".found a").first).to_contain_text("Anna Petrova")
    expect(field).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".found a").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(field).to_be_focused()
    expect(page.locator(".found a")).to_have_count(0)


def test_a_changed_wish_keeps_the_focus_where_it_was(house: House, open_page: OpenPage):
    patient = PatientFactory(location=house.location)
    page = open_page(house.reception)
    page.goto(f"/series/{patient.number}/{TCA}/")
    wish = page.get_by_label("Part of day")
    wish.focus()
    with page.expect_response(lambda answer: "part=" in answer.url):
        wish.select_option(index=1)
    expect(page.locator(".offer").first).to_be_visible()
    expect(wish).to_be_focused()


def test_a_refused_form_leads_to_what_is_wrong(reception: User, open_page: OpenPage):
    page = open_page(reception)
    page.goto("/patients/new/")
    page.get_by_label("Given name").fill("Anna")
    page.get_by_label("Family name").fill("Petrova")
    page.get_by_label("Birth date").fill("1992-03-14")
    page.get_by_label("Phone").fill("12")
    page.get_by_role("button", name="Register", exact=True).click()
    expect(page.locator("[data-errors]")).to_be_focused()
    expect(page.get_by_label("Family name")).to_have_value("Petrova")
    assert faults_of(page) == []


def test_a_likely_twin_is_shown_without_taking_the_focus(reception: User, open_page: OpenPage):
    PatientFactory(
        given_name="Anna",
        family_name="Petrova",
        birth_date=dt.date(1992, 3, 14),
        location=Location.objects.get(),
    )
    page = open_page(reception)
    page.goto("/patients/new/")
    page.get_by_label("Given name").fill("Anna")
    page.get_by_label("Family name").fill("Petrova")
    birth = page.get_by_label("Birth date")
    birth.fill("1992-03-14")
    expect(page.locator("#alike")).to_contain_text("Anna Petrova")
    expect(birth).to_be_focused()
    assert faults_of(page) == []


@pytest.fixture
def plain(browser: Browser, live_server: LiveServer, house: House) -> Iterator[Page]:
    """The receptionist's page in a browser that runs no script."""
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    sign_in(context, house.reception, live_server.url)
    yield context.new_page()
    context.close()


def test_three_peels_are_planned_asked_about_and_booked_without_a_script(plain: Page, house: House):
    patient = PatientFactory(given_name="Anna", family_name="Petrova", location=house.location)
    plain.goto(f"/health/{patient.number}/?procedure={TCA}")
    plain.locator(".pick input").first.check()
    expect(plain.locator(".more").first).to_be_visible()
    plain.locator(".pick input").first.uncheck()
    plain.get_by_role("button", name="Send").click()
    expect(plain.get_by_role("heading", level=1)).to_have_text("Anna Petrova")
    assert Fact.objects.filter(patient=patient).exists()

    plain.get_by_role("link", name="Plan treatment").first.click()
    plain.get_by_label("Procedure", exact=True).fill("tca")
    plain.get_by_role("button", name="Show").click()
    plain.get_by_role("link", name="See dates: Medium TCA peel").click()
    plain.get_by_label("Part of day").select_option(index=1)
    plain.get_by_role("button", name="Show dates").click()
    plain.get_by_role("button", name="Book all 3").click()

    expect(plain.get_by_role("heading", level=1)).to_have_text("Medium TCA peel for Anna Petrova")
    assert Appointment.objects.filter(patient=patient).count() == 3
