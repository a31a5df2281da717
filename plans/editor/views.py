"""The editor of a procedure's draft: a page for each section, saved by itself."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinic.kit import clock
from clinic.kit.guard import requires
from clinic.kit.pages import go
from clinic.kit.refusals import AlreadyDone, Refusal
from plans.catalogue.models import Procedure, Revision
from plans.catalogue.selectors import ruleset
from plans.catalogue.services import discard as discard_draft
from plans.catalogue.tags import change_words
from plans.core.gaps import touching
from plans.core.ruleset import RuleSet
from plans.core.sections import fingerprint, part_of, sections_of
from plans.drafts.forms import Section
from plans.drafts.services import DraftMoved, NotADraft
from plans.editor import selectors, services, tags
from plans.editor.forms import form_key, section_forms
from plans.gaps.forms import GapsSection
from plans.gaps.models import GapTable
from plans.gaps.selectors import draft_table, gap_rules
from plans.gaps.services import discard_table, start_table

LANGUAGES = [code for code, _name in settings.LANGUAGES]


@require_POST
@requires("draft_catalogue")
def start(request: HttpRequest, code: str) -> HttpResponse:
    """Open the draft; `base` names the revision to begin from, the one in force by default."""
    procedure = get_object_or_404(Procedure, code=code)
    base = None
    if number := request.POST.get("base", ""):
        if not number.isdecimal():
            raise Http404
        base = get_object_or_404(Revision, procedure=procedure, number=int(number[:9]))
    try:
        services.open_draft(procedure, by=request.user, base=base)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return go(request, "catalogue:list")
    return go(request, "editor:section", code, "rules")


@require_POST
@requires("draft_catalogue")
def discard(request: HttpRequest, code: str) -> HttpResponse:
    draft = selectors.draft_with_content(code)
    if draft is None:
        return _gone(request, code)
    try:
        discard_draft(draft, by=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The draft is discarded. Nothing changed for anybody."))
    return go(request, "catalogue:procedure", code)


@require_POST
@requires("edit_catalogue")
def start_gaps(request: HttpRequest) -> HttpResponse:
    """Open the draft of the clinic's gaps; `base` names the revision to begin from, the one in force by default."""
    base = None
    if number := request.POST.get("base", ""):
        if not number.isdecimal():
            raise Http404
        base = get_object_or_404(GapTable, number=int(number[:9]))
    started = start_table(by=request.user, base=base)
    return go(request, "catalogue:gap_table", started.number)


