"""Pages keep the content security policy by being written so, not by luck."""

import re
from pathlib import Path

import pytest

from tests.house.source import ROOT

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
FORBIDDEN = {
    "a style attribute: the policy drops it; use a class": r"\sstyle\s*=",
    "a style element": r"<style\b",
    "a script in the page: put it into static/": r"<script(?![^>]*\bsrc=)[^>]*>",
    "a handler attribute: the policy drops it": r"\s(?:on[a-z]+|hx-on[:a-z-]*)\s*=",
    "a javascript: address": r"javascript:",
    "unescaped text": r"\|\s*(?:safe|safeseq)\b|{%\s*autoescape\s+off",
    "a file from another host: everything is served by the clinic": (
        r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)=[\"'](?:https?:)?//"
    ),
}
POSTING = re.compile(r"<(?:form|button|a)\b[^>]*\bhx-post=[^>]*>", re.S)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_page_has(path: Path, what: str):
    text = without_comments(path.read_text(encoding="utf-8"))
    found = [
        f"{name(path)}:{text[: match.start()].count(chr(10)) + 1}: {match.group().strip()}"
        for match in re.finditer(FORBIDDEN[what], text, re.I)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_a_form_that_htmx_sends_can_be_sent_without_it(path: Path):
    text = path.read_text(encoding="utf-8")
    dead = [
        tag
        for tag in POSTING.findall(text)
        if tag.startswith("<form") and not ("action=" in tag and 'method="post"' in tag)
    ]
    assert not dead, "\n".join(dead)


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_every_posted_form_carries_its_token(path: Path):
    text = path.read_text(encoding="utf-8")
    for form in re.findall(r"<form\b.*?</form>", text, re.S):
        if re.search(r"method=[\"']post", form, re.I):
            assert "{% csrf_token %}" in form, form[:200]


def without_comments(text: str) -> str:
    """Blank out comments, keeping the line breaks so that line numbers hold."""
    return re.sub(
        r"{#.*?#}|{%\s*comment.*?endcomment\s*%}",
        lambda match: "\n" * match.group().count("\n"),
        text,
        flags=re.S,
    )
