"""Forms of courses: what is to be treated, and why a session is given up."""

from django import forms
from django.utils.translation import gettext_lazy as _

from plans.courses.models import PitDepth
from plans.courses.selectors import Indication, signs

LETTERS = 80


class IndicationForm(forms.Form):
    """The sign, the depth of pits, and the procedure's name as far as it is typed. No personal data."""

    sign = forms.ChoiceField(
        label=_("What is treated"),
        required=False,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    depth = forms.ChoiceField(
        label=_("Depth of pits"),
        required=False,
        choices=[("", _("Not said")), *PitDepth.choices],
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    q = forms.CharField(
        label=_("Procedure"),
        required=False,
        max_length=LETTERS,
        widget=forms.TextInput(
            attrs={
                "class": "form-control",
                "type": "search",
                "autocomplete": "off",
                "placeholder": _("Name or code, such as tca"),
            }
        ),
    )

    def __init__(self, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # request.GET
        field = self.fields["sign"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", _("Not said")), *((sign.code, str(sign)) for sign in signs())]

    def indication(self) -> Indication:
        """What was chosen; empty where nothing was, or where it does not exist."""
        values = getattr(self, "cleaned_data", {})
        return Indication(values.get("sign", ""), values.get("depth", ""))

    def text(self) -> str:
        text: str = getattr(self, "cleaned_data", {}).get("q", "")
        return text


class WriteOffForm(forms.Form):
    """Why a session is given up."""

    reason = forms.CharField(max_length=300, label=_("Why"))
