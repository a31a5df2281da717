"""The impact of a change in words."""

import datetime as dt

import pytest

from plans.core.gaps import GapRule, gap_changes
from plans.core.impact import Effect, Impact, Kind, TouchedSession
from plans.core.spacing import Period, Window
from plans.courses.tags import Names
from plans.impact.tags import Line, Viewer, as_text, cause_words, gap_words, lines, marks, summary

DAY = dt.date(2027, 3, 1)
NAMES = Names(procedures={"tca_peel": "TCA peel"}, groups={"toxin": "Toxin", "peel": "Peels"})
WINDOW = Window(dt.date(2027, 3, 8), dt.date(2027, 3, 9), dt.date(2027, 3, 10))
NOBODY = Viewer(sees_contact=False, sees_clinical=False, location=None)


def touched(*effects: Effect, patient: int = 1) -> TouchedSession:
    return TouchedSession(1, None, patient, 1, "tca_peel", 1, 2, 3, DAY, effects)


def line(*effects: Effect) -> Line:
    (found,) = lines([touched(*effects)], {}, NAMES, {"laser": "Laser licence"}, NOBODY)
    return found


@pytest.mark.parametrize(
    ("effect", "words"),
    [
        (Effect(Kind.EARLY, window=WINDOW), ("not before Mon 8 Mar 2027",)),
        (Effect(Kind.LATE, window=WINDOW), ("not after Wed 10 Mar 2027",)),
        (Effect(Kind.UNABLE, capabilities=("laser",)), ("Laser licence",)),
        (Effect(Kind.UNHELD, capabilities=("cooler",)), ("cooler",)),
        (Effect(Kind.LONGER, minutes=(80, 95)), ("80 becomes 95 minutes",)),
        (Effect(Kind.COLLIDES, minutes=(80, 95)), ()),
    ],
)
def test_each_kind_says_what_it_is_about(effect: Effect, words: tuple[str, ...]):
    found = line(effect)

    assert found.why == words
    assert [one.kind for one in found.marks] == [effect.kind]


def test_every_kind_has_a_word_and_an_icon():
    impact = Impact(tuple(touched(Effect(kind)) for kind in Kind))

    assert [one.kind for one in marks(impact)] == list(Kind)
    assert all(one.words and one.icon and one.count == 1 for one in marks(impact))


def test_the_summary_counts_sessions_and_patients():
    two = Impact((touched(Effect(Kind.LATE)), touched(Effect(Kind.LATE))))

    assert summary(two) == "2 sessions of 1 patient would not stand as they are."
    assert summary(Impact()) == "Nobody who is booked or planned is touched."


def test_a_change_of_the_gaps_names_both_sides():
    old = GapRule("toxin", "tca_peel", Period(2, "weeks"), before_is_procedure=True)
    new = GapRule("toxin", "tca_peel", Period(1, "months"), before_is_procedure=True)

    (changed,) = gap_words(gap_changes([old], [new]), NAMES)
    (added,) = gap_words(gap_changes([], [GapRule("peel", "toxin", Period(2, "weeks"))]), NAMES)

    assert (changed.what, changed.old, changed.new) == (
        "TCA peel after Toxin",
        "2 weeks",
        "1 month",
    )
    assert (added.what, added.old, added.new) == ("Toxin after Peels", "", "2 weeks")


def test_a_cause_is_said_in_words():
    assert cause_words("tca_peel 4", NAMES) == "TCA peel, revision 4"
    assert cause_words("gaps 2", NAMES) == "Gaps, revision 2"


@pytest.mark.parametrize("cell", ["=1+1", "+49 30", "-1", "@x", "\tx", "\rx", "＝1"])
def test_what_looks_like_a_formula_becomes_text(cell: str):
    assert as_text(cell) == f"'{cell}"
