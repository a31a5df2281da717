"""A day by resource: what is chosen, what is said, and what leaves no trace."""

import datetime as dt
import re
import uuid

import pytest

from clinic.audit.models import Entry
from clinic.kit.operations import Role
from clinic.places.models import HoursException, WorkingHours
from plans.data.factories import (
    BlockFactory,
    FactFactory,
    FactTypeFactory,
    LocationFactory,
    OccupancyFactory,
    PatientFactory,
    ResourceFactory,
    StatusChangeFactory,
    UserFactory,
)
from plans.diary.models import Appointment
from plans.diary.selectors import seen_between
from plans.diary.services import change_status
from tests.diary.clinic import BERLIN, THURSDAY, client_of, said

DAY = "/diary/2026-11-26/"
SERIES = (dt.date(2026, 11, 26), dt.date(2027, 2, 26), dt.date(2027, 5, 26))


def html_of(answer) -> str:
    return str(answer.content, "utf-8")


def columns(answer) -> list[str]:
    return re.findall(
        r'<h2>([^<]+)</h2><p>[^<]*</p></div>\s*<div class="diary-lane', html_of(answer)
    )


def at(hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, 11, 26, hour, minute, tzinfo=BERLIN)


@pytest.fixture
def visit(clinic) -> Appointment:
    return Appointment.objects.get(session__course=clinic.book(*SERIES), session__ordinal=1)


# What is shown


def test_kinds_of_resources_are_switched_on_and_off(clinic, desk):
    assert columns(desk.get(DAY)) == ["Dr Weiss", "Dr Brandt", "Room 1", "Room 2"]
    assert columns(desk.get(DAY + "?show=rooms")) == ["Room 1", "Room 2"]
    assert 'href="/diary/2026-11-26/?show=rooms"' in html_of(desk.get(DAY + "?show=rooms,devices"))


def test_who_was_chosen_stands_alone_and_the_list_follows(clinic, desk, visit):
    page = desk.get(f"{DAY}?who={clinic.brandt.pk}")
    assert columns(page) == ["Dr Brandt"]
    assert "1 visit is left out by the filter" in said(page)
    assert f'data-row="{visit.pk}"' not in html_of(page)
    assert f'data-row="{visit.pk}"' in html_of(desk.get(f"{DAY}?who={clinic.room.pk}"))


def test_where_practitioners_are_left_out_the_room_is_what_a_keyboard_reaches(desk, visit):
    html = html_of(desk.get(DAY + "?show=rooms"))
    assert f'st-booked hue-1" id="v{visit.pk}"' in html or f'id="v{visit.pk}"' in html
    assert 'tabindex="-1" aria-hidden="true"' not in html


def test_another_kind_of_treatment_keeps_its_time_and_loses_its_words(desk, visit):
    page = desk.get(DAY + "?group=toxin")
    assert "Petrova" not in said(page)
    assert '<div class="appt held busy at-90 for-50"></div>' in html_of(page)
    assert "Petrova" in said(desk.get(DAY + "?group=peel_medium"))


def test_every_link_to_another_day_keeps_what_was_chosen(desk, visit):
    query = "?show=rooms&group=peel_medium&names=hidden&colour=category"
    html = html_of(desk.get(DAY + query)).replace("&amp;", "&")
    for address in ("/diary/2026-11-25/", "/diary/2026-11-27/", "/diary/", "/diary/week/2026-11-26/",
                    "/diary/month/2026-11-26/", "/diary/2026-11-26/changes/", "/tray/"):  # fmt: skip
        assert f'"{address}{query}"' in html, address
    today = desk.get("/diary/" + query)
    assert today["Location"] == "/diary/2026-11-09/" + query


def test_what_means_nothing_in_the_address_is_left_out(desk):
    assert (
        desk.get(DAY + "?show=cellars&who=x,99999999&group=%00&names=1&colour=red").status_code
        == 200
    )


