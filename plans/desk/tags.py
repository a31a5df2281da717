"""Signs and drawings of treatments: `{% load cadence %}`."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from itertools import count
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from clinic.kit import clock as kit_clock
from clinic.kit.tags import date_in_words, day_in_words
from plans.core.drawing import STATES, Timeline, window_bar
from plans.core.placing import Drawing, place
from plans.core.screening import Finding, Patient, skin_type_facts
from plans.core.spacing import Window
from plans.courses.models import HomeCare
from plans.courses.selectors import CourseView, local_day
from plans.courses.tags import Names, finding_words
from plans.diary.models import Status
from plans.diary.selectors import Rescreened
from plans.records.models import AdverseEvent
from plans.records.tags import harm_words, title_of
from plans.terms.tags import ROMAN
from plans.visits.selectors import Call

register = template.Library()

VERDICTS = {
    "ok": ("check-circle-fill", pgettext_lazy("verdict", "OK")),
    "caution": ("exclamation-triangle-fill", pgettext_lazy("verdict", "Caution")),
    "ask": ("question-circle-fill", pgettext_lazy("verdict", "Ask")),
    "wait": ("hourglass-split", pgettext_lazy("verdict", "Wait")),
    "refuse": ("x-octagon-fill", pgettext_lazy("verdict", "Refuse")),
}

# The status as stored -> class, icon, word.
STATUSES = {
    "booked": ("booked", "circle", gettext_lazy("Booked")),
    "confirmed": ("confirmed", "check-circle", gettext_lazy("Confirmed")),
    "arrived": ("arrived", "person-fill-check", gettext_lazy("Arrived")),
    "in_treatment": ("treating", "play-circle-fill", gettext_lazy("In treatment")),
    "done": ("done", "check-circle-fill", gettext_lazy("Done")),
    "no_show": ("noshow", "person-fill-x", gettext_lazy("No-show")),
    "cancelled": ("cancelled", "slash-circle", gettext_lazy("Cancelled")),
}

SESSION_STATES = {
    "done": pgettext_lazy("session", "done"),
    "booked": pgettext_lazy("session", "booked"),
    "due": pgettext_lazy("session", "due, not booked"),
    "lapsed": pgettext_lazy("session", "lapsed"),
    "written_off": pgettext_lazy("session", "written off"),
}

# Patterns in an SVG are found by id, and an id may stand only once in a page.
_pattern_numbers = count(1)


def verdict_word(value: Any) -> str:
    """`ok`, `caution`, `ask`, `wait` or `refuse`, of a word or of an enumeration's member. ValueError otherwise."""
    word = value.name.lower() if isinstance(value, Enum) else str(value)
    if word not in VERDICTS:
        raise ValueError(f"no verdict: {value!r}")
    return word


@register.simple_tag
def verdict(value: Any, text: str = "") -> SafeString:
    """Icon and word of a verdict; `text` instead of the word where it says more ("Wait until 8 Mar")."""
    word = verdict_word(value)
    name, words = VERDICTS[word]
    return format_html(
        '<span class="verdict is-{}"><i class="bi bi-{}" aria-hidden="true"></i>{}</span>',
        word,
        name,
        text or words,
    )


@register.filter
def verdict_tone(value: Any) -> str:
    """The class that gives a row, a note or a flag the verdict's colour: `is-wait`."""
    return f"is-{verdict_word(value)}"


@register.filter
def verdict_name(value: Any) -> str:
    """The verdict in the page's language: "Wait"."""
    return str(VERDICTS[verdict_word(value)][1])


@register.filter
def verdict_icon(value: Any) -> str:
    """The name of the verdict's icon, for `{% icon %}`."""
    return VERDICTS[verdict_word(value)][0]


@register.simple_tag
def status(value: str) -> SafeString:
    """Icon and word of an appointment's status, given as stored. KeyError for one that does not exist."""
    css, name, words = STATUSES[str(value)]
    return format_html(
        '<span class="status st-{}"><i class="bi bi-{}" aria-hidden="true"></i>{}</span>',
        css,
        name,
        words,
    )


@register.filter
def status_class(value: str) -> str:
    """The class that paints a visit in the diary: `st-treating`."""
    return f"st-{STATUSES[str(value)][0]}"


@register.filter
def status_icon(value: str) -> str:
    """The name of the status' icon, for `{% icon %}`."""
    return STATUSES[str(value)][1]


@register.filter
def status_word(value: str) -> str:
    """The status in the page's language."""
    return str(STATUSES[str(value)][2])


@register.filter
def state_word(value: str) -> str:
    """What became of a session, in the page's language."""
    return str(SESSION_STATES[value])


@register.filter
def skin_type(value: int | None) -> str:
    """The Fitzpatrick type as it is written: I to VI; "" for None."""
    return ROMAN[value - 1] if value else ""


