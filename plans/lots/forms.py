"""Forms of lots: what stands on a box, what to look for, and a reason."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.kit import clock
from plans.core.lots import Received, folded
from plans.lots.models import Lot, Unit
from plans.lots.selectors import Show

# A year that nobody means: a lot is used up within some years.
YEARS_IN_SIGHT = 20
_SHOWN = {
    Show.AT_HAND: gettext_lazy("To be used, or expired lately"),
    Show.SOON: gettext_lazy("Expire within 30 days"),
    Show.EXPIRED: gettext_lazy("Expired"),
    Show.RECALLED: gettext_lazy("Recalled"),
    Show.ALL: gettext_lazy("All"),
}


def _text(label: Any, longest: int, **attrs: Any) -> forms.CharField:
    dress = {"class": "form-control", "autocomplete": "off", "spellcheck": "false"} | attrs
    return forms.CharField(label=label, max_length=longest, widget=forms.TextInput(attrs=dress))


def _day(label: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget)


class OnceForm(forms.Form):
    """A form that does something once, however often it is sent."""

    key = forms.UUIDField(widget=forms.HiddenInput)


class LotForm(OnceForm):
    """What stands on the box."""

    product = _text(gettext_lazy("Product"), 120, list="products")
    number = _text(gettext_lazy("Lot number"), 60)
    expires_on = _day(gettext_lazy("Last day of use"))
    received_on = _day(gettext_lazy("Received on"))
    unit = forms.ChoiceField(
        label=gettext_lazy("Counted in"),
        choices=Unit.choices,
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def clean_product(self) -> str:
        return self._spelled("product")

    def clean_number(self) -> str:
        return self._spelled("number")

    def _spelled(self, name: str) -> str:
        text = " ".join(self.cleaned_data[name].split())
        if not folded(text):
            raise forms.ValidationError(_("Write letters or figures, as on the box."))
        return text

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        expires, received, today = said.get("expires_on"), said.get("received_on"), clock.today()
        if received and received > today:
            self.add_error(
                "received_on", _("That day is still to come. Take today or an earlier day.")
            )
        elif expires and received and expires < received:
            self.add_error("expires_on", _("It expired before it was received. Check both dates."))
        if expires and abs(expires.year - today.year) > YEARS_IN_SIGHT:
            self.add_error("expires_on", _("That is years away. Check the year."))
        return said

    def received(self) -> Received:
        """What was typed, of a valid form."""
        said = self.cleaned_data
        return Received(**{name: said[name] for name in Received.__dataclass_fields__})


def values_of(lot: Lot) -> dict[str, Any]:
    """What a LotForm shows of a lot on the list."""
    return {name: getattr(lot, name) for name in Received.__dataclass_fields__}


class ReasonForm(OnceForm):
    """Why a lot is recalled, or why its recall is taken back."""

    reason = forms.CharField(
        label=gettext_lazy("Why"),
        min_length=5,
        max_length=300,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )


class ListForm(forms.Form):
    """Which lots to show; what cannot be read asks for nothing."""

    q = forms.CharField(
        label=gettext_lazy("Product or lot number"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"class": "form-control", "type": "search"}),
    )
    show = forms.ChoiceField(
        label=gettext_lazy("Show"),
        required=False,
        choices=[(show.value, words) for show, words in _SHOWN.items()],
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def wanted(self) -> tuple[str, Show]:
        """The words to look for, and which lots."""
        self.is_valid()  # what cannot be read is left out
        said = self.cleaned_data
        words = said.get("q") or ""
        # Whoever looks for a number means every lot that has it, not only those at hand.
        show = Show(said.get("show") or "")
        return words, Show.ALL if words and show == Show.AT_HAND else show
