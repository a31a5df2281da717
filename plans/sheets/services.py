"""Handing out: PDF by typst, a link behind the code, an e-mail; and the record of what was given."""

import hashlib
import json
from collections.abc import Callable, Sequence

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from clinic.audit.services import record
from clinic.kit import clock, paper
from clinic.kit.codes import code_of
from clinic.patients.models import Patient
from clinic.staff.models import User
from plans.catalogue.models import Revision
from plans.links.models import Link, Purpose
from plans.links.services import Letter, issue_all, post_later, require_mail
from plans.sheets.models import HandedOut, Way
from plans.sheets.selectors import MAKERS, Visits
from plans.sheets.tags import Look, Sheet

# The address of a sheet's page and of its calendar, for the secret of a link.
Address = Callable[[str], tuple[str, str]]


def pdf(template: str, sheets: Sequence[Sheet], look: Look | None = None) -> bytes:
    """One document with `sheets` in order, a new page each.  Raises ValueError without any sheet."""
    if not sheets:
        raise ValueError("nothing to print")
    look = look or Look()
    values = {
        "sheets": [sheet.values() for sheet in sheets],
        "title": sheets[0].title,
        "paper": look.paper,
        "is_large": look.is_large,
    }
    return paper.pdf(template, values)


@transaction.atomic
def hand_out(
    kind: str, days: Sequence[Visits], look: Look, address: Address, *, by: User, way: str
) -> list[Sheet]:
    """The sheets of `days` with their codes, each with a new link of its own, written down as handed out.

    As many queries for fifty sheets as for one, but for a line of the audit for each.
    """
    secrets = issue_all(Purpose.SHEET, [(each.patient, each.first) for each in days], by=by)
    links = _links(secrets)
    sheets, rows = [], []
    for visits, secret in zip(days, secrets, strict=True):
        sheet = MAKERS[kind](visits, look.language, look.left_out)
        rows += [
            _row(kind, sheet, look, visits.patient, visits.revisions, way, by)
            | {"visit": visit, "link": links[_digest(secret)]}
            for visit in visits.all
        ]
        page, calendar = address(secret)
        with translation.override(sheet.language):
            words = _("This sheet on your phone"), _("Your visits for your calendar")
        sheets.append(sheet.with_codes((words[0], code_of(page)), (words[1], code_of(calendar))))
    _keep(rows)
    return sheets


def hand_out_paper(
    kind: str,
    sheet: Sheet,
    look: Look,
    patient: Patient,
    revisions: Sequence[Revision],
    *,
    by: User,
) -> Sheet:
    """Write down that a card or a plan was printed; the sheet itself comes back."""
    with transaction.atomic():
        _keep([_row(kind, sheet, look, patient, revisions, Way.PRINT, by)])
    return sheet


def send(kind: str, visits: Visits, look: Look, address: Address, *, by: User) -> None:
    """Send the patient an e-mail with the link to the sheet: no health word stands in it, and no name.

    Raises Refusal without a mail server or an address, without the patient's consent to e-mail, or when it fails.
    """
    instead = _("Print the sheet.")
    require_mail(visits.patient, instead)
    with transaction.atomic():
        sheet = hand_out(kind, [visits], look, address, by=by, way=Way.MAIL)[0]
        page = sheet.codes[0][1].address
        told = {"clinic": sheet.clinic["name"], "phone": sheet.clinic["phone"], "page": page}
        with translation.override(sheet.language):
            subject = _("From %(clinic)s: your sheet") % told
            body = _(
                "Your sheet, with all its dates, is here:\n%(page)s\n\nKeep the address to yourself. Questions? Call %(phone)s."
            )
            letter = Letter(
                visits.patient, subject, body % told, page.rstrip("/").rsplit("/", 1)[-1],
                Purpose.SHEET, instead,
            )  # fmt: skip
        post_later(letter, by=by)


def _links(secrets: Sequence[str]) -> dict[str, Link]:
    digests = [_digest(secret) for secret in secrets]
    return {link.digest: link for link in Link.objects.filter(digest__in=digests)}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _row(
    kind: str,
    sheet: Sheet,
    look: Look,
    patient: Patient,
    revisions: Sequence[Revision],
    way: str,
    by: User,
) -> dict[str, object]:
    values = sheet.values() | {"foot": ""}  # the minute of printing is no part of what it says
    numbered = [f"{revision.procedure.code} {revision.number}" for revision in revisions]
    return {
        "patient": patient,
        "kind": kind,
        "revision": ", ".join(numbered)[:200],
        "language": sheet.language,
        "paper": look.paper,
        "is_large": look.is_large,
        "left_out": list(look.left_out),
        "digest": _digest(json.dumps(values, sort_keys=True, ensure_ascii=False)),
        "way": way,
        "by": by,
        "at": clock.now(),
    }


def _keep(rows: Sequence[dict[str, object]]) -> None:
    for kept in HandedOut.objects.bulk_create(HandedOut(**row) for row in rows):
        record(
            "printed" if kept.way == Way.PRINT else "sent",
            kept.visit or kept.patient,
            by=kept.by,
            patient_number=kept.patient.number,
            kind=kept.kind,
            revision=kept.revision,
            language=kept.language,
        )
