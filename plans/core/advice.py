"""What helps what was found on the skin, what does not, and why; best first.

The catalogue says what a procedure or protocol is meant for (`suits`, a protocol's `for`) and what it is
known to be useless for. Source of the data: the clinic's starting text, with each procedure.

Fit. A sign is helped when the procedure names it. Type, depth and age speak of pits, so they decide over the
signs of the skin's relief (RELIEF) alone: a peel for shallow marks still helps the pigmentation of somebody
with deep pits. A protocol is for the picture as a whole: there they decide over every sign. What the
catalogue leaves open keeps nothing off, but is no match either.

Useless. A line is met when all that it names is so: "deep" and "old" together, not one of them. It takes
away the signs that it names, those of the relief by default.

Order, total: standing (fits, must wait, refused, not meant for it, useless); nothing useless about it; more
of the signs; less that it is not meant for; a protocol, which is for all of it, before a single procedure;
more of what the pits are like; milder verdict; confirmed by the physician; the catalogue's own order; code.
"""

import datetime as dt
import enum
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

from plans.core.screening import Finding, Screener, Screening, Verdict

Kind = Literal["sign", "pit_type", "pit_depth", "pit_age"]

PITS = "pits"
# The shape of the skin: what pits are like decides what helps it.
RELIEF = frozenset({PITS, "scarring", "uneven_texture"})


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that was found: a sign, or what the pits are like."""

    kind: Kind
    code: str


class Assessed(Protocol):
    """What an assessment says of the skin, wherever it is kept."""

    @property
    def signs(self) -> Collection[str]: ...
    @property
    def pit_types(self) -> Collection[str]: ...
    @property
    def pit_depth(self) -> str: ...
    @property
    def pit_age(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Found:
    """What an assessment found. Whoever describes pits has found pits, whether they are named or not."""

    signs: frozenset[str] = frozenset()
    pit_types: frozenset[str] = frozenset()
    pit_depth: str = ""
    pit_age: str = ""

    def __post_init__(self) -> None:
        if (self.pit_types or self.pit_depth or self.pit_age) and not self.signs & RELIEF:
            object.__setattr__(self, "signs", self.signs | {PITS})

    @classmethod
    def of(cls, row: "Assessed | None") -> "Found":
        """What an assessment says; nothing for None."""
        if row is None:
            return cls()
        return cls(frozenset(row.signs), frozenset(row.pit_types), row.pit_depth, row.pit_age)

    def narrowed(self, sign: str = "", pit_depth: str = "") -> "Found":
        """What remains when one sign is to be treated (""; all of them), or pits of another depth.

        What pits are like goes with the relief only.
        """
        signs = frozenset({sign}) if sign else self.signs
        if not signs & RELIEF:
            return Found(signs, pit_depth=pit_depth)
        return Found(signs, self.pit_types, pit_depth or self.pit_depth, self.pit_age)

    @property
    def details(self) -> tuple[Criterion, ...]:
        """What is known of the pits: types by code, depth, age."""
        known = [Criterion("pit_type", code) for code in sorted(self.pit_types)]
        known += [Criterion("pit_depth", self.pit_depth), Criterion("pit_age", self.pit_age)]
        return tuple(each for each in known if each.code)

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """All that was found: signs by code, then `details`."""
        return (*(Criterion("sign", code) for code in sorted(self.signs)), *self.details)


@dataclass(frozen=True, slots=True)
class Useless:
    """A line of the catalogue: does nothing where all that it names is so. `why` by language."""

    signs: frozenset[str] = frozenset()
    pit_types: frozenset[str] = frozenset()
    pit_depths: frozenset[str] = frozenset()
    pit_ages: frozenset[str] = frozenset()
    why: Mapping[str, str] = field(default_factory=dict)

    def signs_in(self, found: Found) -> frozenset[str]:
        """The signs found for which this line says that nothing comes of it.

        Of several types of pits all must be named: what does nothing for one may help the other.
        """
        named = (
            (self.pit_types, found.pit_types),
            (self.pit_depths, _one(found.pit_depth)),
            (self.pit_ages, _one(found.pit_age)),
        )
        says_something = bool(self.signs) or any(codes for codes, _ in named)
        if not says_something or not all(_is_met(codes, seen) for codes, seen in named):
            return frozenset()
        return found.signs & (self.signs or RELIEF)


def _one(code: str) -> frozenset[str]:
    return frozenset({code} if code else ())


def _is_met(codes: frozenset[str], seen: frozenset[str]) -> bool:
    return not codes or (bool(seen) and seen <= codes)


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a procedure or protocol is meant for, and what it is useless for. Empty pit sets: not said."""

    signs: frozenset[str] = frozenset()
    pit_types: frozenset[str] = frozenset()
    pit_depths: frozenset[str] = frozenset()
    pit_ages: frozenset[str] = frozenset()
    useless: tuple[Useless, ...] = ()

    def names(self, kind: Kind) -> frozenset[str]:
        """The codes of this kind that it is meant for."""
        codes: frozenset[str] = getattr(self, f"{kind}s")
        return codes


