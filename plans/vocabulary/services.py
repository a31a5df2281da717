"""Changing the vocabulary of facts. It has no drafts: what is written here screens from that moment on."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _

from clinic.audit.services import claim, record, settle
from clinic.kit import clock
from clinic.kit.refusals import Refusal
from clinic.patients.models import FactKind, FactType, FormerCode
from plans.catalogue.models import Confirmation
from plans.vocabulary.selectors import stamp, title_of


class FactMoved(Refusal):
    """Somebody changed the fact after this editor opened it. `stamp`: what it is now."""

    def __init__(self, now: str) -> None:
        super().__init__(
            _(
                "Somebody else changed this fact meanwhile. Your values are kept below: save again to put them over theirs."
            )
        )
        self.stamp = now


@transaction.atomic
def add_fact(
    code: str, values: Mapping[str, Any], *, reason: str, by: Any, key: uuid.UUID | None = None
) -> FactType:
    """A new fact, which nobody has on record and no procedure asks for yet.

    `values` by column of FactType.  Raises AlreadyDone, or Refusal: no reason, the code is taken, or was.
    """
    submission = claim(key, by=by) if key else None
    _require(reason)
    _refuse_taken(code)
    last = FactType.objects.filter(position__lt=10_000).aggregate(last=Max("position"))["last"]
    fact = FactType(code=code, position=min((last or 0) + 10, 9_999))
    _fill(fact, values)
    _save(fact)
    record("fact_type_added", fact, by=by, reason=reason.strip(), code=code)
    if submission:
        settle(submission, reverse("vocabulary:fact", args=[code]))
    return fact


@transaction.atomic
def change_fact(
    fact: FactType, values: Mapping[str, Any], *, seen: str, reason: str, by: Any
) -> FactType:
    """Let the fact say what `values` say, by column; the answers on record stay as they are.

    `seen`: the stamp of what the editor opened.  Raises FactMoved, or Refusal: no reason, values that contradict.
    """
    _require(reason)
    [stored] = _locked(fact)
    changed = [name for name, value in values.items() if getattr(stored, name) != value]
    if not changed:
        return stored
    if stamp(stored) != seen:
        raise FactMoved(stamp(stored))
    _fill(stored, values)
    _save(stored)
    record(
        "fact_type_changed",
        stored,
        by=by,
        reason=reason.strip(),
        code=stored.code,
        changed=changed,
        recheck=f"{stored.recheck_n} {stored.recheck_unit}",
    )
    return stored


@transaction.atomic
def rename_fact(fact: FactType, code: str, *, reason: str, by: Any) -> FactType:
    """Give the fact another code. The old one stays known: files, programs, rules and signatures go on using it.

    Raises Refusal: no reason, or the code belongs to another fact, now or in former times.
    """
    _require(reason)
    [stored] = _locked(fact)
    old = stored.code
    if code == old:
        return stored
    # Going back to an own former code is no clash.
    FormerCode.objects.filter(code=code, fact_type=stored).delete()
    _refuse_taken(code)
    stored.code = code
    _save(stored)
    FormerCode.objects.create(code=old, fact_type=stored)
    _move_confirmations(old, code)
    record("fact_type_renamed", stored, by=by, reason=reason.strip(), old=old, new=code)
    return stored


@transaction.atomic
def merge_facts(fact: FactType, into: FactType, *, reason: str, by: Any) -> FactType:
    """Read every answer to `fact`, and every rule about it, as one of `into`. Both rows stay as recorded.

    Raises Refusal: no reason, one and the same, of different kinds, derived, merged already, or others were
    merged into it.
    """
    _require(reason)
    if fact.pk == into.pk:
        raise Refusal(_("A fact cannot be merged into itself. Choose another."))
    stored, survivor = _locked(fact, into)
    if stored.merged_into_id is not None:
        raise Refusal(_("This fact is merged already. Undo that first."))
    if survivor.merged_into_id is not None:
        raise Refusal(
            _("%(name)s is itself merged into another fact. Choose that one.")
            % {"name": title_of(survivor)}
        )
    if FactType.objects.filter(merged_into=stored).exists():
        raise Refusal(
            _("Other facts are merged into this one. Undo that first, then merge them one by one.")
        )
    if FactKind.DERIVED in (stored.kind, survivor.kind):
        raise Refusal(
            _("What follows from the skin type has no answers of its own and cannot be merged.")
        )
    if stored.kind != survivor.kind:
        raise Refusal(
            _(
                "One has a beginning and an end, the other has not: their answers cannot be read alike. Choose a fact of the same kind."
            )
        )
    stored.merged_into = survivor
    stored.save(update_fields=["merged_into"])
    record(
        "facts_merged", stored, by=by, reason=reason.strip(), code=stored.code, into=survivor.code
    )
    return stored


@transaction.atomic
def unmerge_fact(fact: FactType, *, reason: str, by: Any) -> FactType:
    """Let the fact stand for itself again, with all its answers and rules.  Raises Refusal without a reason."""
    _require(reason)
    [stored] = _locked(fact)
    if stored.merged_into is None:
        return stored
    into = stored.merged_into.code
    stored.merged_into = None
    stored.save(update_fields=["merged_into"])
    record("facts_unmerged", stored, by=by, reason=reason.strip(), code=stored.code, into=into)
    return stored


def _move_confirmations(old: str, new: str) -> None:
    """Let what physicians confirmed under the old code stand under the new one; its rows are only ever added."""
    places = {
        f"/contraindications.{old}": f"/contraindications.{new}",
        f"/contraindications.{old}.washout": f"/contraindications.{new}.washout",
        f"facts/{old}/recheck": f"facts/{new}/recheck",
    }
    rows = Confirmation.objects.filter(address__contains=old).order_by("id")
    latest = {row.address: row for row in rows if row.address.endswith(tuple(places))}
    Confirmation.objects.bulk_create(
        Confirmation(
            address=row.address.removesuffix(place) + renamed,
            value=row.value,
            source=row.source,
            by=row.by,
            on=row.on,
            at=clock.now(),
        )
        for row in latest.values()
        for place, renamed in places.items()
        if row.address.endswith(place) and not row.is_withdrawn
    )


def _require(reason: str) -> None:
    if not reason.strip():
        raise Refusal(_("Say why: the reason stands in the record."))


def _locked(*facts: FactType) -> list[FactType]:
    """The facts as they stand now, in the order given, nobody else writing them."""
    keys = [fact.pk for fact in facts]
    # By key, so that two merges that cross wait for each other instead of both going on.
    rows = {
        row.pk: row
        for row in FactType.objects.select_for_update().filter(pk__in=keys).order_by("pk")
    }
    return [rows[key] for key in keys]


def _refuse_taken(code: str) -> None:
    if FactType.objects.filter(code=code).exists():
        raise Refusal(_("Another fact has this code. Choose another code."))
    if FormerCode.objects.filter(code=code).exists():
        raise Refusal(
            _(
                "Another fact had this code, and files and programs may still use it. Choose another code."
            )
        )


def _fill(fact: FactType, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(fact, name, value)


def _save(fact: FactType) -> None:
    """Save.  Raises Refusal in the words of the constraint that a value breaks."""
    try:
        fact.validate_constraints()
        with transaction.atomic():
            fact.save()
    except ValidationError as error:
        raise Refusal(" ".join(error.messages)) from error
    except IntegrityError as error:
        raise Refusal(_("Another fact has this code. Choose another code.")) from error
