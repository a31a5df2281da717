"""The pages of a move, of a visit that does not take place, of a split; drop and undo."""

import datetime as dt
import re
import uuid

import pytest
from django.urls import reverse

from clinic.kit.operations import Role
from plans.data.factories import ResourceFactory, UserFactory
from plans.diary.models import Appointment
from tests.diary.clinic import BERLIN, THREE, THURSDAY, client_of, make_other, said
from tests.moves.moving import at, days_of, move, visit_of

HTMX = {"HX-Request": "true"}
DECEMBER = "2026-12-10"


def page_of(visit, name="move") -> str:
    return reverse(f"moves:{name}", args=[visit.pk])


def hidden(response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', response.content.decode())
    assert found
    return found[1]


def ticks(response) -> list[str]:
    return re.findall(r'name="take" value="([^"]+)" checked', response.content.decode())


def confirm(client, url: str, query=None, **changes):
    """Open the page and send what it offers, as a browser would."""
    shown = client.get(url, query or {})
    sent = {
        "key": hidden(shown, "key"), "act": hidden(shown, "act"), "take": ticks(shown), **changes
    }  # fmt: skip
    return client.post(f"{url}?{shown.request['QUERY_STRING']}", sent)


def time_of(visit) -> str:
    return Appointment.objects.get(pk=visit.pk).starts_at.astimezone(BERLIN).strftime("%d %b %H:%M")


# Move


def test_the_page_shows_what_changes_before_it_changes(desk, course, visit):
    page = desk.get(page_of(visit), {"day": DECEMBER})
    words = said(page)
    assert "Move Medium TCA peel 1 of 3 for Anna Petrova" in words
    assert "3 dates move." in words
    assert "Course ends Thu 10 Jun 2027 instead of Wed 26 May 2027." in words
    assert "Confirm 3 changes" in words
    assert "+14 days" in words
    assert days_of(course)[1] == "2026-11-26 10:00"


def test_a_confirmed_preview_moves_every_date_of_it(desk, course, visit):
    answer = confirm(desk, page_of(visit), {"day": DECEMBER}, reason="on holiday")
    assert answer.status_code == 302
    assert days_of(course) == {
        1: "2026-12-10 10:00", 2: "2027-03-10 10:00", 3: "2027-06-10 10:00"
    }  # fmt: skip
    assert visit.changes.last().reason == "on holiday"


def test_the_time_asked_for_is_taken_with_whom_it_was_asked_for(clinic, desk, visit):
    wanted = {"day": "2026-11-26", "at": f"660-{clinic.brandt.pk}"}
    confirm(desk, page_of(visit), wanted)
    assert time_of(visit) == "26 Nov 11:00"
    assert visit.occupancy.filter(resource=clinic.brandt).exists()


def test_a_visit_that_would_come_after_the_next_one_is_refused_in_words(desk, visit):
    page = desk.get(page_of(visit), {"day": "2027-03-04", "rest": "stay"})
    assert page.status_code == 200
    assert "−6 days" in said(page)
    assert "This cannot be confirmed as it is." in said(page)


def test_a_time_that_is_not_free_is_said_and_the_nearest_shown(clinic, desk, visit):
    clinic.book(dt.date(2026, 11, 25), patient=make_other(clinic))
    wanted = {"day": "2026-11-25", "minute": "600", "with": str(clinic.weiss.pk)}
    page = desk.get(page_of(visit), wanted)
    assert "The time asked for is not free" in said(page)


def test_a_day_with_nothing_free_offers_others(desk, visit):
    page = desk.get(page_of(visit), {"day": "2026-11-29"})
    assert "Nothing is free on Sun 29 Nov 2026" in said(page)
    assert re.search(r"Also free: .*Mon 30 Nov", said(page))


@pytest.mark.parametrize("day", ["junk", "2027-02-29", "9999-12-31", "0001-01-01"])
def test_a_day_to_move_to_that_is_none_is_named_and_can_be_changed(desk, visit, day):
    page = desk.get(page_of(visit), {"day": day})
    assert page.status_code == 422
    assert re.search("valid date|years away|That day is over", said(page))
    assert 'name="day"' in page.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        {"minute": "99999"}, {"minutes": "7"}, {"minutes": "5"}, {"with": "-3"}, {"at": "x-y"},
        {"at": "9999-1"}, {"rest": "junk"}, {"part": "1", "take": "junk"}, {"with": "999999"},
        {"take": "99999999999999999999999"}, {"at": "600-999999999999999999"},
    ],
)  # fmt: skip
def test_a_wish_that_means_nothing_is_answered_all_the_same(desk, visit, query):
    assert desk.get(page_of(visit), query).status_code in (200, 422)


