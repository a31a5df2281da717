"""Files as people, phones and attackers send them: each one real, made here by Pillow."""

import io
import struct
import zipfile
import zlib
from functools import cache
from typing import Any

import pillow_heif
from PIL import Image, ImageCms

pillow_heif.register_heif_opener()

SECRET = b"48.137154, 11.576124 Zyxcamera"
RED, BLUE = (200, 40, 40), (40, 40, 200)


@cache
def scene(width: int = 120, height: int = 80) -> Image.Image:
    """Wider than high, red above and blue below: which way is up can be seen."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (0, height // 2, width, height))
    return image


def saved(image: Image.Image, kind: str, **how: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def exif(orientation: int = 1) -> bytes:
    """Metadata with a place, a camera's name and how it was held."""
    block = Image.Exif()
    block[0x0112] = orientation
    block[0x010E] = SECRET.decode()
    place = block.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", (48.0, 8.0, 13.0), "E", (11.0, 34.0, 34.0)
    return block.tobytes()


def film(kind: str) -> bytes:
    """Two frames in one file."""
    return saved(scene(), kind, save_all=True, append_images=[scene().rotate(90)])


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("run.js", "alert(1)")
    return out.getvalue()


def png_with_header(width: int, height: int) -> bytes:
    """A PNG that claims any size, whatever is in it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )  # fmt: skip


def bomb() -> bytes:
    """A hundred kilobytes that unfold to 900 million pixels."""
    return saved(Image.new("1", (30_000, 30_000)), "PNG")


def many_scans(scans: int) -> bytes:
    """A progressive JPEG whose last scan comes again and again: little to send, long to decode."""
    data = saved(Image.effect_noise((4000, 4000), 5), "JPEG", progressive=True, quality=1)
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * scans + b"\xff\xd9"


def profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def stored(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def is_red(image: Image.Image, x: int, y: int) -> bool:
    red, _green, blue = image.convert("RGB").getpixel((x, y))  # type: ignore[misc]  # three numbers in RGB
    return bool(red > 150 and blue < 100)
