"""Where the advice of two procedures of one visit cannot both be followed, for the practitioner to settle.

Free texts are compared by what they speak of: `_MATTERS` names, in English, words that belong to one matter. A text
without its English is compared with nothing, so whoever hands out a merged sheet still reads it.
Source of the matters: the clinic's starting texts (plans/data/catalogue.yaml), read for what one procedure asks and
another forbids.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

from plans.core.care import Step, share_days

# A matter, and how a text speaks of it: beginnings of words. Sunscreen is no sun, so whole words where that matters.
_MATTERS: dict[str, str] = {
    "ice": r"\b(ice|cool(?! water))",
    "washing": r"\b(wash|face wash|rinse)",
    "massage": r"\b(massage|rub|press)",
    "make-up": r"\bmake-?up\b",
    "sun": r"\bsun\b(?! ?screen)",
    "heat": r"\b(sauna|hot bath|heat)\b",
    "sport": r"\b(sport|exercise)\b",
    "cream": r"\b(ointment|cream|gel|aloe|moisturis)",
    "retinoid": r"\b(retino|tretinoin)",
    "acid": r"\bacid",
    "scrub": r"\b(scrub|sponge)",
    "tablets against pain": r"\b(pain killer|pain tablet|take the pain|ibuprofen)",
    "lying down": r"\b(lie down|sleep|upright)",
    "shaving": r"\b(shave|wax)",
}
_WORDS = {matter: re.compile(words, re.IGNORECASE) for matter, words in _MATTERS.items()}
# "Use only the gel we gave you": everything else of the matter is forbidden by it.
_ONLY = re.compile(r"\bonly\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Opposed:
    """Two lines of different procedures that hold on the same day: `asks` says to do what `forbids` says to leave."""

    matter: str
    asks: Step
    forbids: Step


def matters(text: str) -> frozenset[str]:
    """What an English text speaks of.

    >>> sorted(matters("No sauna, pool or sport; sunscreen 50."))
    ['heat', 'sport']
    """
    return frozenset(matter for matter, words in _WORDS.items() if words.search(text))


def opposed(said: Iterable[tuple[Step, str]]) -> tuple[Opposed, ...]:
    """Every two lines that cannot both be followed, in the order of `said`: steps, each with its English text."""
    lines = [(step, matters(text), _ONLY.search(text) is not None) for step, text in said]
    found = []
    for (asks, wanted, _), (forbids, unwanted, is_only) in product(lines, lines):
        if asks.kind != "do" or set(asks.of) & set(forbids.of) or not share_days(asks, forbids):
            continue
        shared = wanted & unwanted
        if forbids.kind != "leave":
            shared = shared & {"cream"} if forbids.kind == "do" and is_only else frozenset()
        found += [Opposed(matter, asks, forbids) for matter in sorted(shared)[:1]]
    return _each_pair_once(found)


def _each_pair_once(found: Iterable[Opposed]) -> tuple[Opposed, ...]:
    seen: set[frozenset[tuple[str, tuple[str, ...]]]] = set()
    kept = []
    for each in found:
        pair = frozenset((step.text, step.of) for step in (each.asks, each.forbids))
        if pair not in seen:
            seen.add(pair)
            kept.append(each)
    return tuple(kept)
