"""Marks of Markdown in the texts of the clinic."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.kit.markdown import TAGS, Run, blocks, html


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Rest.", "Rest."),
        ("**Never** pull, *ever*.", "<strong>Never</strong> pull, <em>ever</em>."),
        ("One line\nand another", "One line<br>\nand another"),
        ("# no heading, `no code`", "# no heading, `no code`"),
        ("> no quote", "&gt; no quote"),
        ("1 < 2 & 3", "1 &lt; 2 &amp; 3"),
    ],
)
def test_a_few_marks_are_read_and_the_others_stay_text(text: str, shown: str):
    assert html(text) == shown


def test_lists_and_paragraphs_keep_their_shape():
    assert html("- ice\n- rest") == "<ul>\n<li>ice</li>\n<li>rest</li>\n</ul>"
    assert html("First.\n\nSecond.") == "<p>First.</p>\n<p>Second.</p>"


@pytest.mark.parametrize("address", ["https://a.example/x", "mailto:a@b.example", "tel:+49301"])
def test_a_link_that_can_be_followed_is_one(address: str):
    assert f'href="{address}"' in html(f"[call]({address})")
    assert blocks(f"[call]({address})")[0].runs == (Run("call", href=address),)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](/admin/)",
        "[x](//evil.example)",
        "![x](https://evil.example/pixel.png)",
        "<a href='https://a.example' onclick='x()'>y</a>",
        "<javascript:alert(1)>",
        '[x](https://a.example "onclick=x")',
    ],
)
def test_nothing_that_acts_or_loads_comes_through(text: str):
    shown = html(text)
    assert not re.search(r"<(?:script|img|iframe|svg)|<[^>]*\son\w+=|href=\"(?!https:)", shown)
    addresses = [run.href for block in blocks(text) for run in block.runs]
    assert all(
        address in ("", "https://a.example", "https://evil.example/pixel.png")
        for address in addresses
    )


@given(st.text(alphabet="<>/a*_[](): \n-1.&\"'=!`#x", max_size=60))
def test_whatever_is_typed_only_known_tags_come_out(text: str):
    assert {tag.lower() for tag in re.findall(r"<\s*/?\s*([a-zA-Z]\w*)", html(text))} <= TAGS


def test_a_typesetter_gets_runs_and_items():
    found = blocks("Do **not *ever***:\n\n1. pull\n2. rub\n   - hard\n\nRest\nwell.")
    assert found[0].runs == (
        Run("Do "),
        Run("not ", is_strong=True),
        Run("ever", is_strong=True, is_emphasis=True),
        Run(":"),
    )
    assert [(block.mark, block.depth, block.runs[0].text) for block in found[1:]] == [
        ("1.", 1, "pull"),
        ("2.", 1, "rub"),
        ("•", 2, "hard"),
        ("", 0, "Rest"),
    ]
    assert found[-1].runs[1] == Run("\n")