def purpose(suits: Mapping[str, Any] | None, useless_for: Any = None) -> Purpose:
    """What the catalogue's `suits` (or a protocol's `for`) and `useless_for`, a line or a list of lines, say."""
    lines = [useless_for] if isinstance(useless_for, Mapping) else useless_for or []
    useless = tuple(Useless(**_codes(line), why=_texts(line.get("why"))) for line in lines)
    return Purpose(**_codes(suits or {}), useless=useless)


def _codes(words: Mapping[str, Any]) -> dict[str, Any]:
    places = ("signs", "pit_types", "pit_depths", "pit_ages")
    return {place: frozenset(words.get(place) or ()) for place in places}


def _texts(why: Any) -> Mapping[str, str]:
    return why if isinstance(why, Mapping) else {"en": str(why or "")}


@dataclass(frozen=True, slots=True)
class Fit:
    """How far a purpose meets what was found.

    `matched`, `missed` and `unsaid` are all that was found; unsaid: of the pits, and it names none of that
    kind. `opposed`: what the pits are like, but it is not meant for such; those keep the relief's signs from
    being helped. `useless`: the line that is met, if any.
    """

    matched: tuple[Criterion, ...]
    missed: tuple[Criterion, ...]
    unsaid: tuple[Criterion, ...] = ()
    opposed: tuple[Criterion, ...] = ()
    useless: Useless | None = None

    @property
    def helps(self) -> bool:
        return self.signs > 0

    @property
    def is_complete(self) -> bool:
        """Meant for each thing that was found."""
        return self.helps and not self.missed and not self.unsaid

    @property
    def signs(self) -> int:
        """How many signs it helps."""
        return sum(each.kind == "sign" for each in self.matched)


def fit(found: Found, meant: Purpose, *, as_a_whole: bool = False) -> Fit:
    """How far `meant` meets `found`; `as_a_whole`: the pits decide over every sign, as in a protocol."""
    opposed = tuple(_opposed(found, meant))
    gated = (found.signs if as_a_whole else RELIEF) if opposed else frozenset()
    taken = [(line, line.signs_in(found)) for line in meant.useless]
    helped = (found.signs & meant.signs) - gated.union(*(signs for _, signs in taken))
    has_pits = bool(helped & RELIEF) or (as_a_whole and bool(helped))
    parts: dict[str, list[Criterion]] = {"matched": [], "missed": [], "unsaid": []}
    for each in found.criteria:
        if each.kind == "sign":
            part = "matched" if each.code in helped else "missed"
        elif has_pits and not meant.names(each.kind):
            part = "unsaid"
        else:
            part = "matched" if has_pits and _names(meant, each) else "missed"
        parts[part].append(each)
    met = next((line for line, signs in taken if signs), None)
    return Fit(**{part: tuple(each) for part, each in parts.items()}, opposed=opposed, useless=met)


def _names(meant: Purpose, each: Criterion) -> bool:
    return each.code in meant.names(each.kind)


def _opposed(found: Found, meant: Purpose) -> Iterator[Criterion]:
    """Depth or age that it is not meant for; types when none of them is one that it is meant for."""
    types = [each for each in found.details if each.kind == "pit_type"]
    if meant.pit_types and not any(_names(meant, each) for each in types):
        yield from types
    for each in found.details:
        if each.kind != "pit_type" and meant.names(each.kind) and not _names(meant, each):
            yield each


