"""Reading consents: what is asked for, what was signed, and what still counts."""

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.kit.languages import localized
from clinic.kit.refusals import Refusal
from clinic.kit.stored import strays
from clinic.kit.tags import day_in_words
from clinic.patients.models import Patient
from clinic.places.models import Location
from plans.catalogue.models import Procedure, Revision
from plans.catalogue.selectors import current_revisions, offered_procedures
from plans.consents.models import Consent, ConsentText, Kind, Way
from plans.core.consents import Given, State, counting, latest
from plans.core.spacing import Period
from plans.core.strokes import Stroke
from plans.courses.models import Course
from plans.drafts.models import RevisionState
from plans.terms.models import period


@dataclass(frozen=True)
class Subject:
    """What one consents to: a procedure by one of its revisions, or photos; with its text in force, if it has one."""

    revision: Revision | None
    text: ConsentText | None

    @property
    def kind(self) -> Kind:
        return Kind.TREATMENT if self.revision else Kind.PHOTO

    @property
    def procedure(self) -> Procedure | None:
        return self.revision.procedure if self.revision else None

    @property
    def valid_for(self) -> Period | None:
        return period(self.revision, "consent_valid") if self.revision else None

    def name(self, language: str | None = None) -> str:
        return localized(self.revision.name, language) if self.revision else _("Photos")

    @property
    def is_without_text(self) -> bool:
        """Something must be signed, and there is nothing to read."""
        is_needed = self.revision is None or self.revision.consent_required
        return is_needed and self.text is None


@dataclass(frozen=True)
class Signature:
    """How somebody signed on the screen: drawn in `strokes`, or by typing the name."""

    name: str
    strokes: tuple[Stroke, ...] = ()

    @property
    def way(self) -> Way:
        return Way.SCREEN if self.strokes else Way.TYPED


@dataclass(frozen=True)
class Missing:
    """A consent that is required and does not count; `last`: the one that did, or would have."""

    revision: Revision
    last: Given | None
    state: State | None
    has_text: bool

    @property
    def words(self) -> str:
        """Why, and what to do next."""
        named = {"procedure": self.revision.title}
        if self.state == "expired" and self.last and self.last.valid_until:
            told = _("The consent to %(procedure)s was good until %(day)s.")
            why = told % (named | {"day": day_in_words(self.last.valid_until)})
        elif self.state == "withdrawn":
            why = _("The patient has taken back the consent to %(procedure)s.") % named
        else:
            why = _("No consent to %(procedure)s is signed.") % named
        then = (
            _("Have it signed first.")
            if self.has_text
            else _(
                "No text of ours is published for it: have a form signed on paper and upload it."
            )
        )
        return f"{why} {then}"


@dataclass(frozen=True)
class Row:
    """One consent on the patient's page, with what it is worth on the day."""

    consent: Consent
    state: State

    @property
    def title(self) -> str:
        return self.consent.revision.title if self.consent.revision else _("Photos")


@dataclass(frozen=True)
class Wanted:
    """What a course that goes on asks for: a consent that counts, or why none does."""

    revision: Revision
    missing: Missing | None


class Damaged(Refusal):
    """The document on disk is not the one that was signed."""


def given(consent: Consent) -> Given:
    """The consent as a value."""
    is_withdrawn = consent.withdrawn_at is not None
    return Given(consent.pk, consent.signed_on, consent.valid_until, is_withdrawn)


def missing(patient: Patient, revision: Revision, on: dt.date) -> list[Missing]:
    """What keeps a treatment by `revision` from beginning on that day; none where it needs no consent.

    A consent counts for the revision under which it was signed. No query, or one, or two where one is missing.
    """
    if not revision.consent_required:
        return []
    rows = Consent.objects.filter(patient=patient, revision=revision)
    return _missing(revision, [given(row) for row in rows], on)


def _missing(revision: Revision, rows: Iterable[Given], on: dt.date) -> list[Missing]:
    rows = list(rows)
    if counting(rows, on):
        return []
    last = latest(rows, on)
    state = last.state(on) if last else None
    return [Missing(revision, last, state, text_of(revision.procedure) is not None)]


def photo_consent(patient: Patient, on: dt.date) -> Consent | None:
    """The consent to photos that counts on that day. One query."""
    rows = list(Consent.objects.filter(patient=patient, kind=Kind.PHOTO))
    found = counting([given(row) for row in rows], on)
    return next((row for row in rows if found and row.pk == found.key), None)


def of_visit(visit: Any) -> Revision | None:
    """The rules by which a visit of the diary treats; None for a consultation. A second part goes by the first."""
    session = visit.session or (visit.continues and visit.continues.session)
    return session.course.revision if session else None


def in_visit(visit: Any) -> dict[str, Any]:
    """What consents/in_visit.html shows beside an appointment, as things stand on the visit's day. Two queries, or three."""
    on = timezone.localtime(visit.starts_at, visit.location.zone).date()
    revision = of_visit(visit)
    for_this = Q(kind=Kind.PHOTO) | Q(revision=revision, kind=Kind.TREATMENT)
    rows = list(Consent.objects.filter(for_this, patient=visit.patient))
    of_treatment = [row for row in rows if revision and row.revision_id == revision.pk]
    lacks = (
        _missing(revision, map(given, of_treatment), on)
        if revision and revision.consent_required
        else []
    )
    return {
        "visit": visit,
        "patient": visit.patient,
        "revision": revision,
        "is_required": bool(revision and revision.consent_required),
        "missing": lacks[0] if lacks else None,
        "consent": _counting(of_treatment, on),
        "photo": _counting([row for row in rows if row.kind == Kind.PHOTO], on),
    }


