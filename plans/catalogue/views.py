"""The catalogue's pages: the list, a procedure's data sheet, its revisions, and what is no longer offered."""

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from clinic.kit.guard import requires
from clinic.kit.languages import localized
from clinic.kit.pages import go
from clinic.kit.refusals import Refusal
from clinic.places.models import ResourceKind
from plans.catalogue import selectors, services, tags
from plans.catalogue.forms import CompareForm, FilterForm, ReasonForm
from plans.catalogue.models import Procedure, Revision, StepKind
from plans.core.confirming import stated_gap
from plans.core.gaps import GapRule, concerns
from plans.core.rhythm import Spacing, Spell, place_rhythm
from plans.core.ruleset import RuleSet, differences
from plans.core.texts import Wording, wordings
from plans.drafts.models import RevisionState
from plans.gaps.selectors import gap_rules, tables
from plans.terms.models import Sign, Source
from plans.terms.tags import (
    IntervalDrawing,
    Names,
    days_words,
    interval_words,
    period_words,
    sessions_words,
)

LANGUAGES = settings.LANGUAGES


@require_GET
@requires("view_catalogue")
def list_procedures(request: HttpRequest) -> HttpResponse:
    rows = selectors.overview()
    form = FilterForm(request.GET, rows=rows, signs=Sign.objects.all())
    filters = form.filters()
    found = [_listed(row) for row in rows if filters.fits(row.entry)]
    panels = [
        ("clinic", _("In the clinic"), [one for one in found if not one["row"].procedure.is_home]),
        ("home", _("At home"), [one for one in found if one["row"].procedure.is_home]),
    ]
    context = {
        "panels": [panel for panel in panels if panel[2]],
        "found": len(found),
        "total": len(rows),
        "form": form,
        "is_filtered": not filters.is_empty,
    }
    part = "catalogue/list.html#found" if getattr(request, "htmx", False) else "catalogue/list.html"
    return render(request, part, context)


def _listed(row: selectors.Row) -> dict[str, Any]:
    revision = row.revision
    return {
        "row": row,
        "interval": interval_words(revision.interval),
        "sessions": sessions_words(
            revision.sessions_min, revision.sessions_recommended, revision.sessions_max
        ),
    }


# A procedure's data sheet


@require_GET
@requires("view_catalogue")
def procedure(request: HttpRequest, code: str) -> HttpResponse:
    found = get_object_or_404(Procedure.objects.select_related("group"), code=code)
    revision = selectors.with_content().filter(procedure=found, state=RevisionState.CURRENT).first()
    if revision is None:
        raise Http404
    return _sheet(request, found, revision)


@require_GET
@requires("view_catalogue")
def revision(request: HttpRequest, code: str, number: int) -> HttpResponse:
    stored = _stored(code, number)
    return _sheet(request, stored.procedure, stored)


def _sheet(request: HttpRequest, procedure: Procedure, revision: Revision) -> HttpResponse:
    rules, names = selectors.ruleset(revision), selectors.names_in()
    sources = selectors.sources()
    titles = {code: source.title for code, source in sources.items()}
    backing = tags.Backing(selectors.confirmations(prefix=f"{procedure.code}/"), titles)
    sections = tags.sheet(procedure.code, rules, backing, names)
    strengths = tags.strengths(procedure.code, rules, backing, names)
    gaps = _gaps(procedure, names, titles)
    history = list(selectors.history(procedure))
    values = [value for section in sections for value in section.values]
    values += [value for strength in strengths for value in strength.values]
    waiting = sum(value.is_open for value in values)
    values += [line["value"] for _label, lines in gaps for line in lines]
    care = _care(rules, sources)
    used = {value.source for value in values}
    used |= {short for sheet in care for short, _source in sheet["sources"]}
    context = {
        "procedure": procedure,
        "revision": revision,
        "history": list(zip(history, [*history[1:], None], strict=True)),
        "draft": next((one for one in history if one.state == RevisionState.DRAFT), None),
        "in_use": selectors.courses_in_use(procedure),
        "interval": interval_words(revision.interval),
        "sections": sections,
        "strengths": strengths,
        "gaps": gaps,
        "gap_count": sum(len(lines) for _label, lines in gaps),
        "recall": rules.values["effect_lasts"],
        "waiting": waiting,
        "held": _held(rules, names),
        "instructions": _instructions(rules),
        "drawing": _drawing(rules, revision),
        "texts": _texts(rules),
        "care": care,
        "sources": [
            (short, source)
            for code, source in sources.items()
            if (short := tags.short_source(code)) in used
        ],
        "languages": LANGUAGES,
    }
    return render(request, "catalogue/procedure.html", context)


