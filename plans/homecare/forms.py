"""Forms of home care: what begins when, how it ends, and its link."""

import datetime as dt
import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from plans.catalogue.models import Revision
from plans.core.signatures import LEAST_REASON
from plans.diary.forms import KeyForm
from plans.homecare.selectors import offered_products, planned_last

CHECK, SAVE = "check", "save"
ISSUE, REVOKE = "issue", "revoke"


def _day(label: object, *, required: bool = True, help_text: object = "") -> forms.DateField:
    return forms.DateField(
        label=label,  # type: ignore[arg-type]  # a lazy text
        required=required,
        widget=forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d"),
        help_text=help_text,  # type: ignore[arg-type]  # a lazy text
    )


class StartForm(KeyForm):
    """A product, its days, and why it is begun in spite of a caution. Sent to be checked, then to be saved."""

    product = forms.ChoiceField(
        label=_("Product"), widget=forms.Select(attrs={"class": "form-select"})
    )
    first = _day(_("First day"))
    last = _day(
        _("Last day"),
        required=False,
        help_text=_(
            "Left empty: as long as the product's rules say, and no longer than a visit allows."
        ),
    )
    reason = forms.CharField(
        label=_("Why in spite of the cautions"),
        required=False,
        max_length=500,
        widget=forms.HiddenInput,
    )

    def __init__(self, data: object = None, *, initial: dict[str, object] | None = None) -> None:
        super().__init__(data, initial=initial)  # type: ignore[arg-type]  # request.POST
        self.products = {one.procedure.code: one for one in offered_products()}
        field = self.fields["product"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [
                ("", _("Choose")),
                *((code, one.title) for code, one in self.products.items()),
            ]

    def revision(self) -> Revision:
        return self.products[self.cleaned_data["product"]]

    def days(self) -> tuple[dt.date, dt.date | None]:
        """The first day, and the last as typed, else as the product's rules say."""
        first, last = self.cleaned_data["first"], self.cleaned_data["last"]
        return first, last or planned_last(self.revision(), first)

    def ask_reason(self) -> None:
        """Show the field for the reason: a caution asks for it."""
        self.fields["reason"].widget = forms.Textarea(
            attrs={"class": "form-control", "rows": 2, "minlength": LEAST_REASON}
        )

    def show(self, last: dt.date | None) -> None:
        """Let the page show the last day that was found."""
        self.data = {**self.data.dict(), "last": last.isoformat() if last else ""}  # type: ignore[attr-defined]  # a QueryDict

    @classmethod
    def new(cls, today: dt.date, product: str) -> "StartForm":
        return cls(initial={"key": uuid.uuid4(), "first": today, "product": product})


class EndForm(KeyForm):
    """Another last day; none: until it is stopped."""

    last = _day(_("Last day"), required=False, help_text=_("Left empty: until it is stopped."))


class PauseForm(KeyForm):
    """The days between which nothing is used, and why."""

    last = _day(_("Last day before the pause"))
    again_on = _day(_("Again from"))
    reason = forms.CharField(max_length=300, label=_("Why"))


class StopForm(KeyForm):
    """The last day on which it was used, and why it ends."""

    last = _day(
        _("Last day of use"), help_text=_("If it was never used: the day before its first.")
    )
    reason = forms.CharField(max_length=300, label=_("Why"))


class LinkForm(KeyForm):
    """Make a link to the reminders in place of the one before, or take it back."""

    act = forms.ChoiceField(choices=[(ISSUE, ISSUE), (REVOKE, REVOKE)])


class PaperForm(forms.Form):
    """On what something is printed, in which letters."""

    paper = forms.ChoiceField(
        label=_("Paper"),
        choices=[("a4", "A4"), ("a5", "A5")],
        required=False,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    is_large = forms.BooleanField(
        label=_("Large print"),
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )

    def chosen(self) -> dict[str, object]:
        """What the paper is told; what is no choice counts as none."""
        self.is_valid()
        said = self.cleaned_data
        return {"paper": said.get("paper") or "a4", "is_large": said.get("is_large", False)}