class Standing(enum.IntEnum):
    """What becomes of a procedure or protocol in the advice, best first."""

    FITS = 0
    WAITS = 1
    REFUSED = 2
    UNFIT = 3
    USELESS = 4


@dataclass(frozen=True, slots=True)
class Candidate:
    """A procedure or protocol to advise on.

    `steps`: the procedures that must be done for it, in order; a procedure is its own only step. `position`:
    its place in the catalogue. `is_confirmed`: the clinic's physician has confirmed what it is meant for.
    """

    code: str
    meant: Purpose
    position: int
    steps: tuple[str, ...]
    is_protocol: bool = False
    is_confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Advice:
    """One candidate's place. `screening`: None where it would not help, so that nobody needs to know."""

    candidate: Candidate
    standing: Standing
    fit: Fit
    screening: Screening | None = None

    @property
    def is_recommended(self) -> bool:
        return self.standing is Standing.FITS or self.standing is Standing.WAITS


def advise(
    found: Found, candidates: Iterable[Candidate], screened: Callable[[str], Screening]
) -> tuple[Advice, ...]:
    """Every candidate once, best first. `screened`: the patient before a procedure, on the day asked for.

    It is called for the steps of what helps, and for nothing else.
    """
    advice = (_advice(found, candidate, screened) for candidate in candidates)
    return tuple(sorted(advice, key=_rank))


def _advice(found: Found, candidate: Candidate, screened: Callable[[str], Screening]) -> Advice:
    fitted = fit(found, candidate.meant, as_a_whole=candidate.is_protocol)
    if not fitted.helps:
        standing = Standing.USELESS if fitted.useless else Standing.UNFIT
        return Advice(candidate, standing, fitted)
    screening = in_turn([screened(step) for step in candidate.steps])
    standing = {Verdict.WAIT: Standing.WAITS, Verdict.REFUSE: Standing.REFUSED}.get(
        screening.verdict, Standing.FITS
    )
    return Advice(candidate, standing, fitted, screening)


def until_free(screener: Screener, day: dt.date) -> Screening:
    """The screening of a session on `day`, with what else keeps it off until the first day allowed."""
    screening = screener.screen(day)
    findings = set(screening.findings)
    while screening.earliest_ok is not None and day < screening.earliest_ok:
        blocking = [each for each in screener.judge(day) if each.level.blocks]
        findings.update(blocking)
        day = max(each.free_day for each in blocking if each.free_day is not None)
    return replace(screening, findings=_in_order(findings))


def _in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(
        sorted(findings, key=lambda each: (-each.level, each.rule, each.free_day or dt.date.max))
    )


def in_turn(screenings: Sequence[Screening]) -> Screening:
    """One screening for steps that follow each other, all of them judged on the first one's day.

    What makes a later step wait may be over when its turn comes: it is judged again for its own date. A
    refusal, a question and a caution count from the start. Without steps nothing stands against it.
    """
    first, *later = screenings or [Screening(Verdict.OK)]
    lasting = [_without_waits(screening) for screening in later]
    findings = {finding for each in (first, *lasting) for finding in each.findings}
    blocking = [each.earliest_ok for each in (first, *lasting) if each.verdict.blocks]
    known = [day for day in blocking if day is not None]
    return Screening(
        max(each.verdict for each in (first, *lasting)),
        _in_order(findings),
        max(known, default=None) if len(known) == len(blocking) else None,
        tuple(dict.fromkeys(fact for each in (first, *later) for fact in each.deferred)),
    )


def _without_waits(screening: Screening) -> Screening:
    findings = tuple(each for each in screening.findings if each.level is not Verdict.WAIT)
    verdict = findings[0].level if findings else Verdict.OK
    return replace(screening, verdict=verdict, findings=findings)


def _rank(advice: Advice) -> tuple[Any, ...]:
    candidate, fitted = advice.candidate, advice.fit
    return (
        advice.standing,
        fitted.useless is not None,
        -fitted.signs,
        len(fitted.missed),
        not candidate.is_protocol,
        len(fitted.unsaid),
        advice.screening.verdict if advice.screening else Verdict.OK,
        not candidate.is_confirmed,
        candidate.position,
        candidate.code,
    )
