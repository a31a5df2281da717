"""Reading photos: a patient's, a visit's, a course's, and their files."""

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Literal, get_args

from django.conf import settings
from django.db.models import Count, QuerySet, Sum
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from clinic.kit import clock
from clinic.kit.languages import localized
from clinic.kit.stored import strays
from clinic.kit.tags import date_in_words, day_in_words
from clinic.patients.models import Patient
from clinic.places.models import Location
from plans.consents.selectors import photo_consent
from plans.courses.models import Course
from plans.courses.selectors import local_day
from plans.diary.models import Appointment
from plans.photos.models import Photo, View
from plans.photos.tags import areas_planned, rank, shown_words

Size = Literal["full", "view", "thumb"]
SIZES: tuple[Size, ...] = get_args(Size)
# What one patient's photos may take: ten years of monthly sessions with four views each, and room beside. [P]
MOST_PHOTOS, MOST_BYTES = 500, 2 * 1024**3


class FileDamaged(Exception):
    """The file is not there, or is not the one that was kept."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A photo with its words; `day` is the calendar date where the patient is treated."""

    photo: Photo

    @property
    def words(self) -> str:
        return shown_words(self.photo.area, self.photo.view)

    @property
    def day(self) -> dt.date:
        return timezone.localtime(self.photo.taken_at).date()


@dataclass(frozen=True, slots=True)
class Series:
    """Photos of one area from one side, the oldest first: what can be compared."""

    area: str
    view: str
    shots: tuple[Shot, ...]

    @property
    def words(self) -> str:
        return shown_words(self.area, self.view)

    @property
    def first(self) -> Shot:
        return self.shots[0]

    @property
    def last(self) -> Shot:
        return self.shots[-1]

    @property
    def is_comparable(self) -> bool:
        return len(self.shots) > 1


def live_photos() -> QuerySet[Photo]:
    """Photos that were not deleted, the oldest first, with who added them."""
    return Photo.objects.filter(deleted_at__isnull=True).select_related("added_by", "patient")


def photo_at(location: Location, pk: int) -> Photo:
    """A photo of a patient of `location`.  Raises Photo.DoesNotExist, also for one that was deleted. One query."""
    return live_photos().get(pk=pk, patient__location=location)


def all_at(location: Location) -> QuerySet[Photo]:
    """Photos of patients of `location`, those deleted among them, with who added and deleted them."""
    rows = Photo.objects.select_related("added_by", "deleted_by", "patient")
    return rows.filter(patient__location=location)


def shots_of(patient: Patient, area: str = "", view: str = "") -> list[Shot]:
    """The patient's photos, the latest first; of one area or one side only where it is named. One query."""
    wanted = {name: code for name, code in (("area", area), ("view", view)) if code}
    rows = live_photos().filter(patient=patient, **wanted)
    return [Shot(photo) for photo in rows.order_by("-taken_at", "-id")]


def series_of(shots: Iterable[Shot]) -> list[Series]:
    """The shots by what they show, from the head down; no query."""

    def what(shot: Shot) -> tuple[tuple[int, int], str, str]:
        photo = shot.photo
        return rank(photo.area, photo.view), photo.area, photo.view

    ordered = sorted(shots, key=lambda shot: (what(shot), shot.photo.taken_at, shot.photo.pk))
    return [
        Series(area, view, tuple(group)) for (_rank, area, view), group in groupby(ordered, what)
    ]


def strip(course: Course) -> list[Series]:
    """The photos of a course's visits, by what they show, each from its first to its last. One query."""
    return series_of(Shot(photo) for photo in live_photos().filter(course=course))


def in_visit(visit: Appointment) -> dict[str, Any]:
    """What photos/in_visit.html shows: the visit's photos, and whether the patient agreed. Two queries."""
    shots = [Shot(photo) for photo in live_photos().filter(visit=visit)]
    agreed = photo_consent(visit.patient, clock.today(visit.location.zone))
    return {"visit": visit, "patient": visit.patient, "shots": shots, "photo_consent": agreed}


