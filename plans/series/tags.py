"""What the booking page says: why an offer is good, and why there is none."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.http import QueryDict
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.kit.tags import day_in_words, weekday_word
from clinic.places.models import Resource
from plans.core.case import Case
from plans.core.combined import Combination
from plans.core.freestarts import DayOfStarts
from plans.core.offers import Offer, Place, Reason
from plans.core.problems import Impossible
from plans.core.screening import Finding, Screening, Verdict
from plans.core.spacing import Period
from plans.core.wishes import Answer, Series
from plans.courses.models import Occasion
from plans.courses.tags import (
    Names,
    finding_words,
    impossible_words,
    long_day,
    relaxation_words,
    screening_words,
)
from plans.diary.tags import excuses, minute_words
from plans.series.selectors import Ask, CombinedAnswer, CombinedAsk, TogetherAnswer
from plans.terms.tags import period_words

OFFER_TITLES = {
    "best": lambda: _("Best"),
    "soonest": lambda: _("Soonest end"),
    "other_practitioner": lambda: _("Other practitioner"),
    "other_days": lambda: _("Other days"),
    "other_time": lambda: _("Other time of day"),
}


def reason_words(reason: Reason, resources: Mapping[int, str]) -> str:
    """One argument for or against an offer. `resources`: names by key."""
    p = reason.params
    values = {
        "n": p.get("ordinal"),
        "days": _days(p.get("days", 0)),
        "count": p.get("count", 0),
        "who": resources.get(p.get("practitioner", 0), ""),
        "room": resources.get(p.get("room", 0), ""),
        "weekday": weekday_word(p["weekday"]) if "weekday" in p else "",
    }
    return _reason_pattern(reason) % values


def reasons_words(
    offer: Offer,
    resources: Mapping[int, str],
    screenings: Sequence[Screening] = (),
    names: Names | None = None,
) -> list[tuple[bool, str]]:
    """All arguments, those for the offer first; what several sessions share is said once.

    With the `screenings` of its sessions, for those who may read them, each caution says what it is and when.
    """
    told: dict[str, list[dt.date]] = {}
    if names is not None:
        for place, screening in zip(offer.places, screenings, strict=True):
            for found in screening.findings:
                if found.level is Verdict.CAUTION:
                    told.setdefault(finding_words(found, names), []).append(place.day)
    is_told = {day for days in told.values() for day in days}
    silent = [r for r in offer.reasons if r.code == "caution" and r.day not in is_told]
    reasons = [reason for reason in offer.reasons if reason.code != "caution"]
    if len(silent) > 1:
        reasons.append(Reason("cautions", False, {"count": len(silent)}))
    else:
        reasons += silent
    said = [(reason.plus, reason_words(reason, resources)) for reason in reasons]
    return [*said, *((False, _caution_words(days, what)) for what, days in told.items())]


def _caution_words(days: Sequence[dt.date], what: str) -> str:
    """`Caution on 12 Mar 2027: sun exposure since 1 Mar 2027: a practitioner decides and signs`"""
    when = get_text_list([day_in_words(day, "year").split(" ", 1)[-1] for day in days], _("and"))
    return _("Caution on %(days)s: %(what)s") % {"days": when, "what": what}


def _reason_pattern(reason: Reason) -> str:
    is_first = reason.params.get("ordinal") == 1
    patterns = {
        "on_target": _("Every session on its target day"),
        "days_late": _("Starts %(days)s after the first day possible")
        if is_first
        else _("Session %(n)s comes %(days)s after the recommended date"),
        "days_early": _("Session %(n)s comes %(days)s before the recommended date"),
        "one_practitioner": _("Same practitioner: %(who)s"),
        "practitioner_changes": _("The practitioner changes on the way"),
        "one_room": _("Always %(room)s"),
        "preferred_practitioner": _("With %(who)s, as asked"),
        "not_preferred_practitioner": _("Not always with %(who)s"),
        "part_of_day_kept": _("At the time of day asked for"),
        "part_of_day_missed": _("Session %(n)s at another time of day than asked for"),
        "weekdays_kept": _("On the weekdays asked for"),
        "weekday_missed": _("Session %(n)s on a %(weekday)s"),
        "rooms_kept": _("In a room asked for"),
        "room_missed": _("Session %(n)s in another room than asked for"),
        "occasions_clear": ngettext(
            "Healed before the date to be kept clear",
            "Healed before each date to be kept clear",
            reason.params.get("count", 0),
        ),
        "caution": _("Session %(n)s has something to settle first"),
        "cautions": ngettext(
            "%(count)d session has something to settle first",
            "%(count)d sessions have something to settle first",
            reason.params.get("count", 0),
        ),
        "ends_earlier": _("Ends %(days)s earlier"),
    }
    return patterns[reason.code]


def deviation_words(place: Place, *, first_asked: dt.date | None = None) -> str:
    """How a session stands to its target: "on target", "3 days after target".

    `first_asked`: for a first session, the day asked for; it may have to wait beyond that one.
    """
    days = _days(abs(place.deviation_days))
    if first_asked is not None:
        if place.deviation_days:
            return _("%(days)s after the first day possible") % {"days": days}
        return _("first day asked for") if place.day == first_asked else _("first day allowed")
    if place.deviation_days == 0:
        return _("on target")
    late = _("%(days)s after target") if place.deviation_days > 0 else _("%(days)s before target")
    return late % {"days": days}


def offer_words(offer: Offer, called: Mapping[int, str]) -> str:
    """`Thu 26 Nov 2026, Fri 26 Feb 2027 and Wed 26 May 2027, always 10:00, Dr Weiss`"""
    new = [place for place in offer.places if not place.stays]
    times = {place.start_minute for place in new}
    days = [long_day(place.day) for place in new]
    if len(times) > 1:
        days = [f"{long_day(place.day)} {minute_words(place.start_minute)}" for place in new]
    parts = [get_text_list(days, _("and"))]
    if len(times) == 1:
        time = minute_words(*times)
        parts.append(_("always %(time)s") % {"time": time} if len(new) > 1 else time)
    people = {called.get(place.practitioner or 0, "") for place in new}
    return ", ".join([*parts, *sorted(filter(None, people))])


def _days(n: int) -> str:
    return period_words(Period(n, "days"))


def booking_page(
    ask: Ask,
    answer: Answer,
    resources: Iterable[Resource],
    names: Names,
    query: QueryDict,
    *,
    sees: bool,
    occasions: Iterable[Occasion] = (),
) -> dict[str, Any]:
    """What the page of offers shows, in words; `sees`: the reader may know what the screening says."""
    called = {resource.pk: resource.name for resource in resources}
    count = len(ask.course.sessions) if ask.course else ask.count
    deferred = {code for series in answer.series for s in series.screenings for code in s.deferred}
    levels = {s.verdict for series in answer.series for s in series.screenings}
    return {
        "series": [_series(ask, each, called, names, count, sees=sees) for each in answer.series],
        "answer": answer,
        "rows": max((len(each.offer.places) for each in answer.series), default=0),
        "new": sum(not p.stays for p in answer.series[0].offer.places) if answer.series else 0,
        "blocking": [(finding_words(found, names), found.rule) for found in answer.waits],
        "has_questions": Verdict.ASK in levels | {answer.asked.verdict},
        "deferred": sorted(names.fact(code) for code in deferred),
        **excuses(answer.asked, [s for each in answer.series for s in each.screenings], names),
        "problem": impossible_words(answer.impossible) if answer.impossible else "",
        "ways_out": [*ways_out(ask, answer.impossible, query, occasions)],
    }


def _series(
    ask: Ask,
    series: Series,
    called: Mapping[int, str],
    names: Names,
    count: int,
    *,
    sees: bool,
) -> dict[str, Any]:
    offer = series.offer
    return {
        "kind": offer.kind,
        "title": OFFER_TITLES[offer.kind](),
        "ends": offer.places[-1].day,
        "sentence": offer_words(offer, called),
        "reasons": reasons_words(offer, called, series.screenings, names if sees else None),
        "sessions": [
            {
                "place": place,
                "count": count,
                "time": minute_words(place.start_minute),
                "who": ", ".join(called.get(pk, "") for pk in place.resources.values()),
                "deviation": deviation_words(
                    place, first_asked=ask.first_from if place.ordinal == 1 else None
                ),
                "screening": screening,
                "words": screening_words(screening, names),
            }
            for place, screening in zip(offer.places, series.screenings, strict=True)
        ],
    }


def ways_out(
    ask: Ask, problem: Impossible | None, query: QueryDict, occasions: Iterable[Occasion] = ()
) -> Iterator[dict[str, Any]]:
    """The wishes that can be met, nearest first: `words`, and the `query` that asks for it or the `visit` to move.

    A window that would have to stay open longer is for a physician: it has neither.
    """
    days = {each.day: str(each.pk) for each in occasions}
    visits = {v.ordinal: v.appointment for v in ask.course.sessions} if ask.course else {}
    for way in problem.relaxations if problem else ():
        changes: dict[str, dict[str, list[str]]] = {
            "later_start": {"first_from": [way.day.isoformat() if way.day else ""]},
            "fewer_sessions": {"sessions": [str(way.value)]},
            "finer_start": {"every": [str(way.value)]},
            "anyone": {"practitioner": [], "only": []},
            "allow_occasion": {
                "despite": [
                    *query.getlist("despite"),
                    *(key for day, key in days.items() if way.day in (None, day)),
                ]
            },
        }
        changed = changes.get(way.kind, {})
        other = query.copy()
        for name, values in changed.items():
            other.setlist(name, values)
        visit = visits.get(way.value) if way.kind == "release_session" else None
        shown = f"?{other.urlencode()}" if changed else ""
        yield {"words": relaxation_words(way), "query": shown, "visit": visit}


def free_page(
    days: Iterable[DayOfStarts],
    case: Case,
    called: Mapping[int, str],
    names: Names,
    today: dt.date,
    *,
    sees: bool,
    by_person: bool,
) -> list[dict[str, Any]]:
    """Each day with its free starts, or why it has none; `by_person`: all starts, told apart by who does it."""
    shown = []
    for each in days:
        is_judged = each.obstacle != "window" and each.day >= today
        screening = case.screen(each.day) if is_judged else None
        shown.append(
            {
                "day": each.day,
                "screening": screening,
                "words": screening_words(screening, names) if screening and sees else "",
                "keeps_wishes": each.keeps_wishes,
                "groups": _groups(each, called, by_person=by_person),
                "obstacle": "over" if each.obstacle and each.day < today else each.obstacle,
                "blocking": _blocking_words(screening, names) if sees else "",
                "occasions": each.judged.occasions,
                "earliest": each.judged.earliest if not each.starts else None,
            }
        )
    return shown


def _groups(
    each: DayOfStarts, called: Mapping[int, str], *, by_person: bool
) -> list[tuple[str, list[dict[str, Any]]]]:
    """The starts in one list, or one for each practitioner, in the order of their first start."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for start in each.starts if by_person else each.one_each:
        person = called.get(start.practitioner or 0, "")
        who = ", ".join(called.get(pk, "") for pk in start.resources.values())
        shown = {"start": start, "time": minute_words(start.minute), "who": who, "person": person}
        groups.setdefault(person if by_person else "", []).append(shown)
    return list(groups.items())


