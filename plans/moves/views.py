"""Pages of a move, of a visit that does not take place, of a split; the drop on the diary, and undo."""

import uuid
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from clinic.kit import clock
from clinic.kit.guard import requires
from clinic.kit.pages import go, location_of
from clinic.kit.refusals import AlreadyDone, Refusal
from clinic.staff.selectors import signed_in
from plans.core.acts import Act, Kind, Step, act_of
from plans.core.availability import PRACTITIONER
from plans.core.preview import (
    Preview,
    Wish,
    first_day,
    preview,
    preview_split,
    preview_without,
)
from plans.courses.selectors import local_day, names
from plans.diary.models import STRETCHABLE, Appointment
from plans.diary.views import visit_or_404
from plans.moves.forms import ActForm, DropForm, UndoForm, Wanted, WantedForm, signed
from plans.moves.selectors import NEW_PART, Change, Known, last_step, scene_of
from plans.moves.services import Stale, carry_out
from plans.moves.services import undo as bring_back
from plans.moves.tags import change_page, named, split_page, stale_words
from plans.sources.selectors import unconfirmed_rules

REMEMBERED = 20  # acts that can be undone in a session


@require_http_methods(["GET", "POST"])
@requires("book_session")
def move(request: HttpRequest, pk: int) -> HttpResponse:
    row = visit_or_404(pk, location_of(request))
    if row.status not in STRETCHABLE:
        return _over(request, row)
    form = ActForm(request.POST) if request.method == "POST" else None
    if form and (answer := _carried_out(request, row, form, "move")):
        return answer
    wanted = WantedForm(request.GET)
    known, wrong = _scene(row, wanted)
    context = _frame(request, row, known, form) | {"wanted": wanted, "wrong": wrong}
    if wanted.is_valid() and not wrong:
        found = _preview(request, known, wanted.wanted, form)
        context |= _changes(request, known, found)
        context |= {"act": _packed(known, found, "move"), "asked": wanted.wanted}
        context["unsuited"] = _unsuited_words(known, wanted.wanted)
    return _answer(
        request, "moves/change.html", "#plan", context, form, bool(wanted.errors or wrong)
    )


@require_http_methods(["GET", "POST"])
@requires("book_session")
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    return _fall_out(request, pk, "cancelled")


@require_http_methods(["GET", "POST"])
@requires("mark_arrived")
def missed(request: HttpRequest, pk: int) -> HttpResponse:
    return _fall_out(request, pk, "no_show")


def _fall_out(request: HttpRequest, pk: int, kind: Kind) -> HttpResponse:
    """The visit does not take place; its session is owed again, and new dates are proposed."""
    row = visit_or_404(pk, location_of(request))
    if row.status not in STRETCHABLE:
        return _over(request, row)
    form = ActForm(request.POST) if request.method == "POST" else None
    if form and (answer := _carried_out(request, row, form, kind)):
        return answer
    known = scene_of(row, Change(falls_out=True))
    wanted = WantedForm(request.GET)
    part = wanted.wanted.part if wanted.is_valid() else None
    found = preview_without(known.scene, known.key, form.accepted if form else part)
    context = _frame(request, row, known, form) | _changes(request, known, found)
    context |= {"act": _packed(known, found, kind), "kind": kind}
    return _answer(request, "moves/fall_out.html", "#plan", context, form, False)


@require_http_methods(["GET", "POST"])
@requires("book_session")
def split(request: HttpRequest, pk: int) -> HttpResponse:
    row = visit_or_404(pk, location_of(request))
    if row.status not in STRETCHABLE:
        return _over(request, row)
    form = ActForm(request.POST) if request.method == "POST" else None
    if form and (answer := _carried_out(request, row, form, "split")):
        return answer
    wanted = WantedForm(request.GET)
    asked = wanted.wanted if wanted.is_valid() else Wanted()
    known, wrong = _split_scene(row, asked.after or 0)
    found = preview_split(known.scene, known.key, NEW_PART, asked.minute, asked.resources)
    steps = (Step(NEW_PART, found.to),) if found.to else ()
    act = Act("split", pk, known.version, steps=steps, at=known.at)
    context = _frame(request, row, known, form) | split_page(known, found)
    context |= {"act": signed(act) if steps else "", "wrong": wrong}
    return _answer(request, "moves/split.html", "#plan", context, form, bool(wrong))


