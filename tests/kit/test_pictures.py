"""What becomes of a picture that somebody sends: the process that decodes it, its limits, and what is left out."""

import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from PIL import Image

from clinic.kit import pictures
from clinic.kit.pictures import Limits, PictureRefused, clean
from tests.photos import files

KINDS = ("JPEG", "PNG", "WEBP", "HEIF")


def why_not(data: bytes, limits: Limits = pictures.USUAL) -> str:
    with pytest.raises(PictureRefused) as refused:
        clean(data, limits)
    return refused.value.why


# --- what is kept


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_photo_becomes_a_jpeg_of_the_same_size(kind: str):
    kept = clean(files.saved(files.scene(), kind))
    image = files.stored(kept.full)
    assert (image.format, image.size, kept.width, kept.height) == ("JPEG", (120, 80), 120, 80)
    assert files.is_red(image, 60, 20)
    assert not files.is_red(image, 60, 60)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_photo_is_turned_as_the_camera_was_held(kind: str, orientation: int):
    kept = clean(files.saved(files.scene(), kind, exif=files.exif(orientation)))
    image = files.stored(kept.full)
    assert image.size == ((120, 80) if orientation == 3 else (80, 120))
    red = {3: (60, 60), 6: (60, 60), 8: (20, 60)}[orientation]
    assert files.is_red(image, *red)


def test_a_heic_is_turned_once_not_twice():
    kept = clean(files.saved(files.scene(), "HEIF", exif=files.exif(6)))
    image = files.stored(kept.full)
    assert image.size == (80, 120)
    assert files.is_red(image, 60, 60)
    assert not files.is_red(image, 20, 60)


@pytest.mark.parametrize("kind", KINDS)
def test_place_and_camera_are_gone(kind: str):
    sent = files.saved(files.scene(), kind, exif=files.exif())
    assert files.SECRET in sent
    kept = clean(sent)
    for data in (kept.full, kept.view, kept.thumb):
        image = files.stored(data)
        assert not image.getexif()
        assert not {"exif", "icc_profile", "comment", "xmp"} & image.info.keys()
        assert files.SECRET not in data


def test_a_comment_and_a_profile_are_gone_too():
    sent = files.saved(files.scene(), "JPEG", comment=files.SECRET, icc_profile=files.profile())
    image = files.stored(clean(sent).full)
    assert not {"comment", "icc_profile"} & image.info.keys()
    assert files.is_red(image, 60, 20)


