"""What the advice says, told by the clinic's own catalogue and by laws that hold of any."""

import datetime as dt
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from plans.core.advice import (
    RELIEF,
    Candidate,
    Criterion,
    Found,
    Purpose,
    Standing,
    Useless,
    advise,
    fit,
    in_turn,
    purpose,
    until_free,
)
from plans.core.screening import Entry, Finding, Screener, Screening, Verdict
from tests.core.conftest import CATALOGUE
from tests.core.small_catalogue import BOOK, healthy

DAY, LATER = dt.date(2026, 11, 24), dt.date(2027, 5, 23)
OLD_AND_DEEP = Found(frozenset({"pits", "scarring"}), frozenset({"rolling"}), "deep", "old")
OK = Screening(Verdict.OK)


@pytest.fixture(scope="module")
def candidates() -> list[Candidate]:
    """The clinic's starting catalogue."""
    with CATALOGUE.open(encoding="utf-8") as file:
        data = yaml.load(file, Loader=yaml.CSafeLoader)
    procedures = [
        Candidate(row["code"], purpose(row["suits"], row.get("useless_for")), n, (row["code"],))
        for n, row in enumerate(data["procedures"])
    ]
    return procedures + [
        Candidate(row["code"], purpose(row["for"]), n, _required(row), is_protocol=True)
        for n, row in enumerate(data["protocols"])
    ]


def _required(row: dict[str, Any]) -> tuple[str, ...]:
    return tuple(step["procedure"] for step in row["steps"] if not step.get("optional"))


def found_by_standing(found: Found, candidates, screened=lambda code: OK):
    advice = advise(found, candidates, screened)
    return {
        standing: [each.candidate.code for each in advice if each.standing is standing]
        for standing in Standing
    }


def finding(level: Verdict, rule: str = "ci:x:y", free_day: dt.date | None = None) -> Finding:
    return Finding(rule, level, "ci", "y", free_day)


def screening(level: Verdict, earliest_ok: dt.date | None = None, rule: str = "ci:x:y"):
    return Screening(level, (finding(level, rule, earliest_ok),) if level else (), earliest_ok)


# The clinic's own catalogue


def test_topicals_do_nothing_for_old_deep_pits_and_say_so(candidates):
    advice = advise(OLD_AND_DEEP, candidates, lambda code: OK)
    useless = {
        each.candidate.code: each.fit.useless
        for each in advice
        if each.standing is Standing.USELESS
    }
    assert set(useless) == {
        "heparin_ointment", "ichthyol_ointment", "contractubex_gel", "azelaic_gel"
    }  # fmt: skip
    why = {line.why["en"] for line in useless.values() if line}
    assert why == {"Ointments and gels do nothing for long-formed pits and old congestion."}


@pytest.mark.parametrize(("depth", "age"), [("deep", "recent"), ("shallow", "old"), ("deep", "")])
def test_topicals_are_not_called_useless_for_pits_that_are_only_deep_or_only_old(
    candidates, depth, age
):
    found = Found(frozenset({"pits"}), pit_depth=depth, pit_age=age)
    assert not found_by_standing(found, candidates)[Standing.USELESS]


def test_the_protocol_for_old_deep_pits_comes_first_then_the_peel(candidates):
    fits = found_by_standing(OLD_AND_DEEP, candidates)[Standing.FITS]
    assert fits[:2] == ["post_acne_deep_pits", "tca_peel_medium"]
    assert "tca_cross" not in fits[:5]


def test_ice_picks_ask_for_cross_or_the_co2_laser(candidates):
    found = Found(frozenset({"pits"}), frozenset({"ice_pick"}), "deep", "old")
    complete = [
        each.candidate.code
        for each in advise(found, candidates, lambda code: OK)
        if each.fit.is_complete
    ]
    assert complete == ["tca_cross", "laser_co2"]


