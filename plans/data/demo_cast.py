"""The demo's script: who has which course in which state. Days are counted from today."""

import datetime as dt
import random
from dataclasses import dataclass
from typing import Literal

Miss = Literal["no_show", "cancelled"]
End = Literal["booked", "unbooked", "written_off"]


@dataclass(frozen=True)
class Script:
    """How a course shall stand today.

    `done` sessions lie behind us, and the last of them stands near `day`. With `next_in` it is the session
    after them that stands there. What comes before and after follows from the interval. `end`: what becomes of the others.
    `at`: minutes from now at which a visit of today should begin. `missed`: the session after the done ones
    had a visit that was missed; `again`: and was booked anew.
    """

    procedure: str
    count: int
    done: int
    day: int
    next_in: bool = False
    end: End = "unbooked"
    at: int | None = None
    missed: Miss | None = None
    again: bool = True
    fails_today: bool = False


@dataclass(frozen=True)
class Trait:
    """Something true of a patient, from and to these days (None: open), told on that day (None: at first)."""

    fact: str
    since: int | None = None
    until: int | None = None
    note: str = ""
    told: int | None = None


@dataclass(frozen=True)
class Part:
    """A patient with a story."""

    given_name: str
    family_name: str
    sex: str
    language: str
    age: int
    skin_type: int | None
    scripts: tuple[Script, ...] = ()
    known: tuple[Trait, ...] = ()
    surprises: tuple[Trait, ...] = ()
    unknown: str = ""
    consultation: int | None = None
    number: int | None = None
    birth_date: dt.date | None = None


def running(procedure: str, count: int, done: int, day: int, at: int | None = None) -> Script:
    """A course whose next session stands `day` days from today, all others booked."""
    return Script(procedure, count, done, day, next_in=True, end="booked", at=at)


CAST = (
    # The one that the tour follows: a cold sore that healed today makes the peel of this week wait.
    Part(
        "Anna", "Petrova", "female", "en", 34, 3,
        scripts=(
            Script("fruit_peel_pro", 6, 3, -147),
            Script("botulinum", 1, 1, -133),
            running("tca_peel_medium", 3, 1, 4),
            running("botulinum", 1, 0, 25),
        ),
        known=(
            Trait("isotretinoin_oral", -460, -290, "20 mg a day"),
            Trait("allergy_benzocaine", -2600, None, "Rash after a throat tablet"),
        ),
        surprises=(Trait("herpes_active", -4, 0, "Upper lip", told=0),),
        number=142, birth_date=dt.date(1992, 3, 14),
    ),
    # Today, at every stage.
    Part("Ivo", "Lang", "male", "de", 46, 2, (running("botulinum", 1, 0, 0, at=-150),)),
    Part(
        "Ruth", "Sommer", "female", "de", 51, 2,
        (Script("mesotherapy", 6, 2, 0, True, "booked", at=-110, fails_today=True),),
    ),
    Part("Kim", "Albrecht", "male", "en", 29, 3, (running("prp", 3, 1, 0, at=-35),)),
    Part("Elif", "Kaya", "female", "de", 38, 4, (running("laser_co2", 1, 0, 0, at=-15),)),
    Part("Sina", "Wolf", "female", "de", 24, 2, (running("fruit_peel_pro", 6, 1, 0, at=75),)),
    Part("David", "Roth", "male", "en", 31, 2, (running("tca_cross", 4, 2, 0, at=190),)),
    # Booked, and since then something became known that stands against it.
    Part(
        "Ольга", "Данилова", "female", "ru", 33, 3, (running("tca_peel_medium", 3, 1, 12),),
        surprises=(Trait("pregnancy", -50, None, "Told by telephone", told=-1),),
    ),
    Part(
        "Hanna", "Vogt", "female", "de", 58, 2, (running("darsonval", 12, 7, 2),),
        surprises=(Trait("cardiac_device", -9, None, "Pacemaker", told=-1),),
    ),
    Part(
        "Nora", "Fink", "female", "de", 27, 2, (running("laser_fractional", 3, 1, 9),),
        surprises=(Trait("tan_recent", -6, -6, "A week in Tenerife", told=-1),),
    ),
    Part(
        "Carmen", "Ortega", "female", "es", 41, 3, (running("laser_fractional", 3, 0, 5),),
        surprises=(Trait("herpes_active", -2, None, "Lower lip", told=0),),
    ),
    # Facts that matter and are kept.
    Part(
        "Сергей", "Волков", "male", "ru", 26, 2, (running("tca_peel_medium", 3, 0, 66),),
        known=(Trait("isotretinoin_oral", -300, -122, "30 mg a day"),),
    ),
    Part(
        "Paul", "Meier", "male", "de", 63, 2, (running("microneedling", 4, 2, 3),),
        known=(Trait("anticoagulant", -900, None, "Apixaban"),), unknown="nsaid_antiplatelet",
    ),
    Part(
        "Tea", "Novak", "female", "en", 36, 3, (running("microdermabrasion", 6, 3, 6),),
        known=(Trait("herpes_recurrent", -2000, None), Trait("allergy_benzocaine", -1500, None)),
    ),
    Part("Mia", "Schuster", "female", "de", 17, 2, (running("fruit_peel_pro", 4, 1, 8),)),
    # Every other way that a course can stand.
    Part("Lea", "Hartmann", "female", "de", 30, 2, (Script("laser_fractional", 3, 2, -52),)),
    Part("Mara", "Klein", "female", "de", 44, 2, (Script("microneedling", 4, 3, -40),)),
    Part("Lucía", "Fernández", "female", "es", 35, 4, (Script("tca_peel_medium", 3, 1, -214),)),
    Part(
        "Markus", "Brenner", "male", "de", 49, 2,
        (Script("mesotherapy", 6, 3, -75, end="written_off"),),
    ),
    Part("Julia", "Winter", "female", "de", 39, 3, (Script("prp", 3, 3, -95),)),
    Part(
        "Jonas", "Beck", "male", "de", 28, 2,
        (Script("microdermabrasion", 5, 2, -20, missed="no_show", again=False),),
    ),
    Part(
        "Irina", "Sokolova", "female", "ru", 32, 3,
        (Script("fruit_peel_pro", 5, 2, -19, end="booked", missed="cancelled"),),
    ),
    Part("Emma", "Clarke", "female", "en", 25, 2, (Script("tca_cross", 4, 0, 0),)),
    Part("Diego", "Romero", "male", "es", 43, 3, (running("laser_erbium_2940", 1, 0, 160),)),
    Part("Olivia", "Hughes", "female", "en", 22, None, consultation=1),
)  # fmt: skip

