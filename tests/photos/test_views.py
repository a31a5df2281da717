"""Pages of photos: taking, refusing in words, seeing, comparing, deleting."""

import datetime as dt
import re
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from clinic.audit.models import Entry
from clinic.kit import clock
from clinic.kit.pictures import WHY
from plans.data.factories import PatientFactory, PhotoFactory
from plans.photos import selectors
from plans.photos.models import Photo
from tests.diary.clinic import TODAY, client_of, said
from tests.kit.test_pictures import REFUSED
from tests.photos import files

ADD = "/photos/142/add/"
JPEG = files.saved(files.scene(), "JPEG", exif=files.exif())


def send(
    client, data: bytes = JPEG, name: str = "IMG_1.jpg", to: str = ADD, field: str = "file", **more
):
    form = {"key": uuid.uuid4(), "area": "face", "view": "front", "taken_on": TODAY}
    return client.post(to, form | {field: SimpleUploadedFile(name, data)} | more)


def older(clinic, days: int, **more) -> Photo:
    at = clock.now() - dt.timedelta(days=days)
    return PhotoFactory.create(patient=clinic.patient, taken_at=at, added_at=at, **more)


def is_checked(page, name: str, value: str) -> bool:
    [box] = re.findall(f'<input type="radio" name="{name}" value="{value}"[^>]*>', page.text)
    return " checked" in box


# --- taking


@pytest.mark.parametrize("field", ["camera", "file"])
def test_a_photo_is_kept_and_the_next_side_is_offered(client, agreed, visit, field):
    answer = send(client, to=f"{ADD}?visit={visit.pk}", field=field)
    assert (answer.status_code, answer["Location"]) == (302, f"{ADD}?visit={visit.pk}")
    assert Photo.objects.get().visit == visit
    page = client.get(answer["Location"])
    assert is_checked(page, "view", "half_left")
    assert "1 photo of this visit" in said(page)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("PNG", "x.jpg"),
        ("JPEG", "x.heic"),
        ("HEIF", "IMG_2.HEIC"),
        ("WEBP", "x.exe"),
        ("JPEG", "../../x"),
    ],
)
def test_the_content_decides_not_the_name(client, agreed, kind, name):
    assert send(client, files.saved(files.scene(), kind), name).status_code == 302
    photo = Photo.objects.get()
    assert selectors.bytes_of(photo, "full").startswith(b"\xff\xd8\xff")
    assert "x" not in photo.name


@pytest.mark.parametrize("what", REFUSED)
def test_a_file_that_is_no_photo_is_refused_beside_its_field(client, agreed, what):
    made, why = REFUSED[what]
    answer = send(client, made(), "photo.jpg")
    assert answer.status_code == 422
    assert answer.context["form"].errors["file"] == [str(WHY[why])]
    assert answer.content.decode().count('id="id_file_error"') == 1
    assert not Photo.objects.exists()


def test_what_was_chosen_stays_when_the_file_is_refused(client, agreed):
    answer = send(client, b"<svg/>", area="nose", view="close")
    assert answer.context["form"]["area"].value() == "nose"
    assert is_checked(answer, "view", "close")


def test_a_form_without_a_file_says_so(client, agreed):
    form = {"key": uuid.uuid4(), "area": "face", "view": "front", "taken_on": TODAY}
    answer = client.post(ADD, form)
    assert answer.status_code == 422
    assert "Take a photo or choose a file first." in said(answer)


def test_two_files_at_once_are_refused(client, agreed):
    other = SimpleUploadedFile("y.jpg", JPEG)
    assert "one after the other" in said(send(client, camera=other))


def test_without_consent_the_page_says_so_and_keeps_nothing(client):
    assert "No consent to photos counts today" in said(client.get(ADD))
    answer = send(client)
    assert answer.status_code == 422
    assert "Have the consent to photos signed first." in said(answer)


def test_a_visit_of_somebody_else_is_not_there(client, agreed, clinic, visit):
    other = PatientFactory(location=clinic.location)
    for asked in (str(visit.pk), "x", "9" * 14):
        assert client.get(f"/photos/{other.number}/add/?visit={asked}").status_code == 404


def test_the_last_photo_of_each_side_lies_ready_as_a_ghost(client, agreed, clinic, visit):
    old, new = older(clinic, 60), older(clinic, 30)
    PhotoFactory.create(patient=clinic.patient, visit=visit)
    page = client.get(f"{ADD}?visit={visit.pk}").content.decode()
    assert (
        f'data-area="face" data-view="front" data-src="/photos/file/{new.pk}.jpg?size=view"' in page
    )
    assert f"/photos/file/{old.pk}.jpg" not in page


# --- seeing


@pytest.mark.parametrize("size", ["full", "view", "thumb", "", "../../etc"])
def test_a_file_is_sent_as_a_picture_and_nothing_else(client, clinic, size):
    photo = PhotoFactory.create(patient=clinic.patient)
    answer = client.get(f"/photos/file/{photo.pk}.jpg", {"size": size})
    wanted: selectors.Size = next((each for each in selectors.SIZES if each == size), "view")
    assert answer.content == selectors.bytes_of(photo, wanted)
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"] == f'inline; filename="photo-{photo.pk}.jpg"'
    assert {"no-store", "private"} <= set(answer["Cache-Control"].split(", "))
    assert answer["Content-Security-Policy"].endswith("sandbox")