def test_recent_shallow_marks_are_for_ointments_and_their_protocol(candidates):
    found = Found(frozenset({"pits"}), pit_depth="shallow", pit_age="recent")
    complete = {e.candidate.code for e in advise(found, candidates, lambda c: OK) if e.fit.is_complete}  # fmt: skip
    assert {"heparin_ointment", "ichthyol_ointment", "post_acne_recent_marks"} <= complete


def test_capillaries_are_for_light_whatever_the_pits_are_like(candidates):
    found = Found(frozenset({"capillary_mesh", "pits"}), frozenset(), "deep", "old")
    [ipl] = [e for e in advise(found, candidates, lambda c: OK) if e.candidate.code == "ipl"]
    assert ipl.standing is Standing.FITS
    assert ipl.fit.matched == (Criterion("sign", "capillary_mesh"),)


def test_a_gel_for_marks_still_helps_the_pigment_and_warns_of_the_pits(candidates):
    found = Found(frozenset({"pits", "hyperpigmentation"}), frozenset(), "deep", "old")
    advice = advise(found, candidates, lambda code: OK)
    fits = [each for each in advice if each.standing is Standing.FITS]
    assert fits[-1].candidate.code == "azelaic_gel"
    assert fits[-1].fit.useless
    assert fits[-1].fit.matched == (Criterion("sign", "hyperpigmentation"),)


# How far it fits


def test_a_depth_that_it_is_not_meant_for_keeps_it_from_the_relief_only():
    peel = Purpose(
        frozenset({"uneven_texture", "hyperkeratosis"}), pit_depths=frozenset({"shallow"})
    )
    found = Found(peel.signs, pit_depth="deep")
    fitted = fit(found, peel)
    assert fitted.matched == (Criterion("sign", "hyperkeratosis"),)
    assert fitted.opposed == (Criterion("pit_depth", "deep"),)


def test_a_protocol_is_for_the_picture_as_a_whole():
    meant = Purpose(frozenset({"hyperkeratosis"}), pit_depths=frozenset({"shallow"}))
    deep, shallow = (Found(meant.signs, pit_depth=depth) for depth in ("deep", "shallow"))
    assert not fit(deep, meant, as_a_whole=True).helps
    assert fit(shallow, meant, as_a_whole=True).helps


def test_one_type_of_several_is_enough_and_the_others_are_missed():
    meant = Purpose(frozenset({"pits"}), frozenset({"rolling"}))
    both = fit(Found(frozenset({"pits"}), frozenset({"rolling", "ice_pick"})), meant)
    assert both.helps
    assert both.missed == (Criterion("pit_type", "ice_pick"),)
    other = fit(Found(frozenset({"pits"}), frozenset({"ice_pick"})), meant)
    assert not other.helps
    assert other.opposed == (Criterion("pit_type", "ice_pick"),)


def test_what_the_catalogue_leaves_open_keeps_nothing_off_but_is_no_match():
    fitted = fit(Found(frozenset({"pits"}), pit_depth="deep"), Purpose(frozenset({"pits"})))
    assert fitted.helps
    assert not fitted.is_complete
    assert fitted.unsaid == (Criterion("pit_depth", "deep"),)


def test_whoever_describes_pits_has_found_pits():
    assert Found(pit_depth="deep").signs == {"pits"}
    assert Found(frozenset({"capillary_mesh"}), pit_age="old").signs == {"capillary_mesh", "pits"}
    assert Found(frozenset({"scarring"}), pit_age="old").signs == {"scarring"}


# Useless


@pytest.mark.parametrize(
    ("line", "signs"),
    [
        (Useless(), set()),
        (Useless(pit_depths=frozenset({"deep"})), {"pits"}),
        (Useless(pit_depths=frozenset({"deep"}), pit_ages=frozenset({"recent"})), set()),
        (Useless(pit_types=frozenset({"rolling"})), set()),
        (Useless(pit_types=frozenset({"rolling", "boxcar"})), {"pits"}),
        (Useless(signs=frozenset({"oily_skin"})), {"oily_skin"}),
        (Useless(signs=frozenset({"scarring"})), set()),
    ],
)
def test_a_line_of_uselessness_is_met_by_all_that_it_names(line, signs):
    found = Found(frozenset({"pits", "oily_skin"}), frozenset({"rolling", "boxcar"}), "deep", "old")
    assert line.signs_in(found) == signs


