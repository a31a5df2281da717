"""What holds of every screening, whatever the records are."""

import datetime as dt
from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from plans.core.screening import (
    Entry,
    Fact,
    Patient,
    Rulebook,
    Screener,
    Screening,
    Verdict,
    birthday,
    screen,
)
from tests.core.small_catalogue import BOOK, healthy, judge

ONE_DAY = dt.timedelta(days=1)
FIRST, LAST = dt.date(2026, 1, 1), dt.date(2028, 4, 30)
AREAS = ("forehead", "cheeks", "back")
# Long enough for every washout, gap and pause of the catalogue, one after the other.
HORIZON_DAYS = 1200

# Month ends and leap days are where calendars go wrong: draw them often.
month_ends = st.sampled_from(
    [dt.date(year, month, 1) - ONE_DAY for year in (2027, 2028) for month in range(1, 13)]
    + [dt.date(2028, 2, 28), dt.date(2028, 3, 1)]
)
days = st.one_of(st.dates(FIRST, LAST), month_ends)
codes = st.sampled_from(sorted(BOOK.rechecks))
procedures = st.sampled_from(sorted(BOOK.procedures))
areas = st.frozensets(st.sampled_from(AREAS), max_size=2)


@st.composite
def presences(draw: st.DrawFn) -> Fact:
    since, until = sorted((draw(days), draw(days)))
    return Fact(
        draw(codes),
        "present",
        draw(st.sampled_from([None, since])),
        draw(st.sampled_from([None, until, until])),
    )


def answers(as_of: dt.date) -> st.SearchStrategy[Fact]:
    """Denials up to `as_of` and questions without an answer."""
    asked = st.one_of(st.none(), st.just(as_of), st.dates(FIRST - 400 * ONE_DAY, as_of))
    return st.builds(Fact, codes, st.sampled_from(["denied", "denied", "unknown"]), asked)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    code = draw(st.one_of(procedures, st.sampled_from(["PT", "PT-2"])))
    start, end = sorted((draw(days), draw(days)))
    is_test = BOOK.is_patch_test(code)
    until = draw(st.sampled_from([None, end])) if not is_test and BOOK.rules(code).is_home else None
    return Entry(code, start, until, frozenset() if is_test else draw(areas))


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, Patient, dt.date, dt.date]:
    """A procedure, a patient, a session date and the day of the screening, not after it."""
    as_of, on = sorted((draw(days), draw(days)))
    as_of = draw(st.sampled_from([as_of, on]))
    facts = draw(st.lists(st.one_of(presences(), answers(as_of)), max_size=8))
    if draw(st.booleans()):
        facts += healthy(as_of).facts
    birth = draw(st.dates(dt.date(1950, 1, 1), dt.date(2012, 12, 31)))
    patient = Patient(birth, tuple(facts), tuple(draw(st.lists(entries(), max_size=6))))
    return draw(procedures), patient, on, as_of


def is_free(screener: Screener, day: dt.date) -> bool:
    """Said by the levels of the findings alone, not by what they call their free day."""
    return all(found.level < Verdict.WAIT for found in screener.judge(day))


def first_free_day(screener: Screener, start: dt.date, days_on: int) -> dt.date | None:
    ahead = (start + count * ONE_DAY for count in range(days_on))
    return next((day for day in ahead if is_free(screener, day)), None)


@given(cases())
def test_the_verdict_is_the_strongest_finding(case):
    procedure, patient, on, as_of = case

    found = screen(BOOK, procedure, patient, on, as_of)

    assert found.verdict == max((f.level for f in found.findings), default=Verdict.OK)
    assert list(found.findings) == sorted(found.findings, key=lambda f: (-f.level, f.rule))
    assert len(set(found.reasons)) == len(found.reasons)