def _blocking_words(screening: Screening | None, names: Names) -> str:
    """What keeps a session off from a day; `` if it is another visit that would be too near."""
    found = [each for each in screening.findings if each.level.blocks] if screening else []
    return "; ".join(finding_words(each, names) for each in found)


def combined_page(
    ask: CombinedAsk,
    answer: CombinedAnswer,
    called: Mapping[int, str],
    names: Names,
    *,
    sees: bool,
) -> dict[str, Any]:
    """The visits offered, best first, and what stands in the way of one."""
    titles = [part.revision.title for part in ask.parts]
    best = answer.visits[0][0] if answer.visits else None
    return {
        "visits": [
            _visit(visit, screenings, best, titles, called, names, sees=sees)
            for visit, screenings in answer.visits
        ],
        "apart": [_apart_words(found, titles[n], names) for n, found in answer.apart],
        "problem": answer.problem,
        "held": [f"{titles[n]}: {finding_words(f, names)}." for n, f in answer.held if sees],
    }


def _apart_words(found: Finding, title: str, names: Names) -> str:
    """What parts two procedures, whatever the day."""
    values = {
        "earlier": names.procedure(found.entry.procedure) if found.entry else "",
        "later": title,
        "period": period_words(found.spacing) if found.spacing else "",
    }
    return _("%(earlier)s, then %(later)s: %(period)s apart at least.") % values


