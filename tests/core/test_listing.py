"""What a list of procedures shows for what was asked."""

from dataclasses import replace

import pytest

from plans.core.listing import Entry, Filters

PEEL = Entry("tca peel пилинг tca_peel", "peel_medium", frozenset({"pits", "scarring"}))
GEL = Entry("gel azelaic", "home_topical", frozenset({"acne"}), is_home=True)


@pytest.mark.parametrize(
    "filters",
    [
        Filters(),
        Filters(words=("пилинг", "tca")),
        Filters(kind="clinic"),
        Filters(group="peel_medium"),
        Filters(sign="scarring"),
        Filters(offered="all"),
        Filters(words=("peel",), kind="clinic", group="peel_medium", sign="pits"),
    ],
)
def test_what_fits_every_filter_is_shown(filters: Filters):
    assert filters.fits(PEEL)


@pytest.mark.parametrize(
    "filters",
    [
        Filters(words=("peel", "gel")),
        Filters(kind="home"),
        Filters(group="home_topical"),
        Filters(sign="acne"),
        Filters(offered="retired"),
        Filters(in_use=True),
        Filters(has_draft=True),
        Filters(unconfirmed=True),
    ],
)
def test_one_filter_that_does_not_fit_hides(filters: Filters):
    assert not filters.fits(PEEL)


def test_a_home_product_is_found_at_home():
    assert Filters(kind="home").fits(GEL)
    assert not Filters(kind="clinic").fits(GEL)


@pytest.mark.parametrize(
    ("filters", "entry"),
    [
        (Filters(in_use=True), replace(PEEL, in_use=True)),
        (Filters(has_draft=True), replace(PEEL, has_draft=True)),
        (Filters(unconfirmed=True), replace(PEEL, unconfirmed=1)),
    ],
)
def test_a_state_that_was_asked_for_is_shown(filters: Filters, entry: Entry):
    assert filters.fits(entry)
    assert Filters().fits(entry)


def test_what_is_retired_is_shown_only_when_asked_for():
    retired = replace(PEEL, is_retired=True)
    assert not Filters().fits(retired)
    assert Filters(offered="retired").fits(retired)
    assert Filters(offered="all").fits(retired)


def test_filters_know_that_nothing_was_asked():
    assert Filters().is_empty
    assert not Filters(in_use=True).is_empty