@settings(max_examples=60)
@given(cases())
def test_the_earliest_date_is_the_first_of_a_scan_day_by_day(case):
    procedure, patient, on, as_of = case
    found = screen(BOOK, procedure, patient, on, as_of)
    screener = Screener(BOOK, procedure, patient, as_of)

    if found.verdict < Verdict.WAIT:
        assert found.earliest_ok is None
    elif found.earliest_ok is not None:
        ahead = (found.earliest_ok - on).days + 1
        assert first_free_day(screener, on, ahead) == found.earliest_ok
    elif BOOK.rules(procedure).patch_test is None:
        # A lapsed test gets no date, though a session booked for later would renew it.
        assert first_free_day(screener, on, HORIZON_DAYS) is None


@given(cases())
def test_no_blocker_lets_go_before_its_free_day(case):
    procedure, patient, on, as_of = case
    screener = Screener(BOOK, procedure, patient, as_of)

    for found in screener.judge(on):
        if found.level.blocks and found.free_day is not None:
            eve = found.free_day - ONE_DAY
            assert on <= eve
            assert found.rule in {other.rule for other in screener.judge(eve)}


@given(cases())
def test_blocking_is_the_same_whether_asked_quickly_or_in_full(case):
    procedure, patient, on, as_of = case
    screener = Screener(BOOK, procedure, patient, as_of)

    assert screener.blocks(on) is screener.screen(on).verdict.blocks


@given(cases(), st.randoms())
def test_the_order_of_the_records_does_not_matter(case, random):
    procedure, patient, on, as_of = case
    shuffled = replace(
        patient,
        facts=tuple(random.sample(patient.facts, len(patient.facts))),
        history=tuple(random.sample(patient.history, len(patient.history))),
    )

    assert screen(BOOK, procedure, shuffled, on, as_of) == screen(
        BOOK, procedure, patient, on, as_of
    )


@given(cases(), presences())
def test_one_more_thing_present_never_weakens_a_blocker_or_a_caution(case, fact):
    """Only a question may be answered by the end of it."""
    procedure, patient, on, as_of = case
    more = replace(patient, facts=(*patient.facts, fact))

    before = {f.rule: f for f in judge(procedure, patient, on, as_of) if f.kind != "ask"}
    after = {f.rule: f for f in judge(procedure, more, on, as_of)}

    for rule, found in before.items():
        assert after[rule].level >= found.level
        assert found.free_day is not None or after[rule].free_day is None


@given(cases(), st.sampled_from(["allergy", "cancer", "pregnancy", "drug"]), days, days)
def test_one_more_fact_that_blocks_never_weakens_the_verdict(case, code, day, other):
    _, patient, on, as_of = case
    fact = Fact(code, "present", min(day, other, on), max(day, other, on))
    more = replace(patient, facts=(*patient.facts, fact))

    found, before = (screen(BOOK, "peel", someone, on, as_of) for someone in (more, patient))

    assert found.verdict >= max(before.verdict, Verdict.WAIT)


@given(cases(), codes)
def test_one_more_fact_in_place_of_a_denial_never_weakens_the_verdict(case, code):
    """In place of an open question it may: what is known to be relative is a caution."""
    _, patient, on, _ = case
    answered = replace(patient, facts=healthy(on).facts)
    more = replace(answered, facts=(*answered.facts, Fact(code, "present")))

    found, before = (screen(BOOK, "peel", someone, on) for someone in (more, answered))

    assert found.verdict >= max(before.verdict, Verdict.CAUTION)


@given(cases(), codes)
def test_a_denial_closes_no_present_record(case, code):
    procedure, patient, on, as_of = case
    denied = replace(patient, facts=(*patient.facts, Fact(code, "denied", as_of)))

    def lines(someone: Patient) -> list[object]:
        return [f for f in judge(procedure, someone, on, as_of) if f.kind == "ci"]

    assert lines(denied) == lines(patient)


@given(st.sampled_from(sorted(BOOK.rechecks)), days, st.sampled_from(["unknown", "nothing"]))
def test_what_was_never_answered_is_never_ok(code, on, record):
    told = (Fact(code, "unknown"),) if record == "unknown" else ()
    patient = Patient(
        dt.date(1990, 5, 14), tuple(f for f in healthy(on).facts if f.code != code) + told
    )

    assert screen(BOOK, "peel", patient, on).reasons == (f"ask:peel:{code}",)