def test_hidden_names_stand_nowhere_on_the_page(clinic, desk, visit):
    StatusChangeFactory(appointment=visit, was="booked", became="confirmed", by=clinic.reception)
    for address in (DAY, "/diary/week/2026-11-26/", "/tray/", DAY + "changes/"):
        html = html_of(desk.get(address + "?names=hidden&since=0-x"))
        assert "Petrova" not in html, address
        assert "Anna" not in html, address
    page = desk.get(DAY + "?names=hidden")
    assert "Patient 142" in said(page)
    assert "No. 142" in said(page)
    assert "Show names" in said(page)


def test_kinds_of_treatment_have_a_shape_and_a_name_and_on_demand_a_colour(desk, visit):
    html = html_of(desk.get(DAY))
    assert re.search(r'<li class="hue-\d"><i class="bi bi-[a-z-]+-fill kind-mark"', html)
    assert "by-category" not in html
    coloured = html_of(desk.get(DAY + "?colour=category"))
    assert 'class="diary-grid by-category"' in coloured
    assert "Colours by status" in coloured
    assert "st-booked hue-" in coloured


# What is said of a visit


def test_a_visit_says_where_it_stands_in_its_plan(clinic, desk):
    clinic.book(*SERIES)
    words = said(desk.get("/diary/2027-02-26/"))
    assert "2 of 3, due Fri 26 Feb 2027, window to Wed 26 May 2027, on time" in words
    assert "1 of 3" in said(desk.get(DAY))


def test_a_visit_outside_its_window_says_so_in_the_grid(clinic, desk):
    course = clinic.book(*SERIES)
    course.sessions.filter(ordinal=1).update(performed_on=dt.date(2026, 8, 1))
    html = html_of(desk.get("/diary/2027-02-26/"))
    assert '<em class="late">too late</em>' in html


@pytest.mark.parametrize("status", ["no_show", "cancelled"])
def test_a_visit_that_does_not_take_place_still_says_where_it_belonged(clinic, desk, status):
    course = clinic.book(*SERIES)
    Appointment.objects.filter(session__course=course, session__ordinal=2).update(status=status)
    assert "2 of 3, due Fri 26 Feb 2027" in said(desk.get("/diary/2027-02-26/"))


def test_the_second_part_of_a_split_visit_goes_on_with_the_first(clinic, desk, visit):
    part = Appointment.objects.create(
        patient=visit.patient, location=visit.location, continues=visit,
        starts_at=at(14), ends_at=at(14, 45), created_at=at(8),
    )  # fmt: skip
    OccupancyFactory(resource=clinic.weiss, appointment=part)
    page = desk.get(DAY)
    assert said(page).count("Medium TCA peel") == 4  # in the grid and in the list, twice each
    assert "goes on from 10:00" in said(page)
    assert "Consultation" not in said(page)


def test_the_badge_is_for_those_who_may_see_screening(clinic, desk, visit):
    FactFactory(
        patient=clinic.patient, fact_type=FactTypeFactory(code="isotretinoin_oral"),
        status="present", since=dt.date(2026, 1, 1), until=dt.date(2026, 11, 1),
    )  # fmt: skip
    assert "Wait until" in said(desk.get(DAY))
    manager = client_of(UserFactory(role=Role.MANAGER, location=clinic.location))
    assert "Wait" not in said(manager.get(DAY))


def test_a_block_shows_its_reason_and_closed_hours_are_hatched(clinic, desk):
    block = BlockFactory(resource=clinic.weiss, starts_at=at(12), ends_at=at(13), reason="lunch")
    OccupancyFactory(
        resource=clinic.weiss, appointment=None, block=block, starts_at=at(12), ends_at=at(13)
    )
    html = html_of(desk.get(DAY))
    assert '<div class="off at-180 for-60"><span>lunch</span></div>' in html
    assert '<div class="off at-0 for-600"></div>' in html_of(desk.get("/diary/2026-11-29/"))


