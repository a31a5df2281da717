"""Contradictions between the advice of two procedures."""

from plans.core.care import Step
from plans.core.opposing import opposed


def said(kind, text, of, first=0, last=3):
    return Step(kind, text, first, last, of=(of,)), text


def test_what_one_asks_and_the_other_forbids_on_the_same_day_is_found():
    ice, none = (
        said("do", "Cool with ice in a cloth.", "Peel"),
        said("leave", "No ice for 48 hours.", "PRP"),
    )
    (found,) = opposed([ice, none])
    assert (found.matter, found.asks, found.forbids) == ("ice", ice[0], none[0])


def test_nothing_is_found_on_different_days_in_one_procedure_or_about_different_matters():
    ice = said("do", "Cool with ice in a cloth.", "Peel")
    assert not opposed([ice, said("leave", "No ice.", "PRP", 4, 9)])
    assert not opposed([ice, said("leave", "No ice.", "Peel")])
    assert not opposed([ice, said("leave", "No sauna.", "PRP")])


def test_sunscreen_is_no_sun_and_cool_water_no_ice():
    assert not opposed(
        [said("do", "Sunscreen 50 every morning.", "A"), said("leave", "No direct sun.", "B")]
    )
    assert not opposed([said("do", "Wash with cool water.", "A"), said("leave", "No ice.", "B")])


def test_only_this_cream_forbids_another():
    only = said("do", "Use only the gel we gave you.", "Needling")
    ointment = said("do", "Keep the skin covered with the ointment.", "Peel")
    (found,) = opposed([only, ointment])
    assert (found.asks, found.forbids) == (ointment[0], only[0])


def test_a_pair_is_told_once():
    only, other = said("do", "Use only the gel.", "A"), said("do", "Use only the cream.", "B")
    assert len(opposed([only, other])) == 1
