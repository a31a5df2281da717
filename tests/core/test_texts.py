"""Which texts a rule set has, and in which languages they are missing."""

from plans.core.ruleset import NUMBERS, OTHERS, PERIODS, RuleSet, Step
from plans.core.texts import Wording, wordings

LANGUAGES = ("en", "ru", "es", "de")
EN, BOTH = {"en": "Peel"}, {"en": "Peel", "ru": "Пилинг"}


def rules(*steps: Step, **values: object) -> RuleSet:
    empty = dict.fromkeys((*PERIODS, *NUMBERS, *OTHERS))
    given = {name.replace("__", "."): value for name, value in values.items()}
    return RuleSet({**empty, **given}, steps=steps)


def paths(made: RuleSet) -> list[str]:
    return [wording.path for wording in wordings(made)]


def test_a_text_knows_the_languages_it_lacks():
    assert Wording("name", BOTH).missing(LANGUAGES) == ("es", "de")


def test_an_empty_text_is_missing_too():
    assert Wording("name", {"en": "Peel", "ru": ""}).missing(("en", "ru")) == ("ru",)


def test_every_text_has_its_place():
    made = rules(
        Step(is_precare=True, kind="do", from_day=None, to_day=None, is_approximate=False, text=EN),
        Step(is_precare=False, kind="do", from_day=0, to_day=1, is_approximate=False, text=EN),
        Step(is_precare=False, kind="do", from_day=2, to_day=3, is_approximate=False, text=EN),
        name=BOTH,
        indications=[EN, EN],
        anaesthesia__method=EN,
        useless_for=[{"pit_ages": ["old"], "why": EN}],
        regimen={"instructions": [EN]},
        parameters=[{"key": "acid", "label": EN}],
        needs__words={"room": EN},
    )
    assert paths(made) == [
        "name",
        "indications.1",
        "indications.2",
        "anaesthesia.method",
        "useless_for.1",
        "regimen.1",
        "parameters.acid",
        "precare.1",
        "aftercare.1",
        "aftercare.2",
    ]


def test_what_was_never_written_has_no_place():
    assert paths(rules(name=EN, useless_for=[{"pit_ages": ["old"]}])) == ["name"]