def test_a_time_is_blocked_from_the_day_that_is_looked_at(clinic, desk):
    assert 'href="/hours/blocks/?day=2026-11-26"' in html_of(desk.get(DAY))
    week = html_of(desk.get("/diary/week/2026-11-26/"))
    assert f'href="/hours/blocks/?day=2026-11-23&amp;resource={clinic.weiss.pk}"' in week


def test_the_line_of_now_stands_on_today_only(clinic, desk):
    html = html_of(desk.get("/diary/2026-11-09/"))
    assert 'data-now="600"' in html
    assert '<div class="now-line at-60 for-5"></div>' in html
    assert "now-line" not in html_of(desk.get(DAY))


# Moving


def test_every_visit_that_can_move_has_a_form_for_it_in_the_list(clinic, desk, visit):
    assert f'href="/moves/{visit.pk}/" data-move="{visit.pk}"' in html_of(desk.get(DAY))
    change_status(visit, "cancelled", by=clinic.reception, reason="ill", key=uuid.uuid4())
    assert "data-move" not in html_of(desk.get(DAY))


def test_a_visit_carries_its_version_for_those_who_may_move_it(clinic, desk, visit):
    latest = visit.changes.latest("pk").pk
    assert f'data-s="600" data-m="80" data-n="{latest}"' in html_of(desk.get(DAY))
    editor = UserFactory(role=Role.EDITOR, location=clinic.location)
    assert client_of(editor).get(DAY).status_code == 403


def test_who_is_here_already_stays_and_may_take_longer(clinic, desk, visit, monday):
    Appointment.objects.filter(pk=visit.pk).update(status="arrived")
    html = html_of(desk.get(DAY))
    assert "data-stays" in html
    assert "Change how long Anna Petrova, 10:00, lasts" in html


def test_a_drop_comes_back_to_the_page_as_it_was_chosen(desk):
    html = html_of(desk.get(DAY + "?show=rooms&names=hidden"))
    assert 'name="back" value="/diary/2026-11-26/?show=rooms&amp;names=hidden"' in html


# What others change


def since(answer) -> str:
    found = re.search(r'"since": "([^"]+)"', html_of(answer).replace("&quot;", '"'))
    assert found
    return found.group(1)


def test_nothing_changed_answers_nothing(desk, visit):
    answer = desk.get(DAY + "changes/", {"since": since(desk.get(DAY))})
    assert answer.status_code == 204
    assert not answer.content


def test_a_change_answers_the_day_anew_and_who_did_what(clinic, desk, visit):
    seen = since(desk.get(DAY))
    change_status(visit, "confirmed", by=clinic.physician, key=uuid.uuid4())
    answer = desk.get(DAY + "changes/", {"since": seen})
    assert "st-confirmed" in html_of(answer)
    assert "<html" not in html_of(answer)
    assert f"{clinic.physician.display_name}: Anna Petrova, Confirmed." in said(answer)
    assert desk.get(DAY + "changes/", {"since": since(answer)}).status_code == 204


def test_a_visit_that_left_the_day_is_told_and_gone(clinic, desk, visit):
    seen = since(desk.get(DAY))
    before = {"starts_at": visit.starts_at.isoformat(), "ends_at": visit.ends_at.isoformat()}
    Appointment.objects.filter(pk=visit.pk).update(
        starts_at=visit.starts_at + dt.timedelta(days=1),
        ends_at=visit.ends_at + dt.timedelta(days=1),
    )
    StatusChangeFactory(
        appointment=visit, was="booked", became="booked", by=clinic.physician, before=before
    )
    answer = desk.get(DAY + "changes/", {"since": seen})
    assert "moved Anna Petrova, now Fri 27 Nov 10:00." in said(answer)
    assert f'id="v{visit.pk}"' not in html_of(answer)


