"""What the page of a visit says: its findings, and its next steps."""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.patients.selectors import fold
from clinic.staff.models import User
from plans.core.screening import Finding
from plans.courses.selectors import local_day, view_of
from plans.courses.tags import (
    VOID_WORDS,
    Names,
    deferred_words,
    finding_words,
    signed_for_words,
)
from plans.diary.models import LIVE, OPERATIONS, STRETCHABLE, TRANSITIONS, Appointment, Status
from plans.diary.selectors import CheckIn
from plans.diary.tags import by_kind
from plans.moves.tags import history_rows
from plans.visits.selectors import Arrival

STEPS: Mapping[str, Any] = {
    Status.ARRIVED: gettext_lazy("Patient has arrived"),
    Status.IN_TREATMENT: gettext_lazy("Begin treatment"),
    Status.DONE: gettext_lazy("Treatment is done"),
    Status.CONFIRMED: gettext_lazy("Confirm visit"),
    Status.BOOKED: gettext_lazy("Not confirmed"),
    Status.NO_SHOW: gettext_lazy("Did not come"),
    Status.CANCELLED: gettext_lazy("Cancel visit"),
}

# What undoes a step says so.
_BACK = {
    (Status.ARRIVED, Status.CONFIRMED): gettext_lazy("Not here yet"),
    (Status.IN_TREATMENT, Status.ARRIVED): gettext_lazy("Not begun yet"),
    (Status.CONFIRMED, Status.BOOKED): gettext_lazy("Not confirmed after all"),
}

SETTLED_WORDS = gettext_lazy("Nobody is to be called here any more. Load the page again.")

# The filters of the list of arrivals, in their order.
SHOWN_WORDS: Mapping[str, Any] = {
    "expected": gettext_lazy("Expected"),
    "here": gettext_lazy("Here"),
    "done": gettext_lazy("Done"),
    "missed": gettext_lazy("Not coming"),
}

# More questions than these are one line of the check-in, to be opened.
_SINGLE_QUESTIONS = 3
_WITH_REASON = (Status.NO_SHOW, Status.CANCELLED)

_ON_THE_DAY = (Status.ARRIVED, Status.IN_TREATMENT, Status.DONE)


def arrivals_page(found: Sequence[Arrival], show: str, text: str) -> dict[str, Any]:
    """Today's list under one filter: "" is everybody. `text`: part of a name or of a number."""
    words = fold(text).split()
    named = [each for each in found if _is_named(each, words)]
    counts = Counter(each.shown for each in named)
    show = show if show in SHOWN_WORDS else ""
    return {
        "arrivals": [each for each in named if show in ("", each.shown)],
        "show": show,
        "text": text.strip(),
        "filters": [("", _("Everybody"), len(named))]
        + [(name, label, counts[name]) for name, label in SHOWN_WORDS.items()],
        "key": uuid.uuid4(),
    }


def _is_named(each: Arrival, words: Sequence[str]) -> bool:
    patient = each.visit.patient
    known = f"{fold(patient.full_name)} {patient.number}"
    return all(word in known for word in words)


def visit_page(
    visit: Appointment, checked: CheckIn | None, names: Names, by: User, today: dt.date
) -> dict[str, Any]:
    """One visit: what may come next, what stands in its way, and what has been."""
    course = view_of(visit.session.course, today) if visit.session else None
    session = visit.session
    is_clear = checked is None or not checked.open_findings
    steps = _steps(visit, by, today, is_clear=is_clear)
    resources = {row.resource_id: row.resource for row in visit.occupancy.all()}
    history = history_rows(visit)
    first, parts = visit.continues, list(visit.continuations.all())
    return {
        "visit": visit,
        "patient": visit.patient,
        "course": course,
        "view": next((v for v in course.sessions if v.session == session), None)
        if course
        else None,
        "title": _title(visit),
        "resources": by_kind(resources.values()),
        "steps": [
            (to, label, (visit.status, to) not in _BACK)
            for to, label in steps
            if to not in _WITH_REASON
        ],
        "is_held_up": not is_clear and visit.status == Status.ARRIVED,
        "steps_with_reason": [step for step in steps if step[0] in _WITH_REASON],
        "may_move": visit.status in STRETCHABLE,
        "is_today": local_day(visit) == today,
        "is_ahead": visit.status in (Status.BOOKED, Status.CONFIRMED)
        and visit.session is not None
        and local_day(visit) >= today,
        "check": checked,
        **_folded(_findings(checked, names, by) if checked else []),
        "void": [
            (row, signed_for_words(row.rule, names), VOID_WORDS[why])
            for row, why in (checked.void if checked else ())
        ],
        "has_questions": checked is not None
        and any(f.kind == "ask" for f in checked.open_findings),
        "deferred": deferred_words(checked.screening.deferred, names) if checked else [],
        "history": history,
        "version": history[-1]["change"].pk if history else 0,
        "first_part": first,
        "second_parts": [row for row in parts if row.status in LIVE],
        "former_parts": [row for row in parts if row.status not in LIVE],
    }


def _steps(
    visit: Appointment, by: User, today: dt.date, *, is_clear: bool
) -> list[tuple[str, Any]]:
    """What may come next, and what its button says."""
    return [
        (to, _BACK.get((Status(visit.status), Status(to)), label))
        for to, label in STEPS.items()
        if to in TRANSITIONS[visit.status]
        and by.has_perm(f"clinic.{OPERATIONS[to]}")
        and (to not in _ON_THE_DAY or local_day(visit) == today or _is_late_end(visit, to, today))
        and (to != Status.NO_SHOW or local_day(visit) <= today)
        and (is_clear or to not in (Status.IN_TREATMENT, Status.DONE))
    ]


def _title(visit: Appointment) -> str:
    """What is done; a second part is called as the visit that it continues."""
    session = (visit.continues or visit).session
    return session.course.revision.title if session else _("Consultation")


def _is_late_end(visit: Appointment, to: str, today: dt.date) -> bool:
    """A treatment that was begun on its day is recorded as done afterwards."""
    return to == Status.DONE and visit.status == Status.IN_TREATMENT and local_day(visit) < today


def _findings(checked: CheckIn, names: Names, by: User) -> list[dict[str, Any]]:
    return [
        {
            "finding": found,
            "words": finding_words(found, names),
            "signature": checked.signatures.get(found.rule),
            "may_sign": by.has_perm("clinic.override_wait")
            if found.signers == ("physician",)
            else bool(found.signers) and by.has_perm("clinic.sign_caution"),
            "needs": signer_words(found),
            "key": uuid.uuid4(),
        }
        for found in checked.screening.findings
    ]


def _folded(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The findings one by one; questions that are many stand together, so that what is to be signed is not lost."""
    asked = [row for row in rows if row["finding"].kind == "ask"]
    if len(asked) <= _SINGLE_QUESTIONS:
        return {"findings": rows, "asked": []}
    return {"findings": [row for row in rows if row not in asked], "asked": asked}


def signer_words(found: Finding) -> str:
    """Whose matter a finding is, for those who cannot settle it themselves."""
    if found.kind == "ask" and not found.signers:
        return _("needs its answer")
    if not found.signers:
        return _("nobody can sign for this")
    if found.signers == ("physician",):
        return _("a physician decides")
    return _("practitioner or physician signs")
