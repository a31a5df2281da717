"""The diary's jobs, measured on two clinics and beside whoever else does them; each gives one table."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from bench import bare
from bench.clinic import SERIES
from bench.days import CLOSING, OPENING
from bench.rounds import Measured, Ratio, Table, Work, measure, ratio
from bench.series import by_trying
from bench.sites import Site
from clinic.places.selectors import resources_at
from plans.catalogue.selectors import phases
from plans.core.availability import DAY_MINUTES, STEP_MINUTES
from plans.core.offers import Wish
from plans.core.spacing import ANY_DAY, Window, window_after
from plans.core.wallclock import midnight
from plans.diary.models import Occupancy
from plans.diary.selectors import candidates, free_days
from plans.series.selectors import FIRST_WINDOW_DAYS, free_starts, proposals

ONE_DAY = dt.timedelta(days=1)
# A day on which some things are free and most are not.
STARTS_AFTER_DAYS = 25
FLAT = "at most 1.3"
ONE_CALENDAR = "django-appointment, one person's calendar"
TWELVE = "django-appointment, 12 people"
WHOLE = "django-appointment, all 26 calendars"


def starts(sites: list[Site], rounds: int) -> Table:
    """One day's free starts: when a practitioner, a room and a device are free together, and who they are."""
    few, many = sites[0], sites[-1]
    ways = {f"Cadence, {site.name}": site.here(day_of_starts, site) for site in sites}
    found = {name: work() for name, work in ways.items()}
    if many.mirror:
        day = _day(many)
        one = many.clinic.practitioners[0].pk
        ways[ONE_CALENDAR] = many.here(many.mirror.slots, day, one)
        ways[TWELVE] = many.here(
            lambda: [many.mirror.slots(day, person.pk) for person in many.clinic.practitioners]
        )
        ways[WHOLE] = many.here(many.mirror.starts, day)
        theirs = many.there(many.mirror.starts, day)
        assert theirs == found[f"Cadence, {many.name}"], (theirs, found)
    told = measure(ways, rounds)
    ours = told[f"Cadence, {many.name}"]
    ratios = [_growth(told, few, many)]
    if many.mirror:
        ratios += [
            ratio(
                "the same answer: django-appointment / Cadence", told[WHOLE], ours, "at least 10"
            ),
            ratio(
                "twelve people, no rooms or devices / Cadence's whole answer", told[TWELVE], ours
            ),
            ratio("one person's calendar / Cadence's whole answer", told[ONE_CALENDAR], ours),
        ]
    return _table("One day's free starts", starts, told, ratios)


def day_of_starts(site: Site) -> list[int]:
    """Minutes of the starts, a quarter of an hour apart, from nothing but the database; rules and patient included."""
    ask = site.ask()
    ((day,), _case) = free_starts(ask, resources_at(ask.location), _day(site), _day(site))
    return [start.minute for start in day.one_each]


def series(sites: list[Site], rounds: int) -> Table:
    """Three sessions three months apart, each with a practitioner, a room and a device. Cadence gives the best series
    and real alternatives; trying every date gives the best one's dates; django-appointment's slots give the first."""
    few, many = sites[0], sites[-1]
    ways = {f"Cadence, {site.name}": site.here(series_of, site) for site in sites}
    ways["every date after every date"] = many.here(brute_force, many)
    if many.mirror:
        first = _first_window(many)
        interval = many.clinic.series.interval
        ways["django-appointment, greedy"] = many.here(many.mirror.series, first, interval, 3)
    best = many.there(series_of, many)
    least = many.there(brute_force, many)
    offered = sum(abs(place.deviation_days) for place in best.series[0].offer.places)
    assert offered == least, f"{offered} days off the targets, {least} by trying"
    told = measure(ways, rounds)
    ours = told[f"Cadence, {many.name}"]
    ratios = [
        _growth(told, few, many),
        ratio("every date after every date / Cadence", told["every date after every date"], ours),
    ]
    if many.mirror:
        theirs = told["django-appointment, greedy"]
        ratios.append(ratio("django-appointment / Cadence", theirs, ours, "at least 50"))
    read = ours.rows["diary_occupancy"]
    all_ = many.there(rows_in_reach, many)
    notes = (f"Cadence reads {read:,} of the {all_:,} occupied stretches in the series' reach.",)
    return _table("A series of three", series, told, ratios, notes)


def series_of(site: Site, **changes: Any) -> Any:
    ask = site.ask(**changes)
    return proposals(ask, resources_at(ask.location))