def test_nothing_moves_until_another_time_is_chosen(desk, visit):
    page = desk.get(page_of(visit))
    assert "Nothing moves yet" in said(page)
    assert "Confirm" not in said(page)


def test_another_day_swaps_what_changes_and_the_times_only(desk, visit):
    part = desk.get(page_of(visit), {"day": DECEMBER}, headers=HTMX).content.decode()
    assert part.lstrip().startswith('<form class="stack" id="plan"')
    assert 'id="time" hx-swap-oob="true"' in part
    assert 'id="to-hint" hx-swap-oob="true"' in part or 'id="to-hint"  hx-swap-oob' in part
    assert "<h1>" not in part


def test_a_line_left_out_that_is_needed_is_said_before_and_after_sending(desk, course, visit):
    url, query = page_of(visit), {"day": "2026-11-27"}
    page = desk.get(url, {**query, "part": "1"})
    assert "Accept the new date of Medium TCA peel 2 as well." in said(page)
    answer = confirm(desk, url, query, take=[])
    assert answer.status_code == 422
    assert "Medium TCA peel 2 would stand on Fri 26 Feb 2027" in said(answer)
    assert days_of(course)[1] == "2026-11-26 10:00"


def test_leaving_all_others_says_what_cannot_be_left(desk, visit):
    page = desk.get(page_of(visit), {"day": DECEMBER, "rest": "stay"})
    assert "Move Medium TCA peel 1 of 3" in said(page)
    assert "This cannot be confirmed as it is." in said(page)
    assert "Confirm 1 change" not in said(page)
    assert "its window is Wed 10 Mar 2027" in said(page)


def test_counting_all_anew_moves_what_could_have_stayed(clinic, desk):
    late = clinic.book(dt.date(2026, 11, 26), dt.date(2027, 3, 15))
    page = desk.get(page_of(visit_of(late)), {"day": "2026-11-27", "rest": "shift"})
    assert "2 dates move." in said(page)
    assert "1 date moves." in said(desk.get(page_of(visit_of(late)), {"day": "2026-11-27"}))


def test_another_length_is_previewed_and_kept(desk, visit):
    confirm(desk, page_of(visit), {"minutes": "100"})
    moved = Appointment.objects.get(pk=visit.pk)
    assert (moved.ends_at - moved.starts_at) == dt.timedelta(minutes=100)
    page = desk.get(page_of(visit), {"minutes": "30"})
    assert (page.status_code, "cannot have this length" in said(page)) == (422, True)


def test_who_may_not_know_the_reasons_of_health_is_sent_to_a_practitioner(clinic, desk, visit):
    clinic.book(dt.date(2026, 12, 17), minute=720, revision=clinic.toxin)
    manager = UserFactory(username="olga", role=Role.MANAGER, location=clinic.location)
    query = {"day": DECEMBER, "rest": "stay"}
    page = client_of(manager).get(page_of(visit), query)
    assert "Ask a practitioner" in said(page)
    assert "wait 2 weeks" not in said(page)
    assert "wait 2 weeks" in said(desk.get(page_of(visit), query))


