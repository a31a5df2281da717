"""What an assessment says, and what the advice from it says, in words."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from plans.core.advice import Criterion, Fit, Purpose, Standing
from plans.core.protocol import Step
from plans.core.regimen import read_regimen
from plans.core.spacing import Period
from plans.courses.tags import AREAS, Names
from plans.homecare.tags import times_words
from plans.terms.tags import ROMAN, minutes_words, period_words

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

# What pits come from, as far as it is known. Stored by code: a code stays, its words may be changed.
CAUSES: Mapping[str, "StrPromise"] = {
    "late_treatment": gettext_lazy("Acne treated late or wrongly"),
    "squeezing": gettext_lazy("Squeezing and picking"),
    "cystic_acne": gettext_lazy("Deep, inflamed acne (cysts)"),
    "hormonal_acne": gettext_lazy("Acne from hormones"),
    "chickenpox": gettext_lazy("Chickenpox"),
    "skin_infection": gettext_lazy("Boils or another skin infection"),
    "injury": gettext_lazy("Injury, burn or surgery"),
    "other": gettext_lazy("Something else (say it in the note)"),
}

GRADE_SOURCE = (
    "Goodman GJ, Baron JA. Postacne scarring: a qualitative global scarring grading system. "
    "Dermatol Surg 2006;32:1458-66."
)


@dataclass(frozen=True, slots=True)
class Grade:
    """One grade of the scale of GRADE_SOURCE: its name and how it is told from the others."""

    name: "StrPromise"
    definition: "StrPromise"


GRADES: Mapping[int, Grade] = {
    1: Grade(
        gettext_lazy("Macular"),
        gettext_lazy("Flat red, dark or pale marks: a matter of colour, not of shape."),
    ),
    2: Grade(
        gettext_lazy("Mild"),
        gettext_lazy(
            "Slight hollows or raised scars that may not show from 50 cm on, or that make-up, the shadow of a "
            "shaved beard or body hair covers well."
        ),
    ),
    3: Grade(
        gettext_lazy("Moderate"),
        gettext_lazy(
            "Scars that show from 50 cm on and are not easily covered, but hollow ones flatten when the skin "
            "is stretched by hand."
        ),
    ),
    4: Grade(
        gettext_lazy("Severe"),
        gettext_lazy(
            "Scars that show from more than 50 cm, are not easily covered, and do not flatten when the skin is "
            "stretched by hand."
        ),
    ),
}

SKIN_TYPES: Mapping[int, str] = dict(enumerate(ROMAN, start=1))


def grade_words(grade: int) -> "StrPromise":
    """`3, Moderate`, in the language of whoever reads it."""
    return format_lazy("{}, {}", grade, GRADES[grade].name)


_WHAT_FOLLOWS: Mapping[Standing, "StrPromise"] = {
    Standing.FITS: gettext_lazy("Fits, best first"),
    Standing.WAITS: gettext_lazy("Fits, but must wait"),
    Standing.REFUSED: gettext_lazy("Refused for this patient"),
    Standing.USELESS: gettext_lazy("Known to do nothing here"),
    Standing.UNFIT: gettext_lazy("Not meant for what was seen"),
}


def standing_words(standing: Standing) -> str:
    """The heading over what stands so in the advice."""
    return str(_WHAT_FOLLOWS[standing])


@dataclass(frozen=True)
class Terms:
    """What signs and pits are called in the page's language, in the catalogue's order; by code."""

    signs: Mapping[str, str] = field(default_factory=dict)
    pit_types: Mapping[str, str] = field(default_factory=dict)
    pit_depths: Mapping[str, str] = field(default_factory=dict)
    pit_ages: Mapping[str, str] = field(default_factory=dict)

    def listed(self, kind: str, codes: Collection[str]) -> list[str]:
        """The names of `codes` of a kind ("sign", "pit_type", ...) in order; one that has none as it is."""
        names: Mapping[str, str] = getattr(self, f"{kind}s")
        return [
            *(name for code, name in names.items() if code in codes),
            *(code.replace("_", " ") for code in sorted(codes) if code not in names),
        ]


KINDS = ("sign", "pit_type", "pit_depth", "pit_age")


def criteria_words(criteria: Iterable[Criterion], terms: Terms) -> str:
    """`Pits, Scarring, Rolling, Deep, Old`."""
    criteria = tuple(criteria)
    return ", ".join(
        name
        for kind in KINDS
        for name in terms.listed(kind, {each.code for each in criteria if each.kind == kind})
    )


def fit_words(fit: Fit, terms: Terms) -> str:
    """What it helps, and what of the rest it does not: "For Pits, Rolling, Deep. Not for Ice-pick."."""
    said = [_("For all that was seen.")] if fit.is_complete else []
    if not said:
        said = [_("For: %(what)s.") % {"what": criteria_words(fit.matched, terms)}]
    # What its pits are not like says nothing where it is not for pits at all.
    has_pits = fit.unsaid or any(each.kind != "sign" for each in fit.matched)
    missed = [each for each in fit.missed if has_pits or each.kind == "sign"]
    if missed:
        said.append(_("Not for: %(what)s.") % {"what": criteria_words(missed, terms)})
    if fit.unsaid:
        said.append(
            _("Nothing is said of: %(what)s.") % {"what": criteria_words(fit.unsaid, terms)}
        )
    return " ".join(said)


def unfit_words(fit: Fit, meant: Purpose, terms: Terms) -> str:
    """What it is meant for instead."""
    if fit.opposed:
        kinds = dict.fromkeys(each.kind for each in fit.opposed)
        wanted = (Criterion(kind, code) for kind in kinds for code in meant.names(kind))
        values = {
            "wanted": criteria_words(wanted, terms),
            "seen": criteria_words(fit.opposed, terms),
        }
        return _("Its pits: %(wanted)s. Seen: %(seen)s.") % values
    if not meant.signs:
        return _("The catalogue names nothing of this kind that it helps with.")
    wanted = (Criterion("sign", code) for code in meant.signs)
    return _("Meant for: %(what)s.") % {"what": criteria_words(wanted, terms)}


def assessment_line(signs: Iterable[str], pits: Iterable[str]) -> str:
    """`Pits, Scarring (Rolling, Deep, Old)`."""
    what, like = ", ".join(signs), ", ".join(pits)
    return f"{what} ({like})" if what and like else what or like


def visits_words(sessions: int | None, minutes: int) -> str:
    """`3 sessions, 80 minutes each`."""
    count = ngettext("%(n)d session", "%(n)d sessions", sessions or 1) % {"n": sessions or 1}
    if (sessions or 1) == 1:
        return f"{count}, {minutes_words(minutes)}"
    each = ngettext("%(n)d minute each", "%(n)d minutes each", minutes) % {"n": minutes}
    return f"{count}, {each}"


def regimen_words(regimen: Mapping[str, Any]) -> str:
    """`At home, 2 times a day, for 7 days`; the parts that the catalogue leaves out are left out."""
    course = regimen.get("course") or {}
    length = period_words(Period(course["value"], course["unit"])) if course else ""
    how_long = _("for %(period)s") % {"period": length} if length else ""
    return ", ".join(filter(None, [_("At home"), times_words(read_regimen(regimen)), how_long]))


def steps_words(steps: Iterable[Step], names: Names) -> str:
    """`1. Topical retinoid, 90 days; 2. Medium TCA peel, 3 sessions; 3. Erbium laser, 1 session (if wanted)`."""
    return "; ".join(_step_words(step, names) for step in steps)


def _step_words(step: Step, names: Names) -> str:
    n = step.days or step.sessions or 0
    much = (
        ngettext("%(n)d day at home", "%(n)d days at home", n)
        if step.days
        else ngettext("%(n)d session", "%(n)d sessions", n)
    ) % {"n": n}
    said = f"{step.number}. {names.procedure(step.procedure)}, {much}"
    return _("%(step)s (if wanted)") % {"step": said} if step.is_optional else said


def area_words(areas: Collection[str]) -> list[str]:
    """The names of areas, from the head down; one that has none as it is."""
    return [
        *(str(name) for code, name in AREAS.items() if code in areas),
        *(code.replace("_", " ") for code in areas if code not in AREAS),
    ]