@require_POST
@requires("edit_catalogue")
def discard_gaps(request: HttpRequest) -> HttpResponse:
    draft = draft_table()
    try:
        if draft is None:
            raise NotADraft
        discard_table(draft, by=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The draft is discarded. Nothing changed for anybody."))
    return go(request, "catalogue:gaps")


@require_http_methods(["GET", "POST"])
@requires("draft_catalogue")
def section(request: HttpRequest, code: str, section: str) -> HttpResponse:
    draft = selectors.draft_with_content(code)
    if draft is None:
        return _gone(request, code)
    if section not in sections_of(is_home=draft.procedure.is_home):
        raise Http404
    if request.method == "POST":
        services.require_editor(section, by=request.user)
    return _gaps(request, draft) if section == "gaps" else _rules(request, draft, section)


def _rules(request: HttpRequest, draft: Revision, section: str) -> HttpResponse:
    """A section of the draft's rule set."""
    base, known = ruleset(draft), selectors.choices()
    may_hard = request.user.has_perm("clinic.edit_hard_rule")
    sent = request.POST if request.method == "POST" else None
    forms = section_forms(section, base, known, sent, may_hard=may_hard)
    page = _Page(request, draft, base, known, forms)
    if request.method == "GET":
        return page.answer()
    if not forms.is_valid():
        return page.answer(422)
    try:
        services.save_section(
            draft,
            section,
            forms.rules(),
            seen=request.POST.get("seen", ""),
            by=request.user,
            key=form_key(request.POST),
        )
    except AlreadyDone:
        return _saved(request, draft.procedure.code, section)
    except DraftMoved as moved:
        names = {**known.facts, **known.capabilities}
        return page.answer(409, moved=str(moved), theirs=change_words(moved.changes, names))
    except Refusal as refusal:
        return page.answer(422, refused=str(refusal))
    return _saved(request, draft.procedure.code, section)


def _gaps(request: HttpRequest, draft: Revision) -> HttpResponse:
    """The one section that is no part of the draft: the clinic has one table of gaps."""
    known, table = selectors.choices(), selectors.gaps_to_edit()
    code, group = draft.procedure.code, draft.procedure.group.code
    sent = request.POST if request.method == "POST" else None
    forms = GapsSection(table.rules, code, group, known, sent)
    page = _Page(request, draft, ruleset(draft), known, forms, table)
    if request.method == "GET":
        return page.answer()
    if not forms.is_valid():
        return page.answer(422)
    try:
        services.save_gaps(
            code, group, forms.gaps(), seen=request.POST.get("seen", ""), by=request.user
        )
    except DraftMoved as moved:
        return page.answer(409, moved=str(moved))
    except Refusal as refusal:
        return page.answer(422, refused=str(refusal))
    return _saved(request, code, "gaps")


@require_POST
@requires("draft_catalogue")
def preview(request: HttpRequest, code: str) -> HttpResponse:
    """The care sheets as they are typed, unsaved."""
    draft = selectors.draft_with_content(code)
    if draft is None:
        raise Http404
    base = ruleset(draft)
    forms = section_forms("care", base, selectors.choices(), request.POST)
    rules = forms.rules() if forms.is_valid() else None
    language = request.POST.get("language", "")
    context = {
        "sheets": _sheets(rules, language) if rules else None,
        "languages": settings.LANGUAGES,
    }
    return render(request, "editor/care.html#preview", context)


class _Page:
    """One section's page: what stands around its forms is read anew for each answer."""

    def __init__(
        self,
        request: HttpRequest,
        draft: Revision,
        base: RuleSet,
        known: selectors.Choices,
        forms: Section,
        table: selectors.Gaps | None = None,
    ) -> None:
        self.request, self.draft, self.base = request, draft, base
        self.known, self.forms, self.name = known, forms, forms.name
        self.table = table or selectors.gaps_to_edit()

    def answer(self, status: int = 200, **more: Any) -> HttpResponse:
        code, group = self.draft.procedure.code, self.draft.procedure.group.code
        current = selectors.current_with_content(self.draft.procedure)
        now = ruleset(current) if current else None
        confirmed, waiting = selectors.confirmed(code, self.base)
        shown = touching(self.table.rules, code, group)
        marks = selectors.marks(self.base, now, waiting, len(shown))
        is_home = self.draft.procedure.is_home
        part = shown if self.name == "gaps" else part_of(self.base, self.name)
        context = {
            "draft": self.draft,
            "procedure": self.draft.procedure,
            "current": current,
            "section": self.name,
            "tabs": tags.tabs(code, is_home=is_home, shown=self.name, marks=marks),
            "marks": marks.get(self.name, selectors.Marks()),
            "forms": self.forms,
            "is_wrong": status == 422 and "refused" not in more,
            "seen": fingerprint(part),
            "key": uuid.uuid4(),
            "may_save": self._may_save(),
            "table": self.table,
            "sources": self.known.sources,
        }
        context |= self._own(now, confirmed, waiting) | more
        return render(self.request, f"editor/{self.name}.html", context, status=status)

    def _may_save(self) -> bool:
        wanted = "draft" if self.name == "contraindications" else "edit"
        return self.request.user.has_perm(f"clinic.{wanted}_catalogue")

    def _own(self, now: RuleSet | None, confirmed: Any, waiting: Any) -> dict[str, Any]:
        """What only this section shows."""
        code, group = self.draft.procedure.code, self.draft.procedure.group.code
        found: dict[str, Any] = {"confirmed": confirmed, "waiting": waiting}
        if self.name in ("rules", "needs"):
            found["groups"] = tags.value_rows(self.forms.form, self.base, now, confirmed, waiting)
        if self.name == "rules":
            after = tags.gaps_after(self.table.rules, code, group, self.known)
            found["drawing"] = tags.interval_drawing(self.base, now, after)
        if self.name == "needs":
            found["visit"] = tags.visit_drawing(self.base, self.known)
        if self.name in ("contraindications", "parameters", "regimen"):
            self._set_beside(
                tags.lines_beside(self.name, self.base, now, confirmed, waiting), found
            )
        if isinstance(self.forms, GapsSection):
            _set_gaps_beside(self.forms)
        if self.name == "care":
            found["sheets"] = _sheets(self.base, self.request.GET.get("language", ""))
            found["languages"] = settings.LANGUAGES
        return found

    def _set_beside(self, beside: dict[str, tags.Beside], found: dict[str, Any]) -> None:
        """Give each line what stands beside it; a new one has nothing."""
        for field, prefix in (("fact", "lines"), ("key", "parameters")):
            for form in getattr(self.forms.lists.get(prefix), "forms", ()):
                form.beside = beside.get(f"{self.name}.{form.initial.get(field, '')}")
        found |= {f"{name}_beside": beside.get(f"regimen.{name}") for name in ("times", "course")}


def _set_gaps_beside(section: GapsSection) -> None:
    """Give each line of the gaps what is in force and confirmed there."""
    standing = selectors.standing_confirmations("gaps/")
    stated = tags.gaps_beside(section.shown, gap_rules(), standing)
    for prefix, rules in section.sides.items():
        for form, rule in zip(section.lists[prefix].forms, rules, strict=False):
            form.beside = stated[rule.place]


def _sheets(rules: RuleSet, language: str) -> list[tuple[str, tags.SheetPreview]]:
    """Both care sheets as for a visit today, in `language`, by default the page's."""
    chosen = language if language in LANGUAGES else (get_language() or "en").split("-")[0]
    titles = ((_("Before the visit"), True), (_("Aftercare"), False))
    return [
        (title, tags.sheet_preview(rules.steps, clock.today(), chosen, is_precare=is_precare))
        for title, is_precare in titles
    ]


def _saved(request: HttpRequest, code: str, section: str) -> HttpResponse:
    """On to the review where that was asked for; else back to the section, with a word."""
    if request.POST.get("then") == "review":
        # The gaps are reviewed by themselves, with the clinic's whole table.
        to = ["impact:gaps"] if section == "gaps" else ["impact:review", code]
        return go(request, *to)
    messages.success(request, _("Draft saved. Nothing changes for anybody until you publish."))
    return go(request, "editor:section", code, section)


def _gone(request: HttpRequest, code: str) -> HttpResponse:
    """No draft: nobody began one, or somebody published or discarded it; its revisions tell."""
    get_object_or_404(Procedure, code=code)
    if request.method == "GET":
        raise Http404
    text = _(
        "This draft is published or discarded already. Open the procedure to see its revisions."
    )
    messages.error(request, text)
    return go(request, "catalogue:procedure", code)
