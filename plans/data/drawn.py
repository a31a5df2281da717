"""Pictures that are drawn, for the demo clinic and the tests: nobody's face. The same arguments draw the same."""

from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw

from clinic.kit.pictures import Picture

_GROUND, _SKIN, _MARK = "#d9dee3", "#dcb9a3", "#b98a78"
# Where marks are, in parts of a thousand of the width and height; the last ones heal first.
_MARKS = (
    (380, 540), (615, 545), (420, 600), (580, 610), (350, 590), (650, 590), (460, 660), (540, 665),
    (400, 470), (600, 480), (330, 520), (670, 530),
)  # fmt: skip


@cache
def drawn_photo(marks: int = len(_MARKS), width: int = 96) -> Picture:
    """A head with `marks` of twelve marks on it, three wide to four high; `width` in pixels."""
    height = width * 4 // 3
    image = Image.new("RGB", (width, height), _GROUND)
    draw = ImageDraw.Draw(image)
    draw.ellipse((width * 0.2, height * 0.15, width * 0.8, height * 0.85), fill=_SKIN)
    radius = width * 0.012
    for across, down in _MARKS[:marks]:
        x, y = width * across / 1000, height * down / 1000
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_MARK)
    small = image.resize((min(width, 360), min(height, 480)))
    full = _jpeg(image)
    return Picture(full, full, _jpeg(small), width, height)


def _jpeg(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=85)
    return out.getvalue()
