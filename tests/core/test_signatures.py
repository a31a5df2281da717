"""What a signature rests on, what makes it void, and what is kept of a screening."""

import datetime as dt
from dataclasses import dataclass

import pytest

from plans.core.screening import Entry, Fact, Patient, Screener
from plans.core.signatures import (
    basis_of,
    excused,
    rule_now,
    snapshot,
    sorted_out,
    unsigned,
    why_void,
)
from tests.core.small_catalogue import ADULT, BOOK

MONDAY = dt.date(2026, 11, 9)
TUESDAY = MONDAY + dt.timedelta(days=1)
KNOWN = tuple(Fact(line.fact, "denied", since=MONDAY) for line in BOOK.rules("peel").lines)


def screened(*facts: Fact, done: tuple[Entry, ...] = ()):
    return Screener(BOOK, "peel", Patient(ADULT, (*KNOWN, *facts), done), MONDAY).screen(MONDAY)


def found(*facts: Fact, done: tuple[Entry, ...] = ()):
    (finding,) = screened(*facts, done=done).findings
    return finding


def test_a_signature_rests_on_the_record_and_the_line():
    one = found(Fact("keloid", "present", since=dt.date(2026, 1, 1)))
    two = found(Fact("keloid", "present", since=dt.date(2026, 2, 1)))
    assert one.rule == two.rule
    assert basis_of(one) != basis_of(two)
    assert basis_of(one) == {"level": "caution", "severity": "relative", "since": "2026-01-01"}


def test_a_signature_for_a_gap_rests_on_the_visit_before_and_its_length():
    near = found(done=(Entry("peel", dt.date(2026, 10, 1)),))
    assert basis_of(near) == {
        "level": "wait", "spacing": "3 months", "entry": "peel 2026-10-01 None"
    }  # fmt: skip


def test_a_question_signed_as_unknown_rests_on_its_being_unknown():
    people = Patient(ADULT, (*KNOWN[:-1], Fact("skin_type", "unknown")))
    (asked,) = Screener(BOOK, "peel", people, MONDAY).screen(MONDAY).findings
    assert basis_of(asked) == {"level": "ask", "severity": "relative", "answer": "unknown"}


def test_a_signature_counts_while_day_and_basis_are_the_same():
    keloid = found(Fact("keloid", "present"))
    assert why_void(MONDAY, basis_of(keloid), MONDAY, keloid) is None


@pytest.mark.parametrize(
    ("why", "day", "changes"),
    [
        ("moved", TUESDAY, {}),
        ("record", MONDAY, {"since": "2025-01-01"}),
        ("record", MONDAY, {"until": "2026-11-01"}),
        ("rule", MONDAY, {"severity": "temporary", "level": "wait"}),
        ("rule", MONDAY, {"washout": "6 months"}),
        ("rule", MONDAY, {"spacing": "2 weeks"}),
        ("rule", MONDAY, {"years": "60"}),
    ],
)
def test_a_signature_is_void_once_its_day_record_or_rule_is_another(why, day, changes):
    keloid = found(Fact("keloid", "present", since=dt.date(2026, 1, 1)))
    assert why_void(MONDAY, basis_of(keloid) | changes, day, keloid) == why


def test_a_signature_for_what_no_longer_stands_is_not_needed():
    assert why_void(MONDAY, {}, MONDAY, None) == "gone"


@pytest.mark.parametrize(
    ("rule", "now"),
    [
        ("ci:peel:old", "ci:peel:new"),
        ("ask:peel:old", "ask:peel:new"),
        ("ci:old:kept", "ci:old:kept"),
        ("gap:old>toxin", "gap:old>toxin"),
        ("age:old", "age:old"),
    ],
)
def test_only_the_fact_of_a_rule_follows_a_new_code(rule, now):
    assert rule_now(rule, {"old": "new"}) == now


def test_only_a_wait_with_a_reason_lets_a_day_be_booked():
    drug = Fact("drug", "present", until=dt.date(2026, 11, 1))
    waits = screened(drug, Fact("keloid", "present")).findings
    assert [each.rule for each in unsigned(waits, {})] == ["ci:peel:drug"]
    assert unsigned(waits, {"ci:peel:drug": "low dose"}) == []
    refused = screened(Fact("allergy", "present")).findings
    assert unsigned(refused, {"ci:peel:allergy": "she asks for it"}) == list(refused)


@dataclass(frozen=True)
class Row:
    rule: str
    session_date: dt.date
    basis: dict[str, str]


def test_a_void_signature_is_told_only_while_none_counts_for_its_rule():
    keloid = found(Fact("keloid", "present"))
    dead, alive = (
        Row("ci:peel:old", TUESDAY, basis_of(keloid)), Row("ci:peel:old", MONDAY, basis_of(keloid))
    )  # fmt: skip
    codes = {"old": "keloid"}
    assert sorted_out([dead], MONDAY, [keloid], codes) == ({}, [(dead, "moved")])
    assert sorted_out([dead, alive], MONDAY, [keloid], codes) == ({keloid.rule: alive}, [])


def test_a_session_may_be_early_where_there_is_a_reason_for_its_interval():
    early, late = screened(done=(Entry("peel", dt.date(2026, 10, 1)),)), screened()
    assert excused({2: early, 3: late}, {"interval:peel"}) == [2]
    assert excused({2: early}, {"ci:peel:drug"}) == []


def test_a_snapshot_says_what_was_found_and_on_what():
    drug = Fact("drug", "present", until=dt.date(2026, 11, 1))
    kept = snapshot(screened(drug), as_of=MONDAY, revision=3, gaps=2, facts=[7, 9])
    assert kept == {
        "verdict": "wait", "reasons": ["ci:peel:drug"], "deferred": [],
        "earliest_ok": "2027-05-01", "as_of": "2026-11-09",
        "revision": 3, "gaps": 2, "facts": [7, 9],
        "findings": [{
            "rule": "ci:peel:drug", "level": "wait",
            "basis": {
                "level": "wait", "severity": "temporary", "until": "2026-11-01", "washout": "6 months",
            },
        }],
    }  # fmt: skip
    assert (
        snapshot(screened(), as_of=MONDAY, revision=1, gaps=None, facts=())["earliest_ok"] is None
    )
