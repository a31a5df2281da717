"""What a file is, told by its bytes."""

import zlib

import pytest

from plans.core.scans import fault_of, kind_of

PLAIN = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF\n"


def holding(words: bytes) -> bytes:
    return PLAIN.replace(b"<</Type/Catalog>>", b"<</Type/Catalog " + words + b">>")


def packed(words: bytes) -> bytes:
    stream = b"2 0 obj\n<</Type/ObjStm/Filter/FlateDecode>>\nstream\n" + zlib.compress(words)
    return PLAIN.replace(b"trailer", stream + b"\nendstream\nendobj\ntrailer")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PLAIN, "pdf"),
        (b"\xff\xd8\xff\xe0rest", "jpeg"),
        (b"\x89PNG\r\n\x1a\nrest", "png"),
        (b"<html>" + PLAIN, None),
        (b"GIF89a", None),
        (b"PK\x03\x04", None),
        (b"", None),
    ],
)
def test_a_file_is_what_its_first_bytes_say(data, kind):
    assert kind_of(data) == kind


@pytest.mark.parametrize("pdf", [PLAIN, packed(b"<</Type/Page/Javanese 1>>")])
def test_a_plain_pdf_has_no_fault(pdf):
    assert fault_of(pdf) == ""


@pytest.mark.parametrize(
    "words",
    [
        b"/OpenAction 3 0 R",
        b"/Names<</JavaScript 4 0 R>>",
        b"/S/JS",
        b"/J#61vaScript 4 0 R",
        b"/A<</S/Launch>>",
        b"/EmbeddedFiles 4 0 R",
        b"/AcroForm<</XFA 9 0 R>>",
    ],
)
def test_a_pdf_that_can_do_something_is_found_open_or_packed(words):
    assert fault_of(holding(words)) == "active"
    assert fault_of(packed(words)) == "active"


def test_a_pdf_that_is_locked_or_cut_off_is_found():
    assert fault_of(PLAIN.replace(b"/Root", b"/Encrypt 5 0 R/Root")) == "locked"
    assert fault_of(PLAIN[:-8]) == "broken"


def test_a_bomb_in_a_pdf_is_broken():
    assert fault_of(packed(b"0" * 40_000_000)) == "broken"


def test_a_pdf_whose_packed_objects_cannot_be_read_is_broken():
    assert fault_of(packed(b"x" * 4000).replace(b"stream\nx", b"stream\nZ", 1)) == "broken"
