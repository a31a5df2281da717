"""Keeping photos and deleting them: their rows, and their files in three sizes."""

import datetime as dt
import hashlib
import os
import secrets
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from clinic.audit.services import claim, record, settle
from clinic.kit import clock, pictures
from clinic.kit.contention import one_transaction
from clinic.kit.pictures import Picture
from clinic.kit.refusals import Refusal
from clinic.patients.models import Patient
from clinic.staff.models import User
from plans.consents.selectors import photo_consent
from plans.core.wallclock import instant
from plans.photos.models import Photo, Taken
from plans.photos.selectors import MOST_BYTES, MOST_PHOTOS, SIZES, path_of, taken_up

_NOON_MINUTE = 12 * 60


class NoConsent(Refusal):
    """The patient has not agreed to photos, or does not any more."""


class ImpossibleDay(Refusal):
    """Nobody can have taken the photo on that day."""


def _refused(error: IntegrityError) -> Exception:
    # The only guards that a person can meet are in full_clean already.
    return error


def add_photo(patient: Patient, data: bytes, taken: Taken, *, by: User, key: uuid.UUID) -> Photo:
    """Keep the photo in the file `data`, without its metadata, in three sizes.

    Raises PictureRefused for a file that is not kept, NoConsent, ImpossibleDay, Refusal where the patient's photos
    take up all their room, AlreadyDone with the photo's key where this form was sent before.
    """
    picture = pictures.clean(data)
    name = secrets.token_hex(16)
    with _on_disk(name, picture):
        return _keep(patient, picture, name, taken, by=by, key=key)


@one_transaction(_refused)
def _keep(
    patient: Patient, picture: Picture, name: str, taken: Taken, *, by: User, key: uuid.UUID
) -> Photo:
    submission = claim(key, by=by)
    patient = (
        Patient.objects.select_for_update(of=("self",))
        .select_related("location")
        .get(pk=patient.pk)
    )
    size = len(picture.full) + len(picture.view) + len(picture.thumb)
    _require_consent(patient)
    _require_room(patient, size)
    session = taken.visit.session if taken.visit else None
    photo = Photo(
        patient=patient,
        visit=taken.visit,
        course=session.course if session else None,
        area=taken.area,
        view=taken.view,
        taken_at=_taken_at(patient, taken.on),
        name=name,
        sha256=hashlib.sha256(picture.full).hexdigest(),
        size=size,
        width=picture.width,
        height=picture.height,
        added_at=clock.now(),
        added_by=by,
    )
    try:
        photo.full_clean()
    except ValidationError as error:
        raise Refusal(" ".join(error.messages)) from error
    photo.save(force_insert=True)
    record("photo_added", photo, by=by, patient_number=patient.number, bytes=size)
    settle(submission, str(photo.pk))
    return photo


def _require_consent(patient: Patient) -> None:
    if photo_consent(patient, clock.today(patient.location.zone)) is None:
        raise NoConsent(
            _(
                "The patient has not agreed to photos, or has taken it back. Have the consent to photos signed first."
            )
        )


def _require_room(patient: Patient, size: int) -> None:
    count, total = taken_up(patient)
    if count >= MOST_PHOTOS or total + size > MOST_BYTES:
        raise Refusal(
            _(
                "%(count)s photos of this patient are kept, as many as there is room for. Have some deleted first."
            )
            % {"count": count}
        )


def _taken_at(patient: Patient, day: dt.date) -> dt.datetime:
    """Now for today, noon for an earlier day: the file's own clock went with its metadata."""
    zone = patient.location.zone
    today = clock.today(zone)
    if not patient.birth_date <= day <= today:
        raise ImpossibleDay(_("Take today or an earlier day, after the patient's birth."))
    return clock.now() if day == today else instant(day, _NOON_MINUTE, zone)


@contextmanager
def _on_disk(name: str, picture: Picture) -> Iterator[None]:
    """The three files, safe from a power cut; gone again if what follows fails."""
    try:
        write_files(name, picture)
        yield
    except BaseException:
        _remove(name)
        raise


def write_files(name: str, picture: Picture) -> None:
    """Write the three files of a photo under a name that is free."""
    for size in SIZES:
        path = path_of(name, size)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(path, getattr(picture, size))


def _write(path: Path, data: bytes) -> None:
    # Nobody but the server's own account reads them, whatever its umask.
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _remove(name: str) -> None:
    for size in SIZES:
        path_of(name, size).unlink(missing_ok=True)


@one_transaction(_refused)
def delete_photo(photo: Photo, reason: str, *, by: User, key: uuid.UUID) -> Photo:
    """Delete the photo's files for good; its row stays, and says who did it and why.

    Raises Refusal without a reason or if it was deleted before, AlreadyDone where this form was sent before.
    """
    submission = claim(key, by=by)
    reason = reason.strip()
    if not reason:
        raise Refusal(_("Say why the photo is deleted."))
    Patient.objects.select_for_update().get(pk=photo.patient_id)
    photo = Photo.objects.select_related("patient").get(pk=photo.pk)
    if photo.is_deleted:
        raise Refusal(_("This photo was deleted before, by somebody else. Nothing is left to do."))
    photo.deleted_at, photo.deleted_by, photo.deleted_reason = clock.now(), by, reason
    photo.save(update_fields=["deleted_at", "deleted_by", "deleted_reason"])
    record("photo_deleted", photo, by=by, patient_number=photo.patient.number)
    settle(submission, str(photo.pk))
    transaction.on_commit(lambda: _remove(photo.name))
    return photo
