"""The scales by which the outcome of a session is told, and what two scores of one scale mean."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Scale(StrEnum):
    PAIN = "nrs"
    SATISFACTION = "satisfaction"
    GOODMAN_BARON = "goodman_baron"
    VANCOUVER = "vancouver"
    DARKNESS = "darkness"


@dataclass(frozen=True, slots=True)
class Span:
    """The whole numbers from `least` to `most`, both included; `high_is_good`: which end one hopes for."""

    least: int
    most: int
    high_is_good: bool = False

    def holds(self, value: int) -> bool:
        return self.least <= value <= self.most


# Pain: Jensen MP, Karoly P, Braver S. Pain 1986;27:117-26 (numerical rating 0 to 10).
# Scars: Goodman GJ, Baron JA. Dermatol Surg 2006;32:1458-66 (grades 1 to 4); Sullivan T et al. J Burn Care Rehabil
# 1990;11:256-60 (Vancouver Scar Scale, sum 0 to 13).
# Darkness: Kimbrough-Green CK et al. Arch Dermatol 1994;130:727-33 (one of the parts of the MASI, 0 to 4).
# Satisfaction: the clinic's own question, 0 to 10.
SPANS: Mapping[Scale, Span] = MappingProxyType(
    {
        Scale.PAIN: Span(0, 10),
        Scale.SATISFACTION: Span(0, 10, high_is_good=True),
        Scale.GOODMAN_BARON: Span(1, 4),
        Scale.VANCOUVER: Span(0, 13),
        Scale.DARKNESS: Span(0, 4),
    }
)
SCAR_SCALES = (Scale.GOODMAN_BARON, Scale.VANCOUVER)


@dataclass(frozen=True, slots=True)
class Scored:
    """What was scored at one session; None was not asked. The scar's grade is of `scar_scale`."""

    pain: int | None = None
    satisfaction: int | None = None
    scar_scale: Scale | None = None
    scar: int | None = None
    pigmentation: int | None = None

    @property
    def is_empty(self) -> bool:
        return not any(self.values())

    def values(self) -> dict[Scale, int]:
        """Every score by its scale."""
        told = {
            Scale.PAIN: self.pain,
            Scale.SATISFACTION: self.satisfaction,
            self.scar_scale or Scale.GOODMAN_BARON: self.scar,
            Scale.DARKNESS: self.pigmentation,
        }
        return {scale: value for scale, value in told.items() if value is not None}

    def wrong(self) -> tuple[Scale, ...]:
        """The scales whose value lies outside of them."""
        return tuple(
            scale for scale, value in self.values().items() if not SPANS[scale].holds(value)
        )


class Change(StrEnum):
    BETTER = "better"
    SAME = "same"
    WORSE = "worse"


def change(scale: Scale, before: int, after: int) -> Change:
    """What became of a score.

    >>> change(Scale.PAIN, 6, 3), change(Scale.SATISFACTION, 6, 3)
    (<Change.BETTER: 'better'>, <Change.WORSE: 'worse'>)
    """
    if before == after:
        return Change.SAME
    return Change.BETTER if (after > before) == SPANS[scale].high_is_good else Change.WORSE


def over_the_course(scored: Sequence[Scored], scale: Scale) -> tuple[int, int] | None:
    """The first and the last score of `scale`; None where fewer than two sessions have one."""
    told = list(_told(scored, scale))
    return (told[0], told[-1]) if len(told) > 1 else None


def _told(scored: Iterable[Scored], scale: Scale) -> Iterable[int]:
    return (told[scale] for each in scored if scale in (told := each.values()))
