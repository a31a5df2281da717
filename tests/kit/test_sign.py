"""The clinic's sign: what is taken for a logo or a colour, and that it stands on paper."""

import pytest

from clinic.kit import paper
from clinic.kit.house import INK, accent, contrast_with_white, logo

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)


def test_a_colour_that_cannot_be_read_on_white_is_refused():
    assert accent("#0b5a7d") == "#0b5a7d"
    assert accent("") == INK
    for colour in ("#ffdd00", "red", "#12345"):
        with pytest.raises(ValueError, match="CLINIC_ACCENT"):
            accent(colour)


def test_contrast_is_that_of_wcag():
    assert contrast_with_white("#767676") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (
            "logo.svg",
            b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><path d="M0 0h4v4z"/></svg>',
        ),
        ("logo.png", PNG),
    ],
)
def test_the_logo_and_the_colour_stand_on_paper(tmp_path, settings, name, content):
    values = {"title": "x", "sheets": []}
    before = paper.pdf("card.typ", _card(values))
    file = tmp_path / name
    file.write_bytes(content)
    logo.cache_clear()
    settings.CLINIC_LOGO, settings.CLINIC_ACCENT = str(file), "#7d0b5a"
    after = paper.pdf("card.typ", _card(values))
    logo.cache_clear()
    assert b"pdfuaid" in after
    assert len(after) > len(before) + 100


def _card(values):
    clinic = {"name": "Clinic", "address": "", "phone": "", "after_hours": ""}
    labels = {"next": "Next", "nothing_next": "None", "home": "Home", "call_night": ""}
    sheet = {
        "language": "en", "title": "x", "clinic": clinic, "labels": labels, "who": [],
        "home": [], "next_visits": [], "notes": [], "foot": "", "codes": [],
    }  # fmt: skip
    return values | {"sheets": [sheet]}


def test_what_is_no_picture_is_no_logo(tmp_path):
    file = tmp_path / "logo.txt"
    file.write_text("x")
    logo.cache_clear()
    with pytest.raises(ValueError, match="CLINIC_LOGO"):
        logo(str(file))
    assert logo("") is None
