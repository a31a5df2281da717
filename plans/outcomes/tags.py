"""What scores are called: scales with their source, grades, and what a chart says in a sentence."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plans.core.scores import SPANS, Change, Scale, Scored, change, over_the_course

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

SCALES: Mapping[Scale, "StrPromise"] = {
    Scale.PAIN: gettext_lazy("Pain"),
    Scale.SATISFACTION: gettext_lazy("Satisfaction"),
    Scale.GOODMAN_BARON: gettext_lazy("Scars, Goodman and Baron"),
    Scale.VANCOUVER: gettext_lazy("Scars, Vancouver"),
    Scale.DARKNESS: gettext_lazy("Pigmentation"),
}
SOURCES: Mapping[Scale, str] = {
    Scale.PAIN: "Jensen MP, Karoly P, Braver S. Pain 1986;27:117-26.",
    Scale.GOODMAN_BARON: "Goodman GJ, Baron JA. Dermatol Surg 2006;32:1458-66.",
    Scale.VANCOUVER: "Sullivan T et al. J Burn Care Rehabil 1990;11:256-60.",
    Scale.DARKNESS: "Kimbrough-Green CK et al. Arch Dermatol 1994;130:727-33.",
}
# The grades that have names; of the others the figure alone is told.
GRADES: Mapping[Scale, Mapping[int, "StrPromise"]] = {
    Scale.GOODMAN_BARON: {
        1: gettext_lazy("Macular"),
        2: gettext_lazy("Mild"),
        3: gettext_lazy("Moderate"),
        4: gettext_lazy("Severe"),
    },
    Scale.DARKNESS: {
        0: gettext_lazy("None"),
        1: gettext_lazy("Barely visible"),
        2: gettext_lazy("Mild"),
        3: gettext_lazy("Moderate"),
        4: gettext_lazy("Severe"),
    },
}
_BECAME: Mapping[Change, "StrPromise"] = {
    Change.BETTER: gettext_lazy("better"),
    Change.SAME: gettext_lazy("the same"),
    Change.WORSE: gettext_lazy("worse"),
}


def grade_words(scale: Scale, value: int) -> str:
    """`3, Moderate`; `6 of 10` for a scale without names."""
    name = GRADES.get(scale, {}).get(value)
    if name is not None:
        return f"{value}, {name}"
    return _("%(value)s of %(most)s") % {"value": value, "most": SPANS[scale].most}


def lines_of(scored: Scored) -> list[tuple[str, str]]:
    """Every score in words, by the name of its scale."""
    return [(str(SCALES[scale]), grade_words(scale, n)) for scale, n in scored.values().items()]


def course_words(scored: list[Scored]) -> list[str]:
    """`Pain: from 7 of 10 to 4 of 10, better.` for every scale that at least two sessions have."""
    said = []
    for scale, name in SCALES.items():
        ends = over_the_course(scored, scale)
        if ends:
            words = {
                "scale": name,
                "first": grade_words(scale, ends[0]),
                "last": grade_words(scale, ends[1]),
                "became": _BECAME[change(scale, *ends)],
            }
            said.append(_("%(scale)s: from %(first)s to %(last)s, %(became)s.") % words)
    return said


def source_lines(scales: Iterable[Scale]) -> list[str]:
    """Where each scale comes from; the satisfaction is the clinic's own question."""
    return [f"{SCALES[scale]}: {SOURCES[scale]}" for scale in scales if scale in SOURCES]