@given(cases())
def test_at_check_in_every_fact_is_answered_or_named(case):
    """Only a denial or a past end speaks of absence; nothing else passes without a word."""
    _, patient, on, _ = case
    patient = replace(
        patient, facts=tuple(f for f in patient.facts if f.status != "denied"), history=()
    )

    found = screen(BOOK, "peel", patient, on)

    ended = {f.code for f in patient.facts if f.until is not None and f.until < on}
    named = {f.subject for f in found.findings}
    assert set(BOOK.rechecks) <= ended | named


@given(cases())
def test_unknown_is_the_same_as_never_asked(case):
    procedure, patient, on, as_of = case
    unasked = replace(patient, facts=tuple(f for f in patient.facts if f.status != "unknown"))

    found, expected = (screen(BOOK, procedure, p, on, as_of) for p in (patient, unasked))

    assert (found.verdict, found.reasons, found.earliest_ok, found.deferred) == (
        expected.verdict,
        expected.reasons,
        expected.earliest_ok,
        expected.deferred,
    )


@given(cases(), areas)
def test_areas_that_do_not_meet_keep_no_distance(case, here):
    procedure, patient, on, as_of = case
    elsewhere = frozenset(AREAS) - here
    assume(here)
    assume(elsewhere)
    history = tuple(
        entry if BOOK.is_patch_test(entry.procedure) else replace(entry, areas=elsewhere)
        for entry in patient.history
    )
    moved = replace(patient, history=history)

    kinds = {f.kind for f in judge(procedure, moved, on, as_of, here)}

    assert kinds.isdisjoint({"interval", "gap"})


@given(cases(), areas)
def test_areas_that_all_meet_are_as_good_as_none_named(case, here):
    procedure, patient, on, as_of = case
    assume(here)
    history = tuple(
        entry if BOOK.is_patch_test(entry.procedure) else replace(entry, areas=here)
        for entry in patient.history
    )
    everywhere = tuple(replace(entry, areas=frozenset()) for entry in patient.history)

    def reasons(entries_: tuple[Entry, ...], where: frozenset[str]) -> tuple[str, ...]:
        return screen(BOOK, procedure, replace(patient, history=entries_), on, as_of, where).reasons

    assert reasons(history, here) == reasons(everywhere, frozenset())


@given(cases())
def test_what_comes_after_the_session_is_no_reason_for_it(case):
    procedure, patient, on, as_of = case
    earlier = replace(patient, history=tuple(e for e in patient.history if e.date <= on))

    assert judge(procedure, patient, on, as_of) == judge(procedure, earlier, on, as_of)


@given(cases())
def test_only_a_booking_defers(case):
    procedure, patient, on, as_of = case

    at_booking = screen(BOOK, procedure, patient, on, as_of)

    assert as_of < on or at_booking.deferred == ()
    assert set(at_booking.deferred).isdisjoint(
        f.subject for f in at_booking.findings if f.kind == "ci"
    )


@given(st.dates(dt.date(1900, 1, 1), dt.date(2020, 12, 31)), st.integers(0, 99))
def test_a_birthday_is_the_day_itself_or_the_first_of_march(birth, years):
    day = birthday(birth, years)

    assert day.year == birth.year + years
    assert (day.month, day.day) in {(birth.month, birth.day), (3, 1)}


@given(cases())
def test_nobody_overrides_a_refusal_an_age_or_a_patch_test(case):
    procedure, patient, on, as_of = case

    for found in judge(procedure, patient, on, as_of):
        if found.level is Verdict.REFUSE or found.kind in {"age", "patch"}:
            assert not found.overridable
            assert found.signers == ()


@settings(max_examples=50)
@given(st.data())
def test_the_starting_catalogue_asks_every_new_patient(book: Rulebook, data: st.DataObject):
    procedure = data.draw(st.sampled_from(sorted(book.procedures)))
    on = data.draw(days)

    found: Screening = screen(book, procedure, Patient(dt.date(1990, 5, 14)), on)

    asked = {f.subject for f in found.findings if f.kind == "ask"}
    assert asked == {line.fact for line in book.rules(procedure).lines}
    assert found.verdict >= Verdict.ASK