@pytest.mark.parametrize(
    "tail",
    [b"<html><script>alert(1)</script></html>", b"alert(1)//" * 99, files.zipped(), b"%PDF-1.7"],
    ids=["html", "js", "zip", "pdf"],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_hangs_behind_a_photo_is_cut_off(kind: str, tail: bytes):
    kept = clean(files.saved(files.scene(), kind) + tail)
    for data in (kept.full, kept.view, kept.thumb):
        assert tail[:20] not in data
        assert data.endswith(b"\xff\xd9")


def test_transparency_becomes_white():
    image = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    assert files.stored(clean(files.saved(image, "PNG")).full).getpixel((9, 9)) == (255, 255, 255)


def test_the_second_picture_of_a_phones_jpeg_is_left_out():
    kept = clean(files.film("MPO"))
    assert files.stored(kept.full).size == (120, 80)


def test_thumbnails_are_small_and_the_original_stays_large():
    kept = clean(files.saved(files.scene(3000, 2000), "JPEG"))
    sizes = [files.stored(data).size for data in (kept.full, kept.view, kept.thumb)]
    assert sizes == [(3000, 2000), (1600, 1067), (480, 320)]


def test_broken_metadata_does_not_keep_a_sound_photo_out():
    assert (
        clean(files.saved(files.scene(), "JPEG", exif=b"Exif\0\0MM\0*" + b"\xff" * 40)).width == 120
    )


# --- what is not


REFUSED = {
    "gif": (lambda: files.saved(files.scene(), "GIF"), "no_photo"),
    "moving gif": (lambda: files.film("GIF"), "no_photo"),
    "tiff": (lambda: files.saved(files.scene(), "TIFF"), "no_photo"),
    "svg": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "no_photo"),
    "html": (lambda: b"<!doctype html><script>alert(1)</script>" * 9, "no_photo"),
    "zip": (files.zipped, "no_photo"),
    "pdf": (lambda: files.saved(files.scene(), "PDF"), "no_photo"),
    "html before a jpeg": (lambda: b"<html>" + files.saved(files.scene(), "JPEG"), "no_photo"),
    "noise": (lambda: bytes(range(256)) * 9, "no_photo"),
    "moving webp": (lambda: files.film("WEBP"), "several"),
    "moving png": (lambda: files.film("PNG"), "several"),
    "two heic": (lambda: files.film("HEIF"), "several"),
    "heic film": (lambda: b"\0\0\0\x18ftyphevc" + b"\0" * 99, "several"),
    "cut jpeg": (lambda: files.saved(Image.effect_noise((400, 300), 60), "JPEG")[:-4000], "damaged"),
    "cut png": (lambda: files.saved(Image.effect_noise((400, 300), 60), "PNG")[:-4000], "damaged"),
    "cut webp": (lambda: files.saved(Image.effect_noise((400, 300), 60), "WEBP")[:-4000], "damaged"),
    "cut heic": (lambda: files.saved(Image.effect_noise((400, 300), 60).convert("RGB"), "HEIF")[:-4000], "damaged"),
    "head of a jpeg": (lambda: files.saved(files.scene(), "JPEG")[:30], "damaged"),
    "bomb": (files.bomb, "too_large"),
    "claims 65000 x 65000": (lambda: files.png_with_header(65_000, 65_000), "too_large"),
    "claims a long line": (lambda: files.png_with_header(1_000_000, 33), "too_large"),
    "one pixel": (lambda: files.saved(Image.new("L", (1, 1)), "PNG"), "too_small"),
    "nothing": (lambda: b"", "empty"),
    "13 MB": (lambda: files.saved(files.scene(), "JPEG") + b"\0" * 13 * 1024**2, "too_heavy"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_photo_is_refused(what: str):
    made, why = REFUSED[what]
    assert why_not(made()) == why


def test_every_refusal_has_words_that_say_what_to_do():
    for why in pictures.WHY:
        assert str(PictureRefused(why)).count(". ") >= 1, why


# --- limits


def test_decoding_stops_at_its_share_of_the_processor():
    started = time.monotonic()
    assert why_not(files.many_scans(4000), Limits(cpu_seconds=1)) == "too_slow"
    assert time.monotonic() - started < 20


def test_decoding_stops_when_its_time_is_over():
    assert why_not(files.saved(files.scene(), "JPEG"), Limits(wall_seconds=0.01)) == "too_slow"


def test_decoding_gets_no_more_memory_than_its_share():
    sent = files.saved(Image.new("RGB", (7000, 5000)), "PNG")
    assert why_not(sent, Limits(memory_bytes=200 * 1024**2)) in ("too_large", "damaged")


def test_forty_million_pixels_fit_into_the_share():
    kept = clean(files.saved(Image.new("RGB", (8000, 5000), files.RED), "JPEG"))
    assert (kept.width, kept.height) == (8000, 5000)


def test_several_threads_of_a_server_can_send_at_once():
    sent = [files.saved(files.scene(), kind) for kind in KINDS] * 2
    with ThreadPoolExecutor(8) as threads:
        assert [kept.width for kept in threads.map(clean, sent)] == [120] * 8


def test_the_decoder_is_told_no_secret(monkeypatch: pytest.MonkeyPatch):
    asked: dict[str, Any] = {}
    run = subprocess.run

    def watch(command: Any, **how: Any) -> Any:
        asked.update(how, command=command)
        return run(command, **how)

    monkeypatch.setattr(subprocess, "run", watch)
    clean(files.saved(files.scene(), "JPEG"))
    assert asked["env"] == {}
    assert "-I" in asked["command"]
