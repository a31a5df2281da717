"""A made-up catalogue with every kind of rule once, and short words to screen against it."""

import datetime as dt

from plans.core.cycles import Cycle
from plans.core.screening import (
    Entry,
    Fact,
    Finding,
    Gap,
    Line,
    PatchTest,
    Patient,
    Rulebook,
    Rules,
    Screener,
    Screening,
    screen,
)
from plans.core.spacing import Period

DAY = dt.date(2026, 11, 23)
ADULT = dt.date(1990, 5, 14)
MONTHS_3 = Period(3, "months")
MONTHS_6 = Period(6, "months")

ACIDS = Cycle(
    on_for=MONTHS_3,
    break_min=Period(1, "months"),
    break_max=Period(2, "months"),
    counts_together=frozenset({"acid", "home_acid"}),
)


def rules(
    code: str,
    group: str,
    *lines: Line,
    is_home: bool = False,
    interval_min: Period | None = None,
    age_min: int | None = None,
    caution_from: int | None = None,
    cycle: Cycle | None = None,
    patch_test: PatchTest | None = None,
) -> Rules:
    """Rules with nothing in them but what is named."""
    return Rules(
        code, group, is_home, lines, interval_min, age_min, caution_from, cycle, patch_test
    )


BOOK = Rulebook(
    procedures={
        made.code: made
        for made in (
            rules(
                "peel",
                "deep",
                Line("allergy", "absolute"),
                Line("cancer", "absolute", MONTHS_6),
                Line("pregnancy", "temporary"),
                Line("drug", "temporary", MONTHS_6),
                Line("keloid", "relative"),
                Line("smoking", "relative", Period(2, "weeks")),
                Line("skin_type", "relative"),
                interval_min=MONTHS_3,
                age_min=18,
                caution_from=65,
            ),
            rules("laser", "laser", interval_min=Period(4, "weeks")),
            rules("filler_a", "filler", interval_min=Period(4, "weeks")),
            rules("filler_b", "filler"),
            rules("toxin", "toxin"),
            rules("home_cream", "home_cream", is_home=True),
            rules("acid", "light_peel", cycle=ACIDS),
            rules("home_acid", "home_acid", is_home=True, cycle=ACIDS),
            rules(
                "light",
                "light",
                patch_test=PatchTest("PT", True, Period(2, "days"), MONTHS_6, True),
            ),
            rules(
                "tattoo_light",
                "light_2",
                patch_test=PatchTest("PT-2", True, Period(2, "days"), MONTHS_6, False),
            ),
            rules(
                "ointment",
                "home_ointment",
                is_home=True,
                patch_test=PatchTest("PT-3", False, Period(1, "days"), MONTHS_6, False),
            ),
        )
    },
    rechecks={
        "allergy": Period(12, "months"),
        "cancer": MONTHS_6,
        "pregnancy": "session",
        "drug": MONTHS_3,
        "keloid": Period(12, "months"),
        "smoking": MONTHS_6,
        "skin_type": "never",
    },
    gaps=(
        Gap("laser", "deep", Period(4, "weeks")),
        Gap("toxin", "laser", Period(2, "weeks")),
        Gap("filler", "filler", Period(2, "weeks")),
        Gap("home_cream", "deep", Period(7, "days")),
        Gap("home_acid", "deep", Period(3, "days")),
    ),
)


def denials(day: dt.date, *but: str) -> tuple[Fact, ...]:
    """Every question of the catalogue answered with no on `day`, except those of `but`."""
    return tuple(Fact(code, "denied", day) for code in BOOK.rechecks if code not in but)


def healthy(day: dt.date, *facts: Fact, history: tuple[Entry, ...] = ()) -> Patient:
    """An adult who denied on `day` all that `facts` do not speak of."""
    return Patient(ADULT, denials(day, *(fact.code for fact in facts)) + facts, history)


def days(count: int) -> dt.timedelta:
    return dt.timedelta(days=count)


def present(code: str, since: dt.date | None = None, until: dt.date | None = None) -> Fact:
    return Fact(code, "present", since, until)


def peel(*facts: Fact, on: dt.date = DAY, as_of: dt.date | None = None) -> Screening:
    """A peel for an adult who denied everything that `facts` do not speak of, on the day as known."""
    return screen(BOOK, "peel", healthy(as_of or on, *facts), on, as_of)


def after(procedure: str, *history: Entry, on: dt.date = DAY, areas: str = "") -> Screening:
    """`procedure` for a healthy adult with this history, on areas named in one string."""
    return screen(BOOK, procedure, healthy(on, history=history), on, areas=frozenset(areas.split()))


def judge(
    procedure: str,
    patient: Patient,
    on: dt.date,
    as_of: dt.date | None = None,
    areas: frozenset[str] = frozenset(),
) -> tuple[Finding, ...]:
    """The findings alone, without the search for the earliest date."""
    return Screener(BOOK, procedure, patient, as_of or on, areas).judge(on)


def only(screening: Screening) -> Finding:
    (finding,) = screening.findings
    return finding