def test_an_act_of_one_visit_does_nothing_to_another(desk, course, visit):
    shown = desk.get(page_of(visit), {"day": DECEMBER})
    sent = {"key": uuid.uuid4(), "act": hidden(shown, "act"), "take": ticks(shown)}
    assert desk.post(page_of(visit_of(course, 2)), sent).status_code == 404
    assert desk.post(page_of(visit, "cancel"), sent | {"reason": "ill"}).status_code == 404


def test_a_damaged_or_old_act_is_refused_in_words(desk, visit, monday):
    shown = desk.get(page_of(visit), {"day": DECEMBER})
    sent = {"key": uuid.uuid4(), "act": hidden(shown, "act")}
    assert "damaged" in said(desk.post(page_of(visit), sent | {"act": "junk"}))
    assert "Choose a day" in said(desk.post(page_of(visit), sent | {"act": ""}))
    monday.shift(dt.timedelta(minutes=31))
    assert "half an hour old" in said(desk.post(page_of(visit), sent))


def test_a_stale_page_says_who_moved_it_and_offers_the_page_anew(clinic, desk, visit):
    shown = desk.get(page_of(visit), {"day": DECEMBER})
    move(clinic, visit, at(clinic, THURSDAY, 615), by=clinic.practitioner)
    sent = {"key": uuid.uuid4(), "act": hidden(shown, "act"), "take": ticks(shown)}
    answer = desk.post(page_of(visit), sent)
    assert answer.status_code == 422
    assert "moved this visit to Thu 26 Nov, 10:15 at 10:00" in said(answer)
    assert "Booked Thu 26 Nov 2026, 10:15" in said(answer)


def test_a_second_sending_answers_as_the_first(desk, visit):
    shown = desk.get(page_of(visit), {"day": DECEMBER})
    sent = {"key": hidden(shown, "key"), "act": hidden(shown, "act"), "take": ticks(shown)}
    assert [desk.post(page_of(visit), sent).status_code for _ in range(2)] == [302, 302]
    assert visit.changes.count() == 2


def test_a_visit_that_is_over_is_not_moved(desk, visit):
    confirm(desk, page_of(visit, "cancel"), reason="ill", take=[])
    for name in ("move", "cancel", "missed", "split"):
        answer = desk.get(page_of(visit, name), follow=True)
        assert "This visit is over or cancelled" in said(answer)


# Cancelled, missed


def test_a_cancellation_proposes_new_dates_that_may_be_declined(desk, course, visit):
    page = desk.get(page_of(visit, "cancel"))
    assert "Cancel, book 3 dates" in said(page)
    declined = desk.get(page_of(visit, "cancel"), {"part": "1"})
    assert "No new date is booked" in said(declined)
    answer = confirm(desk, page_of(visit, "cancel"), reason="ill", take=[])
    assert answer.status_code == 302
    assert days_of(course).keys() == {2, 3}


def test_a_cancellation_books_the_new_dates_that_are_left_ticked(desk, course, visit):
    confirm(desk, page_of(visit, "cancel"), reason="ill")
    assert days_of(course)[1] == "2026-11-27 10:00"


def test_a_last_day_is_cancelled_though_no_new_date_is_in_its_window(clinic, desk):
    last = visit_of(clinic.book(THREE[0], dt.date(2027, 5, 26)), 2)
    page = desk.get(page_of(last, "cancel"))
    assert ticks(page) == []
    assert "No new date is booked" in said(page)
    (line,) = set(re.findall(r'name="take" value="([^"]+)"', page.content.decode()))
    wanted = desk.get(page_of(last, "cancel"), {"part": "1", "take": line})
    assert re.search("its window is .* This cannot be confirmed as it is.", said(wanted))
    assert confirm(desk, page_of(last, "cancel"), reason="ill").status_code == 302


def test_a_cancellation_without_a_reason_is_refused(desk, course, visit):
    answer = confirm(desk, page_of(visit, "cancel"), reason="")
    assert answer.status_code == 422
    assert "Say why" in said(answer)


