"""Dates that matter to a patient: kept, let go, and clear of healing on every page."""

import datetime as dt
import uuid

import pytest

from clinic.audit.models import Entry
from clinic.kit.refusals import AlreadyDone, Refusal
from plans.courses.models import Occasion
from plans.series.services import keep_clear, let_go
from tests.diary.clinic import THURSDAY, make_other, said

BOOK = "/series/142/mask/"
WEDDING = THURSDAY + dt.timedelta(days=3)
EACH = {"first_from": THURSDAY.isoformat(), "sessions": "1"}


def keep(clinic, day=WEDDING, name="Wedding", **more) -> Occasion:
    return keep_clear(
        clinic.patient, day, name, by=clinic.reception, key=more.get("key") or uuid.uuid4()
    )


def test_a_date_is_kept_with_a_line_in_the_record_that_does_not_name_it(clinic):
    occasion = keep(clinic)
    line = Entry.objects.get(action="occasion_kept")
    assert line.patient_number == 142
    assert line.details == {"day": WEDDING.isoformat()}
    assert occasion.created_by == clinic.reception


def test_a_date_is_kept_once(clinic):
    key = uuid.uuid4()
    keep(clinic, key=key)
    with pytest.raises(AlreadyDone):
        keep(clinic, key=key)
    with pytest.raises(Refusal, match="kept clear already"):
        keep(clinic)
    assert Occasion.objects.count() == 1


def test_a_day_that_is_over_is_not_kept(clinic):
    with pytest.raises(Refusal, match="is over"):
        keep(clinic, THURSDAY - dt.timedelta(days=60))


def test_a_date_let_go_can_be_kept_again(clinic):
    let_go(keep(clinic), by=clinic.reception)
    gone = Occasion.objects.get()
    let_go(gone, by=clinic.physician)
    gone.refresh_from_db()
    assert gone.removed_by == clinic.reception
    keep(clinic)
    assert Occasion.objects.filter(removed_at__isnull=True).count() == 1


def test_no_session_is_offered_that_still_heals_on_the_date(clinic, desk, mask):
    keep(clinic)
    page = said(desk.get(BOOK, EACH))
    assert "Healed before the date to be kept clear" in page
    assert "Thu 26 Nov 2026 09:00" not in page
    assert "Mon 30 Nov 2026" in page


def test_the_form_on_the_page_keeps_a_date_and_lets_it_go(clinic, desk, mask):
    form = {"day": WEDDING.isoformat(), "name": "Wedding", "key": uuid.uuid4()}
    answer = desk.post(f"{BOOK}occasions/?sessions=1", form)
    assert answer["Location"] == f"{BOOK}?sessions=1"
    assert "Wedding" in said(desk.get(BOOK))
    answer = desk.post(f"{BOOK}occasions/{Occasion.objects.get().pk}/let-go/")
    assert answer["Location"] == BOOK
    assert "Wedding" not in said(desk.get(BOOK))


@pytest.mark.parametrize("day", ["", "2020-01-01", "2099-01-01"])
def test_a_date_that_makes_no_sense_is_said_on_the_page(clinic, desk, mask, day):
    answer = desk.post(f"{BOOK}occasions/", {"day": day, "key": uuid.uuid4()}, follow=True)
    assert not Occasion.objects.exists()
    assert any(word in said(answer) for word in ("required", "over", "years away"))


def test_a_date_of_somebody_else_is_not_found(clinic, desk, mask):
    other = make_other(clinic)
    occasion = keep_clear(other, WEDDING, "", by=clinic.reception, key=uuid.uuid4())
    assert desk.post(f"{BOOK}occasions/{occasion.pk}/let-go/").status_code == 404
    assert Occasion.objects.get().removed_at is None


def test_dates_that_leave_no_day_are_named_with_a_button_that_works(clinic, desk, mask):
    for week in range(7):
        keep(clinic, THURSDAY + dt.timedelta(days=7 * week))
    page = desk.get(BOOK, EACH)
    assert "each day would still be healing on a date to be kept clear" in said(page)
    ways = [way for way in page.context["ways_out"] if way["query"]]
    assert [way["words"].split()[0] for way in ways][:1] == ["Begin"]
    assert len(ways) > 1
    for way in ways:
        assert desk.get(BOOK + way["query"]).context["series"]
