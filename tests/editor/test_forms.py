"""Sections: what is typed in one becomes a rule set, and nothing else of the draft moves."""

import pytest
from django.http import QueryDict

from plans.catalogue.selectors import ruleset, with_content
from plans.core.ruleset import RuleSet, differences
from plans.core.sections import SECTIONS, sections_of
from plans.editor.forms import section_forms, typed_rules
from plans.editor.selectors import Choices, choices
from tests.editor.conftest import sent_of

pytestmark = pytest.mark.django_db
IN_RULES = [section for section in SECTIONS if section != "gaps"]


@pytest.fixture
def known(catalogue: None) -> Choices:
    return choices()


@pytest.fixture
def rules(catalogue: None) -> RuleSet:
    return ruleset(with_content().get(procedure__code="tca"))


def typed(rules: RuleSet, section: str, known: Choices, **fields: str) -> RuleSet | None:
    """What comes of the section's form with `fields` typed."""
    sent = sent_of(section_forms(section, rules, known)) | fields
    data = QueryDict(mutable=True)
    for name, value in sent.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return typed_rules(rules, section, data, known)


def test_no_section_changes_what_nobody_touched_in_any_procedure_of_the_product(product: None):
    known = choices()
    for revision in with_content():
        rules = ruleset(revision)
        for section in sections_of(is_home=revision.procedure.is_home):
            if section != "gaps":
                found = typed(rules, section, known)
                assert found is not None, (revision.procedure.code, section)
                assert not differences(rules, found), (revision.procedure.code, section)
