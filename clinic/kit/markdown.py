"""Text as staff type it, in a few marks of Markdown: **strong**, *emphasis*, links and lists; nothing else.

HTML stays text, images stay links. Cleaned on the way out, so that no row of the database is trusted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import nh3
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.token import Token

SCHEMES = frozenset({"http", "https", "mailto", "tel"})
TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a"}
# Headings, code, quotes and rules have no place in a line of a care sheet: their marks stay text.
_RULES = ["paragraph", "list", "newline", "emphasis", "link", "autolink", "escape", "entity"]
_PARSER = MarkdownIt("zero", {"html": False, "breaks": True}).enable(_RULES)


@dataclass(frozen=True, slots=True)
class Run:
    """Letters that look alike. `href` is "" outside a link; a line break is the text "\\n"."""

    text: str
    is_strong: bool = False
    is_emphasis: bool = False
    href: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or one item of a list: `mark` is then "•" or its number with a point. `depth` counts lists."""

    runs: tuple[Run, ...]
    mark: str = ""
    depth: int = 0


def html(text: str) -> SafeString:
    """`text` as HTML that holds only TAGS; a single paragraph comes without its <p>, to stand in a line.

    >>> html("Do **not** rub <b>it</b>.")
    'Do <strong>not</strong> rub &lt;b&gt;it&lt;/b&gt;.'
    """
    cleaned = nh3.clean(
        _PARSER.render(text),
        tags=TAGS,
        attributes={"a": {"href"}},
        attribute_filter=_known_link,
        url_schemes=set(SCHEMES),
    ).strip()
    if cleaned.count("<p>") == 1 and cleaned.startswith("<p>") and cleaned.endswith("</p>"):
        cleaned = cleaned.removeprefix("<p>").removesuffix("</p>")
    # Only what nh3 has let through just now: it is safe because of that, not because it was stored.
    return SafeString(cleaned)


def _known_link(_tag: str, attribute: str, value: str) -> str | None:
    """nh3 lets an address without a scheme pass; on a sheet it would lead nowhere."""
    return value if attribute != "href" or is_known_link(value) else None


def is_known_link(address: str) -> bool:
    """Whether `address` names one of SCHEMES.

    >>> is_known_link("tel:+49301234"), is_known_link("javascript:alert(1)"), is_known_link("/here")
    (True, False, False)
    """
    scheme, colon, _rest = address.partition(":")
    return bool(colon) and scheme.lower() in SCHEMES


def blocks(text: str) -> tuple[Block, ...]:
    """`text` as values for a typesetter, which must never get markup."""
    return tuple(_blocks(_PARSER.parse(text)))


def _blocks(tokens: Sequence[Token]) -> Iterator[Block]:
    numbers: list[int | None] = []  # one for each list that is open; None for one without numbers
    mark = ""
    for token in tokens:
        if token.type == "bullet_list_open":
            numbers.append(None)
        elif token.type == "ordered_list_open":
            numbers.append(int(token.attrGet("start") or 1) - 1)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            numbers.pop()
        elif token.type == "list_item_open":
            mark = _next_mark(numbers)
        elif token.type == "inline":
            yield Block(tuple(_runs(token.children or ())), mark, len(numbers))
            mark = ""


def _next_mark(numbers: list[int | None]) -> str:
    last = numbers[-1]
    if last is None:
        return "•"
    numbers[-1] = last + 1
    return f"{last + 1}."


def _runs(children: Sequence[Token]) -> Iterator[Run]:
    strong = emphasis = 0
    href = ""
    for child in children:
        if child.type in ("softbreak", "hardbreak"):
            yield Run("\n")
        elif child.type.startswith("strong_"):
            strong += child.nesting
        elif child.type.startswith("em_"):
            emphasis += child.nesting
        elif child.type == "link_open":
            address = str(child.attrGet("href") or "")
            href = address if is_known_link(address) else ""
        elif child.type == "link_close":
            href = ""
        elif child.content:
            yield Run(child.content, bool(strong), bool(emphasis), href)
