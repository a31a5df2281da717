"""How full a month is: in words beside each drawing."""

import datetime as dt
import re

from django.db import connection
from django.test.utils import CaptureQueriesContext

from plans.data.factories import BlockFactory, OccupancyFactory, PatientFactory
from plans.diary.models import Appointment
from tests.diary.clinic import BERLIN, said

MONTH = "/diary/month/2026-11-26/"
THURSDAY = dt.date(2026, 11, 26)


def words_of(answer) -> str:
    return said(answer).replace("\N{NO-BREAK SPACE}", " ")


def day_of(answer, words: str) -> str:
    """What stands in one day's cell."""
    cells = re.findall(r"<li class=.*?</li>", answer.content.decode(), re.S)
    (cell,) = [each for each in cells if f">{words}</a>" in each]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", cell)).replace("\N{NO-BREAK SPACE}", " ")


def test_a_day_says_hours_booked_of_hours_open_by_kind(clinic, desk):
    clinic.book(THURSDAY)
    cell = day_of(desk.get(MONTH), "Thu 26 Nov")
    assert "1 visit" in cell
    assert "Practitioners 50 min of 16 h" in cell
    assert "Rooms 1 h 20 of 16 h" in cell


def test_blocked_time_is_not_open_and_a_full_day_says_so(clinic, desk):
    clinic.book(THURSDAY, minute=540)
    for resource in (clinic.weiss, clinic.brandt):
        start = dt.datetime(2026, 11, 26, 11, tzinfo=BERLIN)
        end = dt.datetime(2026, 11, 26, 17, tzinfo=BERLIN)
        block = BlockFactory(resource=resource, starts_at=start, ends_at=end)
        OccupancyFactory(
            resource=resource, appointment=None, block=block, starts_at=start, ends_at=end
        )
    assert "Practitioners 50 min of 4 h" in day_of(desk.get(MONTH), "Thu 26 Nov")
    held = dt.datetime(2026, 11, 26, 9, tzinfo=BERLIN)
    for resource, minutes in ((clinic.brandt, 120), (clinic.weiss, 30)):
        visit = Appointment.objects.create(
            patient=PatientFactory(location=clinic.location), location=clinic.location,
            starts_at=held, ends_at=held + dt.timedelta(minutes=minutes), created_at=held,
        )  # fmt: skip
        OccupancyFactory(resource=resource, appointment=visit)
    assert "Practitioners 3 h 20 of 4 h, nearly full" in day_of(desk.get(MONTH), "Thu 26 Nov")


def test_a_day_off_is_closed_and_leads_to_itself(desk):
    page = desk.get(MONTH)
    assert "closed" in day_of(page, "Sun 29 Nov")
    assert 'href="/diary/2026-11-29/"' in page.content.decode()


def test_kinds_are_switched_and_months_keep_the_choice(desk):
    page = desk.get(MONTH + "?show=rooms")
    assert "Rooms" in day_of(page, "Thu 26 Nov")
    assert "Practitioners" not in day_of(page, "Thu 26 Nov")
    assert 'href="/diary/month/2026-12-01/?show=rooms"' in page.content.decode()
    assert 'href="/diary/month/2026-10-01/?show=rooms"' in page.content.decode()


def since(answer) -> str:
    found = re.search(r'"since": "([^"]+)"', answer.content.decode().replace("&quot;", '"'))
    assert found
    return found[1]


def test_a_month_is_drawn_anew_only_when_something_changed(clinic, desk):
    seen = since(desk.get(MONTH + "?show=rooms"))
    changes = MONTH + "changes/?show=rooms"
    assert changes in desk.get(MONTH + "?show=rooms").content.decode()
    assert desk.get(changes, {"show": "rooms", "since": seen}).status_code == 204
    clinic.book(THURSDAY)
    answer = desk.get(changes, {"show": "rooms", "since": seen})
    assert "Rooms 1 h 20 of 16 h" in day_of(answer, "Thu 26 Nov")
    assert "Anna Petrova" in said(answer)
    assert "<html" not in answer.content.decode()
    assert desk.get(changes, {"show": "rooms", "since": since(answer)}).status_code == 204


def test_a_visit_that_leaves_the_month_is_a_change(clinic, desk):
    visit = Appointment.objects.get(session__course=clinic.book(THURSDAY))
    seen = since(desk.get(MONTH))
    weeks = dt.timedelta(weeks=8)
    Appointment.objects.filter(pk=visit.pk).update(
        starts_at=visit.starts_at + weeks, ends_at=visit.ends_at + weeks
    )
    assert desk.get(MONTH + "changes/", {"since": seen}).status_code == 200


def test_a_month_takes_as_many_queries_full_as_empty(clinic, desk):
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(MONTH).status_code == 200
        return len(queries)

    empty = count()
    for number in range(4):
        patient = PatientFactory(location=clinic.location)
        clinic.book(THURSDAY, patient=patient, minute=540 + 90 * number)
    assert count() == empty
