"""The kernel and a slow reading of docs/screening.md give the same answer to every case."""

import datetime as dt
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from plans.core.screening import Entry, Fact, Patient, Rulebook, screen
from tests.core import by_the_letter
from tests.core.small_catalogue import BOOK

ONE_DAY = dt.timedelta(days=1)
AREAS = ("forehead", "cheeks", "back")
month_ends = st.sampled_from(
    [dt.date(year, month, 1) - ONE_DAY for year in (2026, 2027, 2028) for month in range(1, 13)]
    + [dt.date(2028, 2, 28), dt.date(2028, 3, 1)]
)
days = st.one_of(st.dates(dt.date(2026, 1, 1), dt.date(2028, 4, 30)), month_ends)
areas = st.frozensets(st.sampled_from(AREAS), max_size=2)
births = st.one_of(
    st.dates(dt.date(1955, 1, 1), dt.date(2012, 12, 31)),
    st.sampled_from([dt.date(2008, 2, 29), dt.date(2012, 2, 29), dt.date(1964, 2, 29)]),
)


@st.composite
def questions(
    draw: st.DrawFn, book: Rulebook
) -> tuple[str, Patient, dt.date, dt.date, frozenset[str]]:
    code = draw(st.sampled_from(sorted(book.procedures)))
    as_of, on = sorted((draw(days), draw(days)))
    as_of = draw(st.sampled_from([as_of, on]))
    named = [line.fact for line in book.rules(code).lines]
    denied = draw(st.sampled_from([on, as_of, as_of, as_of - 40 * ONE_DAY]))
    facts = [Fact(fact, "denied", min(denied, as_of)) for fact in named]
    facts = draw(st.sampled_from([[], facts, facts, facts]))
    if named:
        facts += draw(st.lists(records(st.sampled_from(named), as_of), max_size=4))
    history = draw(st.lists(entries(book, code, as_of, on), max_size=6))
    return code, Patient(draw(births), tuple(facts), tuple(history)), on, as_of, draw(areas)


@st.composite
def records(draw: st.DrawFn, codes: st.SearchStrategy[str], as_of: dt.date) -> Fact:
    code, status = draw(codes), draw(st.sampled_from(["present", "present", "denied", "unknown"]))
    first, last = sorted((draw(days), draw(days)))
    if status == "denied":
        return Fact(code, "denied", draw(st.sampled_from([None, min(first, as_of), as_of])))
    if status == "unknown":
        return Fact(code, "unknown", draw(st.sampled_from([None, first])))
    since = draw(st.sampled_from([None, first]))
    return Fact(code, "present", since, draw(st.sampled_from([None, last, last, last])))


@st.composite
def entries(draw: st.DrawFn, book: Rulebook, code: str, as_of: dt.date, on: dt.date) -> Entry:
    """Often the same treatment or its test, and often near the days that matter."""
    test = book.rules(code).patch_test
    tests = sorted(rules.patch_test.code for rules in book.procedures.values() if rules.patch_test)
    own = [code, code, *([test.code] * 3 if test else [])]
    what = draw(
        st.one_of(st.sampled_from(own), st.sampled_from([*sorted(book.procedures), *tests]))
    )
    start = draw(st.sampled_from([as_of, on]) | days)
    start -= draw(st.sampled_from([0, 0, 1, 14, 28, 30, 90, 182, 365])) * ONE_DAY
    is_home = what in book.procedures and book.rules(what).is_home
    long = draw(st.sampled_from([0, 10, 60, 120])) * ONE_DAY
    return Entry(
        what, start, draw(st.sampled_from([None, start + long])) if is_home else None, draw(areas)
    )


def the_same(book: Rulebook, case: tuple[str, Patient, dt.date, dt.date, frozenset[str]]) -> str:
    code, patient, on, as_of, here = case

    found = screen(book, code, patient, on, as_of, here)

    said = (found.verdict.word, set(found.reasons), found.earliest_ok)
    assert said == by_the_letter.verdict(book, code, patient, on, as_of, here)
    return found.verdict.word


@settings(max_examples=200)
@given(questions(BOOK))
def test_every_kind_of_rule_is_read_as_written(case):
    the_same(BOOK, case)


def test_the_starting_catalogue_is_read_as_written(book: Rulebook):
    words: Counter[str] = Counter()

    @settings(max_examples=200)
    @given(questions(book))
    def check(case):
        words[the_same(book, case)] += 1

    check()
    assert set(words) == set(by_the_letter.STRENGTH), "the cases drawn meet every verdict"
