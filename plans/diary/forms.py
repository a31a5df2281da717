"""Forms of the diary: what is sent once, and what only this clinic can have signed."""

import uuid

from django import forms
from django.core import signing
from django.http import QueryDict

from plans.core.chosen import ChosenSeries

OFFER_SECONDS = 30 * 60


class KeyForm(forms.Form):
    """A form that does something once, however often it is sent."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    @property
    def form_key(self) -> uuid.UUID:
        key: uuid.UUID = self.cleaned_data["key"]
        return key

    @property
    def reasons(self) -> dict[str, str]:
        """Why a physician goes on although a rule says wait, by the rule."""
        if not isinstance(self.data, QueryDict):
            return {}
        given = zip(self.data.getlist("rule"), self.data.getlist("why"), strict=False)
        return {rule: why.strip() for rule, why in given if why.strip()}


def signed(series: ChosenSeries, salt: str) -> str:
    """The series as a text that only this clinic can have made; good for half an hour where it is read with OFFER_SECONDS."""
    return signing.dumps(series.packed(), salt=salt, compress=True)