@require_POST
@requires("book_session")
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Carried out at once where nothing else changes and nothing has to be settled; else to the page of the move."""
    row = visit_or_404(pk, location_of(request))
    form = DropForm(request.POST)
    if row.status not in STRETCHABLE:
        return _over(request, row)
    if not form.is_valid():
        messages.error(request, _("The visit cannot stand there. Choose a date and a time."))
        return go(request, "moves:move", pk)
    page = f"{resolve_url('moves:move', pk)}?{urlencode(form.query)}"
    try:
        act = _alone(row, form.wanted, form.cleaned_data["version"])
        if act is None:
            return go(request, page)
        done = carry_out(act, by=signed_in(request), key=form.form_key)
    except AlreadyDone:
        return _back_to_day(request, row)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return go(request, page)
    _tell(request, done.batch, _("The visit is moved."))
    return _back_to_day(request, row)


def _alone(row: Appointment, wanted: Wanted, version: int) -> Act | None:
    """The move that changes nothing else and leaves nothing to settle; None if it is not like that.

    Raises Stale if somebody changed the visit since the day was drawn.
    """
    try:
        known = scene_of(row, Change(minutes=wanted.minutes))
    except ValueError:
        return None
    if version != known.version:
        raise Stale(stale_words(row, last_step(row)))
    day = wanted.day or known.here.day
    found = preview(known.scene, known.key, Wish(day, wanted.minute, wanted.resources))
    if found.plan is None or not (found.is_exact and found.may_stand and found.is_alone):
        return None
    return act_of("move", found.plan, row.pk, _versions(known))


def _back_to_day(request: HttpRequest, row: Appointment) -> HttpResponse:
    """To the page that the visit was dropped on if it says which, else to the day where the visit stands."""
    now = visit_or_404(row.pk, row.location)
    return go(request, _back(request) or resolve_url("diary:day", local_day(now)))


@require_POST
@requires("book_session")
def undo(request: HttpRequest) -> HttpResponse:
    """What this person did in this session, brought back."""
    form = UndoForm(request.POST)
    remembered = request.session.get("undo", [])
    if not form.is_valid() or str(form.cleaned_data["batch"]) not in remembered:
        messages.error(request, _("This cannot be undone any more."))
        return go(request, _back(request) or "diary:today")
    batch = form.cleaned_data["batch"]
    try:
        visit = bring_back(batch, by=signed_in(request))
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return go(request, _back(request) or "diary:today")
    request.session["undo"] = [each for each in remembered if each != str(batch)]
    messages.success(request, _("Undone."))
    return go(request, _back(request) or resolve_url("visits:visit", visit.pk))


def _back(request: HttpRequest) -> str:
    """The page that the person was on, if it is one of ours."""
    back = request.POST.get("back", "")
    is_ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return back if is_ours else ""


# What the pages have in common


def _over(request: HttpRequest, row: Appointment) -> HttpResponse:
    messages.error(request, _("This visit is over or cancelled: it cannot be moved."))
    return go(request, "visits:visit", row.pk)


def _scene(row: Appointment, wanted: WantedForm) -> tuple[Known, str]:
    """The scene at the length wanted; with words where the visit cannot have it."""
    minutes = wanted.wanted.minutes if wanted.is_valid() else None
    try:
        return scene_of(row, Change(minutes=minutes)), ""
    except ValueError:
        return scene_of(row), _("The visit cannot have this length. Choose another one.")


def _split_scene(row: Appointment, after: int) -> tuple[Known, str]:
    """The scene of a visit in two parts; with words where it cannot be split there."""
    try:
        return scene_of(row, Change(at=after)), ""
    except ValueError:
        words = _("The visit cannot be split there. Choose another minute.")
        return scene_of(row, Change(at=0)), words


def _preview(request: HttpRequest, known: Known, asked: Wanted, form: ActForm | None) -> Preview:
    wish = Wish(
        asked.day or first_day(known.scene, known.key),
        asked.minute,
        asked.resources,
        asked.mode,
        form.accepted if form else asked.part,
    )
    may_excuse = request.user.has_perm("clinic.override_wait")
    return preview(known.scene, known.key, wish, may_excuse=may_excuse)


def _unsuited_words(known: Known, asked: Wanted) -> str:
    """That who or what was asked for cannot serve, whenever they are free; "" where all of them can."""
    able = {pk for each in known.scene.needs[known.key].candidates.values() for pk in each}
    for each in known.resources:
        if each.pk in asked.resources and each.pk not in able:
            values = {"who": each.name, "what": named(known, known.key)}
            if each.kind == PRACTITIONER:
                return _("%(who)s may not do %(what)s. Choose somebody who may.") % values
            return _("%(who)s does not suit %(what)s. Choose another one.") % values
    return ""


def _packed(known: Known, found: Preview, kind: Kind) -> str:
    if found.plan is None:
        return ""
    return signed(act_of(kind, found.plan, known.visit.pk, _versions(known)))


def _versions(known: Known) -> dict[int, int]:
    return {key: known.versions.get(row.pk, 0) for key, row in known.visits.items()}


def _frame(
    request: HttpRequest, row: Appointment, known: Known, form: ActForm | None
) -> dict[str, Any]:
    course = known.course_of(known.key)
    count = len(course.sessions.all()) if course and known.is_session else 0
    return {
        "visit": row,
        "patient": row.patient,
        "title": named(known, known.key),
        "of": count if count > 1 else 0,
        "course": course,
        "here": "patients:list",
        "today": clock.today(row.location.zone),
        "length": known.here.end_minute - known.here.start_minute,
        "version": known.version,
        "form": form,
        "given": form.reasons if form else {},
        "reason": form.data.get("reason", "") if form else "",
        "key": uuid.uuid4(),
        "query": request.GET.urlencode(),
    }


def _changes(request: HttpRequest, known: Known, found: Preview) -> dict[str, Any]:
    """What changes, with the findings that rest on values nobody has confirmed."""
    page, course = (
        change_page(known, found, names(), signed_in(request)),
        known.course_of(known.key),
    )
    rules = {row["found"].rule for row in page.get("rows", ()) if row["found"]}
    return page | {"unconfirmed": unconfirmed_rules(rules, course.revision if course else None)}


def _answer(
    request: HttpRequest,
    page: str,
    part: str,
    context: dict[str, Any],
    form: ActForm | None,
    is_wrong: bool,
) -> HttpResponse:
    is_part = bool(getattr(request, "htmx", False)) and form is None
    status = 422 if form is not None or is_wrong else 200
    return render(
        request, page + (part if is_part else ""), context | {"is_part": is_part}, status=status
    )


def _carried_out(
    request: HttpRequest, row: Appointment, form: ActForm, kind: Kind
) -> HttpResponse | None:
    """Where it leads to when the act is done; None with the reason in the form when it is refused."""
    if not form.is_valid():
        return None
    act = form.planned
    if act.visit != row.pk or act.kind != kind:
        raise Http404
    try:
        done = carry_out(
            act,
            by=signed_in(request),
            key=form.form_key,
            reason=form.cleaned_data["reason"],
            accepted=form.accepted,
            overrides=form.reasons,
        )
    except AlreadyDone:
        return go(request, "visits:visit", row.pk)
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return None
    _tell(request, done.batch, _done_words(kind, done.moved))
    return go(request, "visits:visit", row.pk)


def _done_words(kind: Kind, count: int) -> str:
    new = ngettext("%(n)d new date is booked.", "%(n)d new dates are booked.", count) % {"n": count}
    moved = ngettext("The visit is moved.", "%(n)d dates have moved.", count) % {"n": count}
    said = {
        "move": moved,
        "split": _("The visit is split."),
        "cancelled": _("The visit is cancelled."),
        "no_show": _("The visit is recorded as missed."),
    }[kind]
    return f"{said} {new}" if kind in ("cancelled", "no_show") and count else said


def _tell(request: HttpRequest, batch: uuid.UUID, words: str) -> None:
    """A toast with Undo; the last acts of this session can be undone."""
    remembered = [*request.session.get("undo", []), str(batch)]
    request.session["undo"] = remembered[-REMEMBERED:]
    messages.success(request, words, extra_tags="undo")