def brute_force(site: Site) -> int | None:
    """The least sum of days off the targets, by trying every date after every date (bench/series.py).

    Reads the whole reach at once, as intervals.
    """
    wish, (first, last) = _wish(site), _reach(site)
    able = {pk for each in wish.candidates.values() for pk in each}
    free = free_days(site.clinic.location, able, first, last)
    busy = {
        day: {pk: _ranges(bits) for pk, bits in by_resource.items()}
        for day, by_resource in free.items()
    }
    return by_trying(wish, busy, OPENING, CLOSING)


def _wish(site: Site) -> Wish:
    ask = site.ask()
    return Wish(
        count=3,
        first=_first_window(site),
        interval=site.clinic.series.interval or ANY_DAY,
        phases=phases(ask.revision),
        candidates=candidates(ask.revision, resources_at(ask.location)),
    )


def _reach(site: Site) -> tuple[dt.date, dt.date]:
    """The first and the last day on which a session of the series could stand."""
    wish = _wish(site)
    last = wish.first.latest
    for _ in range(1, wish.count):
        last = window_after(last, wish.interval).latest
    return wish.first.earliest, last


def _ranges(bits: int) -> tuple[tuple[int, int], ...]:
    """Busy stretches of a day, of the bits of its free time."""
    found: list[tuple[int, int]] = []
    for step in range(DAY_MINUTES // STEP_MINUTES):
        if not bits >> step & 1:
            start = step * STEP_MINUTES
            if found and found[-1][1] == start:
                found[-1] = (found[-1][0], start + STEP_MINUTES)
            else:
                found.append((start, start + STEP_MINUTES))
    return tuple(found)


def _first_window(site: Site) -> Window:
    first = site.clinic.today + dt.timedelta(days=1)
    return Window(first, first, first + dt.timedelta(days=FIRST_WINDOW_DAYS))


def _day(site: Site) -> dt.date:
    return site.clinic.today + dt.timedelta(days=STARTS_AFTER_DAYS)


def rows_in_reach(site: Site) -> int:
    """How many occupied stretches lie between the first and the last day that the series could reach."""
    (first, last), zone = _reach(site), site.clinic.location.zone
    return Occupancy.objects.filter(
        starts_at__gte=midnight(first, zone), starts_at__lt=midnight(last, zone) + ONE_DAY
    ).count()


def pages(sites: list[Site], rounds: int) -> Table:
    """Whole pages over HTTP, beside a view that writes the same bytes, each element one variable in a template's loop, through the same middleware."""
    few, many = sites[0], sites[-1]
    ways: dict[str, Work] = {}
    for page, address in ADDRESSES.items():
        bare.keep(page, many.there(_got, many, address))
        for site in (few, many):
            ways[f"{page}, {site.name}"] = site.here(_got, site, address)
        ways[f"{page}, bare"] = many.here(many.get, f"/bare/{page}/")
    told = measure(ways, rounds)
    ratios = []
    for page in ADDRESSES:
        ours, bare_one = told[f"{page}, {many.name}"], told[f"{page}, bare"]
        aim = "at most 3" if page == "day" else ""
        ratios.append(ratio(f"{page}: Cadence / bare", ours, bare_one, aim))
        ratios.append(_growth(told, few, many, page))
    notes = tuple(
        f"{page}: {bare.size_of(page):,} bytes, {len(bare.answered[page]):,} pieces"
        for page in ADDRESSES
    )
    return _table("Pages", pages, told, ratios, notes)


def _got(site: Site, address: Callable[[Site], str]) -> bytes:
    return site.get(address(site))


ADDRESSES: dict[str, Callable[[Site], str]] = {
    "day": lambda site: f"/diary/{site.clinic.today + ONE_DAY}/",
    "patient": lambda site: f"/patients/{site.treated.number}/",
    "offers": lambda site: f"/series/{site.clinic.probes[0].number}/{SERIES}/",
}


def _growth(told: dict[str, Measured], few: Site, many: Site, of: str = "Cadence") -> Ratio:
    """How much a hundred times the history costs."""
    return ratio(
        f"{of}: {many.name} / {few.name}",
        told[f"{of}, {many.name}"],
        told[f"{of}, {few.name}"],
        FLAT,
    )


def _table(
    title: str,
    case: Callable[..., Table],
    told: dict[str, Measured],
    ratios: list[Ratio],
    notes: tuple[str, ...] = (),
) -> Table:
    about = " ".join((case.__doc__ or "").split())
    return Table(title, about, tuple(told.values()), tuple(ratios), notes)


CASES: dict[str, Callable[[list[Site], int], Table]] = {
    "starts": starts,
    "series": series,
    "pages": pages,
}
