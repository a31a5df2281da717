"""Keeping photos and deleting them: rows, files, and what the database holds."""

import datetime as dt
import stat
import uuid

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from clinic.audit.models import Entry
from clinic.kit import clock
from clinic.kit.pictures import PictureRefused
from clinic.kit.refusals import AlreadyDone, Refusal
from plans.consents.services import withdraw
from plans.data.factories import PhotoFactory
from plans.photos import selectors, services
from plans.photos.models import Photo, Taken
from plans.photos.services import ImpossibleDay, NoConsent, add_photo, delete_photo
from tests.diary.clinic import TODAY
from tests.photos import files

JPEG = files.saved(files.scene(), "JPEG", exif=files.exif(6))


def add(clinic, data: bytes = JPEG, **changes) -> Photo:
    taken = Taken(**{"area": "face", "view": "front", "on": TODAY, **changes})
    return add_photo(clinic.patient, data, taken, by=clinic.practitioner, key=uuid.uuid4())


def on_disk() -> list[str]:
    folder = settings.MEDIA_ROOT / "photos"
    return sorted(path.name for path in folder.rglob("*.jpg")) if folder.exists() else []


def test_a_photo_is_kept_with_its_visit_and_course(clinic, agreed, visit):
    photo = Photo.objects.get(pk=add(clinic, visit=visit).pk)
    assert (photo.visit, photo.course) == (visit, visit.session.course)
    assert (photo.width, photo.height) == (80, 120)
    assert photo.taken_at == clock.now()
    assert selectors.bytes_of(photo, "full")[:2] == b"\xff\xd8"
    assert on_disk() == [f"{photo.name}-{size}.jpg" for size in ("full", "thumb", "view")]


def test_only_the_server_reads_the_files(clinic, agreed):
    path = selectors.path_of(add(clinic).name, "full")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_nothing_lies_below_an_address_that_is_served(clinic, agreed):
    add(clinic)
    assert not settings.MEDIA_URL.strip("/") or not settings.DEBUG
    assert settings.STATIC_ROOT not in selectors.path_of("ab", "full").parents


def test_the_audit_says_who_added_it_and_nothing_of_what_it_shows(clinic, agreed):
    photo = add(clinic)
    entry = Entry.objects.get(action="photo_added")
    assert (entry.by, entry.patient_number) == (clinic.practitioner, 142)
    assert entry.details == {"bytes": photo.size}


def test_without_consent_nothing_is_kept(clinic):
    with pytest.raises(NoConsent, match="not agreed"):
        add(clinic)
    assert not on_disk()
    assert not Photo.objects.exists()


def test_a_consent_taken_back_counts_no_more(clinic, agreed):
    withdraw(agreed, "changed her mind", by=clinic.physician, key=uuid.uuid4())
    with pytest.raises(NoConsent):
        add(clinic)


def test_a_photo_of_an_earlier_day_stands_at_its_noon(clinic, agreed):
    photo = add(clinic, on=TODAY - dt.timedelta(days=30))
    assert photo.taken_at.astimezone(clinic.location.zone).hour == 12


@pytest.mark.parametrize("day", [TODAY + dt.timedelta(days=1), dt.date(1900, 1, 1)])
def test_a_day_that_cannot_be_is_refused(clinic, agreed, day):
    with pytest.raises(ImpossibleDay):
        add(clinic, on=day)
    assert not on_disk()


def test_a_second_click_keeps_one_photo(clinic, agreed):
    key, taken = uuid.uuid4(), Taken("face", "front", TODAY)
    first = add_photo(clinic.patient, JPEG, taken, by=clinic.practitioner, key=key)
    with pytest.raises(AlreadyDone) as again:
        add_photo(clinic.patient, JPEG, taken, by=clinic.practitioner, key=key)
    assert again.value.outcome == str(first.pk)
    assert len(on_disk()) == 3


def test_a_refused_file_leaves_nothing_behind(clinic, agreed):
    with pytest.raises(PictureRefused):
        add(clinic, files.bomb())
    assert not on_disk()


def test_a_patients_photos_have_their_room_and_no_more(clinic, agreed, monkeypatch):
    PhotoFactory.create(patient=clinic.patient)
    monkeypatch.setattr(services, "MOST_PHOTOS", 1)
    with pytest.raises(Refusal, match="1 photos of this patient are kept"):
        add(clinic)
    monkeypatch.setattr(services, "MOST_PHOTOS", 9)
    monkeypatch.setattr(services, "MOST_BYTES", 4000)
    with pytest.raises(Refusal, match="room"):
        add(clinic)
    assert len(on_disk()) == 3


def test_a_deleted_photo_leaves_its_mark_and_its_room(
    clinic, agreed, django_capture_on_commit_callbacks
):
    photo = add(clinic)
    with django_capture_on_commit_callbacks(execute=True):
        delete_photo(photo, "wrong patient", by=clinic.physician, key=uuid.uuid4())
    assert not on_disk()
    row = Photo.objects.get()
    assert (row.deleted_by, row.deleted_reason) == (clinic.physician, "wrong patient")
    assert selectors.taken_up(clinic.patient) == (0, 0)
    assert not selectors.shots_of(clinic.patient)


def test_a_photo_is_deleted_once_and_with_a_reason(clinic, agreed):
    photo = add(clinic)
    with pytest.raises(Refusal, match="Say why"):
        delete_photo(photo, "  ", by=clinic.physician, key=uuid.uuid4())
    delete_photo(photo, "wrong patient", by=clinic.physician, key=uuid.uuid4())
    with pytest.raises(Refusal, match="deleted before"):
        delete_photo(photo, "wrong patient", by=clinic.physician, key=uuid.uuid4())


def test_a_file_that_somebody_changed_is_not_shown(clinic, agreed):
    photo = add(clinic)
    selectors.path_of(photo.name, "full").write_bytes(files.saved(files.scene(), "JPEG"))
    with pytest.raises(selectors.FileDamaged):
        selectors.bytes_of(photo, "full")


@pytest.mark.parametrize("column", ["area", "taken_at", "patient_id", "sha256", "visit_id", "name"])
def test_what_a_photo_is_cannot_be_changed(clinic, column):
    photo = PhotoFactory.create(patient=clinic.patient)
    value = getattr(photo, column)
    with pytest.raises(IntegrityError, match="photo_frozen"), transaction.atomic():
        Photo.objects.filter(pk=photo.pk).update(**{column: value})


def test_a_photos_row_can_neither_go_nor_come_back(clinic, agreed):
    photo = add(clinic)
    with pytest.raises(IntegrityError, match="photo_kept"), transaction.atomic():
        photo.delete()
    delete_photo(photo, "wrong patient", by=clinic.physician, key=uuid.uuid4())
    with pytest.raises(IntegrityError, match="photo_deleted_for_good"), transaction.atomic():
        Photo.objects.update(deleted_at=None, deleted_by=None, deleted_reason="")
