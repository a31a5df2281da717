"""Days as people remember them: read in four languages, counted with caution, said back as told."""

import datetime as dt

import pytest
from django.forms import Form, ValidationError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from clinic.kit.partial import PRECISIONS, NoSuchDay, PartialDate, PartialDateField, parse

LANGUAGES = ("en", "ru", "es", "de")
days = st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31))
partials = st.builds(PartialDate, days, st.sampled_from(PRECISIONS))
MARCH = PartialDate(dt.date(2025, 3, 1), "month")
MAY_23 = PartialDate(dt.date(2025, 5, 23))


@pytest.mark.parametrize(
    "text",
    [
        "03.2025", "3/2025", "3-2025", "2025-03", "03 2025", "March 2025", "mar 2025", "Mar. 2025",
        "март 2025", "марта 2025", "в марте 2025 г.", "с марта 2025 года", "marzo de 2025",
        "Marzo 2025", "März 2025", "MÄRZ 2025", "im März 2025", "2025 March", " March,2025 ",
    ],
)  # fmt: skip
def test_a_month_is_read_however_it_is_written(text):
    assert parse(text) == MARCH


@pytest.mark.parametrize(
    "text",
    [
        "23.05.2025", "23.5.2025", "23/05/2025", "23-05-2025", "2025-05-23", "23 May 2025",
        "May 23, 2025", "23. Mai 2025", "23 мая 2025", "23 мая 2025 г.", "23 de mayo de 2025",
    ],
)  # fmt: skip
def test_a_day_is_read_however_it_is_written(text):
    assert parse(text) == MAY_23


@pytest.mark.parametrize("text", ["2024", "in 2024", "2024 г.", "в 2024 году", "seit 2024"])
def test_a_year_alone_is_a_year(text):
    assert parse(text) == PartialDate(dt.date(2024, 1, 1), "year")


@pytest.mark.parametrize(
    "text",
    [
        "", "soon", "24", "05.24", "3.5.25", "23.05.", "1899", "2101", "May", "marble 2025", "ma 2025",
        "March May 2025", "1.2.3.2025", "2025-03-04-05", "٢٠٢٤", "2025 " * 20,
    ],
)  # fmt: skip
def test_what_is_no_date_is_not_guessed_at(text):
    assert parse(text) is None


@pytest.mark.parametrize("text", ["31.02.2025", "2025-13", "0.2025", "29.02.2025", "32 May 2025"])
def test_a_day_that_the_calendar_does_not_know_is_said_to_be_none(text):
    with pytest.raises(NoSuchDay):
        parse(text)


@given(partials)
def test_what_is_typed_again_means_the_same(partial):
    assert parse(partial.typed()) == partial


@given(partials, st.sampled_from(LANGUAGES), st.booleans())
def test_what_is_said_is_understood_in_the_same_language(partial, language, alone):
    with translation.override(language):
        assert parse(partial.words(alone=alone)) == partial


@pytest.mark.parametrize(
    ("language", "alone", "after"),
    [
        ("en", "March 2025", "March 2025"),
        ("ru", "март 2025", "марта 2025"),
        ("es", "marzo de 2025", "marzo de 2025"),
        ("de", "März 2025", "März 2025"),
    ],
)
def test_a_month_is_said_in_the_language_of_the_page(language, alone, after):
    with translation.override(language):
        assert (MARCH.words(), MARCH.words(alone=False)) == (alone, after)


@given(days, st.sampled_from(PRECISIONS))
def test_a_partial_date_is_the_same_whichever_of_its_days_it_is_made_from(day, precision):
    partial = PartialDate(day, precision)
    assert PartialDate(partial.last, precision) == PartialDate(partial.day, precision) == partial
    assert partial.day <= day <= partial.last


@given(partials, days)
def test_no_day_that_can_be_meant_lies_outside_the_cautious_ones(partial, today):
    """Over by today: every day of it up to today lies between its beginning and its end."""
    first, last = partial.begins_on(), partial.ends_on(today)
    assert first <= last
    if partial.day <= today:
        assert first == partial.day
        assert last == min(partial.last, today)


@given(partials, days)
def test_no_end_lies_ahead_unless_it_was_told_so(partial, today):
    assert (partial.ends_on(today) > today) == (partial.day > today)


@given(partials, days)
def test_something_begins_at_birth_at_the_earliest(partial, born):
    began = partial.begins_on(not_before=born)
    assert partial.day <= began <= partial.last
    if partial.last >= born:
        assert began >= born


@given(partials)
def test_a_no_goes_stale_as_soon_as_the_earliest_day_it_can_have_been_said(partial):
    assert partial.begins_on() == partial.day


class _Form(Form):
    day = PartialDateField(label="Since")


def test_the_field_gives_a_value_and_keeps_what_was_typed():
    assert _Form({"day": "March 2025"}).fields["day"].clean("March 2025") == MARCH
    form = _Form({"day": "soon"})
    assert not form.is_valid()
    assert 'value="soon"' in str(form["day"])
    assert "05.2025" in form.errors["day"][0]


def test_the_field_shows_a_known_value_as_it_is_typed():
    assert 'value="03.2025"' in str(_Form(initial={"day": MARCH})["day"])


def test_the_field_may_be_empty_and_says_when_there_is_no_such_day():
    field = PartialDateField()
    assert field.clean("") is None
    with pytest.raises(ValidationError, match="no such day"):
        field.clean("31.02.2025")
    with pytest.raises(ValidationError):
        PartialDateField(required=True).clean("")


def test_no_other_precision_exists():
    with pytest.raises(ValueError, match="no precision"):
        PartialDate(dt.date(2025, 1, 1), "week")  # type: ignore[arg-type]  # that is the point
