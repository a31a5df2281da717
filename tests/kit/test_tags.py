"""Dates, times, numbers and the rail, as pages show them."""

import datetime as dt
from types import SimpleNamespace

import pytest
import time_machine
from django.template import Context, Template
from django.test import RequestFactory
from django.urls import include, path
from django.utils import translation

from clinic.kit.tags import day_in_words

DAY = dt.date(2027, 2, 26)


def render(text, **context):
    return Template("{% load kit %}" + text).render(Context(context)).strip()


def nothing(request):
    raise NotImplementedError


class Somewhere:
    """Addresses for the rail to find."""

    app_name = "diary"
    urlpatterns = [path("day/", nothing, name="today")]


class Addresses:
    urlpatterns = [path("diary/", include((Somewhere.urlpatterns, "diary")))]


@pytest.fixture(autouse=True)
def _in_february_2027():
    with time_machine.travel(dt.datetime(2027, 2, 22, 7, 5, tzinfo=dt.UTC), tick=False):
        yield


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Fri 26 Feb"), ("ru", "пт 26 фев"), ("es", "vie 26 feb"), ("de", "Fr 26. Feb")],
)
def test_a_day_is_written_as_its_language_writes_it(language, words):
    with translation.override(language):
        assert day_in_words(DAY) == words


@pytest.mark.parametrize(
    ("day", "wish", "words"),
    [
        (dt.date(2026, 11, 26), "", "Thu 26 Nov 2026"),
        (dt.date(2026, 11, 26), "no year", "Thu 26 Nov"),
        (DAY, "year", "Fri 26 Feb 2027"),
    ],
)
def test_the_year_stands_only_where_it_changes_or_is_asked_for(day, wish, words):
    assert day_in_words(day, wish) == words


def test_an_instant_counts_by_the_date_and_the_hour_of_the_clinic():
    late = dt.datetime(2027, 2, 26, 23, 30, tzinfo=dt.UTC)
    assert render("{{ t|day }} {{ t|clock }}", t=late) == "Sat 27 Feb 00:30"


def test_the_element_carries_the_date_for_machines():
    assert render("{% day d year=True %}", d=DAY) == (
        '<time datetime="2027-02-26">Fri 26 Feb 2027</time>'
    )


def test_the_element_goes_by_the_year_of_the_page():
    page = dt.datetime(2026, 11, 9, tzinfo=dt.UTC)
    assert "2027</time>" in render("{% day d %}", d=DAY, local_now=page)


def test_no_date_is_no_word():
    assert render("{{ d|day }}{% day d %}{{ d|clock }}{{ d|phone }}", d=None) == ""


def test_a_number_can_be_pressed_and_text_stays_text():
    assert render("{{ n|phone }}", n="+49 30 1234567") == (
        '<a href="tel:+49301234567">+49 30 1234567</a>'
    )
    assert render("{{ n|phone }}", n="+49<b>") == "+49&lt;b&gt;"


def test_roles_are_words_in_a_fixed_order():
    user = SimpleNamespace(role_names=lambda: frozenset({"manager", "physician"}))
    assert render("{{ u|roles }}", u=user) == "Physician, Manager"


def test_the_rail_leads_nowhere_that_does_not_exist(settings):
    settings.ROOT_URLCONF = Addresses
    assert render('{% rail_link "nowhere:list" "sun" "Nowhere" %}') == ""


@pytest.mark.parametrize(
    ("address", "here", "is_current"),
    [
        ("/diary/2027-02-26/", None, True),
        ("/patients/142/", None, False),
        ("/patients/142/", "diary:today", True),
    ],
)
def test_the_rail_marks_the_room_one_is_in(settings, address, here, is_current):
    settings.ROOT_URLCONF = Addresses
    context = {"request": RequestFactory().get(address)} | ({"here": here} if here else {})
    link = render('{% rail_link "diary:today" "sun" "Diary" %}', **context)
    assert 'href="/diary/day/"' in link
    assert ('aria-current="page"' in link) is is_current


def test_may_stands_in_the_genitive_after_a_number_in_russian():
    with translation.override("ru"):
        assert day_in_words(dt.date(2026, 5, 26), "no year") == "вт 26 мая"


@pytest.mark.parametrize(
    ("language", "letters"), [("en", "Mo"), ("ru", "пн"), ("es", "lu"), ("de", "Mo")]
)
def test_a_narrow_button_has_the_two_letters_of_its_weekday(language, letters):
    with translation.override(language):
        assert render("{{ number|weekday_short }}", number="1") == letters