def previous(patient: Patient, visit: Appointment | None) -> list[Shot]:
    """The last photo of each area and side before this visit's: what the next one is laid over. One query."""
    rows = live_photos().filter(patient=patient)
    if visit is not None:
        rows = rows.exclude(visit=visit)
    return [series.last for series in series_of(map(Shot, rows))]


def next_to_take(visit: Appointment | None, shots: Iterable[Shot]) -> tuple[str, str]:
    """The area and side to offer: the first side of the course's first area that `shots` do not show yet."""
    session = visit.session if visit else None
    areas = areas_planned(session.course.areas if session else ())
    taken = {(shot.photo.area, shot.photo.view) for shot in shots}
    open_ = [(area, view) for area in areas for view in View.values if (area, view) not in taken]
    return open_[0] if open_ else (areas[0], View.CLOSE)


def visit_of(patient: Patient, pk: int) -> Appointment:
    """A visit of the patient with its course.  Raises Appointment.DoesNotExist. One query."""
    rows = Appointment.objects.select_related("location", "patient", "session__course__revision")
    return rows.get(pk=pk, patient=patient)


def label_of(visit: Appointment) -> dict[str, Any]:
    """What the card says that is photographed first, in the language of the page. No query for one of `visit_at`."""
    course = visit.session.course if visit.session else None
    lines = [(_("Taken on"), day_in_words(local_day(visit), "year"))]
    if visit.session and course:
        said = {"n": visit.session.ordinal, "count": len(course.sessions.all())}
        lines.append((_("Treatment"), localized(course.revision.name)))
        lines.append((_("Session"), _("%(n)s of %(count)s") % said))
    patient = visit.patient
    return {
        "title": _("Photos of %(day)s") % {"day": day_in_words(local_day(visit), "year")},
        "language": (translation.get_language() or "en").split("-")[0],
        "clinic": visit.location.name,
        "number": f"{_('No.')} {patient.number}",
        "patient": f"{patient.full_name}, {date_in_words(patient.birth_date)}",
        "lines": lines,
        "scale": _("Printed in its own size, the scale is 100 mm long."),
    }


def taken_up(patient: Patient) -> tuple[int, int]:
    """How many photos of the patient are kept, and their bytes. One query."""
    said = Photo.objects.filter(patient=patient, deleted_at__isnull=True).aggregate(
        n=Count("id"), total=Sum("size")
    )
    return said["n"], said["total"] or 0


def path_of(name: str, size: Size) -> Path:
    """Where a file lies: outside everything that a web server hands out."""
    return Path(settings.MEDIA_ROOT) / "photos" / name[:2] / f"{name}-{size}.jpg"


def bytes_of(photo: Photo, size: Size) -> bytes:
    """One of the photo's files; in full size it is checked against its digest.  Raises FileDamaged."""
    try:
        data = path_of(photo.name, size).read_bytes()
    except OSError as error:
        raise FileDamaged(str(photo)) from error
    if size == "full" and hashlib.sha256(data).hexdigest() != photo.sha256:
        raise FileDamaged(str(photo))
    return data


def damaged_photos() -> list[int]:
    """Keys of the photos whose file is gone or not the one that was kept. One query; reads every full file."""
    return [photo.pk for photo in live_photos().iterator() if not _is_whole(photo)]


def _is_whole(photo: Photo) -> bool:
    try:
        bytes_of(photo, "full")
    except FileDamaged:
        return False
    return all(path_of(photo.name, size).exists() for size in SIZES)


def stray_photos(before: dt.datetime) -> list[Path]:
    """Files written before that instant which no photo names, such as after a power cut while one was added. One query."""
    names = Photo.objects.filter(deleted_at__isnull=True).values_list("name", flat=True)
    kept = {path_of(name, size) for name in names for size in SIZES}
    return strays(Path(settings.MEDIA_ROOT) / "photos", kept, before)