def test_a_missed_visit_is_recorded_with_what_follows(clinic, course, visit, monday):
    monday.move_to(dt.datetime(2026, 11, 26, 17, tzinfo=BERLIN))
    desk = client_of(clinic.reception)
    assert "Record as missed, book" in said(desk.get(page_of(visit, "missed")))
    confirm(desk, page_of(visit, "missed"), reason="not there")
    visit.refresh_from_db()
    assert visit.status == "no_show"
    assert days_of(course)[1] == "2026-11-27 10:00"


# Split


def test_a_visit_is_split_where_it_is_asked_for(clinic, desk, visit):
    wanted = {"after": "50", "at": f"720-{clinic.brandt.pk}"}
    assert "10:00–10:50" in said(desk.get(page_of(visit, "split"), wanted))
    assert confirm(desk, page_of(visit, "split"), wanted).status_code == 302
    rest = visit.continuations.get()
    assert rest.starts_at.astimezone(BERLIN).strftime("%H:%M") == "12:00"
    assert rest.occupancy.filter(resource=clinic.brandt).exists()
    again = confirm(desk, page_of(visit, "split"))
    assert "split already" in said(again)


@pytest.mark.parametrize("after", ["7", "75", "700", "junk"])
def test_a_visit_is_split_where_it_can_be(desk, visit, after):
    assert desk.get(page_of(visit, "split"), {"after": after}).status_code in (200, 422)


# Drop


def drop(client, visit, day: str, minute: int, headers=None, **changes):
    version = visit.changes.last().pk
    sent = {"key": uuid.uuid4(), "version": version, "day": day, "minute": minute, **changes}
    return client.post(page_of(visit, "drop"), sent, headers=headers)


def test_a_drop_that_changes_nothing_else_is_carried_out_at_once(desk, visit):
    answer = drop(desk, visit, "2026-11-26", 665)
    assert answer.headers["Location"] == reverse("diary:day", args=[THURSDAY])
    assert time_of(visit) == "26 Nov 11:05"
    page = desk.get(answer.headers["Location"])
    assert "The visit is moved." in said(page)
    assert 'action="/moves/undo/"' in page.content.decode()


def test_a_drop_on_another_column_takes_who_stands_there(clinic, desk, visit):
    drop(desk, visit, "2026-11-26", 600, **{"with": clinic.brandt.pk})
    assert visit.occupancy.filter(resource=clinic.brandt).exists()


def test_a_drop_that_moves_others_leads_to_the_preview(desk, course, visit):
    answer = drop(desk, visit, "2026-12-10", 600, headers=HTMX)
    assert answer.headers["HX-Redirect"] == f"{page_of(visit)}?day=2026-12-10&minute=600"
    assert days_of(course)[1] == "2026-11-26 10:00"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("practitioner", "Nurse Joy may not do Medium TCA peel 1."),
        ("room", "Nurse Joy does not suit Medium TCA peel 1."),
    ],
)
def test_a_drop_on_who_or_what_cannot_serve_says_so(clinic, desk, visit, kind, words):
    other = ResourceFactory(
        location=clinic.location, kind=kind, name="Nurse Joy", open_hours=(9, 17)
    )
    answer = drop(desk, visit, "2026-11-26", 600, **{"with": other.pk})
    page = said(desk.get(answer.url))
    assert words in page
    assert "is not free" not in page
    assert time_of(visit) == "26 Nov 10:00"


def test_a_drop_on_a_taken_time_leads_to_the_preview(clinic, desk, visit):
    clinic.book(dt.date(2026, 11, 25), patient=make_other(clinic))
    answer = drop(desk, visit, "2026-11-25", 600, **{"with": clinic.weiss.pk})
    assert answer.headers["Location"].startswith(page_of(visit))


