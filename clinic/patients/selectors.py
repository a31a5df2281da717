"""Reading patients: one folded spelling for every way to write a name, search, duplicates, standing answers."""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from typing import Any

from anyascii import anyascii
from babel.dates import get_month_names
from django.conf import settings
from django.db.models import Case, IntegerField, Model, Q, QuerySet, When
from django.db.models.functions import Coalesce
from django.utils.crypto import salted_hmac
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clinic.audit.models import Entry
from clinic.patients.models import (
    Fact,
    FactKind,
    FactType,
    FormerCode,
    Patient,
    PatientDetails,
)

# What a search takes, and how much of the folded names is kept: some scripts grow when they are folded.
SHORTEST_QUERY, LONGEST_QUERY, MOST_WORDS = 3, 80, 8
LONGEST_NAMES = 340
# A word may be typed half: with these letters after it, it may fold to another beginning ("mue" of Mueller).
TAILS = ("", "h", "ch", "o", "e", "ev")
# Family names as alike as this, on the same birth date, are one person's more often than not. [P]
ALIKE = 0.75

DATES = [
    re.compile(r"(?<!\d)(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?!\d)"),
    re.compile(r"(?<!\d)(?P<day>\d{1,2})[./\-\s](?P<month>\d{1,2})[./\-\s](?P<year>\d{4})(?!\d)"),
    re.compile(
        r"(?<!\d)(?P<day>\d{1,2})\.?\s+(?:de\s+)?(?P<word>[^\W\d_]{3,})\.?\s+(?:de\s+)?(?P<year>\d{4})(?!\d)"
    ),
]
RUN_OF_DIGITS = re.compile(r"(?<![^\W_])\+?\d(?:[\d\s()/.\-]*\d)?(?!\w)")

# Letters that a transliteration would make equal to another sound.
LETTERS = str.maketrans(
    {"ё": "е", "š": "sh", "ś": "sh", "ž": "zh", "ż": "zh", "č": "ch", "ć": "ch"}
)
# Spellings of one sound become one, in this order, over and over until nothing changes.
# The result is for comparing only: nobody reads it, so it may look odd as long as both sides look alike.
SPELLINGS = [
    (re.compile(pattern), spelling)
    for pattern, spelling in (
        (r"['\"`]", ""),  # soft and hard sign, O'Brien
        (r"[^a-z0-9]+", " "),
        (r"schtsch|shtsch|shch", "sh"),  # Schtscherbakow, Shcherbakov
        (r"tsch|tch", "ch"),  # Tschechow, Tchaikovsky
        (r"sch", "sh"),  # Scherbakov
        (r"ch|kh", "k"),  # Michail, Mikhail; Christine, Kristine
        (r"ph", "f"),
        (r"th", "t"),
        (r"tz", "ts"),
        (
            r"\bye|\bje(?=go|fi|kat|le[nv]|lis|me|ro|[vw]g)",
            "e",
        ),  # Yelena, Jekaterina, but not Jennifer
        (r"(?<=[aei])ye(?=v)", "e"),  # Andreyev, Andreev
        (r"(?<=[bdfgklmnprstvz])[yj]o", "e"),  # Fyodor, Fedor; Alyona, Alena
        (r"(?<=[dflmnrstvz])[iyj]ev", "ev"),  # Vasiliev, Vasilyev, Васильев
        (r"(?<=[aou])e", ""),  # Mueller, Müller, Muller
        (r"[yj]", "i"),  # Yuliya, Iuliia, Julia; Dmitry, Dmitrij
        (r"w", "v"),
        (r"[cq]", "k"),
        (r"x", "ks"),
        (r"([a-z])\1+", r"\1"),
    )
]


def fold(text: str) -> str:
    """One spelling for all ways to write a name, in lower-case Latin letters and digits, words parted by a space.

    Folding twice changes nothing.

    >>> fold("Юлия Щербакова") == fold("Iuliia Scherbakova") == fold("Yuliya Shcherbakova")
    True
    >>> fold("Weiß-Sørensen")
    'veis sorensen'
    """
    letters = unicodedata.normalize("NFKC", text.casefold()).translate(LETTERS)
    folded = anyascii(letters).lower()
    before = ""
    while folded != before:
        before = folded
        for pattern, spelling in SPELLINGS:
            folded = pattern.sub(spelling, folded)
    return folded.strip()


def search_text_of(patient: Any) -> str:
    """What a search looks through: names folded, then birth date, phone and number; words begin after a space.

    The phone ends with "~", so that its last digits are not mistaken for those of a date.
    """
    names = fold(f"{patient.given_name} {patient.family_name}")[:LONGEST_NAMES]
    words = [names, f"{patient.birth_date:%Y-%m-%d %d.%m.%Y}"]
    phone = digits_of(str(getattr(patient, "phone", "") or ""))
    if phone:
        words.append(f"{phone}~")
    return f" {' '.join(words)} #{patient.number} "


