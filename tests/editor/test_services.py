"""Opening a draft: from which revision, and by whom."""

from dataclasses import replace

import pytest

from clinic.kit.refusals import Refusal
from clinic.staff.models import User
from plans.catalogue.models import Procedure, Revision
from plans.catalogue.selectors import draft_of, ruleset, with_content
from plans.catalogue.services import publish, save_draft, start_draft
from plans.core.ruleset import LineRule
from plans.data.factories import FactTypeFactory
from plans.editor.services import open_draft


@pytest.fixture
def old(tca: Procedure, physician: User) -> Revision:
    """Revision 1; since then the physician has let an infection refuse."""
    FactTypeFactory(code="infection")
    draft = start_draft(tca, by=physician)
    rules = ruleset(with_content().get(pk=draft.pk))
    lines = (*rules.lines, LineRule("infection", "absolute", source="article"))
    draft = save_draft(draft, replace(rules, lines=lines), 0, by=physician)
    publish(draft, reason="One scar", by=physician)
    return Revision.objects.get(procedure=tca, number=1)


def test_what_refuses_does_not_go_by_way_of_an_earlier_revision(
    tca: Procedure, old: Revision, manager: User, physician: User
):
    with pytest.raises(Refusal, match="What refuses differs"):
        open_draft(tca, by=manager, base=old)
    assert draft_of(tca) is None
    assert open_draft(tca, by=physician, base=old).number == 3


def test_a_draft_begun_by_a_physician_is_opened_by_a_manager_too(
    tca: Procedure, old: Revision, manager: User, physician: User
):
    begun = open_draft(tca, by=physician, base=old)
    assert open_draft(tca, by=manager, base=old) == begun
