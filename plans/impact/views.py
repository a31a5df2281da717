"""The review of a draft: what changes, whom it touches, and its publication; and the sessions put on the list."""

import csv
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.kit.guard import requires
from clinic.kit.pages import go, location_of
from clinic.kit.refusals import AlreadyDone, Refusal
from plans.catalogue.models import Procedure, Revision
from plans.catalogue.selectors import courses_in_use, names_in
from plans.catalogue.tags import Change, change_words
from plans.core.editing import table_with
from plans.core.gaps import touching
from plans.core.impact import Impact
from plans.core.ruleset import Difference
from plans.core.worlds import is_whole
from plans.courses.selectors import names
from plans.drafts.services import NotADraft
from plans.editor.forms import typed_rules
from plans.editor.selectors import choices, gaps_to_edit
from plans.gaps.forms import GapsSection
from plans.gaps.models import GapTable
from plans.impact import selectors, services, tags
from plans.impact.forms import ReviewForm, SettleForm, blank_review
from plans.impact.models import ReviewItem
from plans.impact.selectors import GAPS, Proposal
from plans.vignettes.selectors import differences_under

# Sessions listed at first, with ?all, and beside an editor's form.
FIRST, ALL, BESIDE = 50, 2000, 8
# Who keeps the catalogue answers for every location.
EVERYWHERE = frozenset({"editor", "manager"})


@require_http_methods(["GET", "POST"])
@requires("publish_catalogue")
def review(request: HttpRequest, code: str) -> HttpResponse:
    procedure = get_object_or_404(Procedure, code=code)
    found = selectors.proposal(code)
    if request.method == "POST":
        return _publish(request, code, found)
    if found is None:
        raise Http404
    return _page(request, found, in_use=courses_in_use(procedure))


@require_http_methods(["GET", "POST"])
@requires("publish_catalogue")
def review_gaps(request: HttpRequest) -> HttpResponse:
    found = selectors.proposal(GAPS)
    if request.method == "POST":
        return _publish(request, GAPS, found)
    if found is None:
        messages.info(
            request, _("The gaps have no draft. Change them in a procedure's draft first.")
        )
        return go(request, "catalogue:list")
    return _page(request, found)


def _publish(request: HttpRequest, code: str, found: Proposal | None) -> HttpResponse:
    form = ReviewForm(request.POST)
    if not form.is_valid():
        if found is None:
            return _gone(request, code)
        return _page(request, found, form, status=422)
    number = form.cleaned_data["number"]
    # Whatever its state: sent a second time, the form finds what it has published itself.
    if found is None or found.draft.number != number:
        found = _whatever(code, number)
    try:
        published, listed = services.publish_reviewed(
            found, form.decision(), by=request.user, key=form.cleaned_data["key"]
        )
    except AlreadyDone:
        return _after(request, code)
    except NotADraft:
        return _gone(request, code)
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        fresh = selectors.proposal(code)
        return _page(request, fresh, form, status=422) if fresh else _gone(request, code)
    said = _("Revision %(number)d is in force.") % {"number": published.number}
    on_list = ngettext("%(n)d session is on the list.", "%(n)d sessions are on the list.", listed)
    messages.success(request, f"{said} {on_list % {'n': listed}}" if listed else said)
    return _after(request, code)


def _whatever(code: str, number: int) -> Proposal:
    if code == GAPS:
        return Proposal(code, get_object_or_404(GapTable, number=number), None)
    draft = get_object_or_404(Revision, procedure__code=code, number=number)
    return Proposal(code, draft, None)


def _after(request: HttpRequest, code: str) -> HttpResponse:
    if code == GAPS:
        return go(request, "catalogue:list")
    return go(request, "catalogue:procedure", code)


def _gone(request: HttpRequest, code: str) -> HttpResponse:
    """Somebody published or discarded the draft meanwhile: say so where its revisions stand."""
    messages.error(request, str(NotADraft()))
    return _after(request, code)


