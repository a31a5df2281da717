"""Forms of a visit: its next status, a signature, a call that was tried."""

from django import forms
from django.utils.translation import gettext_lazy as _

from plans.diary.forms import KeyForm
from plans.visits.models import CallTry


class StatusForm(KeyForm):
    """A visit's next status, with the reason where one is needed; `version`: the last step that the page showed."""

    to = forms.CharField(max_length=20)
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    reason = forms.CharField(max_length=250, required=False, label=_("Why"))


class SignForm(KeyForm):
    """A signature under one finding."""

    rule = forms.CharField(max_length=150, widget=forms.HiddenInput)
    reason = forms.CharField(max_length=500, label=_("Reason, at least 10 letters"))


class CallForm(KeyForm):
    """What came of a try at a follow-up call."""

    outcome = forms.ChoiceField(choices=CallTry.Outcome)
    note = forms.CharField(max_length=300, required=False, label=_("What was said"))
    back = forms.ChoiceField(choices=[("visit", ""), ("worklist", "")], required=False)