def _held(rules: RuleSet, names: Names) -> list[tuple[str, str, int, int]]:
    """Who and what a visit holds: kind, capability, from minute, to minute."""
    kinds = dict(ResourceKind.choices)
    return [
        (
            str(kinds[need.kind]),
            names.get(need.capability, need.capability),
            need.from_minute,
            need.to_minute,
        )
        for need in rules.needs
    ]


def _instructions(rules: RuleSet) -> list[str]:
    regimen = rules.values["regimen"] or {}
    return [localized(text) for text in regimen.get("instructions", ())]


def _gaps(
    procedure: Procedure, names: Names, titles: Names
) -> list[tuple[str, list[dict[str, Any]]]]:
    """The gaps in force that bind the procedure, in both directions; two queries."""
    backing = tags.Backing(selectors.confirmations(prefix="gaps/"), titles)
    later, earlier = [], []
    for rule in gap_rules():
        is_before, is_after = concerns(rule, procedure.code, procedure.group.code)
        if is_after:
            other = _side(rule.before, rule.before_is_procedure, names)
            later.append(_gap_line(rule, other, backing))
        if is_before:
            other = _side(rule.after, rule.after_is_procedure, names)
            earlier.append(_gap_line(rule, other, backing))
    both = [(_("After it, before another"), later), (_("Before it, after another"), earlier)]
    return [(label, lines) for label, lines in both if lines]


def _side(code: str, is_procedure: bool, names: Names) -> str:
    return names.get(f"procedures.{code}" if is_procedure else f"groups.{code}", code)


def _gap_line(rule: GapRule, other: str, backing: tags.Backing) -> dict[str, Any]:
    one = stated_gap(rule.rule, rule.min, rule.source)
    words = period_words(rule.min)
    return {"value": backing.value(other, words, one), "why": localized(rule.why)}


def _drawing(rules: RuleSet, revision: Revision) -> IntervalDrawing | None:
    """The interval against time, and the time off work; None for a procedure without courses."""
    if revision.interval is None:
        return None
    said = period_words(revision.interval.recommended)
    row = Spacing(_("In force"), revision.interval, _("best %(period)s") % {"period": said})
    rest = rules.values["downtime"]
    spells = [Spell("rest", rest, str(tags.LABELS["downtime"]))] if rest and rest.n else []
    sentence = _("Interval from session to session: %(words)s")
    words = {"words": interval_words(revision.interval)}
    return IntervalDrawing(place_rhythm([row], spells), sentence % words)


def _texts(rules: RuleSet) -> dict[str, Any]:
    """Every text in each language, and how many are missing; care sheets stand apart."""
    rows = [
        (_text_label(one), [(code, name, one.texts.get(code, "")) for code, name in LANGUAGES])
        for one in wordings(rules)
    ]
    missing = sum(not text for _label, texts in rows for _code, _name, text in texts)
    return {"rows": rows, "missing": missing}


def _text_label(one: Wording) -> str:
    """What a text is called: `Indication 2`, `Aftercare 7`."""
    kind, _dot, rest = one.path.partition(".")
    if one.path in tags.LABELS:
        return str(tags.LABELS[one.path])
    return f"{_TEXTS[kind]} {rest}" if rest.isdigit() else f"{_TEXTS[kind]}: {localized(one.texts)}"


_TEXTS = {
    "indications": gettext_lazy("Indication"),
    "useless_for": gettext_lazy("Why it does not help"),
    "regimen": gettext_lazy("Instruction"),
    "parameters": gettext_lazy("Parameter"),
    "precare": gettext_lazy("Before the visit"),
    "aftercare": gettext_lazy("Aftercare"),
}


