"""One spelling for every way to write a name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.patients.selectors import fold

ONE_NAME = [
    "Юлия Yuliya Iuliia Yulia Julia Julija",
    "Щербаков Shcherbakov Scherbakov Ščerbakov Schtscherbakow",
    "Дмитрий Dmitry Dmitriy Dmitri Dmitrij",
    "Müller Mueller Muller MÜLLER",
    "Фёдоров Федоров Fyodorov Fedorov Fjodorow",
    "Васильев Vasiliev Vasilyev Wassiljew",
    "Соловьёв Solovyov Soloviev Solovyev",
    "Александра Alexandra Aleksandra",
    "Екатерина Ekaterina Yekaterina Jekaterina",
    "Михаил Mikhail Michail",
    "Чайковский Tchaikovsky Tschaikowski Chaikovskiy",
    "Наталья Natalia Natalya Nataliya",
    "Sørensen Sorensen",
    "Weiß Weiss WEISS",
    "Núñez Nunez",
    "O'Brien O’Brien OBrien",
]


@pytest.mark.parametrize("spellings", ONE_NAME)
def test_spellings_of_one_name_fold_alike(spellings: str):
    assert len({fold(spelling) for spelling in spellings.split()}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna", "Inna"),
        ("Ivanov", "Ivanova"),
        ("Jennifer", "Enrico"),
        ("Weber", "Weger"),
        ("Мария", "Марина"),
    ],
)
def test_different_names_stay_different(one: str, other: str):
    assert fold(one) != fold(other)


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing(text: str):
    assert fold(fold(text)) == fold(text)


@given(st.lists(st.sampled_from("schtykhzjioueawvxpnaéёщюй-' "), max_size=25).map("".join))
def test_folding_twice_changes_nothing_where_spellings_meet(text: str):
    assert fold(fold(text)) == fold(text)


@given(st.text(max_size=60))
def test_what_is_folded_holds_plain_letters_digits_and_single_spaces(text: str):
    folded = fold(text)
    assert folded == " ".join(folded.split())
    assert all(letter.isascii() and (letter.isalnum() or letter == " ") for letter in folded)
    assert folded == folded.lower()
