"""What follows when one visit has moved: course after course, until nobody stands where it may not.

The moved session's course first; then visits of other courses that may not stay, each to the nearest day allowed.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Literal

from plans.core.moving import place_run
from plans.core.offers import Booked
from plans.core.problems import Impossible
from plans.core.scene import (
    Loose,
    Scene,
    Signed,
    State,
    Stop,
    Track,
    faults,
    has_moved,
    is_free,
    meets,
)
from plans.core.screening import Finding
from plans.core.spacing import Window, is_lapsed

Mode = Literal["keep", "shift", "stay"]

ONE_DAY = dt.timedelta(days=1)
# How far from its day a visit without an interval, or with a lapsed one, is looked for.
NEAR_DAYS = 92


class Following:
    """The state while it is being changed, course after course."""

    def __init__(self, scene: Scene, key: int, signed: Signed, *, falls_out: bool) -> None:
        self.scene = scene
        self.falls_out = falls_out
        self.key = key
        self.signed = signed
        self.state: dict[int, Booked] = dict(scene.state)
        self.because: dict[int, Finding] = {}
        self.stuck: tuple[int, Impossible] | None = None

    def place_course(self, to: Booked | None, mode: Mode) -> None:
        """The moved session's course from that session on."""
        track, position = self.scene.places[self.key]
        run = _run(track, position, self.scene.state)
        if to is not None:
            first = Window(to.day, to.day, to.day)
        else:
            first = self._owed_window(track, position)
        self._place(track, run, first, to, mode)

    def place_endangered(self) -> None:
        """Visits of other courses that may not stay, one course after the other."""
        settled = {self.scene.places[self.key][0].key}
        while self.stuck is None:
            hit = next(
                (
                    fault
                    for fault in faults(self.scene, self.state, self.signed)
                    if fault.key in self.scene.places
                    and self.scene.places[fault.key][0].key not in settled
                    and fault.findings
                ),
                None,
            )
            if hit is None:
                return
            track, position = self.scene.places[hit.key]
            settled.add(track.key)
            self.because[hit.key] = hit.findings[0]
            run = _run(track, position, self.scene.state)
            self._place(track, run, self._nearest_window(hit.key), None, "keep")

    def _place(
        self, track: Track, run: tuple[Stop, ...], first: Window, fixed: Booked | None, mode: Mode
    ) -> None:
        """Put `run` into the state: where nothing needs to be shifted, only as far as it has to follow."""
        least = len(run) if mode == "shift" else 1
        before = dict(self.state)
        for count in range(least, len(run) + 1):
            self.state = dict(before)
            self._place_all(track, run[:count], first, fixed, mode)
            if self.stuck is None and not self._disturbed(run[count:]):
                return

    def _disturbed(self, rest: tuple[Stop, ...]) -> bool:
        """Something in the later part of the course may not stay where it is."""
        keys = {stop.key for stop in rest}
        return any(fault.key in keys for fault in faults(self.scene, self.state, self.signed))

    def _place_all(
        self, track: Track, run: tuple[Stop, ...], first: Window, fixed: Booked | None, mode: Mode
    ) -> None:
        """Place all of `run`, at best without endangering any other visit."""
        for may_endanger in (False, True):
            found = place_run(
                self.scene, self.state, track, run, first, fixed, mode, may_endanger=may_endanger
            )
            if not isinstance(found, Impossible):
                self.stuck = None
                self.state |= found
                for stop in run:
                    self.bring_along(stop.key)
                return
            self.stuck = (run[found.ordinal - 1].key, found)

    def _owed_window(self, track: Track, position: int) -> Window:
        """After the day that is lost, in the session's window if that is still open."""
        lost = self.scene.state.get(track.stops[position].key)
        start = max(self.scene.as_of, lost.day if lost else self.scene.as_of) + ONE_DAY
        window = self.scene.window(track.stops[position].key, self.scene.state)
        if window is None or start > window.latest:
            return Window(start, start, start + NEAR_DAYS * ONE_DAY)
        start = max(start, window.earliest)
        return Window(start, max(start, window.target), window.latest)

    def _nearest_window(self, key: int) -> Window:
        """From the old day on: the order of the treatments stays."""
        day = self.state[key].day
        window = self.scene.window(key, self.state)
        if window is None or is_lapsed(window, self.scene.as_of):
            return Window(day, day, day + NEAR_DAYS * ONE_DAY)
        start = max(day, window.earliest)
        return Window(start, start, max(start, window.latest))

    def bring_along(self, key: int) -> None:
        """The second part of a split visit goes where the first goes, on the same day."""
        for rest in self._rests(key):
            first, was = self.scene.state.get(key), self.scene.state.get(rest.key)
            is_gone = rest.key not in self.state
            if first is None or was is None or is_gone or not self._has_moved(key):
                continue
            self.state[rest.key] = self._after(rest, self.state[key], was, first)

    def _has_moved(self, key: int) -> bool:
        return has_moved(self.scene, key, self.state)

    def _after(self, rest: Loose, first: Booked, was: Booked, first_was: Booked) -> Booked:
        """As long after the first part as before, with the same resources; else the nearest start that is free."""
        minutes = was.end_minute - was.start_minute
        wanted = max(
            first.start_minute + was.start_minute - first_was.start_minute, first.end_minute
        )
        same = Booked(first.day, wanted, wanted + minutes, was.resources)
        if self._fits(rest.key, same):
            return same
        needs, free = self.scene.needs[rest.key], self.scene.days(first.day)
        starts = range(first.end_minute - first.end_minute % -5, 24 * 60 - minutes, 5)
        for start in sorted(starts, key=lambda minute: abs(minute - wanted)):
            served = needs.assign(start, free, set(was.resources.values()))
            if served is not None:
                found = Booked(first.day, start, start + minutes, served)
                if self._fits(rest.key, found):
                    return found
        return same

    def _fits(self, key: int, booked: Booked) -> bool:
        others = (each for other, each in self.state.items() if other != key)
        return is_free(self.scene, key, booked) and not any(meets(booked, o) for o in others)

    def drop(self, key: int) -> None:
        """With the first part of a split visit the second falls out."""
        self.state.pop(key, None)
        for rest in self._rests(key):
            self.state.pop(rest.key, None)

    def _rests(self, key: int) -> Iterator[Loose]:
        return (each for each in self.scene.loose if each.after == key)


def _run(track: Track, position: int, state: State) -> tuple[Stop, ...]:
    """The session and those after it that count from it: up to the first that stands nowhere."""
    run = [track.stops[position]]
    if track.interval is not None:
        for stop in track.stops[position + 1 :]:
            if stop.done is not None or stop.key not in state:
                break
            run.append(stop)
    return tuple(run)
