"""Decoding one picture, in a process of its own that may not use much: run by `pictures.py`, never imported there.

It reads the file from its input and writes the answer to its output: one line of JSON, then the pictures.
Knows neither Django nor the clinic. The limits come first, before anything of the file is looked at; a
process that sets its own limits needs no preexec_fn, which may hang where a server has threads.
"""

import json
import resource
import sys
import warnings
from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image as PillowImage

# JPEG's own colours for colour: skin is judged by its redness.
QUALITY, FULL_COLOUR = 90, 0
THUMB_QUALITY = 82
ANSWER_BYTES = 96 * 1024 * 1024
# An image of one colour and many pixels weighs nothing as a file: what counts is what it unfolds to.
MOST_PIXELS, LONGEST_SIDE, SHORTEST_SIDE = 40_000_000, 16_000, 32
VIEW_SIDE, THUMB_SIDE = 1600, 480
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
# Brands of HEIF files that hold a film instead of a picture.
SEQUENCES = (b"msf1", b"hevc", b"hevx", b"avis")
ORIENTATION = 0x0112


class Refused(Exception):
    """The file is not kept; the text is one of the codes of `pictures.WHY`."""


def limit(cpu_seconds: int, memory_bytes: int) -> None:
    """From now on this process dies, or is refused memory, instead of taking the machine down with it."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (ANSWER_BYTES, ANSWER_BYTES))
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))


def opened(data: bytes) -> "PillowImage.Image":
    """The picture by its header: nothing of it is decoded yet.  Raises Refused for what is none of ours."""
    import pillow_heif
    from PIL import Image, UnidentifiedImageError

    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    pillow_heif.register_heif_opener(
        decode_threads=1, thumbnails=False, depth_images=False, aux_images=False
    )
    if data[4:8] == b"ftyp" and data[8:12] in SEQUENCES:
        raise Refused("several")
    try:
        image = Image.open(BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise Refused("too_large") from None
    except UnidentifiedImageError:
        raise Refused(_unknown(data)) from None
    _require_size(*image.size)
    # A phone's JPEG may carry a second picture, of depth or brightness, behind the first: that is left out.
    if image.format != "MPO" and getattr(image, "n_frames", 1) > 1:
        raise Refused("several")
    return image


def _unknown(data: bytes) -> str:
    """What a file is that no decoder of ours opens: one of our kinds that is damaged, or something else."""
    begins = data[:12]
    is_ours = (
        begins.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"))
        or (begins[:4] == b"RIFF" and begins[8:] == b"WEBP")
        or begins[4:] in (b"ftypheic", b"ftypheix", b"ftypmif1")
    )
    return "damaged" if is_ours else "no_photo"


def _require_size(width: int, height: int) -> None:
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
        raise Refused("too_large")
    if min(width, height) < SHORTEST_SIDE:
        raise Refused("too_small")


def cleaned(image: "PillowImage.Image") -> "PillowImage.Image":
    """Its pixels and nothing else: upright, in sRGB, on white where it is transparent. Decodes all of it."""
    from PIL import Image

    image.load()
    _require_size(*image.size)  # a HEIC can turn out another size than its header said
    profile = image.info.get("icc_profile")
    turn = _turn(image)
    if "A" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, "white")
        ground.alpha_composite(image)
        image = ground
    image = _in_srgb(image, profile)
    if image.mode != "RGB":
        image = image.convert("RGB")
    if turn is not None:
        image = image.transpose(turn)
    # Saving copies comments and more from what was read: a new image has nothing to copy.
    bare = Image.new("RGB", image.size)
    bare.paste(image)
    return bare


def _turn(image: "PillowImage.Image") -> "PillowImage.Transpose | None":
    """How the camera was held; None for upright, and where the metadata cannot be read."""
    from PIL import Image

    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    try:
        return turns.get(image.getexif().get(ORIENTATION, 1))
    except (
        Exception
    ):  # whatever a broken block makes the reader say, the picture itself may be sound
        return None


def _in_srgb(image: "PillowImage.Image", profile: bytes | None) -> "PillowImage.Image":
    """The colours that the camera meant: phones photograph in a wider space, and say so in what is dropped."""
    from PIL import ImageCms

    if not profile:
        return image
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, source, target, outputMode="RGB") or image
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image


def _jpeg(image: "PillowImage.Image", side: int | None, quality: int) -> bytes:
    """As JPEG, at most `side` pixels long and wide."""
    from PIL import Image

    if side is not None and max(image.size) > side:
        image = image.copy()
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
    out = BytesIO()
    image.save(out, "JPEG", quality=quality, subsampling=FULL_COLOUR)
    return out.getvalue()


def answer(data: bytes) -> tuple[dict[str, object], list[bytes]]:
    """What is known of the picture, and the three files that are kept: full size, for the page, in lists."""
    image = cleaned(opened(data))
    files = [
        _jpeg(image, None, QUALITY),
        _jpeg(image, VIEW_SIDE, QUALITY),
        _jpeg(image, THUMB_SIDE, THUMB_QUALITY),
    ]
    lengths = [len(file) for file in files]
    return {"width": image.width, "height": image.height, "lengths": lengths}, files


def judged(
    work: Callable[[], tuple[dict[str, object], list[bytes]]],
) -> tuple[dict[str, object], list[bytes]]:
    """The work's answer, or why there is none."""
    try:
        return work()
    except Refused as refused:
        return {"why": str(refused)}, []
    except MemoryError:
        return {"why": "too_large"}, []
    except (
        Exception
    ):  # a decoder fed with rubbish raises anything; nothing of it is for the person who sent it
        return {"why": "damaged"}, []


def main() -> None:
    """Arguments: seconds of CPU, bytes of memory, and the most bytes to read."""
    cpu_seconds, memory_bytes, most = map(int, sys.argv[1:4])
    limit(cpu_seconds, memory_bytes)
    data = sys.stdin.buffer.read(most + 1)
    known, files = judged(lambda: answer(data)) if len(data) <= most else ({"why": "too_heavy"}, [])
    out = sys.stdout.buffer
    out.write(json.dumps(known).encode() + b"\n")
    for file in files:
        out.write(file)
    out.flush()


if __name__ == "__main__":
    main()
