"""docs/api.md as a page."""

from functools import cache
from pathlib import Path

import nh3
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "api.md"


@cache
def guide() -> SafeString:
    """The guide for those who write programs, as HTML; its title is left to the page. It is in English only."""
    _title, _line, text = GUIDE.read_text(encoding="utf-8").partition("\n")
    html = nh3.clean(MarkdownIt("commonmark").enable("table").render(text))
    return SafeString(html.replace("<table>", '<table class="table">'))
