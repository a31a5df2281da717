"""Writing protocols: drafts and their publication, what is no longer offered, and a plan made from one."""

import uuid
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from clinic.audit.services import claim, record, settle
from clinic.kit import clock
from clinic.kit.refusals import Refusal
from clinic.patients.models import Patient
from clinic.places.models import Location
from clinic.staff.models import User
from plans.core.protocol import Content, differences, faults, plain_step
from plans.courses.models import Plan
from plans.courses.services import add_course, start_home_care
from plans.drafts.models import RevisionState
from plans.drafts.services import (
    DraftMoved,
    NotADraft,
    next_number,
    put_in_force,
    require_changes,
    require_review,
    set_offered,
)
from plans.protocols.models import Protocol, ProtocolRevision
from plans.protocols.selectors import Applying, Proposal, Wish, content, offers, treatments
from plans.protocols.tags import fault_words
from plans.terms.models import Sign

# Words that stand in addresses where a code would.
RESERVED = frozenset({"new"})


class DatesMoved(Refusal):
    """What would be written is not what was seen."""


@transaction.atomic
def create_protocol(said: Content, *, by: Any) -> ProtocolRevision:
    """A new protocol with its first draft; its code is made of the English name.  Raises Refusal for a known name."""
    code = slugify(said.name.get("en", "")).replace("-", "_")[:60]
    if not code or code in RESERVED:
        raise Refusal(_("Give it an English name of letters: its address is made of it."))
    if Protocol.objects.filter(code=code).exists():
        raise Refusal(_("There is a protocol of this name. Choose another, or edit that one."))
    last = Protocol.objects.order_by("position").last()
    protocol = Protocol.objects.create(code=code, position=last.position + 1 if last else 0)
    draft = _new_revision(protocol, said, by=by)
    record("protocol_created", draft, by=by, protocol=code)
    return draft


@transaction.atomic
def start_draft(
    protocol: Protocol, *, by: Any, base: ProtocolRevision | None = None
) -> ProtocolRevision:
    """The protocol's draft: the one there is, else a copy of `base` (the current revision by default).

    Raises Refusal if there is nothing to copy.
    """
    Protocol.objects.select_for_update().get(pk=protocol.pk)  # two clicks make one draft
    rows = ProtocolRevision.objects.filter(protocol=protocol)
    draft = rows.filter(state=RevisionState.DRAFT).first()
    if draft is not None:
        return draft
    wanted = {"pk": base.pk} if base else {"state": RevisionState.CURRENT}
    chosen = rows.filter(**wanted).first()
    if chosen is None:
        raise Refusal(_("This protocol has no revision to begin with. Make a new protocol."))
    draft = _new_revision(protocol, content(chosen), by=by)
    details: dict[str, Any] = {
        "protocol": protocol.code,
        "number": draft.number,
        "base": chosen.number,
    }
    record("protocol_draft_started", draft, by=by, **details)
    return draft


@transaction.atomic
def save_draft(
    draft: ProtocolRevision, said: Content, version: int, *, by: Any
) -> ProtocolRevision:
    """Let `draft` say what `said` says.

    Raises DraftMoved if it was saved since `version`, NotADraft, or Refusal for steps that cannot be so.
    """
    stored = _locked_draft(draft)
    _require_sound(said)
    changes = differences(content(stored), said)
    if not changes:
        return stored  # the same form sent twice, or two editors of one mind
    if stored.version != version:
        raise DraftMoved(stored.version, changes)
    stored.version += 1
    _fill(stored, said)
    stored.save()
    paths = [change.path for change in changes]
    details: dict[str, Any] = {
        "protocol": stored.protocol.code,
        "number": stored.number,
        "changed": paths,
    }
    record("protocol_draft_saved", stored, by=by, **details)
    return stored


@transaction.atomic
def discard(draft: ProtocolRevision, *, by: Any) -> None:
    """Throw the draft away, and with it a protocol that has nothing else.  Raises NotADraft."""
    stored = _locked_draft(draft)
    protocol = stored.protocol
    details: dict[str, Any] = {"protocol": protocol.code, "number": stored.number}
    record("protocol_draft_discarded", stored, by=by, **details)
    stored.delete()
    if not protocol.revisions.exists():
        protocol.delete()


@transaction.atomic
def publish(
    draft: ProtocolRevision,
    *,
    reason: str,
    by: Any,
    key: uuid.UUID | None = None,
    version: int | None = None,
) -> ProtocolRevision:
    """Put `draft` into force for plans made from now on; what is planned stays.

    `version` is the one that was reviewed, `key` the form's.  Raises NotADraft, AlreadyDone, or Refusal: no
    reason, nothing changed, saved since the review, or steps that cannot be so any more.
    """
    submission = claim(key, by=by) if key else None
    stored = _locked_draft(draft)
    require_review(stored, reason, version)
    said = content(stored)
    _require_sound(said)
    rows = ProtocolRevision.objects.filter(protocol=stored.protocol)
    current = rows.filter(state=RevisionState.CURRENT).first()
    changes = differences(content(current), said) if current else ()
    if current:
        require_changes(changes)
    put_in_force(stored, reason, by=by, instead_of=current)
    code, paths = stored.protocol.code, [change.path for change in changes]
    details: dict[str, Any] = {"protocol": code, "number": stored.number, "changed": paths}
    record("protocol_published", stored, by=by, reason=stored.reason, **details)
    if submission:
        settle(submission, code)
    return stored


