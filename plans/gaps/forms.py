"""The gaps that touch one procedure, as an editor types them: what comes before it, and what comes after."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plans.core.gaps import GapRule, concerns
from plans.drafts.forms import Section
from plans.terms.forms import PeriodField, RowForm, SourceField, TextsField

_GROUP, _ONE = "group", "procedure"


class GapForm(RowForm):
    """A gap on one side of the procedure. `own`: for the procedure's whole group, or for it alone."""

    min = PeriodField(label=gettext_lazy("At least"), required=True)
    why = TextsField(label=gettext_lazy("Why"), longest=300)
    own = forms.ChoiceField(label=gettext_lazy("Holds for"))

    def build(self, known: Any) -> None:
        self.fields["other"] = forms.ChoiceField(
            label=_("Other procedure"),
            choices=[
                ("", "—"),
                (_("Groups"), [(f"{_GROUP}:{code}", name) for code, name in known.groups.items()]),
                (
                    _("Procedures"),
                    [(f"{_ONE}:{code}", name) for code, name in known.procedures.items()],
                ),
            ],
        )
        self.fields["own"] = forms.ChoiceField(
            label=_("Holds for"),
            initial=_GROUP,
            choices=[(_GROUP, _("the whole group")), (_ONE, _("this procedure alone"))],
        )
        self.fields["source"] = SourceField(known.sources)

    def rule(self, code: str, group: str, *, is_before: bool) -> GapRule:
        """The line of the table; `is_before`: the other procedure comes first."""
        data = self.cleaned_data
        kind, _colon, other = data["other"].partition(":")
        sides = (other, kind == _ONE), (code if data["own"] == _ONE else group, data["own"] == _ONE)
        after, before = sides if is_before else sides[::-1]
        return GapRule(
            after[0], before[0], data["min"], data["why"], data["source"],
            after_is_procedure=after[1], before_is_procedure=before[1],
        )  # fmt: skip


class GapsSection(Section):
    """The section "gaps" of a procedure's draft; what is typed goes to the clinic's one table of gaps."""

    name = "gaps"

    def __init__(
        self, table: tuple[GapRule, ...], code: str, group: str, known: Any, data: Any = None
    ) -> None:
        self.code, self.group = code, group
        sides = [(rule, concerns(rule, code, group)) for rule in table]
        self.shown = [rule for rule, side in sides if any(side)]
        # A gap inside one group stands on both sides of it: it is typed once.
        self.sides = {
            "before": [rule for rule, (is_before, _after) in sides if is_before],
            "after": [rule for rule, side in sides if side == (False, True)],
        }
        self.known, self.data, self.may_hard = known, data, True
        self.lists: dict[str, Any] = {}
        self.build()

    def build(self) -> None:
        for prefix, rules in self.sides.items():
            rows = [_row(rule, is_before=prefix == "before") for rule in rules]
            self.list_of(prefix, GapForm, rows)

    def check(self) -> None:
        seen = set()
        for prefix, made in self.lists.items():
            for form in made.kept():
                place = form.rule(self.code, self.group, is_before=prefix == "before").place
                if place in seen:
                    form.add_error("other", _("This gap stands here twice. Remove one."))
                seen.add(place)

    def gaps(self) -> tuple[GapRule, ...]:
        """The gaps that touch the procedure, as typed; only after is_valid()."""
        return tuple(
            form.rule(self.code, self.group, is_before=prefix == "before")
            for prefix, made in self.lists.items()
            for form in made.kept()
        )


def _row(rule: GapRule, *, is_before: bool) -> Mapping[str, Any]:
    after = f"{_ONE if rule.after_is_procedure else _GROUP}:{rule.after}"
    before = f"{_ONE if rule.before_is_procedure else _GROUP}:{rule.before}"
    other, own = (after, before) if is_before else (before, after)
    return {
        "other": other,
        "own": own.partition(":")[0],
        "min": rule.min,
        "why": rule.why,
        "source": rule.source,
    }
