"""The fixtures that other tests rely on: a browser that hears faults, a reset that passes guards."""

import pytest
from django.core.management.color import no_style
from django.db import IntegrityError, connection, transaction
from playwright.sync_api import Browser

from clinic.audit.models import Entry
from clinic.kit import clock
from tests.conftest import OpenPage, listen


def test_the_browser_keeps_its_own_time_zone(open_page: OpenPage):
    page = open_page(zone="America/New_York")
    assert page.evaluate("new Date(2026, 0, 15, 12).getUTCHours()") == 17


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("setTimeout(() => { throw new Error('lost') })", "lost"),
        ("console.error('refused by the policy')", "refused by the policy"),
    ],
)
def test_a_fault_in_a_page_is_heard(browser: Browser, script: str, said: str):
    complaints: list[str] = []
    page = browser.new_page()
    listen(page, complaints)
    page.evaluate(script)
    page.wait_for_timeout(50)
    page.close()
    assert len(complaints) == 1
    assert said in complaints[0]


@pytest.mark.django_db(transaction=True)
def test_the_reset_after_a_browser_test_empties_what_the_guards_keep():
    Entry.objects.create(at=clock.now(), action="seen", subject="patient:1")
    reset = connection.ops.sql_flush(no_style(), [Entry._meta.db_table])
    connection.ops.execute_sql_flush(reset)
    assert not Entry.objects.exists()
    # And the guards stand again.
    Entry.objects.create(at=clock.now(), action="seen", subject="patient:2")
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.all().delete()