def test_the_catalogue_may_give_one_line_or_several_and_words_or_texts():
    one = purpose(None, {"pit_depths": ["deep"], "why": "No."})
    assert one.useless == (Useless(pit_depths=frozenset({"deep"}), why={"en": "No."}),)
    two = purpose({"signs": ["pits"]}, [{"pit_ages": ["old"], "why": {"de": "Nein."}}, {}])
    assert [line.why for line in two.useless] == [{"de": "Nein."}, {"en": ""}]
    assert purpose({}, None) == Purpose()


# What keeps it off


def test_a_wait_says_all_that_stands_in_the_way_until_its_end():
    """Today's reason is over long before the day on which the session may stand."""
    soon, late = (
        Entry("peel", DAY - dt.timedelta(days=80)),
        Entry("peel", DAY + dt.timedelta(days=5)),
    )
    screener = Screener(BOOK, "peel", healthy(DAY, history=(soon, late)), DAY)
    told = until_free(screener, DAY)
    assert told.earliest_ok == screener.earliest_ok(DAY)
    assert screener.screen(DAY).reasons == ("interval:peel",)
    assert told.reasons == ("interval:peel", "interval:peel")
    assert told.findings[-1].free_day == told.earliest_ok


# A protocol's steps


def test_what_makes_a_later_step_wait_is_judged_when_its_turn_comes():
    waits = screening(Verdict.WAIT, LATER)
    assert in_turn([OK, waits]) == OK
    assert in_turn([waits, OK]) == waits


def test_a_refusal_of_a_later_step_counts_from_the_start():
    refused = screening(Verdict.REFUSE, rule="ci:later:allergy")
    combined = in_turn([screening(Verdict.WAIT, LATER), refused])
    assert combined.verdict is Verdict.REFUSE
    assert combined.reasons == ("ci:later:allergy", "ci:x:y")
    assert combined.earliest_ok is None


def test_questions_of_all_steps_are_asked_once():
    ask = Screening(Verdict.ASK, (finding(Verdict.ASK, "ask:x:y"),), deferred=("tan", "cold"))
    assert in_turn([ask, ask]) == ask
    assert in_turn([]) == OK


# Laws

SIGNS = ("pits", "scarring", "uneven_texture", "hyperpigmentation", "oily_skin")


def some(*codes: str) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(codes), max_size=len(codes))


places = {
    "signs": some(*SIGNS), "pit_types": some("rolling", "boxcar"),
    "pit_depths": some("deep", "shallow"), "pit_ages": some("old", "recent"),
}  # fmt: skip
founds = st.builds(
    Found, places["signs"], places["pit_types"],
    st.sampled_from(["", "deep", "shallow"]), st.sampled_from(["", "old", "recent"]),
)  # fmt: skip
lines = st.builds(Useless, **places)
purposes = st.builds(Purpose, **places, useless=st.lists(lines, max_size=2).map(tuple))
verdicts = st.sampled_from(list(Verdict))


@st.composite
def catalogues(draw: st.DrawFn) -> tuple[list[Candidate], dict[str, Screening]]:
    codes = draw(st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8))
    made = [
        Candidate(
            code,
            draw(purposes),
            draw(st.integers(0, 3)),
            tuple(draw(st.lists(st.sampled_from(codes), max_size=2))) if is_protocol else (code,),
            is_protocol,
            draw(st.booleans()),
        )
        for code in codes
        for is_protocol in (False, True)
    ]
    return made, {code: screening(draw(verdicts), LATER) for code in codes}