@register.simple_tag
def strip(marks: Sequence[str], words: str = "") -> SafeString:
    """One sign for each session of a course, then words; by default "2 of 3", of which so many are done."""
    if not words:
        done = sum(mark == "done" for mark in marks)
        words = ngettext("%(done)d of %(count)d", "%(done)d of %(count)d", len(marks))
        words %= {"done": done, "count": len(marks)}
    return format_html('<span class="strip">{}{}</span>', _signs(tuple(marks)), words)


@lru_cache(maxsize=500)
def _signs(marks: Sequence[str]) -> SafeString:
    """The signs in a row: a day has hundreds of courses, and few different rows."""
    places = [(6 + 14 * n, _check_state(mark)) for n, mark in enumerate(marks)]
    drawing = {"places": places, "width": max(14 * len(marks) - 2, 1)}
    return SafeString(render_to_string("parts/strip.svg", drawing).strip() if marks else "")


@register.inclusion_tag("parts/sign.svg")
def sign(state: str, name: str = "sign") -> dict[str, Any]:
    """A session's sign by itself, for lists; the word stands beside it. `name` is its class."""
    return {"state": _check_state(state), "name": name}


@register.inclusion_tag("parts/legend.html")
def legend() -> dict[str, Any]:
    """What the signs of a timeline mean."""
    return {"hatch": _pattern_id()}


@register.inclusion_tag("parts/window_bar.html", name="window_bar")
def window_bar_drawing(window: Window | None, day: dt.date | None = None) -> dict[str, Any]:
    """The window of one session: its target's tick, the chosen day's dot, its two ends in words; nothing for None."""
    if window is None:
        return {"bar": None}
    bar = window_bar(window.earliest, window.target, window.latest, day)
    return {"bar": bar, "window": window, "chosen": day}


@register.inclusion_tag("parts/timeline.svg", name="timeline")
def timeline_drawing(timeline: Timeline) -> dict[str, Any]:
    """The drawing of a patient's courses."""
    flag = _("Today, %(day)s") % {"day": day_in_words(timeline.today, "no year")}
    drawing: Drawing = place(timeline, flag)
    hatch = _pattern_id()
    return {"timeline": timeline, "drawing": drawing, "flag": flag, "hatch": hatch}


def _check_state(state: str) -> str:
    if state not in STATES:
        raise ValueError(f"no state of a session: {state!r}")
    return state


def _pattern_id() -> str:
    return f"hatch-{next(_pattern_numbers)}"


@dataclass(frozen=True)
class Flag:
    """An alert in the banner: what is the matter, and the rest of the sentence, which a phone leaves out."""

    tone: str
    icon: str
    name: str
    words: str


def flag(finding: Finding, words: Names) -> Flag:
    """The alert for something that stands against a procedure."""
    tone, icon_name = f"is-{finding.level.word}", VERDICTS[finding.level.word][0]
    sentence, name = finding_words(finding, words), words.fact(finding.subject)
    if not sentence.startswith(name):
        return Flag(tone, icon_name, sentence, "")
    return Flag(tone, icon_name, name, sentence.removeprefix(name).lstrip(" ,:"))


def plain_flag(code: str, words: Names) -> Flag:
    """The alert for a fact that is true and stands against nothing that is planned."""
    return Flag("is-plain", "info-circle", words.fact(code), "")


def true_on(patient: Patient, day: dt.date) -> list[str]:
    """Codes of the facts that are true on `day`, but for the skin type, which has its own place in the banner."""
    derived = {fact.code for fact in skin_type_facts(None, None)}
    return [
        fact.code
        for fact in patient.facts
        if fact.status == "present"
        and fact.code not in derived
        and (fact.since is None or fact.since <= day)
        and (fact.until is None or fact.until >= day)
    ]


# What is to be done


@dataclass(frozen=True)
class Todo:
    """One line under "Next": what to do, why, and where the button leads."""

    verdict: str
    icon: str
    what: str
    why: str
    button: str
    url_name: str
    url_args: tuple[object, ...]
    query: str = ""


def move_todo(title: str, ordinal: int, each: Rescreened, why: str) -> Todo:
    """A visit that must move, or be looked at where it cannot."""
    values = {
        "what": title,
        "n": ordinal,
        "day": day_in_words(local_day(each.visit)),
        "earliest": day_in_words(each.screening.earliest_ok),
    }
    what = (
        _("Move %(what)s %(n)s, now %(day)s: not before %(earliest)s")
        if each.screening.earliest_ok
        else _("Move or cancel %(what)s %(n)s, now %(day)s")
    )
    if each.screening.earliest_ok and each.visit.status in (Status.BOOKED, Status.CONFIRMED):
        query = f"?day={each.screening.earliest_ok.isoformat()}"
        return Todo(
            "is-wait", "hourglass-split", what % values, why, _("Move"), "moves:move", (each.visit.pk,), query,
        )  # fmt: skip
    return Todo(
        "is-wait", "hourglass-split", what % values, why, _("See the visit"),
        "visits:visit", (each.visit.pk,),
    )  # fmt: skip


