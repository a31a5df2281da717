"""What a change of the catalogue does to the sessions to come."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from plans.core.cycles import Cycle
from plans.core.impact import (
    Comparison,
    Effect,
    Held,
    Kind,
    Upcoming,
    worse_findings,
)
from plans.core.ruleset import NeedRule
from plans.core.screening import (
    Entry,
    Fact,
    Finding,
    Gap,
    Line,
    PatchTest,
    Patient,
    Recheck,
    Rulebook,
    Rules,
    Screener,
    Severity,
)
from plans.core.spacing import Interval, Period
from plans.core.worlds import Stay, World
from tests.core.small_catalogue import ACIDS, BOOK, DAY, MONTHS_3, MONTHS_6, days, healthy, present
from tests.core.test_screening_laws import answers, areas, entries, presences, procedures
from tests.core.test_screening_laws import days as any_days

DOCTOR, ROOM = NeedRule("practitioner", "physician", 30, 80), NeedRule("room", "chair", 0, 80)
STAY = Stay(80, (DOCTOR, ROOM))
COURSE = Interval(MONTHS_3, MONTHS_3, MONTHS_6)
NOW = World(BOOK, dict.fromkeys(BOOK.procedures, COURSE), dict.fromkeys(BOOK.procedures, STAY))
WEISS = Held("practitioner", frozenset({"physician"}))
CHAIR = Held("room", frozenset({"chair"}))


def world(**changes: Rules) -> World:
    """The world of now with other rules for some procedures."""
    return replace(NOW, book=replace(BOOK, procedures={**BOOK.procedures, **changes}))


def peel_with(*lines: Line, **changes: Any) -> World:
    peel = BOOK.procedures["peel"]
    return world(peel=replace(peel, lines=(*peel.lines, *lines), **changes))


def session(procedure: str = "peel", day: dt.date = DAY, key: int = 1, **details: Any) -> Upcoming:
    return Upcoming(key, Entry(procedure, day), **details)


def booked(**details: Any) -> Upcoming:
    held: dict[str, Any] = {"minutes": 80, "held": (WEISS, CHAIR)} | details
    return session(**held)


def effects(
    after: World, *standing: Upcoming, patient: Patient | None = None
) -> dict[int, tuple[Effect, ...]]:
    comparison = Comparison(NOW, after)
    judged = comparison.effects(patient or healthy(DAY), standing, DAY)
    return {each.key: found for each, found in judged}


def kinds(
    after: World, *standing: Upcoming, patient: Patient | None = None
) -> dict[int, list[str]]:
    found = effects(after, *standing, patient=patient)
    return {key: [effect.kind.value for effect in each] for key, each in found.items()}


# Windows


def spaced(least: int, most: int = 6) -> World:
    months = [Period(n, "months") for n in (least, least, most)]
    return replace(NOW, intervals={**NOW.intervals, "peel": Interval(*months)})


def test_a_longer_interval_leaves_a_session_too_early():
    first = dt.date(2026, 8, 23)

    (effect,) = effects(spaced(4), session(previous=first))[1]

    assert effect.kind is Kind.EARLY
    assert effect.window is not None
    assert effect.window.earliest == dt.date(2026, 12, 23)


def test_a_shorter_longest_interval_leaves_a_session_too_late():
    assert kinds(spaced(3, 4), session(previous=dt.date(2026, 6, 23))) == {1: ["late"]}


def test_a_session_outside_its_window_already_is_no_news():
    assert kinds(spaced(5), session(previous=DAY - days(10))) == {}


def test_a_first_session_has_no_window_to_leave():
    assert kinds(spaced(5), session()) == {}


def test_other_procedures_keep_their_windows():
    assert Comparison(NOW, spaced(4)).procedures == {"peel"}


# Screening


def test_a_new_line_refuses_waits_and_warns_those_it_meets():
    facts = (present("smoking"),)
    said: tuple[tuple[Severity, str], ...] = (("absolute", "refuse"), ("temporary", "wait"))
    for severity, kind in said:
        lines = tuple(
            replace(line, severity=severity) if line.fact == "smoking" else line
            for line in BOOK.procedures["peel"].lines
        )
        after = world(peel=replace(BOOK.procedures["peel"], lines=lines))
        assert kinds(after, session(), patient=healthy(DAY, *facts)) == {1: [kind]}


def test_a_new_line_asks_those_who_never_answered():
    after = world(laser=replace(BOOK.procedures["laser"], lines=(Line("keloid", "relative"),)))

    assert kinds(after, session("laser"), patient=Patient(dt.date(1990, 5, 14))) == {1: ["ask"]}
    assert kinds(after, session("laser")) == {}


def test_a_new_caution_is_told_although_a_question_is_open():
    """The verdict stays `ask`: that alone would hide what a practitioner has to sign."""
    peel = replace(BOOK.procedures["peel"], lines=(Line("keloid", "relative"),))
    bare = replace(NOW, book=replace(BOOK, procedures={**BOOK.procedures, "peel": peel}))
    patient = healthy(DAY, Fact("keloid", "unknown"), present("smoking"))
    after = world(peel=replace(peel, lines=(*peel.lines, Line("smoking", "relative"))))

    ((_, (effect,)),) = Comparison(bare, after).effects(patient, [session()], DAY)

    assert effect.kind is Kind.CAUTION
    assert [found.rule for found in effect.findings] == ["ci:peel:smoking"]


def test_a_line_that_goes_makes_nothing_worse():
    after = world(peel=replace(BOOK.procedures["peel"], lines=()))

    assert kinds(after, session(), patient=healthy(DAY, present("allergy"))) == {}


def test_the_longer_wait_of_an_earlier_session_is_told_too():
    after = peel_with(interval_min=Period(5, "months"))
    first, second = session(day=DAY, key=1), session(day=DAY + days(100), key=2)

    assert kinds(after, first, second) == {2: ["wait"]}


def test_too_early_in_its_course_and_waiting_for_the_interval_is_one_thing():
    longer = Period(5, "months")
    after = replace(spaced(5), book=peel_with(interval_min=longer).book)
    first, second = session(day=DAY, key=1), session(day=DAY + days(100), key=2, previous=DAY)

    assert kinds(after, first, second) == {2: ["early"]}
    stricter = peel_with(interval_min=longer, age_min=60)
    assert kinds(replace(after, book=stricter.book), second) == {2: ["refuse", "early"]}


def test_a_gap_touches_the_procedures_of_its_later_side_only():
    gaps = (*BOOK.gaps, Gap("toxin", "deep", Period(4, "weeks")))
    after = replace(NOW, book=replace(BOOK, gaps=gaps))
    toxin, peel = session("toxin", key=1), session(day=DAY + days(14), key=2)

    assert Comparison(NOW, after).procedures == {"peel"}
    assert kinds(after, toxin, peel) == {2: ["wait"]}


def test_a_gap_to_one_procedure_spares_others_of_its_group():
    gap = Gap("toxin", "filler_a", Period(4, "weeks"), before_is_procedure=True)
    after = replace(NOW, book=replace(BOOK, gaps=(*BOOK.gaps, gap)))

    assert Comparison(NOW, after).procedures == {"filler_a"}


def test_a_procedure_of_another_group_counts_as_that_for_all_others():
    after = world(filler_b=replace(BOOK.procedures["filler_b"], group="toxin"))
    filled = session("filler_b", key=1)

    assert kinds(after, filled, session("laser", DAY + days(7), key=2)) == {2: ["wait"]}


def test_a_cycle_counted_together_reaches_the_uses_of_other_procedures():
    shorter = replace(ACIDS, on_for=Period(1, "months"))
    after = world(acid=replace(BOOK.procedures["acid"], cycle=shorter))
    home = Entry("home_acid", DAY - days(50), DAY + days(30))
    patient = healthy(DAY, history=(home,))

    assert kinds(after, session("acid", DAY + days(20)), patient=patient) == {1: ["wait"]}


def test_a_test_that_the_new_rules_ask_for_is_missing():
    needed = PatchTest("PT-4", True, Period(2, "days"), MONTHS_6, False)
    after = world(laser=replace(BOOK.procedures["laser"], patch_test=needed))
    tested = healthy(DAY, history=(Entry("PT-4", DAY - days(9)),))

    assert kinds(after, session("laser")) == {1: ["wait"]}
    assert kinds(after, session("laser"), patient=tested) == {}


def test_a_shorter_life_of_answers_asks_again():
    after = replace(
        NOW, book=replace(BOOK, rechecks={**BOOK.rechecks, "keloid": Period(1, "months")})
    )
    answered_long_ago = healthy(DAY - days(60))
    comparison = Comparison(NOW, after)

    assert comparison.procedures == {"peel"}
    assert comparison.facts == {"keloid"}
    assert kinds(after, session(), patient=answered_long_ago) == {1: ["ask"]}


# Visits


def staying(minutes: int, *needs: NeedRule) -> World:
    return replace(NOW, stays={**NOW.stays, "peel": Stay(minutes, needs)})


def test_a_visit_changes_its_length():
    assert kinds(staying(95, DOCTOR, ROOM), booked()) == {1: ["longer"]}
    assert kinds(staying(60, DOCTOR, ROOM), booked()) == {1: ["shorter"]}


def test_a_visit_booked_with_the_new_length_already_does_not_change():
    assert kinds(staying(95, DOCTOR, ROOM), booked(minutes=95)) == {}


def test_a_longer_visit_runs_into_the_next():
    longer = staying(95, DOCTOR, replace(ROOM, to_minute=95))

    assert kinds(longer, booked(held=(WEISS, replace(CHAIR, free_until=90)))) == {
        1: ["collides", "longer"]
    }
    assert kinds(longer, booked(held=(WEISS, replace(CHAIR, free_until=95)))) == {1: ["longer"]}


def test_a_longer_visit_keeps_the_patient_from_their_next():
    assert kinds(staying(95, DOCTOR, ROOM), booked(free_until=90)) == {1: ["collides", "longer"]}


def test_somebody_needed_earlier_may_be_with_another_patient():
    earlier = staying(80, replace(DOCTOR, from_minute=0), ROOM)

    assert kinds(earlier, booked(held=(replace(WEISS, free_from=10), CHAIR))) == {1: ["collides"]}


def test_who_is_held_may_lack_what_is_needed_now():
    after = staying(80, replace(DOCTOR, capability="laser_licence"), ROOM)

    (effect,) = effects(after, booked())[1]

    assert (effect.kind, effect.capabilities) == (Kind.UNABLE, ("laser_licence",))


def test_a_new_role_has_nobody():
    after = staying(80, DOCTOR, ROOM, NeedRule("device", "cooler", 30, 60))

    (effect,) = effects(after, booked())[1]

    assert (effect.kind, effect.capabilities) == (Kind.UNHELD, ("cooler",))


def test_each_resource_serves_one_need():
    """The first room could serve both: it is left to the need that only it can serve."""
    sink = NeedRule("room", "sink", 0, 80)
    both, one = Held("room", frozenset({"chair", "sink"})), Held("room", frozenset({"chair"}))

    assert kinds(staying(80, DOCTOR, ROOM, sink), booked(held=(WEISS, both, one))) == {}


def test_what_was_never_held_is_no_news():
    after = staying(80, DOCTOR, ROOM, replace(ROOM, capability="sink"))

    found = effects(after, booked(held=(WEISS,)))[1]

    assert [code for effect in found for code in effect.capabilities] == ["sink"]


def test_a_session_without_a_visit_holds_nobody():
    assert kinds(staying(95, DOCTOR), session()) == {}


def test_nothing_is_read_for_what_did_not_change():
    comparison = Comparison(NOW, spaced(4))

    assert (comparison.facts, comparison.looks_back, comparison.counts_minutes) == (
        frozenset(),
        False,
        False,
    )


# The law: what is left out finds nothing


@st.composite
def books(draw: st.DrawFn) -> Rulebook:
    """The small catalogue with a few things changed, of every kind that a change can be of."""
    book = BOOK
    for code in draw(st.lists(procedures, max_size=3)):
        book = replace(
            book, procedures={**book.procedures, code: draw(changed_rules(book.rules(code)))}
        )
    if draw(st.booleans()):
        book = replace(book, gaps=draw(gap_tables()))
    if draw(st.booleans()):
        fact = draw(st.sampled_from(sorted(BOOK.rechecks)))
        rechecks: list[Recheck] = ["session", "never", Period(1, "months"), MONTHS_6]
        recheck = draw(st.sampled_from(rechecks))
        book = replace(book, rechecks={**book.rechecks, fact: recheck})
    return book


@st.composite
def changed_rules(draw: st.DrawFn, rules: Rules) -> Rules:
    some = st.one_of(st.none(), st.sampled_from([Period(2, "weeks"), MONTHS_3, MONTHS_6]))
    facts = draw(st.sets(st.sampled_from(sorted(BOOK.rechecks)), max_size=3))
    kept = tuple(line for line in rules.lines if line.fact not in facts)
    strengths: list[Severity] = ["absolute", "temporary", "relative"]
    severities = st.sampled_from(strengths)
    lines = tuple(Line(fact, draw(severities), draw(some)) for fact in sorted(facts))
    cycle = Cycle(
        draw(st.sampled_from([MONTHS_3, Period(1, "months")])), Period(1, "months"), MONTHS_6,
        frozenset({"acid", "home_acid", "peel"}),
    )  # fmt: skip
    test = PatchTest(
        draw(st.sampled_from(["PT", "PT-2", "PT-9"])), draw(st.booleans()), Period(2, "days"),
        draw(st.sampled_from([MONTHS_3, MONTHS_6])), draw(st.booleans()),
    )  # fmt: skip
    choices: dict[str, Any] = {
        "lines": draw(st.sampled_from([kept, kept + lines])),
        "interval_min": draw(some),
        "age_min": draw(st.sampled_from([None, 18, 40])),
        "caution_from": draw(st.sampled_from([None, 30])),
        "cycle": draw(st.sampled_from([None, cycle])),
        "patch_test": draw(st.sampled_from([None, test])),
        "group": draw(st.sampled_from(["deep", "laser"])),
    }
    names = draw(st.sets(st.sampled_from(sorted(choices)), max_size=3))
    return replace(rules, **{name: choices[name] for name in names})


@st.composite
def gap_tables(draw: st.DrawFn) -> tuple[Gap, ...]:
    sides = st.sampled_from(["deep", "laser", "filler", "toxin", "peel"])
    kept = draw(st.lists(st.sampled_from(BOOK.gaps), unique=True))
    added = draw(
        st.lists(
            st.builds(Gap, sides, sides, st.just(MONTHS_3), st.booleans(), st.booleans()),
            max_size=3,
        )
    )
    places = {
        (gap.after, gap.before, gap.after_is_procedure, gap.before_is_procedure): gap
        for gap in (*kept, *added)
    }
    return tuple(places.values())


@st.composite
def people(draw: st.DrawFn) -> tuple[Patient, list[Upcoming], dt.date]:
    as_of = draw(any_days)
    facts = draw(st.lists(st.one_of(presences(), answers(as_of)), max_size=6))
    if draw(st.booleans()):
        facts += healthy(as_of).facts
    birth = draw(st.dates(dt.date(1950, 1, 1), dt.date(2012, 12, 31)))
    patient = Patient(birth, tuple(facts), tuple(draw(st.lists(entries(), max_size=4))))
    ahead = draw(st.lists(st.tuples(procedures, st.integers(0, 300), areas), max_size=5))
    standing = [
        Upcoming(key, Entry(code, as_of + days(n), areas=where))
        for key, (code, n, where) in enumerate(ahead)
    ]
    return patient, standing, as_of


def judged_whole(
    book: Rulebook, patient: Patient, standing: list[Upcoming], each: Upcoming, as_of: dt.date
) -> tuple[Finding, ...]:
    history = (*patient.history, *(other.entry for other in standing if other is not each))
    known = tuple(
        entry for entry in history
        if entry.procedure in book.procedures or book.is_patch_test(entry.procedure)
    )  # fmt: skip
    screener = Screener(
        book, each.entry.procedure, replace(patient, history=known), as_of, each.entry.areas
    )
    return screener.judge(each.entry.date)


def rules_of(found: Iterable[tuple[Upcoming, tuple[Effect, ...]]]) -> dict[int, list[str]]:
    return {each.key: [f.rule for e in some for f in e.findings] for each, some in found}


@settings(max_examples=300)
@given(books(), books(), people())
def test_the_short_way_finds_what_judging_everything_twice_finds(before, after, person):
    patient, standing, as_of = person
    worlds = [replace(NOW, book=book) for book in (before, after)]

    fast = rules_of(Comparison(*worlds).effects(patient, standing, as_of))

    twice = {}
    for each in standing:
        was, becomes = (judged_whole(b, patient, standing, each, as_of) for b in (before, after))
        if worse := [found.rule for found in worse_findings(was, becomes)]:
            twice[each.key] = worse
    assert fast == twice


@given(people())
def test_a_change_of_nothing_touches_nobody(person):
    patient, standing, as_of = person

    comparison = Comparison(NOW, replace(NOW, book=replace(BOOK)))

    assert comparison.procedures == frozenset()
    assert not list(comparison.effects(patient, standing, as_of))
