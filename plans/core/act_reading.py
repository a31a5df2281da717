"""Reading what a program asks of a visit: another status, another time. Every field is checked before anything is done."""

import datetime as dt
import re
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, cast, get_args

from plans.core.availability import DAY_MINUTES, STEP_MINUTES, Needs
from plans.core.following import Mode
from plans.core.offers import Booked
from plans.core.vignette_reading import day_of
from plans.core.vignettes import BadVignette, Slip, SlipKind

# As long as the history of a visit keeps.
LONGEST_REASON = 200
LONGEST_KEY = 200
# Clinics keep no diary outside these years; at the calendar's ends the day before or after does not exist.
YEARS = range(1900, 2200)
# The namespace of the keys that callers choose.
_KEYS = uuid.UUID("5b1c9d0e-6f0a-4c3d-9a55-2a0c4e1f7d11")
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:00)?(Z|[+-][0-9]{2}:[0-9]{2})?", re.ASCII
)


@dataclass(frozen=True)
class StatusRequest:
    """`version`: the latest step that the caller knows of; None: the caller does not say."""

    to: str
    reason: str = ""
    version: int | None = None


@dataclass(frozen=True)
class MoveRequest:
    """Where a visit shall stand; `minute` of the local day. None of `resources`, `minutes`: as it is now.

    `accept`: the visits that may move with it; None: all that the preview tells.
    """

    day: dt.date
    minute: int
    resources: frozenset[int] = frozenset()
    minutes: int | None = None
    rest: Mode = "keep"
    accept: frozenset[int] | None = None
    reason: str = ""
    version: int | None = None

    def place(self, needs: Needs, here: Booked, free: Mapping[int, int]) -> Booked:
        """Where the visit would stand: with the resources asked for, else with those of `here` where they can.

        `free`: bits of the day by resource. Raises BadVignette for a resource that serves no role.
        """
        for n, pk in enumerate(sorted(self.resources)):
            if all(pk not in able for able in needs.candidates.values()):
                raise BadVignette([Slip(f"resources[{n}]", "cannot_do_it", str(pk))])
        given = {
            role: chosen[0]
            for role, able in needs.candidates.items()
            if (chosen := [pk for pk in able if pk in self.resources])
        }
        held = set(here.resources.values())
        served = needs.assign(self.minute, free, held, given) or {**here.resources, **given}
        length = self.minutes or here.end_minute - here.start_minute
        return Booked(self.day, self.minute, self.minute + length, served)


def read_key(text: str | None, user: int) -> uuid.UUID:
    """The key of a submission for the text that a caller chose.  Raises BadVignette if it is no sensible one.

    Two callers, told apart by `user`, may choose the same text.
    """
    said = (text or "").strip()
    if not said:
        raise BadVignette([Slip("Idempotency-Key", "missing")])
    if len(said) > LONGEST_KEY:
        raise BadVignette([Slip("Idempotency-Key", "not_a_choice", said[:40])])
    return uuid.uuid5(_KEYS, f"{user}:{said}")


def read_status(data: Any, choices: Collection[str], with_reason: Collection[str]) -> StatusRequest:
    """The status asked for, one of `choices`; those `with_reason` need one.  Raises BadVignette with all that is wrong."""
    reader = _reader(data)
    to = reader.choice("to", choices)
    reason, version = reader.reason(), reader.number("version")
    if to in with_reason and not reason and "reason" not in reader.wrong:
        reader.slip("reason", "missing")
    reader.finish()
    return StatusRequest(to, reason, version)


