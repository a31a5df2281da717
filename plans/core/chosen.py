"""A series as somebody chose it: what travels from the page of offers to the booking, and back to a page."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Chosen:
    """Where one session is to stand: minutes of the local day, resource by role. No end: the rules give it."""

    ordinal: int
    day: dt.date
    minute: int
    resources: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ChosenSeries:
    """Who it is for and what, by keys; `patient`: the number; `course`: the one that it goes on with."""

    patient: int
    location: int
    revision: int
    sessions: tuple[Chosen, ...]
    course: int | None = None
    sign: str = ""
    pit_depth: str = ""
    areas: tuple[str, ...] = ()

    @property
    def days(self) -> list[dt.date]:
        return [session.day for session in self.sessions]

    def packed(self) -> dict[str, Any]:
        """The same as plain numbers and texts."""
        return {
            "patient": self.patient,
            "location": self.location,
            "revision": self.revision,
            "course": self.course,
            "sign": self.sign,
            "pit_depth": self.pit_depth,
            "areas": list(self.areas),
            "sessions": [
                [each.ordinal, each.day.isoformat(), each.minute, dict(each.resources)]
                for each in self.sessions
            ],
        }


def unpacked(values: Mapping[str, Any]) -> ChosenSeries:
    """What `packed` made plain.  Raises KeyError, TypeError or ValueError for anything else."""
    sessions = (
        Chosen(ordinal, dt.date.fromisoformat(day), minute, resources)
        for ordinal, day, minute, resources in values["sessions"]
    )
    return ChosenSeries(**{**values, "sessions": tuple(sessions), "areas": tuple(values["areas"])})