def _visit(
    visit: Combination,
    screenings: Sequence[Screening],
    best: Combination | None,
    titles: Sequence[str],
    called: Mapping[int, str],
    names: Names,
    *,
    sees: bool,
) -> dict[str, Any]:
    kind = "best"
    if best is not None and visit != best:
        same = "other_time" if visit.people == best.people else "other_practitioner"
        kind = same if visit.day == best.day else "other_days"
    first, last = visit.stretches[0], visit.stretches[-1]
    times = {"start": minute_words(first.start_minute), "end": minute_words(last.end_minute)}
    return {
        "visit": visit,
        "title": OFFER_TITLES[kind](),
        "times": _("%(start)s to %(end)s") % times,
        "people": sorted(called.get(pk, "") for pk in visit.people),
        "cautions": [
            _caution_words([visit.day], finding_words(found, names))
            for screening in screenings
            for found in screening.findings
            if sees and found.level is Verdict.CAUTION
        ],
        "stretches": [
            {
                "title": titles[each.part],
                "time": minute_words(each.start_minute),
                "who": ", ".join(called.get(pk, "") for pk in each.resources.values()),
                "screening": screenings[each.part],
                "words": screening_words(screenings[each.part], names) if sees else "",
            }
            for each in visit.stretches
        ],
    }


def together_page(
    answer: TogetherAnswer, called: Mapping[int, str], names: Names, *, sees: bool
) -> dict[str, Any]:
    """All courses with their days, as the booking page shows one; or which of them has no place, and why."""
    problem = answer.problem
    return {
        "courses": [
            {
                "title": ask.revision.title,
                "shown": _series(
                    ask, series, called, names, len(ask.course.sessions) if ask.course else ask.count,
                    sees=sees,
                ),
            }
            for ask, series in zip(answer.asks, answer.series, strict=False)
        ],
        "new": sum(not p.stays for s in answer.series for p in s.offer.places),
        "failed": answer.asks[problem.course] if problem else None,
        "others": [a.course for n, a in enumerate(answer.asks) if problem and n != problem.course],
        "problem": impossible_words(problem.problem) if problem and problem.problem else "",
        "keeps_wishes": answer.arrangement.keeps_wishes if answer.arrangement else True,
    }  # fmt: skip