@transaction.atomic
def retire(protocol: Protocol, *, reason: str, by: Any) -> Protocol:
    """Offer `protocol` no longer: plans made from it go on.  Raises Refusal without a reason."""
    return set_offered(
        protocol, False, "protocol_retired", reason=reason, by=by, protocol=protocol.code
    )


@transaction.atomic
def bring_back(protocol: Protocol, *, reason: str, by: Any) -> Protocol:
    """Offer a retired protocol again.  Raises Refusal without a reason."""
    return set_offered(
        protocol, True, "protocol_brought_back", reason=reason, by=by, protocol=protocol.code
    )


def _locked_draft(draft: ProtocolRevision) -> ProtocolRevision:
    """The draft as it stands now, nobody else writing."""
    Protocol.objects.select_for_update().filter(pk=draft.protocol_id).first()
    rows = ProtocolRevision.objects.select_related("protocol")
    stored = rows.filter(pk=draft.pk, state=RevisionState.DRAFT).first()
    if stored is None:
        raise NotADraft
    return stored


def _require_sound(said: Content) -> None:
    """Raise Refusal unless there are steps and each of them can be so."""
    if not said.steps:
        raise Refusal(_("A protocol needs one step at least."))
    fault = next(faults(said.steps, treatments(offers())), None)
    if fault is not None:
        words = {"n": fault.step, "why": fault_words(fault)}
        raise Refusal(_("Step %(n)d: %(why)s") % words)


def _new_revision(protocol: Protocol, said: Content, *, by: Any) -> ProtocolRevision:
    number = next_number(ProtocolRevision.objects.filter(protocol=protocol))
    draft = ProtocolRevision(
        protocol=protocol, number=number, created_at=clock.now(), created_by=by
    )
    _fill(draft, said)
    draft.save()
    return draft


def _fill(revision: ProtocolRevision, said: Content) -> None:
    revision.name, revision.suits = dict(said.name), dict(said.suits)
    revision.steps = [plain_step(step) for step in said.steps]
    revision.source, revision.note = said.source, said.note


# For one patient


@transaction.atomic
def apply_protocol(
    patient: Patient,
    location: Location,
    revision: ProtocolRevision,
    wish: Wish,
    *,
    seen: str,
    by: User,
    key: uuid.UUID,
) -> Plan:
    """A plan of all chosen steps: courses with a day intended for each session, and home care with its period.

    All of it or nothing. `seen`: the seal of the dates that were shown; `key`: of the form.
    Raises AlreadyDone (the patient's number as its outcome), DatesMoved if today's records give other dates, or
    Refusal: not in force, not offered, or something finds no date.
    """
    submission = claim(key, by=by)
    _require_in_force(revision)
    plan, steps = _make(patient, location, revision, wish, seen, by)
    number = patient.number
    details: dict[str, Any] = {"protocol": revision.protocol.code, "number": revision.number}
    record("protocol_applied", plan, by=by, patient_number=number, steps=steps, **details)
    settle(submission, str(number))
    return plan


@transaction.atomic
def start_product(
    patient: Patient,
    location: Location,
    product: ProtocolRevision,
    wish: Wish,
    *,
    seen: str,
    by: User,
    key: uuid.UUID,
) -> Plan:
    """A plan of one use at home; `product`: of selectors.of_product.  Raises as `apply_protocol` does."""
    submission = claim(key, by=by)
    plan, _steps = _make(patient, location, product, wish, seen, by)
    settle(submission, str(patient.number))
    return plan


def _make(
    patient: Patient,
    location: Location,
    revision: ProtocolRevision,
    wish: Wish,
    seen: str,
    by: User,
) -> tuple[Plan, list[int]]:
    """The plan with all that is chosen, and the numbers of its steps. The revision is named if it is stored."""
    # One writer for a patient at a time: two plans made at once must know of each other.
    patient = Patient.objects.select_for_update().get(pk=patient.pk)
    applying = Applying(patient, location, revision)
    proposal = applying.propose(wish)
    _require_dates(proposal, seen)
    plan = Plan.objects.create(
        patient=patient,
        protocol_revision=revision if revision.pk else None,
        sign=_only_sign(revision),
        created_at=clock.now(),
        created_by=by,
    )
    for each in proposal.steps:
        step, rules = each.step.number, applying.offered[each.step.procedure]
        first = each.dates[0]
        if first.until is not None:
            start_home_care(plan, rules, first.day, first.until, by=by, step=step)
        else:
            days = [dated.day for dated in each.dates]
            add_course(plan, rules, days, by=by, areas=wish.areas, step=step)
    return plan, [each.step.number for each in proposal.steps]


def _only_sign(revision: ProtocolRevision) -> Sign | None:
    """The sign that the protocol is for, where it is for one alone."""
    signs = revision.suits.get("signs", ())
    return Sign.objects.filter(code=signs[0]).first() if len(signs) == 1 else None


def _require_in_force(revision: ProtocolRevision) -> None:
    stored = ProtocolRevision.objects.select_related("protocol").get(pk=revision.pk)
    if stored.state != RevisionState.CURRENT or stored.protocol.retired_at is not None:
        raise Refusal(
            _("This protocol was changed or retired meanwhile. Choose it again from the list.")
        )


def _require_dates(proposal: Proposal, seen: str) -> None:
    if not proposal.steps and not proposal.gone:
        raise Refusal(_("Nothing is chosen. Keep one step at least."))
    if not proposal.fits:
        raise Refusal(_("Some steps find no dates. Leave them out, or start on another day."))
    if proposal.seal != seen:
        raise DatesMoved(
            _("The dates have changed since you looked. Check the new ones, then confirm.")
        )