def _care(rules: RuleSet, sources: Mapping[str, Source]) -> list[dict[str, Any]]:
    """The two care sheets: their lines with the languages they lack, and what they rest on."""
    sheets = []
    for anchor, title in (("precare", _("Before the visit")), ("aftercare", _("Aftercare"))):
        lines = _care_lines(rules, is_precare=anchor == "precare")
        codes = [
            origin.source for origin in rules.origins if origin.path.startswith(f"{anchor}.sources")
        ]
        known = [(tags.short_source(code), sources[code]) for code in codes if code in sources]
        if lines:
            sheets.append({"anchor": anchor, "title": title, "lines": lines, "sources": known})
    return sheets


def _care_lines(rules: RuleSet, *, is_precare: bool) -> list[tuple[str, str, str]]:
    """The lines of one care sheet: days, kind, text."""
    return [
        (days_words(step), str(StepKind(step.kind).label), localized(step.text))
        for step in rules.steps
        if step.is_precare is is_precare
    ]


# The clinic's gaps


@require_GET
@requires("view_catalogue")
def gap_table(request: HttpRequest, number: int | None = None) -> HttpResponse:
    """The gaps as they were under `number`, by default those in force, and every revision of them."""
    history = list(tables())
    place, meant = ("number", number) if number else ("state", RevisionState.CURRENT)
    table = next((one for one in history if getattr(one, place) == meant), None)
    if table is None and number is not None:
        raise Http404
    titles, names = selectors.source_titles(), selectors.names_in()
    backing = tags.Backing(selectors.confirmations(prefix="gaps/"), titles)
    lines = [
        {
            "after": _side(rule.after, rule.after_is_procedure, names),
            **_gap_line(rule, _side(rule.before, rule.before_is_procedure, names), backing),
        }
        for rule in (gap_rules(table) if table else ())
    ]
    context = {
        "table": table,
        "lines": sorted(lines, key=lambda line: line["after"]),
        "history": history,
        "draft": next((one for one in history if one.state == RevisionState.DRAFT), None),
    }
    return render(request, "catalogue/gap_table.html", context)


# Revisions


@require_GET
@requires("view_catalogue")
def against(request: HttpRequest, code: str, number: int, other: int) -> HttpResponse:
    """What differs between two revisions, field by field; `?old=&new=` chooses other two."""
    chosen = CompareForm(request.GET)
    if chosen.is_valid():
        data = chosen.cleaned_data
        return go(request, "catalogue:against", code, data["new"], data["old"])
    new, old = _stored(code, number), _stored(code, other)
    changes = differences(selectors.ruleset(old), selectors.ruleset(new))
    context = {
        "procedure": new.procedure,
        "new": new,
        "old": old,
        "history": selectors.history(new.procedure),
        "changes": tags.change_words(changes, selectors.names_in()),
    }
    return render(request, "catalogue/against.html", context)


@require_http_methods(["GET", "POST"])
@requires("publish_catalogue")
def retire(request: HttpRequest, code: str) -> HttpResponse:
    said = _("It is no longer offered. Its courses go on.")
    return _offer(request, code, services.retire, said)


@require_http_methods(["GET", "POST"])
@requires("publish_catalogue")
def bring_back(request: HttpRequest, code: str) -> HttpResponse:
    return _offer(request, code, services.bring_back, _("It is offered again."))


def _offer(
    request: HttpRequest, code: str, write: Callable[..., Procedure], said: str
) -> HttpResponse:
    """The page that asks why, and what it leads to."""
    found = get_object_or_404(Procedure.objects.select_related("group"), code=code)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            write(found, reason=form.cleaned_data["reason"], by=request.user)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, said)
            return go(request, "catalogue:procedure", code)
    context = {
        "procedure": found,
        "revision": selectors.current_revisions().filter(procedure=found).first(),
        "form": form,
        "in_use": selectors.courses_in_use(found),
        "is_back": write is services.bring_back,
    }
    return render(request, "catalogue/retire.html", context, status=422 if form.errors else 200)


def _stored(code: str, number: int) -> Revision:
    return get_object_or_404(selectors.with_content(), procedure__code=code, number=number)
