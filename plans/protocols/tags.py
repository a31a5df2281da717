"""Protocols in words: what a step is, when it starts, what is wrong with it, why it cannot be dated."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from clinic.kit.tags import day_in_words
from plans.catalogue.models import Confirmation
from plans.catalogue.tags import Change
from plans.core.dating import Dated, DatedStep, Failure, Objection
from plans.core.protocol import Fault, Step
from plans.core.ruleset import Difference
from plans.core.screening import Verdict
from plans.courses.tags import Names, deferred_words, screening_words
from plans.protocols.selectors import Proposal, Row, content
from plans.terms.tags import Names as Terms
from plans.terms.tags import course_words, starts_words, step_words, terms_words

_FAULTS = {
    "unknown_procedure": lambda: _("This procedure is not offered any more. Choose another."),
    "not_earlier": lambda: _("A step follows an earlier one. Step %(anchor)d comes later."),
    "has_no_sessions": lambda: _(
        "Step %(anchor)d is used at home and has no sessions. Choose its end."
    ),
    "days_missing": lambda: _("It is used at home: say for how many days."),
    "sessions_missing": lambda: _("It is done in the clinic: say how many sessions."),
    "days_in_clinic": lambda: _("It is done in the clinic: it takes sessions, not days."),
    "sessions_at_home": lambda: _("It is used at home: it takes days, not sessions."),
    "too_few": lambda: _("This procedure takes %(least)d sessions at least."),
    "too_many": lambda: _("This procedure takes %(most)d sessions at most."),
    "no_interval": lambda: _("This procedure has no interval, so it takes one session."),
    "past_cycle": lambda: _("It is used for about %(most)d days at most, then paused."),
}


def fault_words(fault: Fault) -> str:
    """What is wrong with a step, and what to do about it."""
    return _FAULTS[fault.code]() % fault.limits


def suits_words(suits: Any, terms: Terms) -> str:
    """`Pits, Scarring (Deep, Old)`."""
    return terms_words(suits, terms)


def change_words(
    changes: Iterable[Difference], procedures: Mapping[str, str], terms: Terms
) -> list[Change]:
    """What changed, for people; a step that is new or gone has "" on the other side."""
    return [
        Change(
            _what(change.path),
            _value_words(change.path, change.old, procedures, terms),
            _value_words(change.path, change.new, procedures, terms),
        )
        for change in changes
    ]


def _what(path: str) -> str:
    if path.startswith("steps."):
        return _("Step %(n)s") % {"n": path.removeprefix("steps.")}
    return {
        "name": _("Name"),
        "suits": _("Suits"),
        "source": _("Source"),
        "note": _("Note"),
    }[path]


def _value_words(path: str, value: Any, procedures: Mapping[str, str], terms: Terms) -> str:
    if value is None:
        return ""
    if isinstance(value, Step):
        return step_words(value, procedures.get(value.procedure, value.procedure))
    if path == "name":
        return ", ".join(f"{code}: {text}" for code, text in value.items())
    return suits_words(value, terms) if path == "suits" else str(value)


def objection_words(objection: Objection, names: Names) -> str:
    """Why nothing stands on a day: "Laser on 3 Mar 2027: wait 4 weeks, until Wed 31 Mar 2027"."""
    if objection.kind == "closed":
        return _("the clinic is closed on %(day)s") % {"day": day_in_words(objection.day)}
    if objection.threatened is not None:
        return _("it would be too near to %(what)s on %(day)s") % {
            "what": names.procedure(objection.threatened.procedure),
            "day": day_in_words(objection.threatened.date),
        }
    return screening_words(objection.screening, names) if objection.screening else ""


def failure_words(failure: Failure, names: Names) -> str:
    """Why a step cannot be dated to its end, without a full stop."""
    if failure.objection is None:
        return _("it follows step %(n)d, which has no dates") % {"n": failure.follows}
    why = objection_words(failure.objection, names)
    if failure.window is None:
        return why
    return _("session %(n)d finds no day from %(first)s to %(last)s: %(why)s") % {
        "n": failure.ordinal,
        "first": day_in_words(failure.window.earliest),
        "last": day_in_words(failure.window.latest),
        "why": why,
    }


# Pages


@dataclass(frozen=True)
class StepRow:
    """A step as a page shows it; `confirmed`: by whom and when, if it is."""

    step: Step
    called: Mapping[str, str]
    confirmed: Confirmation | None = None

    @property
    def title(self) -> str:
        return self.called.get(self.step.procedure, self.step.procedure)

    @property
    def amount(self) -> str:
        return course_words(self.step)

    @property
    def starts(self) -> str:
        return starts_words(self.step.starts)


def row(each: Row, called: Mapping[str, str], terms: Terms) -> dict[str, Any]:
    """A protocol of the list: its steps and what it suits, in words."""
    said = content(each.revision)
    steps = [StepRow(step, called) for step in said.steps]
    return {"row": each, "steps": steps, "suits": suits_words(said.suits, terms)}


def apply_rows(rows: Iterable[tuple[Step, Any, Any]], called: Mapping[str, str]) -> list[Any]:
    """Each step of the form: its words, its box, its number of sessions."""
    return [(StepRow(step, called), box, count) for step, box, count in rows]


def proposal_page(proposal: Proposal, names: Names, query: QueryDict) -> dict[str, Any]:
    """What the page of dates shows, in words; `query`: all that was asked, to ask for another start."""
    moved = query.copy()
    if proposal.start_on is not None:
        moved["start"] = proposal.start_on.isoformat()
    gone = [StepRow(step, names.procedures) for step in proposal.gone]
    return {
        "proposal": proposal,
        "dated": [_dated_step(each, names) for each in proposal.steps],
        "gone": gone,
        "failed": [each for each in proposal.steps if each.failure],
        "start_query": f"?{moved.urlencode()}" if proposal.start_on else "",
        "deferred": sorted(deferred_words(proposal.deferred, names)),
        "has_questions": any(d.screening.verdict is Verdict.ASK for d in proposal.dates),
        "sessions": sum(dated.until is None for dated in proposal.dates),
    }


def _dated_step(each: DatedStep, names: Names) -> dict[str, Any]:
    return {
        "row": StepRow(each.step, names.procedures),
        "begins": each.begins,
        "dates": [_dated(dated, names) for dated in each.dates],
        "failure": failure_words(each.failure, names) if each.failure else "",
        "verdict": _verdict_of(each.failure.objection) if each.failure else None,
    }


def _verdict_of(objection: Objection | None) -> Verdict | None:
    """How strongly a step is kept from its dates; None for one that only follows another."""
    if objection is None:
        return None
    return objection.screening.verdict if objection.screening else Verdict.WAIT


def _dated(dated: Dated, names: Names) -> dict[str, Any]:
    return {
        "dated": dated,
        "words": screening_words(dated.screening, names),
        "moved": objection_words(dated.moved, names) if dated.moved else "",
    }
