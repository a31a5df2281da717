"""Until when what a change does to a session holds, for when the session moves."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from plans.core.impact import Effect, Kind

# A day can come from which these hold no more.
_ENDING = (Kind.REFUSE, Kind.WAIT, Kind.CAUTION)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The days that end an effect, for when the session moves: None = it holds on any.

    `first` and `last` day of its window; `free`: from when nothing forbids it or asks for a signature.
    """

    first: dt.date | None = None
    last: dt.date | None = None
    free: dt.date | None = None

    @classmethod
    def of(cls, effects: Iterable[Effect]) -> "Bounds":
        """The days at which these effects end."""
        first = last = free = None
        for effect in effects:
            if effect.window is not None:
                first, last = effect.window.earliest, effect.window.latest
            days = [found.free_day for found in effect.findings]
            if effect.findings and None not in days:
                free = max(day for day in days if day is not None)
        return cls(first, last, free)

    @classmethod
    def read(cls, words: Mapping[str, Any]) -> "Bounds":
        """What `written` has written; of anything else it says nothing."""
        days = {name: words.get(name) for name in cls.__slots__}
        return cls(
            **{name: dt.date.fromisoformat(day) if day else None for name, day in days.items()}
        )

    def written(self) -> dict[str, str]:
        """The days as text, those that are known."""
        days = {name: getattr(self, name) for name in self.__slots__}
        return {name: day.isoformat() for name, day in days.items() if day is not None}

    def hold(self, kinds: Iterable[Kind], day: dt.date, *, was: dt.date) -> bool:
        """Whether one of the effects `kinds` of a session that stood on the day `was` still holds on `day`."""
        return day == was or any(self._holds(kind, day) for kind in kinds)

    def _holds(self, kind: Kind, day: dt.date) -> bool:
        if kind is Kind.EARLY:
            return self.first is None or day < self.first
        if kind is Kind.LATE:
            return self.last is None or day > self.last
        if kind is Kind.COLLIDES:
            return False  # the time it ran into is that of the day it left
        return kind not in _ENDING or self.free is None or day < self.free