# Of the others: what is true, and of how many.
TRAITS = (
    (Trait("herpes_recurrent", -3000), 0.10),
    (Trait("smoking", -4000), 0.12),
    (Trait("keloid_tendency", -4500), 0.02),
    (Trait("allergy_lidocaine", -3500), 0.02),
    (Trait("rosacea", -1200), 0.05),
    (Trait("anticoagulant", -700), 0.02),
    (Trait("retinoid_topical_use", -120), 0.06),
    (Trait("asthma", -5000), 0.06),
    (Trait("isotretinoin_oral", -700, -420, "20 mg a day"), 0.06),
    (Trait("isotretinoin_oral", -290, -121, "20 mg a day"), 0.03),
    (Trait("autoimmune_disease", -2500), 0.03),
)

# What the others come for: procedure, days between two sessions, least and most sessions, how many of 100.
MIX = (
    ("darsonval", 2, 10, 12, 7),
    ("mesotherapy", 7, 4, 8, 16),
    ("fruit_peel_pro", 14, 4, 6, 17),
    ("microdermabrasion", 14, 4, 7, 12),
    ("microneedling", 28, 3, 5, 12),
    ("prp", 28, 3, 3, 9),
    ("tca_peel_medium", 91, 3, 3, 10),
    ("tca_cross", 42, 3, 4, 5),
    ("laser_fractional", 42, 2, 4, 7),
    ("botulinum", 120, 1, 1, 4),
    ("ha_filler", 270, 1, 1, 3),
    ("laser_erbium_2940", 182, 1, 1, 1),
    ("laser_co2", 182, 1, 1, 1),
    ("lipofilling", 182, 1, 1, 1),
    ("dermabrasion", 182, 1, 1, 1),
)
_FROM_SIXTEEN = ("darsonval", "fruit_peel_pro", "microdermabrasion")
_STATES = (
    ("running", 64), ("finished", 10), ("due", 7), ("lapsed", 5), ("written_off", 3), ("later", 8), ("unbooked", 3),
)  # fmt: skip


def scripts_for(rng: random.Random, age: int) -> tuple[list[Script], int | None]:
    """The courses of somebody who is nobody in particular, and the day of a consultation (None: none)."""
    if rng.random() < 0.07:
        return [], rng.choice((None, *range(-12, 15)))
    [state] = rng.choices([state for state, _ in _STATES], [share for _, share in _STATES])
    scripts = [_script(rng, state, age)]
    if rng.random() < 0.55:
        scripts.append(_script(rng, rng.choice(("finished", "later", "running")), age))
    return sorted(scripts, key=lambda script: script.day), None


def _script(rng: random.Random, state: str, age: int) -> Script:
    mix = [each for each in MIX if age >= 18 or each[0] in _FROM_SIXTEEN]
    [(procedure, days, least, most, _)] = rng.choices(mix, [share for *_, share in mix])
    count = rng.randint(least, most)
    if state == "running":
        return _running(rng, procedure, days, count)
    if state == "later":
        return running(procedure, count, 0, rng.randint(20, 300))
    if state == "unbooked":
        return Script(procedure, count, 0, 0)
    if state == "finished" or count == 1:
        return Script(procedure, count, count, -rng.randint(5, 330))
    done = rng.randrange(1, count)
    if state == "due":
        return Script(procedure, count, done, -days - rng.randint(0, max(1, days // 6)))
    if state == "lapsed":
        return Script(procedure, count, done, -rng.randint(days * 2 + 15, days * 2 + 80))
    return Script(procedure, count, done, -rng.randint(60, 250), end="written_off")


def _running(rng: random.Random, procedure: str, days: int, count: int) -> Script:
    done = rng.randrange(count)
    chances: tuple[Miss | None, ...] = ("no_show", "cancelled", *[None] * 9)
    missed = rng.choice(chances) if done else None
    if missed:
        last = -days - rng.randint(2, 6)
        return Script(procedure, count, done, last, end="booked", missed=missed)
    return running(procedure, count, done, rng.randint(0, min(days, 16)))
