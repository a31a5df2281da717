"""Has a day changed since it was drawn? What was seen of it, small enough for an address."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

_LONGEST = 20


@dataclass(frozen=True, slots=True)
class Seen:
    """The latest step of the days' history, and a digest of all that stands there.

    >>> str(Seen(41, "0a1b2c"))
    '41-0a1b2c'
    """

    latest: int
    digest: str

    def __str__(self) -> str:
        return f"{self.latest}-{self.digest}"


def seen(visits: Iterable[tuple[int, int | None]], *others: Iterable[tuple[object, ...]]) -> Seen:
    """`visits`: key and latest step of each, or how many and the latest of all; `others`: rows that show as well, such as blocks. The order says nothing."""
    steps = sorted((pk, step or 0) for pk, step in visits)
    said = repr([steps, *(sorted(map(repr, rows)) for rows in others)])
    digest = hashlib.blake2s(said.encode(), digest_size=8).hexdigest()
    return Seen(max((step for _pk, step in steps), default=0), digest)


def read_seen(text: str) -> Seen | None:
    """What an address says was seen; None for anything else.

    >>> read_seen("41-0a1b2c")
    Seen(latest=41, digest='0a1b2c')
    """
    latest, _dash, digest = text.partition("-")
    if not (latest.isascii() and latest.isdigit()) or len(latest) > _LONGEST or not digest:
        return None
    return Seen(int(latest), digest[:_LONGEST])