@given(founds, catalogues())
def test_each_is_advised_on_exactly_once(found, catalogue):
    made, screened = catalogue
    advice = advise(found, made, screened.__getitem__)
    assert sorted((e.candidate for e in advice), key=made.index) == made


@given(founds, catalogues(), st.randoms())
def test_the_order_does_not_depend_on_the_order_of_reading(found, catalogue, random):
    made, screened = catalogue
    shuffled = made[:]
    random.shuffle(shuffled)
    assert advise(found, made, screened.__getitem__) == advise(
        found, shuffled, screened.__getitem__
    )


@given(founds, catalogues())
def test_nothing_useless_stands_above_something_that_fits(found, catalogue):
    made, screened = catalogue
    advice = advise(found, made, screened.__getitem__)
    useless = [n for n, each in enumerate(advice) if each.standing is Standing.USELESS]
    helping = [n for n, each in enumerate(advice) if each.fit.helps]
    assert not useless or not helping or max(helping) < min(useless)
    # Nor, among what can be done now, what is useless for a part of it above what is not.
    fits = [each.fit.useless is not None for each in advice if each.standing is Standing.FITS]
    assert fits == sorted(fits)


@given(founds, catalogues())
def test_nothing_refused_is_recommended(found, catalogue):
    made, screened = catalogue
    for each in advise(found, made, screened.__getitem__):
        levels = [screened[step].verdict for step in each.candidate.steps]
        assert not (each.is_recommended and Verdict.REFUSE in levels)
        assert not (each.is_recommended and not each.fit.helps)


@given(founds, purposes, st.booleans())
def test_all_that_was_found_is_matched_missed_or_unsaid(found, meant, as_a_whole):
    fitted = fit(found, meant, as_a_whole=as_a_whole)
    parts = (*fitted.matched, *fitted.missed, *fitted.unsaid)
    assert sorted(parts, key=str) == sorted(found.criteria, key=str)
    assert all(each.code in meant.names(each.kind) for each in fitted.matched)


@given(founds, purposes)
def test_more_to_find_never_takes_away_what_helps_the_rest(found, meant):
    """Another sign that pits do not govern changes nothing for those that were found before."""
    more = Found(found.signs | {"redness"}, found.pit_types, found.pit_depth, found.pit_age)
    before = set(fit(found, meant).matched)
    if found.signs & RELIEF:
        assert before == set(fit(more, meant).matched)


def test_of_equals_the_milder_verdict_the_confirmed_and_the_catalogue_decide():
    meant = Purpose(frozenset({"pits"}))
    made = [
        Candidate("late", meant, 3, ("late",)),
        Candidate("early", meant, 1, ("early",)),
        Candidate("sure", meant, 5, ("sure",), is_confirmed=True),
        Candidate("careful", meant, 0, ("careful",)),
        Candidate("whole", meant, 9, ("early",), is_protocol=True),
        Candidate("waiting", meant, 0, ("waiting",), is_confirmed=True),
    ]
    levels = {"careful": Verdict.CAUTION, "waiting": Verdict.WAIT}
    advice = advise(
        Found(frozenset({"pits"})), made, lambda code: screening(levels.get(code, Verdict.OK))
    )
    order = [each.candidate.code for each in advice]
    assert order == ["whole", "sure", "early", "late", "careful", "waiting"]
    assert advice[-1].standing is Standing.WAITS


def test_choosing_one_sign_keeps_what_pits_are_like_only_for_the_relief():
    assert OLD_AND_DEEP.narrowed() == OLD_AND_DEEP
    pits = Found(frozenset({"pits"}), frozenset({"rolling"}), "shallow", "old")
    assert OLD_AND_DEEP.narrowed("pits", "shallow") == pits
    assert OLD_AND_DEEP.narrowed("oily_skin") == Found(frozenset({"oily_skin"}))


def test_no_assessment_found_nothing():
    assert Found.of(None) == Found()
    assert Found.of(OLD_AND_DEEP) == OLD_AND_DEEP