def book_todo(course: CourseView) -> Todo:
    """The next session that has no date, or whose window has passed."""
    view = course.unbooked[0]
    values = {"what": course.title, "n": view.ordinal, "count": course.count}
    if view.state == "lapsed" and view.window:
        what = _("Decide on %(what)s: session %(n)s of %(count)s lapsed on %(day)s") % {
            **values,
            "day": day_in_words(view.window.latest),
        }
        return Todo(
            "is-wait", "calendar-x", what, _("Go on, start anew or write off. A practitioner decides."),
            _("Decide"), "courses:course", (course.course.pk,),
        )  # fmt: skip
    why = ""
    if view.window:
        why = _("Window %(first)s to %(last)s") % {
            "first": day_in_words(view.window.earliest),
            "last": day_in_words(view.window.latest),
        }
    elif view.planned_on:
        why = _("Planned for %(day)s") % {"day": day_in_words(view.planned_on)}
    return Todo(
        "", "calendar-plus", _("Book %(what)s, session %(n)s of %(count)s") % values, why,
        _("Book"), "courses:course", (course.course.pk,),
    )  # fmt: skip


def call_todo(call: Call) -> Todo:
    """A follow-up call, on the worklist from its day on."""
    visit, tries = call.visit, call.tries
    values = {
        "what": visit.session.course.revision.title if visit.session else "",
        "day": day_in_words(local_day(visit)),
    }
    why = (
        ngettext("Tried %(n)s time, last %(day)s", "Tried %(n)s times, last %(day)s", len(tries))
        % {
            "n": len(tries),
            "day": day_in_words(tries[-1].at.astimezone(visit.location.zone).date()),
        }
        if tries
        else ""
    )
    what = _("Follow-up call after %(what)s of %(day)s") % values
    return Todo("", "telephone", what, why, _("See the visit"), "visits:visit", (visit.pk,))


def look_todo(event: AdverseEvent, *, sees_clinical: bool) -> Todo:
    """When an adverse event is to be looked at again, on the worklist from its day on; what it is only for those who treat."""
    record = event.record
    values = {"what": title_of(record), "day": day_in_words(local_day(record.visit))}
    what = _("Look again after %(what)s of %(day)s") % values
    args = (record.visit_id,)
    if sees_clinical:
        why = harm_words(event)
        return Todo("is-wait", "bandaid", what, why, _("Open the record"), "records:record", args)
    return Todo("is-wait", "bandaid", what, "", _("See the visit"), "visits:visit", args)


def summary_paper(
    patient: Any, age: int, parts: Sequence[tuple[str, Sequence[Any]]]
) -> dict[str, Any]:
    """Plain values of the one-page summary, for summary.typ and for its page, in the page's language.

    `parts`: title, and pairs of words; one without rows is left out.
    """
    location, now = patient.location, timezone.localtime(kit_clock.now())
    printed = f"{day_in_words(now.date(), 'year')}, {now:%H:%M}"
    who = [
        [_("Patient"), f"{patient.full_name}, {date_in_words(patient.birth_date)}"],
        [_("Number"), str(patient.number)],
        [_("Age"), str(age)],
        [_("Skin type"), skin_type(patient.skin_type) or _("not recorded")],
        [_("Phone"), str(patient.phone or _("not recorded"))],
        [_("Language"), patient.get_language_display()],
    ]
    return {
        "language": (translation.get_language() or "en").split("-")[0],
        "title": _("Summary"),
        "clinic": {
            "name": location.name,
            "address": location.address,
            "phone": location.phone,
            "after_hours": location.phone_after_hours,
        },
        "labels": {"call_night": _("Nights and weekends")},
        "who": [[str(label), str(value)] for label, value in who],
        "parts": [
            [str(title), [list(map(str, row)) for row in rows]] for title, rows in parts if rows
        ],
        "foot": _("Printed %(at)s. It tells what was on record then.") % {"at": printed},
    }


def course_words(course: CourseView) -> str:
    """How far it has come, and its next date."""
    said = _("%(done)s of %(count)s done") % {"done": course.done, "count": course.count}
    ahead = [view.day for view in course.sessions if view.state == "booked" and view.day]
    if not ahead:
        return said
    return _("%(said)s, next %(day)s") % {"said": said, "day": day_in_words(min(ahead))}


def used_words(care: HomeCare) -> str:
    """From when to when something is used at home."""
    first = date_in_words(care.starts_on)
    if care.last_day is None:
        return _("since %(day)s") % {"day": first}
    return _("%(first)s to %(last)s") % {"first": first, "last": date_in_words(care.last_day)}
