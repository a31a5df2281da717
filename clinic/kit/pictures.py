"""Pictures that somebody sends: decoded, turned upright and written anew in a process of their own.

What comes back holds pixels and nothing else: no place, no camera, no comment, nothing appended.
The file's name and the kind that the browser claims count for nothing: the content decides.
"""

import json
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.utils.translation import gettext_lazy as _

from clinic.kit.refusals import Refusal

HEAVIEST_BYTES = 12 * 1024 * 1024
WORKER = Path(__file__).with_name("picture_worker.py")
_LONGEST_LINE = 1000

# Why a file is not kept: what is wrong, and what to do.
WHY = {
    "no_photo": _(
        "This file is no photo that can be kept. Send a JPEG, PNG, WebP or HEIC picture; take a drawing, a film or a GIF as a photo first."
    ),
    "several": _(
        "This file holds several pictures or a film. Send one still picture: switch off burst and live photos, or save the one you want."
    ),
    "too_large": _(
        "This picture has more than 40 million pixels, or unfolds to more than can be kept. Take it with a smaller size set in the camera."
    ),
    "too_small": _("This picture is too small to show anything. Send it in its full size."),
    "too_heavy": _(
        "This file has more than 12 MB. Take the photo with a smaller size set in the camera, or save it as JPEG."
    ),
    "damaged": _(
        "This picture cannot be read to its end: it is damaged or was cut off on the way. Take it again, or send it again."
    ),
    "too_slow": _(
        "This picture takes too long to read, as no photo of a camera does. Take it again, or save it as JPEG."
    ),
    "empty": _("This file is empty. Choose it again."),
}


class PictureRefused(Refusal):
    """The file is not kept; `why` is a key of WHY."""

    def __init__(self, why: str) -> None:
        super().__init__(str(WHY[why]))
        self.why = why


@dataclass(frozen=True, slots=True)
class Picture:
    """One photo as JPEG in three sizes: as it was taken, at most 1600 pixels a side, at most 480. Sizes in pixels."""

    full: bytes
    view: bytes
    thumb: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Limits:
    """What one picture may cost. Memory is of the whole process, its libraries among it."""

    cpu_seconds: int = 15
    wall_seconds: float = 30
    memory_bytes: int = 1024 * 1024 * 1024


USUAL = Limits()
# Each takes up to its limit of memory: more at a time would only swap.
_TURNS = threading.BoundedSemaphore(2)


def clean(data: bytes, limits: Limits = USUAL) -> Picture:
    """What is kept of the file `data`.  Raises PictureRefused with the reason in words.

    Takes a quarter of a second for a phone's photo: call it outside a transaction.
    """
    if not data:
        raise PictureRefused("empty")
    if len(data) > HEAVIEST_BYTES:
        raise PictureRefused("too_heavy")
    # The answer goes into a file, not a pipe: then the limit on written bytes holds for it too.
    with _TURNS, tempfile.TemporaryFile() as out:
        _run(data, limits, out)
        out.seek(0)
        return _read(out)


def _run(data: bytes, limits: Limits, out: IO[bytes]) -> None:
    arguments = (limits.cpu_seconds, limits.memory_bytes, HEAVIEST_BYTES)
    try:
        done = subprocess.run(
            # Isolated: neither the folder nor the environment of the server reaches it, no secret among them.
            [sys.executable, "-I", "-B", str(WORKER), *map(str, arguments)],
            input=data,
            stdout=out,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            timeout=limits.wall_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise PictureRefused("too_slow") from None
    if done.returncode:
        raise PictureRefused(_cause(done.returncode))


def _cause(code: int) -> str:
    """Why the process ended by itself; killed for its use of CPU, or fallen over the file or its memory."""
    return "too_slow" if code in (-signal.SIGXCPU, -signal.SIGKILL) else "damaged"


def _read(out: IO[bytes]) -> Picture:
    said = json.loads(out.readline(_LONGEST_LINE) or b'{"why": "damaged"}')
    if "why" in said:
        raise PictureRefused(said["why"])
    full, view, thumb = (out.read(length) for length in said["lengths"])
    return Picture(full, view, thumb, said["width"], said["height"])