def _counting(rows: list[Consent], on: dt.date) -> Consent | None:
    found = counting(map(given, rows), on)
    return next((row for row in rows if found and row.pk == found.key), None)


def text_of(procedure: Procedure | None) -> ConsentText | None:
    """The text in force for the procedure, or for photos. One query."""
    return ConsentText.objects.filter(procedure=procedure).order_by("-number").first()


def texts_of(procedure: Procedure | None) -> list[ConsentText]:
    """Every text that was ever in force for the procedure, or for photos; the last first. One query."""
    return list(ConsentText.objects.filter(procedure=procedure).order_by("-number"))


def offered_subjects() -> list[Subject]:
    """Photos, then every treatment that is offered in the clinic, in the catalogue's order. Two queries."""
    rows = ConsentText.objects.select_related("published_by").order_by("number")
    latest_of = {row.procedure_id: row for row in rows}
    treatments = offered_procedures().filter(procedure__is_home=False)
    return [
        Subject(None, latest_of.get(None)),
        *(Subject(one, latest_of.get(one.procedure_id)) for one in treatments),
    ]


def versions(procedure: Procedure | None) -> list[ConsentText]:
    """Every text that was in force, the last first, with `signatures`: how many signed it. One query."""
    rows = ConsentText.objects.filter(procedure=procedure).select_related("published_by")
    return list(rows.annotate(signatures=Count("consents")).order_by("-number"))


def subject(code: str, number: int) -> Subject:
    """A procedure by one of its published revisions.  Raises Revision.DoesNotExist. Two queries."""
    rows = Revision.objects.select_related("procedure").exclude(state=RevisionState.DRAFT)
    revision = rows.get(procedure__code=code, number=number)
    return Subject(revision, text_of(revision.procedure))


def offered(code: str | None) -> Subject:
    """A treatment in the clinic by its revision in force, or photos.  Raises Revision.DoesNotExist. Two queries."""
    if code is None:
        return photo_subject()
    revision = current_revisions().get(procedure__code=code, procedure__is_home=False)
    return Subject(revision, text_of(revision.procedure))


def photo_subject() -> Subject:
    """Photos. One query."""
    return Subject(None, text_of(None))


def of_patient(patient: Patient, on: dt.date) -> list[Row]:
    """Everything that the patient ever signed, the last first. One query."""
    rows = Consent.objects.filter(patient=patient).select_related(
        "revision__procedure", "taken_by", "withdrawn_by"
    )
    return [Row(row, given(row).state(on)) for row in rows]


def wanted(patient: Patient, rows: Iterable[Row], on: dt.date) -> list[Wanted]:
    """What the courses with sessions still owed ask for. Two queries, and one for each consent that is missing."""
    courses = Course.objects.filter(
        patient=patient,
        revision__consent_required=True,
        sessions__performed_on=None,
        sessions__written_off_on=None,
        sessions__isnull=False,
    )
    revisions = Revision.objects.filter(courses__in=courses).select_related("procedure").distinct()
    signed = [row.consent for row in rows]
    found = []
    for revision in revisions:
        lacks = _missing(
            revision, [given(row) for row in signed if row.revision_id == revision.pk], on
        )
        found.append(Wanted(revision, lacks[0] if lacks else None))
    return found


def consents_at(location: Location) -> QuerySet[Consent]:
    """Consents of the location's patients."""
    return Consent.objects.filter(patient__location=location).select_related(
        "patient", "revision__procedure"
    )


def place_of(stored: str) -> Path:
    """Where a signed document lies: outside of everything that is served."""
    return Path(settings.MEDIA_ROOT) / "consents" / stored


def document(consent: Consent) -> bytes:
    """The signed PDF, as it was kept.  Raises Damaged if it is gone or its digest is another."""
    try:
        found = place_of(consent.stored).read_bytes()
    except OSError:
        found = b""
    if hashlib.sha256(found).hexdigest() != consent.sha256:
        raise Damaged(
            _(
                "The stored document is not the one that was signed: its digest differs. Restore it from a backup, or have the consent signed again."
            )
        )
    return found


def damaged_documents() -> list[int]:
    """Keys of the consents whose document is gone or not the one that was signed. One query; reads every document."""
    return [row.pk for row in Consent.objects.iterator() if not _is_whole(row)]


def _is_whole(consent: Consent) -> bool:
    try:
        document(consent)
    except Damaged:
        return False
    return True


def stray_documents(before: dt.datetime) -> list[Path]:
    """Files written before that instant which no consent names. One query."""
    kept = {place_of(stored) for stored in Consent.objects.values_list("stored", flat=True)}
    return strays(Path(settings.MEDIA_ROOT) / "consents", kept, before)
