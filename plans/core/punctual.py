"""Does a session stand where its window wants it?"""

import datetime as dt
from typing import Literal

from plans.core.spacing import Window

Punctual = Literal["first", "early", "on_time", "late"]


def punctual(day: dt.date, window: Window | None) -> Punctual:
    """How `day` stands to the window; a session without one is the first, and on time by itself."""
    if window is None:
        return "first"
    if day < window.earliest:
        return "early"
    return "late" if day > window.latest else "on_time"