def read_move(data: Any, zone: dt.tzinfo) -> MoveRequest:
    """The place asked for: `start`, or `day` and `minute`, where the clock is that of `zone`.

    Raises BadVignette with all that is wrong.
    """
    reader = _reader(data)
    day, minute = reader.place(zone)
    resources, minutes = reader.numbers("resources"), reader.number("minutes")
    if minutes is not None and (not 0 < minutes <= DAY_MINUTES or minutes % STEP_MINUTES):
        reader.slip("minutes", "not_a_choice", minutes)
    rest = reader.choice("rest", get_args(Mode), default="keep")
    accept = reader.numbers("accept")
    reason, version = reader.reason(), reader.number("version")
    reader.finish()
    return MoveRequest(
        day or dt.date.min, minute, resources or frozenset(), minutes, cast("Mode", rest), accept,
        reason, version,
    )  # fmt: skip


def read_day(text: str) -> dt.date:
    """The day that an address names.  Raises BadVignette."""
    day = day_of(text)
    if day is None or day.year not in YEARS:
        raise BadVignette([Slip("day", "years_away" if day else "not_a_date", text[:100])])
    return day


def _reader(data: Any) -> "_Reader":
    if not isinstance(data, Mapping):
        raise BadVignette([Slip("", "not_an_object")])
    return _Reader(data)


class _Reader:
    """Reads one request and keeps what is wrong with it."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data
        self._slips: list[Slip] = []

    @property
    def wrong(self) -> set[str]:
        return {slip.field for slip in self._slips}

    def slip(self, where: str, kind: SlipKind, value: Any = "") -> None:
        self._slips.append(Slip(where, kind, str(value)[:100]))

    def finish(self) -> None:
        if self._slips:
            raise BadVignette(self._slips)

    def choice(self, key: str, choices: Collection[str], default: str = "") -> str:
        value = self._data.get(key)
        if value is None and default:
            return default
        if value is None:
            self.slip(key, "missing")
        elif not isinstance(value, str) or value not in choices:
            self.slip(key, "not_a_choice", value)
        else:
            return value
        return ""

    def reason(self) -> str:
        value = self._data.get("reason")
        if value is None:
            return ""
        if not isinstance(value, str):
            self.slip("reason", "not_text", value)
            return ""
        return value.strip()[:LONGEST_REASON]

    def number(self, key: str) -> int | None:
        value = self._data.get(key)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        self.slip(key, "not_a_number", value)
        return None

    def numbers(self, key: str) -> frozenset[int] | None:
        found = self._data.get(key)
        if found is None:
            return None
        if not isinstance(found, list):
            self.slip(key, "not_a_list")
            return None
        for n, each in enumerate(found):
            if isinstance(each, bool) or not isinstance(each, int):
                self.slip(f"{key}[{n}]", "not_a_number", each)
        return frozenset(each for each in found if isinstance(each, int))

    def place(self, zone: dt.tzinfo) -> tuple[dt.date | None, int]:
        if self._data.get("start") is not None or "day" not in self._data:
            return self._start(zone)
        value, minute = self._data["day"], self.number("minute")
        day = day_of(value)
        if day is None or day.year not in YEARS:
            self.slip("day", "years_away" if day else "not_a_date", value)
        if minute is None and "minute" not in self.wrong:
            self.slip("minute", "missing")
        elif minute is not None and (not 0 <= minute < DAY_MINUTES or minute % STEP_MINUTES):
            self.slip("minute", "not_a_choice", minute)
        return day, minute or 0

    def _start(self, zone: dt.tzinfo) -> tuple[dt.date | None, int]:
        value = self._data.get("start")
        if value is None:
            self.slip("start", "missing")
            return None, 0
        moment = _moment(value, zone)
        if moment is None:
            self.slip("start", "not_a_time", value)
            return None, 0
        if moment.year not in YEARS:
            self.slip("start", "years_away", value)
        elif moment.minute % STEP_MINUTES:
            self.slip("start", "not_a_choice", value)
        return moment.date(), moment.hour * 60 + moment.minute


def _moment(value: Any, zone: dt.tzinfo) -> dt.datetime | None:
    """What the clock of `zone` shows at a text such as 2026-11-26T10:00 (its own time) or 2026-11-26T09:00Z."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return None
    try:
        moment = dt.datetime.fromisoformat(value)
        return moment.astimezone(zone) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        return None
