"""The command that looks after the files beside the database."""

import io
import os
import uuid

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from clinic.audit.models import Entry
from clinic.kit import clock
from plans.consents.selectors import place_of
from plans.data.factories import ConsentFactory, PhotoFactory
from plans.photos.selectors import path_of
from plans.photos.services import delete_photo

DAY = 24 * 60 * 60


def checked(**options: bool) -> str:
    out = io.StringIO()
    call_command("check_files", stdout=out, **options)
    return out.getvalue()


def aged(path, days: float) -> None:
    """Let the file have been written so many days ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_bytes(b"left behind")
    at = clock.now().timestamp() - days * DAY
    os.utime(path, (at, at))


@pytest.fixture
def photo(clinic, agreed):
    row = PhotoFactory.create(patient=clinic.patient)
    for size in ("full", "view", "thumb"):
        aged(path_of(row.name, size), 9)
    aged(place_of(agreed.stored), 9)
    return row


def test_what_is_whole_is_said_to_be_whole(photo):
    assert "Every document and photo is what was kept" in checked()
    assert "belong to nothing, found: 0" in checked()


def test_what_a_power_cut_left_is_found_and_deleted_and_the_rest_stays(photo, agreed):
    lost = [path_of(uuid.uuid4().hex, "full"), place_of("lost.pdf")]
    for path in lost:
        aged(path, 2)
    assert "found: 2" in checked()
    assert all(path.exists() for path in lost)
    assert "deleted: 2" in checked(delete_strays=True)
    assert not any(path.exists() for path in lost)
    assert path_of(photo.name, "full").exists()
    assert place_of(agreed.stored).exists()
    assert Entry.objects.get(action="strays_deleted").details == {"files": 2}


def test_what_is_being_uploaded_is_left_alone(photo):
    aged(path_of(uuid.uuid4().hex, "full"), 0.5)
    assert "deleted: 0" in checked(delete_strays=True)


@pytest.mark.django_db(transaction=True)
def test_the_files_of_a_deleted_photo_are_strays(clinic, photo):
    content = path_of(photo.name, "full").read_bytes()
    delete_photo(photo, "Wrong patient", by=clinic.physician, key=uuid.uuid4())
    assert not path_of(photo.name, "full").exists()
    path_of(photo.name, "full").write_bytes(content)
    aged(path_of(photo.name, "full"), 2)
    assert "found: 1" in checked()


@pytest.mark.parametrize("size", ["full", "thumb"])
def test_a_photo_that_is_gone_is_named(photo, size):
    path_of(photo.name, size).unlink()
    with pytest.raises(CommandError, match=f"photo {photo.pk}"):
        checked()


def test_a_document_that_was_changed_is_named_and_no_patient(photo, agreed):
    place_of(agreed.stored).write_bytes(b"%PDF-1.7 another")
    with pytest.raises(CommandError, match=f"consent {agreed.pk}") as refusal:
        checked()
    assert "Petrova" not in str(refusal.value)


def test_an_empty_clinic_has_no_files(clinic):
    assert not (settings.MEDIA_ROOT / "photos").exists()
    assert "found: 0" in checked()
    ConsentFactory.create(patient=clinic.patient, revision=clinic.peel)
    assert "Every document" in checked()
