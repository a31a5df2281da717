"""What every test can ask for: a database that resets despite its guards, and a browser."""

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from clinic.staff.models import User
from tests.diary.clinic import NOW, Clinic, client_of, make_clinic
from tests.get_browser import find_browser, launch

PICTURES = Path(__file__).resolve().parent.parent / ".pictures" / "failures"
# A name for each width that people hold in front of them, in CSS pixels.
WIDTHS = {"desk": (1280, 900), "tablet": (768, 1024), "phone": (390, 844)}
# Long enough for two workers on two busy cores, short enough that a hang is not waited for.
PATIENCE_MS = 15_000

# A slow machine is no finding. Where a red run stops everybody, the examples are the same each time;
# on a developer's machine they are new ones.
hypothesis_settings.register_profile(
    "cadence",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=os.environ.get("CI") == "true",
)
hypothesis_settings.load_profile("cadence")

Flush = Callable[[list[str]], None]
OpenPage = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses the browser, so that `-m "not browser"` needs no list kept by hand."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


@pytest.fixture(autouse=True)
def _only_where_it_means_something(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("postgres") and connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL: make test-postgres")


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Rate limits counted by one test must not lock out the next."""
    cache.clear()


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """A page's language stays active in its thread: without this it leaks into the next test."""
    with translation.override("en"):
        yield


@pytest.fixture
def monday() -> Iterator[time_machine.Traveller]:
    """It is Monday 9 November 2026, ten o'clock in Berlin, and stays so."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def clinic(db: None, monday: time_machine.Traveller) -> Clinic:
    return make_clinic()


@pytest.fixture
def desk(clinic: Clinic) -> Client:
    """The reception's browser."""
    return client_of(clinic.reception)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """Let the reset after a browser test pass the triggers that keep the audit append-only."""
    reset = {"sqlite": flush_sqlite, "postgresql": flush_postgres}[connection.vendor]
    # On the class: each thread, so the browser's too, has a connection of its own.
    operations = type(connection.ops)
    flush = operations.execute_sql_flush
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            operations,
            "execute_sql_flush",
            lambda self, sql: reset(lambda statements: flush(self, statements), sql),
        )
        yield


def flush_sqlite(flush: Flush, statements: list[str]) -> None:
    """Flush with all triggers taken away, and put them back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
        try:
            flush(statements)
        finally:
            for _, sql in triggers:
                cursor.execute(sql)


def flush_postgres(flush: Flush, statements: list[str]) -> None:
    """Flush as a replica would: ordinary triggers do not fire there."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            flush(statements)
        finally:
            cursor.execute("SET session_replication_role = DEFAULT")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium for the whole run; skips with the reason when the machine has none."""
    found = find_browser()
    if found is None:
        reason = "no Chromium on this machine: `make browser` fetches one"
        if os.environ.get("CADENCE_REQUIRE_BROWSER") == "1" or os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright runs an event loop in this thread, and Django would refuse the ORM beside it.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        chromium = launch(playwright, found)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Browser, live_server: LiveServer) -> Iterator[OpenPage]:
    """Return `open_page(user=None, width="desk", theme="light", zone="Europe/Berlin")`.

    Each call is a person of their own: a new context, signed in as `user` without the form.
    The time zone is never the machine's: Django sets TZ, the browser would inherit it, and a page
    that confuses the two would look right.
    A script error, a breach of the content security policy or an answer 500 fails the test.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_(
        user: User | None = None,
        *,
        width: str = "desk",
        theme: str = "light",
        zone: str = "Europe/Berlin",
    ) -> Page:
        across, down = WIDTHS[width]
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": across, "height": down},
            color_scheme="dark" if theme == "dark" else "light",
            timezone_id=zone,
            locale="en-GB",
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        if user is not None:
            sign_in(context, user, live_server.url)
        page = context.new_page()
        listen(page, complaints)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not complaints, "The browser complained:\n" + "\n".join(complaints)


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """One visitor at a desk, not signed in."""
    return open_page()


def sign_in(context: BrowserContext, user: User, url: str) -> None:
    """Give `context` the session that the sign-in page would; that page has tests of its own."""
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": url}])


def listen(page: Page, complaints: list[str]) -> None:
    """Add to `complaints` what a developer would see in red in the browser's console."""

    def hear(message: ConsoleMessage) -> None:
        # A refused form answers 422 and a denied page 403: said again by the browser, not faults. Nor is
        # a request that a newer one of the same field replaced, which htmx reports as an error.
        expected = ("Failed to load resource", "htmx:sendAbort", "htmx:afterRequest")
        if message.type == "error" and not any(words in message.text for words in expected):
            complaints.append(f"{page.url}: {message.text}")

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    page.on(
        "response",
        lambda answer: (
            complaints.append(f"{answer.status} {answer.url}") if answer.status >= 500 else None
        ),
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep a picture of every page of the browser when a test fails, and name it in the report."""
    report = yield
    chromium = getattr(item, "funcargs", {}).get("browser")
    if report.when == "call" and report.failed and chromium is not None:
        PICTURES.mkdir(parents=True, exist_ok=True)
        pages = [page for context in chromium.contexts for page in context.pages]
        for number, page in enumerate(pages):
            picture = PICTURES / f"{item.name.replace('/', '_')}-{number}.png"
            page.screenshot(path=picture)
            report.sections.append(("picture", f"{page.url}: {picture}"))
    return report