def _page(
    request: HttpRequest,
    found: Proposal,
    form: ReviewForm | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    before, after = found.worlds()
    impact = selectors.impact_between(before, after, location=None)
    words = _words(found)
    version = found.draft.version
    reason = "; ".join(f"{one.what}: {one.old or '–'} → {one.new or '–'}" for one in words)
    seen = form.see_version(version) if form else version
    most = ALL if "all" in request.GET else FIRST
    context = {
        "found": found,
        "is_gaps": found.code == GAPS,
        "title": _("Gaps between procedures") if found.code == GAPS else found.draft.title,
        "draft": found.draft,
        "current": found.current,
        "changes": words,
        "cases": differences_under(before.book, after.book),
        "since": _labels(found, seen) if seen != version else (),
        "kept": form.kept() if form else frozenset(),
        "form": form or blank_review(found.draft.number, version, reason),
    }
    context |= _touched(request, impact, most)
    return render(request, "impact/review.html", context | more, status=status)


def _words(found: Proposal) -> list[Change]:
    if found.code == GAPS:
        return tags.gap_words(found.gap_changes, names())
    return change_words(found.differences, names_in())


def _labels(found: Proposal, version: int) -> list[str]:
    """What was saved since the draft's `version`, by name."""
    paths = selectors.saved_since(found, version)
    if found.code == GAPS:
        return paths
    return [
        one.what for one in change_words((Difference(p, None, None) for p in paths), names_in())
    ]


def _seen(request: HttpRequest, impact: Impact) -> Impact:
    """The part that this person answers for."""
    if request.user.role_names() & EVERYWHERE:  # type: ignore[union-attr]  # signed in, as the guard has seen
        return impact
    return impact.at(location_of(request).pk)


def _touched(request: HttpRequest, impact: Impact, most: int) -> dict[str, Any]:
    """What the panel "Who is touched" shows of the part that this person answers for."""
    seen = _seen(request, impact)
    elsewhere = len(impact.sessions) - len(seen.sessions)
    return {**tags.panel(seen, tags.viewer_of(request), most), "elsewhere": elsewhere}


@require_POST
@requires("draft_catalogue")
def preview(request: HttpRequest, code: str) -> HttpResponse:
    """Whom the draft would touch with what is typed in one section, unsaved."""
    found = selectors.proposal(code)
    if found is None:
        raise Http404
    section = request.POST.get("section", "")
    # A section that somebody may only read sends nothing: then the draft counts as it is stored.
    may_type = request.user.has_perm("clinic.edit_catalogue") or section == "contraindications"
    typed = _typed(found, section, request.POST) if may_type else found
    context: dict[str, Any] = {"code": code, "draft": found.draft, "is_readable": typed is not None}
    if typed is not None:
        impact = selectors.impact_between(*typed.worlds(), location=None)
        context |= _touched(request, impact, BESIDE)
    part = (
        "impact/preview.html#touched" if getattr(request, "htmx", False) else "impact/preview.html"
    )
    return render(request, part, context)


def _typed(found: Proposal, section: str, data: Any) -> Proposal | None:
    """The draft with what is typed; None when nobody can be judged by it."""
    known = choices()
    if section == "gaps":
        table, group = gaps_to_edit(), found.draft.procedure.group.code
        forms = GapsSection(table.rules, found.code, group, known, data)
        if not forms.is_valid():
            return None
        shown = touching(table.rules, found.code, group)
        return replace(found, gaps=table_with(table.rules, shown, forms.gaps()))
    rules = typed_rules(found.rules, section, data, known) if found.rules else None
    return replace(found, rules=rules) if rules is not None and is_whole(rules) else None


@require_GET
@requires("publish_catalogue")
def export(request: HttpRequest, code: str) -> HttpResponse:
    """The whole list as a table for a spreadsheet."""
    found = selectors.proposal(code)
    if found is None and code == GAPS:
        return go(request, "impact:gaps")
    if found is None:
        raise Http404
    impact = selectors.impact_between(*found.worlds(), location=None)
    lines = tags.shown_lines(_seen(request, impact).sessions, tags.viewer_of(request))
    services.note_export(found, len(lines), by=request.user)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="impact-{code}-{found.draft.number}.csv"'
    answer["Cache-Control"] = "no-store, private"
    answer.write("\ufeff")  # spreadsheets guess the alphabet otherwise
    csv.writer(answer, quoting=csv.QUOTE_ALL).writerows(tags.csv_rows(lines))
    return answer


@require_GET
@requires("publish_catalogue")
def export_gaps(request: HttpRequest) -> HttpResponse:
    return export(request, GAPS)


@require_POST
@requires("book_session")
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a session off the list."""
    location = location_of(request)
    item = get_object_or_404(ReviewItem, pk=pk, patient__location=location)
    form = SettleForm(request.POST)
    if form.is_valid():
        services.settle_review(item, form.cleaned_data["reason"], by=request.user)
        messages.success(request, _("Settled. The session is off the list."))
    else:
        messages.error(request, " ".join(str(e) for e in form.errors["reason"]))
    return go(request, "desk:worklist")
