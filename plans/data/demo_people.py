"""The people of the demo clinic: who they are, and what is true of their health."""

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from anyascii import anyascii
from faker import Faker

from plans.core.screening import Fact, birthday, skin_type_facts
from plans.data.demo_cast import CAST, TRAITS, Part, Script, Trait, scripts_for

# Numbers that Germany's regulator keeps for films and books: they ring at nobody's.
_FILM_NUMBERS = ("+4917139200{:02}", "+49176040690{:02}")
# Of the patients who are nobody in particular: language, the names' country, in Latin letters, how many of 100.
_TONGUES = (
    ("de", "de_DE", False, 46),
    ("ru", "ru_RU", False, 12),
    ("ru", "ru_RU", True, 12),
    ("es", "es_ES", False, 14),
    ("en", "en_GB", False, 16),
)
_SKIN_TYPES = ((1, 4), (2, 34), (3, 40), (4, 18), (5, 4))


@dataclass(frozen=True)
class Known:
    """Something true of a person and the day on which the clinic learnt it; None: with the first answers."""

    fact: Fact
    note: str = ""
    told_on: dt.date | None = None


@dataclass
class Person:
    """A patient before there is a row for them. `surprises` are learnt after everything is booked."""

    given_name: str
    family_name: str
    birth_date: dt.date
    sex: str
    language: str
    phone: str
    email: str
    skin_type: int | None
    favourite_minute: int
    number: int | None = None
    may_text: bool = False
    known: list[Known] = field(default_factory=list)
    surprises: list[Known] = field(default_factory=list)
    unknown: str = ""
    wants_consultation: int | None = None
    scripts: list[Script] = field(default_factory=list)

    def facts(self, *, with_surprises: bool = False) -> tuple[Fact, ...]:
        """What is true of the person, the skin type too, as screening reads it."""
        known = [*self.known, *(self.surprises if with_surprises else ())]
        return (
            *(each.fact for each in known),
            *skin_type_facts(self.skin_type, self.birth_date if self.skin_type else None),
        )


def make_people(count: int, rng: random.Random, today: dt.date) -> list[Person]:
    """The cast of the demo first, then as many others as make `count`."""
    people = [_cast(part, rng, today) for part in CAST[:count]]
    people += _others(count - len(people), rng, today)
    for place, person in enumerate(people):
        pattern = _FILM_NUMBERS[place // 100 % len(_FILM_NUMBERS)]
        person.phone = pattern.format(place % 100)
        person.email = _email(person) if rng.random() < 0.8 else ""
        person.may_text = rng.random() < 0.7
    return people


def _cast(part: Part, rng: random.Random, today: dt.date) -> Person:
    return Person(
        given_name=part.given_name,
        family_name=part.family_name,
        birth_date=part.birth_date or _birth(part.age, rng, today),
        sex=part.sex,
        language=part.language,
        phone="",
        email="",
        skin_type=part.skin_type,
        favourite_minute=rng.randrange(9 * 60, 17 * 60, 15),
        number=part.number,
        known=[_known(trait, today) for trait in part.known],
        surprises=[_known(trait, today) for trait in part.surprises],
        unknown=part.unknown,
        wants_consultation=part.consultation,
        scripts=list(part.scripts),
    )


def _known(trait: Trait, today: dt.date) -> Known:
    def day(offset: int | None) -> dt.date | None:
        return None if offset is None else today + dt.timedelta(days=offset)

    fact = Fact(trait.fact, "present", day(trait.since), day(trait.until))
    return Known(fact, trait.note, day(trait.told))


def _others(count: int, rng: random.Random, today: dt.date) -> Iterator[Person]:
    names = {country: Faker(country) for _, country, _, _ in _TONGUES}
    for faker in names.values():
        faker.seed_instance(rng.randrange(2**32))
    shares = [share for *_, share in _TONGUES]
    for _ in range(count):
        [(language, country, is_latin, _)] = rng.choices(_TONGUES, shares)
        sex = "female" if rng.random() < 0.76 else "male"
        given, family = _name(names[country], sex, is_latin=is_latin)
        age = rng.choice((16, 17)) if rng.random() < 0.03 else min(70, int(rng.gauss(34, 11)))
        age = max(16, age)
        scripts, consultation = scripts_for(rng, age)
        [skin_type] = rng.choices([t for t, _ in _SKIN_TYPES], [n for _, n in _SKIN_TYPES])
        yield Person(
            given_name=given,
            family_name=family,
            birth_date=_birth(age, rng, today),
            sex=sex,
            language=language,
            phone="",
            email="",
            # seen at the first treatment; whoever was only registered has none yet
            skin_type=skin_type if scripts else None,
            favourite_minute=rng.randrange(8 * 60 + 30, 18 * 60, 15),
            known=list(_traits(rng, today)),
            wants_consultation=consultation,
            scripts=scripts,
        )


def _name(faker: Faker, sex: str, *, is_latin: bool) -> tuple[str, str]:
    female = sex == "female"
    given = faker.first_name_female() if female else faker.first_name_male()
    family = faker.last_name_female() if female else faker.last_name_male()
    if is_latin:
        return _latin(given), _latin(family)
    return given, family


def _latin(name: str) -> str:
    return anyascii(name).replace("'", "").replace('"', "").capitalize()


def _traits(rng: random.Random, today: dt.date) -> Iterator[Known]:
    for trait, share in TRAITS:
        if rng.random() < share:
            yield _known(trait, today)


def _birth(age: int, rng: random.Random, today: dt.date) -> dt.date:
    """A birth date at which somebody is `age` years old today."""
    born = today - dt.timedelta(days=age * 365 + age // 4 + rng.randrange(2, 360))
    return born if birthday(born, age) <= today else born - dt.timedelta(days=20)


def _email(person: Person) -> str:
    """An address that no mail can reach (RFC 2606)."""
    words: Sequence[str] = (person.given_name, person.family_name)
    local = ".".join(anyascii(word).lower() for word in words)
    return "".join(letter for letter in local if letter.isalnum() or letter == ".") + "@example.org"
