"""Paper: a template of `plans/data/paper` and values become a PDF, tagged, by typst."""

import json
from typing import TYPE_CHECKING, Any

import typst
from django.conf import settings

from clinic.kit import clock
from clinic.kit.house import logo

if TYPE_CHECKING:
    from typst import PDFStandard

# A folder with templates and nothing else: typst can read only below it.
TEMPLATES = settings.BASE_DIR / "plans" / "data" / "paper"
FONTS = settings.BASE_DIR / "plans" / "data" / "fonts"


def pdf(template: str, values: dict[str, Any]) -> bytes:
    """One tagged document; PDF/UA-1 where the fonts hold every letter. `values`: plain, with a "title".

    They travel as values, never as markup: nothing that a person typed can become a command.
    """
    try:
        return _compile(template, values, standards=["ua-1"])
    except typst.TypstError:
        # PDF/UA wants a glyph for every letter. A name in a script that the fonts lack must not keep anybody
        # from their sheet: then it is printed without that promise.
        return _compile(template, values, standards=[])


def _compile(template: str, values: dict[str, Any], *, standards: "list[PDFStandard]") -> bytes:
    return bytes(
        typst.compile(
            str(TEMPLATES / template),
            root=str(TEMPLATES),
            font_paths=[str(FONTS)],
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards=standards,
            sys_inputs={"data": json.dumps(values, ensure_ascii=False), "house": _house()},
            timestamp=int(clock.now().timestamp()),
        )
    )


def _house() -> str:
    """The clinic's sign, for `house.typ`: the letters of an SVG, the bytes of a PNG."""
    sign, found = {"accent": settings.CLINIC_ACCENT, "kind": ""}, logo(settings.CLINIC_LOGO)
    if found is None:
        return json.dumps(sign)
    picture = found.content.decode() if found.kind == "svg" else list(found.content)
    return json.dumps({**sign, "kind": found.kind, "logo": picture})
