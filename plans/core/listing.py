"""Which procedures of a catalogue a person asked to see."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Entry:
    """A procedure as it is looked for. `words`: its names in all languages and its codes, folded."""

    words: str
    group: str
    signs: frozenset[str] = frozenset()
    is_home: bool = False
    in_use: bool = False
    has_draft: bool = False
    unconfirmed: int = 0
    is_retired: bool = False


@dataclass(frozen=True, slots=True)
class Filters:
    """What somebody asked for; "" and False ask for nothing. `words`: folded, each must be found.

    What is retired is shown only when it is asked for: alone, or with all others.
    """

    words: tuple[str, ...] = ()
    kind: Literal["", "clinic", "home"] = ""
    group: str = ""
    sign: str = ""
    offered: Literal["", "retired", "all"] = ""
    in_use: bool = False
    has_draft: bool = False
    unconfirmed: bool = False

    @property
    def is_empty(self) -> bool:
        return self == Filters()

    def fits(self, entry: Entry) -> bool:
        """Whether `entry` is among what was asked for."""
        return (
            self._is_named(entry)
            and self.offered in ("all", "retired" if entry.is_retired else "")
            and (entry.in_use or not self.in_use)
            and (entry.has_draft or not self.has_draft)
            and (entry.unconfirmed > 0 or not self.unconfirmed)
        )

    def _is_named(self, entry: Entry) -> bool:
        kind = "home" if entry.is_home else "clinic"
        return (
            all(word in entry.words for word in self.words)
            and self.kind in ("", kind)
            and self.group in ("", entry.group)
            and (not self.sign or self.sign in entry.signs)
        )