def digits_of(text: str) -> str:
    """The digits of a text, nothing else.

    >>> digits_of("+49 (170) 700-10 00")
    '491707001000'
    """
    return re.sub(r"[^0-9]", "", text)


def patients_at(location: Model) -> QuerySet[Patient]:
    """Everybody registered at `location`, by name."""
    return Patient.objects.filter(location_id=location.pk)


def get_patient(number: int, location: Model) -> Patient:
    """The patient with this number.  Raises Patient.DoesNotExist, also for somebody of another location."""
    return patients_at(location).get(number=number)


def is_searchable(query: str) -> bool:
    """Whether `query` says enough to search for: three letters or digits, or a patient number alone."""
    return query.strip(" #").isdecimal() or len(re.findall(r"\w", query)) >= SHORTEST_QUERY


def search(query: str, location: Model, limit: int = 20) -> list[Patient]:
    """The patients to whom every word of `query` points, best first. One query; none when it says too little.

    A word is the beginning of a name in any spelling, a birth date, a phone number or its last digits (at least
    four), or a patient number. Order: that very number, whole names, beginnings; then by name.
    """
    if not is_searchable(query):
        return []
    dates, numbers, words = _parse(query[:LONGEST_QUERY])
    matches = [Q(birth_date=date) for date in dates]
    matches += [_number_matches(number) for number in numbers]
    matches += [_word_matches(word) for word in words]
    if not matches:
        return []
    ranks = [
        When(Q(number=number), then=0) for number in map(_as_number, numbers) if number is not None
    ]
    if words:
        whole = Q(*[Q(search_text__contains=f" {fold(word)} ") for word in words])
        ranks.append(When(whole, then=1))
    found = patients_at(location).filter(*matches)
    if ranks:
        rank = Case(*ranks, default=2, output_field=IntegerField())
        found = found.order_by(rank, "family_name", "given_name", "number")
    return list(found[:limit])


def _parse(query: str) -> tuple[list[dt.date], list[str], list[str]]:
    """The birth dates, the runs of digits (as typed, without spaces) and the words of `query`."""
    dates: list[dt.date] = []

    def take_date(match: re.Match[str]) -> str:
        date = _date_of(match)
        if date is None:
            return match.group()
        dates.append(date)
        return " "

    for pattern in DATES:
        query = pattern.sub(take_date, query)
    numbers = [re.sub(r"[\s()/]", "", run) for run in RUN_OF_DIGITS.findall(query)]
    words = [word for word in re.split(r"[\s\-]+", RUN_OF_DIGITS.sub(" ", query)) if fold(word)]
    return dates, numbers[:MOST_WORDS], words[:MOST_WORDS]


def _date_of(match: re.Match[str]) -> dt.date | None:
    parts = match.groupdict()
    month = int(parts["month"]) if "month" in parts else _months().get(parts["word"].casefold()[:3])
    try:
        return dt.date(int(parts["year"]), month or 0, int(parts["day"]))
    except ValueError:
        return None


@cache
def _months() -> dict[str, int]:
    """The first three letters of every month in the languages of the product; no two of them clash."""
    return {
        name.casefold()[:3]: number
        for language, _name in settings.LANGUAGES
        for context in ("format", "stand-alone")
        for number, name in get_month_names("wide", context, language).items()
    }


def _as_number(digits: str) -> int | None:
    """A patient number, if `digits` can be one: the column holds nine digits safely."""
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= 9 else None


def _number_matches(run: str) -> Q:
    """A patient number, the beginning of a birth date or phone, or the last digits of a phone."""
    number, digits = _as_number(run), digits_of(run)
    match = Q(number=number) if number is not None else Q()
    if len(digits) >= 4:
        match |= Q(search_text__contains=f" {run.lstrip('+')}") | Q(
            search_text__contains=f"{digits}~"
        )
    # Within a country a phone begins with 0, and is stored with the country's number instead.
    if len(digits) > 6 and digits.startswith("0"):
        match |= Q(search_text__contains=f"{digits.lstrip('0')}~")
    return match or Q(pk__in=[])


def _word_matches(word: str) -> Q:
    """A name beginning with `word`, however its last letters would go on."""
    begins = fold(word)
    beginnings = {begins} | {
        other
        for tail in TAILS
        if len(other := fold(word + tail)) > 1 and not other.startswith(begins)
    }
    match = Q()
    for beginning in sorted(beginnings):
        match |= Q(search_text__contains=f" {beginning}")
    return match


@dataclass(frozen=True, slots=True)
class Likeness:
    """Somebody registered who may be the same person. Strong: nobody should be registered beside without a look."""

    patient: Patient
    why: str | Promise
    is_strong: bool


def likely_duplicates(
    given: str, family: str, birth_date: dt.date | None, phone: str, location: Model, limit: int = 5
) -> list[Likeness]:
    """Who may already be registered under this name, birth date or phone; the strongest first. One query."""
    given, family, phone = fold(given), fold(family), str(phone or "")
    match = Q(pk__in=[])
    if given and family:
        match |= Q(search_text__contains=f" {given} ") & Q(search_text__contains=f" {family} ")
    if birth_date and (given or family):
        match |= Q(birth_date=birth_date)
    if phone:
        match |= Q(phone=phone)
    found = []
    for patient in patients_at(location).filter(match):
        likeness = _likeness(patient, given, family, birth_date, phone)
        if likeness:
            found.append(likeness)
    found.sort(key=lambda likeness: not likeness.is_strong)
    return found[:limit]