def test_who_opened_a_photo_is_written_down(client, clinic):
    photo = PhotoFactory.create(patient=clinic.patient)
    client.get(f"/photos/file/{photo.pk}.jpg?size=full")
    entry = Entry.objects.get(action="photo_opened")
    assert (entry.by, entry.patient_number, entry.subject) == (
        clinic.practitioner, 142, f"photo:{photo.pk}",
    )  # fmt: skip


def test_a_photo_without_its_file_is_not_there(client, clinic):
    photo = PhotoFactory.create(patient=clinic.patient)
    for size in selectors.SIZES:
        selectors.path_of(photo.name, size).unlink()
    assert client.get(f"/photos/file/{photo.pk}.jpg").status_code == 404


def test_two_photos_are_compared_the_earlier_first(client, clinic):
    old, new = older(clinic, 60), older(clinic, 30)
    for address in (f"/photos/compare/{old.pk}/{new.pk}/", f"/photos/compare/{new.pk}/{old.pk}/"):
        context = client.get(address).context
        assert (context["before"].photo, context["after"].photo) == (old, new)
        assert not context["differ"]


def test_photos_of_two_patients_are_not_compared(client, clinic):
    mine = PhotoFactory.create(patient=clinic.patient)
    theirs = PhotoFactory.create(patient=PatientFactory(location=clinic.location))
    assert client.get(f"/photos/compare/{mine.pk}/{theirs.pk}/").status_code == 404


def test_different_sides_are_compared_with_a_warning(client, clinic):
    one, other = older(clinic, 60), older(clinic, 30, view="left")
    page = client.get(f"/photos/compare/{one.pk}/{other.pk}/")
    assert "different things: Whole face · Front, and Whole face · Left side" in said(page)


def test_the_list_can_be_narrowed_and_pages(client, clinic, agreed):
    for days in range(30):
        older(clinic, days, view="front" if days % 2 else "left")
    page = client.get("/photos/142/?view=left")
    assert len(page.context["page"].object_list) == 15
    assert len(client.get("/photos/142/").context["page"].object_list) == 24
    assert len(client.get("/photos/142/?page=2&view=nonsense").context["page"].object_list) == 6


def test_the_list_takes_the_same_queries_for_few_and_many(client, clinic, agreed, visit):
    counts = []
    for _round in range(2):
        for days in range(6):
            older(clinic, days + 1, visit=visit, course=visit.session.course)
        for address in ("/photos/142/", f"/photos/course/{visit.session.course_id}/", ADD):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                client.get(address)
            counts.append(len(queries))
    assert counts[:3] == counts[3:]


def test_a_course_is_a_strip_for_each_side(client, clinic, visit):
    for days, view in ((60, "front"), (30, "front"), (30, "left")):
        older(clinic, days, view=view, visit=visit, course=visit.session.course)
    strips = client.get(f"/photos/course/{visit.session.course_id}/").context["strips"]
    assert [(strip.view, len(strip.shots)) for strip in strips] == [("front", 2), ("left", 1)]


def test_a_visit_shows_its_photos_in_two_queries(clinic, visit, agreed, django_assert_num_queries):
    PhotoFactory.create(patient=clinic.patient, visit=visit)
    older(clinic, 9)
    read = selectors.visit_of(clinic.patient, visit.pk)
    with django_assert_num_queries(2):
        shown = selectors.in_visit(read)
    assert len(shown["shots"]) == 1
    assert shown["photo_consent"] == agreed


def test_the_label_names_patient_day_and_session(client, visit, tmp_path):
    answer = client.get(f"/photos/label/{visit.pk}.pdf")
    file = tmp_path / "label.pdf"
    file.write_bytes(answer.content)
    words = PdfReader(file).pages[0].extract_text()
    for word in ("No. 142", "Anna Petrova", "26 Nov 2026", "1 of 1"):
        assert word in words
    assert len(PdfReader(file).pages) == 1


# --- deleting


def test_the_physician_deletes_with_a_reason(clinic):
    photo = PhotoFactory.create(patient=clinic.patient)
    client = client_of(clinic.physician)
    page = f"/photos/142/delete/{photo.pk}/"
    assert client.post(page, {"key": uuid.uuid4(), "reason": "x"}).status_code == 422
    key = uuid.uuid4()
    for _click in range(2):
        answer = client.post(page, {"key": key, "reason": "wrong patient"})
        assert answer["Location"] == "/photos/142/delete/"
    assert "Deleted by" in said(client.get("/photos/142/delete/"))
    assert "wrong patient" in said(client.get(page))
    for gone in (f"/photos/file/{photo.pk}.jpg", f"/photos/142/{photo.pk}/"):
        assert client.get(gone).status_code == 404


def test_a_practitioner_deletes_nothing(client, clinic):
    photo = PhotoFactory.create(patient=clinic.patient)
    page = f"/photos/142/delete/{photo.pk}/"
    assert client.post(page, {"key": uuid.uuid4(), "reason": "wrong patient"}).status_code == 403
    assert "Delete" not in said(client.get(f"/photos/142/{photo.pk}/"))