def test_a_stretched_visit_lasts_longer(desk, visit):
    drop(desk, visit, "2026-11-26", 600, minutes=95)
    moved = Appointment.objects.get(pk=visit.pk)
    assert moved.ends_at - moved.starts_at == dt.timedelta(minutes=95)


def test_a_stale_drop_is_refused_with_what_changed(clinic, desk, visit):
    version = visit.changes.last().pk
    move(clinic, visit, at(clinic, THURSDAY, 615), by=clinic.practitioner)
    answer = drop(desk, visit, "2026-11-26", 665, version=version)
    assert "moved this visit to Thu 26 Nov, 10:15" in said(desk.get(answer.headers["Location"]))
    assert time_of(visit) == "26 Nov 10:15"


def test_a_stale_drop_that_would_move_others_says_what_changed_as_well(clinic, desk, visit):
    version = visit.changes.last().pk
    move(clinic, visit, at(clinic, THURSDAY, 615), by=clinic.practitioner)
    answer = drop(desk, visit, DECEMBER, 600, version=version)
    assert answer.headers["Location"].startswith(page_of(visit))
    assert "moved this visit to Thu 26 Nov, 10:15" in said(desk.get(answer.headers["Location"]))


@pytest.mark.parametrize(
    "changes", [{"day": "junk"}, {"minute": "x"}, {"version": ""}, {"key": ""}]
)
def test_a_drop_that_means_nothing_changes_nothing(desk, visit, changes):
    assert drop(desk, visit, **{"day": "2026-11-26", "minute": 665, **changes}).status_code == 302
    assert time_of(visit) == "26 Nov 10:00"


@pytest.mark.parametrize("day", ["2026-11-01", "9999-12-31"])
def test_a_drop_on_a_day_that_will_not_do_changes_nothing(desk, visit, day):
    answer = drop(desk, visit, day, 600)
    assert "cannot stand there" in said(desk.get(answer.headers["Location"]))
    assert time_of(visit) == "26 Nov 10:00"


# Undo


def batch_of(client) -> str:
    return str(client.session["undo"][-1])


def test_undo_brings_all_of_it_back_and_returns_to_the_page(desk, course, visit):
    confirm(desk, page_of(visit), {"day": DECEMBER})
    answer = desk.post("/moves/undo/", {"batch": batch_of(desk), "back": "/diary/2026-11-26/"})
    assert answer.headers["Location"] == "/diary/2026-11-26/"
    assert days_of(course)[1] == "2026-11-26 10:00"
    assert desk.session["undo"] == []


def test_undo_never_leads_away_from_the_clinic(desk, visit):
    confirm(desk, page_of(visit), {"day": DECEMBER})
    sent = {"batch": batch_of(desk), "back": "//elsewhere.example/"}
    answer = desk.post("/moves/undo/", sent)
    assert answer.headers["Location"] == reverse("visits:visit", args=[visit.pk])


def test_undo_is_for_the_session_of_who_did_it(clinic, desk, course, visit):
    confirm(desk, page_of(visit), {"day": DECEMBER})
    for client in (client_of(clinic.practitioner), client_of(clinic.reception)):
        answer = client.post("/moves/undo/", {"batch": batch_of(desk)}, follow=True)
        assert "cannot be undone any more" in said(answer)
    assert days_of(course)[1] == "2026-12-10 10:00"


def test_what_cannot_be_undone_says_why(clinic, desk, visit):
    confirm(desk, page_of(visit), {"day": DECEMBER})
    clinic.book(THURSDAY, patient=make_other(clinic))
    answer = desk.post("/moves/undo/", {"batch": batch_of(desk)}, follow=True)
    assert "One of the old times is taken by now" in said(answer)


def test_the_last_twenty_acts_can_be_undone(desk, visit):
    for minute in range(600, 600 + 22 * 5, 5):
        drop(desk, visit, "2026-11-26", minute + 5)
    assert len(desk.session["undo"]) == 20