def test_a_confirmed_visit_that_moves_is_told_as_moved(clinic, desk, visit):
    Appointment.objects.filter(pk=visit.pk).update(status="confirmed")
    seen, later = since(desk.get(DAY)), visit.starts_at + dt.timedelta(hours=1)
    before = {"starts_at": visit.starts_at.isoformat(), "ends_at": visit.ends_at.isoformat()}
    Appointment.objects.filter(pk=visit.pk).update(
        starts_at=later, ends_at=later + dt.timedelta(minutes=80), status="booked"
    )
    StatusChangeFactory(appointment=visit, was="confirmed", became="booked", by=None, before=before)
    answer = desk.get(DAY + "changes/", {"since": seen})
    assert "Cadence moved Anna Petrova, now Thu 26 Nov 11:00." in said(answer)


def test_a_block_that_comes_is_a_change(clinic, desk):
    seen = since(desk.get(DAY))
    block = BlockFactory(resource=clinic.weiss, starts_at=at(12), ends_at=at(13))
    OccupancyFactory(
        resource=clinic.weiss, appointment=None, block=block, starts_at=at(12), ends_at=at(13)
    )
    answer = desk.get(DAY + "changes/", {"since": seen})
    assert "The diary has changed." in said(answer)


def test_new_weekly_hours_are_a_change(clinic, desk):
    seen = since(desk.get(DAY))
    elsewhere = LocationFactory()
    ResourceFactory(location=elsewhere, open_hours=(8, 12))
    assert desk.get(DAY + "changes/", {"since": seen}).status_code == 204
    WorkingHours.objects.filter(resource=clinic.weiss, weekday=4).update(closes=dt.time(15))
    answer = desk.get(DAY + "changes/", {"since": seen})
    assert "The diary has changed." in said(answer)
    WorkingHours.objects.filter(resource=clinic.weiss).update(valid_until=dt.date(2026, 11, 20))
    assert desk.get(DAY + "changes/", {"since": since(answer)}).status_code == 200


def test_an_absence_that_becomes_shorter_is_a_change(clinic, desk):
    absence = HoursException.objects.create(
        location=clinic.location, resource=clinic.weiss,
        first_day=dt.date(2026, 11, 25), last_day=dt.date(2026, 11, 27),
    )  # fmt: skip
    week = "/diary/week/2026-11-26/"
    seen = since(desk.get(week))
    absence.last_day = dt.date(2026, 11, 26)
    absence.save()
    assert desk.get(week + "changes/", {"since": seen}).status_code == 200


def test_many_changes_are_counted(clinic, desk):
    seen = since(desk.get(DAY))
    for number in range(5):
        clinic.book(
            SERIES[0], patient=PatientFactory(location=clinic.location), minute=540 + 80 * number
        )
    assert "and 2 more changes" in said(desk.get(DAY + "changes/", {"since": seen}))


def test_asking_takes_four_queries_however_much_the_day_holds(clinic, django_assert_num_queries):
    for number in range(5):
        clinic.book(
            SERIES[0], patient=PatientFactory(location=clinic.location), minute=540 + 80 * number
        )
    with django_assert_num_queries(4):
        seen_between(clinic.location, THURSDAY, THURSDAY)


def test_asking_leaves_no_trace(clinic, desk, visit, monday):
    seen = since(desk.get(DAY))
    session = desk.session
    ends, lines = session.get_expiry_date(), Entry.objects.count()
    stored = type(session).get_model_class().objects.get(pk=session.session_key).expire_date
    monday.shift(600)
    for address in (
        DAY + "changes/", "/diary/week/2026-11-26/changes/", "/diary/month/2026-11-26/changes/"
    ):  # fmt: skip
        assert not desk.get(address, {"since": seen}).cookies
    again = type(session).get_model_class().objects.get(pk=session.session_key).expire_date
    assert again == stored
    assert ends
    assert Entry.objects.count() == lines


@pytest.mark.parametrize("nonsense", ["", "x", "1", "99999999999999999999-x", "-1-2"])
def test_asking_with_nonsense_answers_the_day(desk, visit, nonsense):
    answer = desk.get(DAY + "changes/", {"since": nonsense})
    assert answer.status_code == 200
    assert f'id="v{visit.pk}"' in html_of(answer)