def _likeness(
    patient: Patient, given: str, family: str, birth_date: dt.date | None, phone: str
) -> Likeness | None:
    their_given, their_family = fold(patient.given_name), fold(patient.family_name)
    same_name = {given, family} == {their_given, their_family}
    same_birth = patient.birth_date == birth_date
    if same_name and same_birth:
        return Likeness(patient, _("Same name and birth date"), is_strong=True)
    if same_name and birth_date and is_near(patient.birth_date, birth_date):
        return Likeness(patient, _("Same name, birth date almost the same"), is_strong=True)
    if same_birth and (given == their_given or _are_alike(family, their_family)):
        return Likeness(patient, _("Same birth date, similar name"), is_strong=True)
    if phone and str(patient.phone) == phone:
        # Mother and daughter share a phone: worth a look, no reason to stop.
        return Likeness(patient, _("Same phone"), is_strong=False)
    if same_name:
        return Likeness(patient, _("Same name"), is_strong=False)
    return None


def is_near(one: dt.date, other: dt.date) -> bool:
    """Whether one slip of the pen lies between two dates: one part differs, or day and month changed places."""
    same_parts = sum((one.year == other.year, one.month == other.month, one.day == other.day))
    swapped = one.year == other.year and (one.month, one.day) == (other.day, other.month)
    return same_parts >= 2 or swapped


def _are_alike(one: str, other: str) -> bool:
    return bool(one) and SequenceMatcher(None, one, other).ratio() >= ALIKE


def live_facts(patients: Iterable[int]) -> list[Fact]:
    """The answers of these patients (ids) that stand: those that no correction replaced, oldest first. One query."""
    return list(_standing(patients).select_related("fact_type__merged_into"))


def facts_known(patients: Iterable[int]) -> Iterable[tuple[Any, ...]]:
    """As `live_facts`, for many: patient's key, the code it stands for, status, since, until. One query."""
    code = Coalesce("fact_type__merged_into__code", "fact_type__code")
    return _standing(patients).values_list("patient_id", code, "status", "since", "until")


def _standing(patients: Iterable[int]) -> QuerySet[Fact]:
    return Fact.objects.filter(patient_id__in=list(patients), replaced_by__isnull=True)


def opened_lately(by: Any, location: Model, limit: int = 8) -> list[Patient]:
    """The patients whose files `by` opened last, the latest first. Two queries."""
    entries = Entry.objects.filter(by=by, action="opened", patient_number__isnull=False)
    rows = entries.values_list("patient_number", flat=True)[: limit * 10]
    numbers = list(dict.fromkeys(number for number in rows if number is not None))[:limit]
    found = {
        patient.number: patient for patient in patients_at(location).filter(number__in=numbers)
    }
    return [found[number] for number in numbers if number in found]


def askable(codes: Iterable[str]) -> list[FactType]:
    """The questions with these codes, in the order in which they are asked; what follows from the skin type is none.

    A code of former times asks what it stands for now. Three queries.
    """
    now = codes_now()
    return list(every_question().filter(code__in={now.get(code, code) for code in codes}))


def every_question() -> QuerySet[FactType]:
    """All that can be asked, in the order in which it is asked. One query."""
    return FactType.objects.filter(merged_into=None).exclude(kind=FactKind.DERIVED)


def codes_now() -> dict[str, str]:
    """The code that a fact has now, by each that it had before it was renamed or merged. Two queries."""
    renamed = FormerCode.objects.select_related("fact_type__merged_into")
    merged = FactType.objects.filter(merged_into__isnull=False)
    return {row.code: row.fact_type.stands_for.code for row in renamed} | dict(
        merged.values_list("code", "merged_into__code")
    )


def answers_of(patient: Patient) -> list[Fact]:
    """Every answer of the patient, also those that were corrected, oldest first, with who wrote them. One query."""
    rows = Fact.objects.filter(patient=patient)
    return list(rows.select_related("fact_type__merged_into", "recorded_by"))


def reasons_of_corrections(patient: Patient) -> dict[int, str]:
    """Why an answer took another's place, by the key of the new one. One query."""
    entries = Entry.objects.filter(action="fact_corrected", patient_number=patient.number)
    return {
        int(subject.partition(":")[2]): reason
        for subject, reason in entries.values_list("subject", "reason")
    }


def contact_stamp(patient: Patient) -> str:
    """Changes whenever anything of the contact data does; says nothing about it."""
    values = [str(getattr(patient, name)) for name in PatientDetails.__dataclass_fields__]
    return salted_hmac("clinic.patients.contact", "\0".join(values)).hexdigest()[:16]
