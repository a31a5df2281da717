"""What a person chose to see of the diary: read from an address and written into one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

# The word in an address, and the kind of resource that it stands for, in the order of the columns.
KINDS: Mapping[str, str] = {"practitioners": "practitioner", "rooms": "room", "devices": "device"}
_LONGEST_CODE = 60
_LONGEST_KEY = 12


@dataclass(frozen=True, slots=True)
class Shown:
    """Kinds of resources by their word; keys of resources and codes of groups, none means all of them."""

    kinds: tuple[str, ...] = tuple(KINDS)
    who: tuple[int, ...] = ()
    groups: tuple[str, ...] = ()
    hides_names: bool = False
    by_category: bool = False

    @property
    def query(self) -> str:
        """What follows the address, its question mark included; "" where nothing was chosen.

        >>> Shown(kinds=("rooms",), who=(4, 7), hides_names=True).query
        '?show=rooms&who=4,7&names=hidden'
        """
        chosen = {
            "show": ",".join(self.kinds) if set(self.kinds) != set(KINDS) else "",
            "who": ",".join(map(str, self.who)),
            "group": ",".join(self.groups),
            "names": "hidden" if self.hides_names else "",
            "colour": "category" if self.by_category else "",
        }
        said = urlencode({key: value for key, value in chosen.items() if value}, safe=",")
        return f"?{said}" if said else ""

    @property
    def narrows(self) -> bool:
        """Does it leave out something that the day holds?"""
        return bool(set(self.kinds) != set(KINDS) or self.who or self.groups)

    def shows(self, resource: int, kind: str) -> bool:
        """Is there a column for this resource? Who was chosen by name shows whatever the kinds say."""
        if self.who:
            return resource in self.who
        return kind in {KINDS[word] for word in self.kinds}

    def with_kind(self, word: str) -> "Shown":
        """The kind switched on or off; the last one stays on. People chosen by name give way to the kinds."""
        others = tuple(kind for kind in KINDS if (kind in self.kinds) != (kind == word))
        return replace(self, kinds=others or (word,), who=())

    def with_names(self) -> "Shown":
        return replace(self, hides_names=not self.hides_names)

    def with_colour(self) -> "Shown":
        return replace(self, by_category=not self.by_category)

    def of(self, *who: int) -> "Shown":
        """The same for these resources only."""
        return replace(self, who=who)

    def everything(self) -> "Shown":
        """Nothing left out; how it is drawn stays."""
        return replace(self, kinds=tuple(KINDS), who=(), groups=())


def read_shown(query: Iterable[tuple[str, Iterable[str]]]) -> Shown:
    """What an address asks for: each name with its values, commas parting several in one. What means nothing is left out.

    >>> read_shown([("show", ["rooms,cellars"]), ("who", ["7", "x"])])
    Shown(kinds=('rooms',), who=(7,), groups=(), hides_names=False, by_category=False)
    """
    given = {key: _parts(values) for key, values in query}
    asked = given.get("show", ())
    return Shown(
        kinds=tuple(word for word in KINDS if word in asked) or tuple(KINDS),
        who=_keys(given.get("who", ())),
        groups=tuple(sorted({code for code in given.get("group", ()) if _is_code(code)})),
        hides_names="hidden" in given.get("names", ()),
        by_category="category" in given.get("colour", ()),
    )


def _parts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())


def _keys(parts: Iterable[str]) -> tuple[int, ...]:
    digits = {part for part in parts if part.isascii() and part.isdigit()}
    return tuple(sorted({int(part) for part in digits if len(part) <= _LONGEST_KEY}))


def _is_code(code: str) -> bool:
    plain = code.replace("_", "").replace("-", "")
    return len(code) <= _LONGEST_CODE and plain.isascii() and plain.isalnum()
