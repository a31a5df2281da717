"""A consent as words on paper and on the screen, in the patient's language."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from clinic.kit import clock
from clinic.kit.languages import localized
from clinic.kit.markdown import blocks
from clinic.kit.tags import date_in_words, day_in_words
from clinic.patients.models import Patient
from clinic.staff.models import User
from plans.consents.models import ConsentText, Kind
from plans.consents.selectors import Subject
from plans.core.strokes import Stroke


def title_of(subject: Subject, language: str | None = None) -> str:
    if subject.kind == Kind.PHOTO:
        return _("Consent to photos")
    return _("Consent: %(procedure)s") % {"procedure": subject.name(language)}


def languages_of(text: ConsentText | None) -> list[str]:
    """The languages in which the text is written, English first."""
    return sorted((text.texts if text else {}), key=lambda code: (code != "en", code))


def best_language(text: ConsentText | None, *wishes: str) -> str:
    """The first of `wishes` in which the text is written, else English."""
    written = languages_of(text)
    return next((wish for wish in wishes if wish in written), "en")


def shown(subject: Subject, language: str) -> dict[str, Any]:
    """What the patient reads, for the page."""
    text = subject.text
    return {
        "title": title_of(subject, language),
        "body": localized(text.texts, language) if text else "",
        "risks": _listed(text.risks, language) if text else [],
        "declarations": _listed(text.declarations, language) if text else [],
    }


def _listed(by_language: dict[str, list[str]], language: str) -> list[str]:
    return by_language.get(language) or by_language.get("en") or []


def blank_values(subject: Subject, patient: Patient, language: str) -> dict[str, Any]:
    """The form to be signed on paper."""
    with translation.override(language):
        return _values(subject, patient, language, _no_signature(), clock.today())


def signed_values(
    subject: Subject, patient: Patient, language: str, name: str, *, until: dt.date | None,
    at: dt.datetime, by: User, strokes: Sequence[Stroke] = (),
) -> dict[str, Any]:  # fmt: skip
    """The document with its signature: drawn in `strokes`, or typed where there are none."""
    with translation.override(language):
        local = timezone.localtime(at, patient.location.zone)
        when = {"day": day_in_words(local.date(), "year"), "time": f"{local:%H:%M}"}
        how = (
            _("Signed on the screen, %(day)s, %(time)s.")
            if strokes
            else _("Signed by typing the name, %(day)s, %(time)s.")
        )
        signature = {
            "name": name,
            "when": how % when,
            "until": _("Good until %(day)s.") % {"day": day_in_words(until, "year")}
            if until
            else "",
            "taken": _("Taken by %(name)s.") % {"name": by.display_name},
            "strokes": [[list(point) for point in stroke] for stroke in strokes],
            "is_signed": True,
        }
        return _values(subject, patient, language, signature, local.date())


def _no_signature() -> dict[str, Any]:
    return {"name": "", "when": "", "until": "", "taken": "", "strokes": [], "is_signed": False}


def _values(
    subject: Subject, patient: Patient, language: str, signature: dict[str, Any], day: dt.date
) -> dict[str, Any]:
    said, location = shown(subject, language), patient.location
    sheet = {
        "language": language,
        "title": said["title"],
        "clinic": {
            "name": location.name,
            "address": location.address,
            "phone": location.phone,
            "after_hours": location.phone_after_hours,
        },
        "who": [
            [_("Patient"), f"{patient.full_name}, {date_in_words(patient.birth_date)}"],
            [_("No."), str(patient.number)],
        ],
        "labels": {
            "call_night": _("Nights and weekends"),
            "risks": _("What can go wrong"),
            "declarations": _("What I confirm by my signature"),
            "name": _("Name"),
            "place": _("Place and date"),
            "signature": _("Signature"),
            "witness": _("Explained by"),
        },
        "body": [asdict(block) for block in blocks(said["body"])],
        "risks": said["risks"],
        "declarations": said["declarations"],
        "signature": signature,
        "foot": _foot(subject, day_in_words(day, "year")),
    }
    return {"sheet": sheet, "title": said["title"]}


def _foot(subject: Subject, day: str) -> str:
    number = subject.text.number if subject.text else 0
    if subject.revision is None:
        return _("Photos, text %(number)s. %(day)s.") % {"number": number, "day": day}
    told = {"procedure": subject.revision.title, "revision": subject.revision.number}
    words = _("%(procedure)s, catalogue revision %(revision)s, consent text %(number)s. %(day)s.")
    return words % (told | {"number": number, "day": day})
