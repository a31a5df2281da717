"""Forms of sheets: on what paper, in which language, and what is left off."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from plans.homecare.forms import PaperForm
from plans.sheets.tags import Look

PDF, PAGE, MAIL = "pdf", "page", "mail"


class HandOutForm(PaperForm):
    """How a sheet is handed out. It carries no key: to print it again is to hand it out again, and is written down."""

    way = forms.ChoiceField(choices=[(each, each) for each in (PDF, PAGE, MAIL)], required=False)
    language = forms.ChoiceField(
        label=_("Language"),
        choices=[("", _("The patient's own")), *settings.LANGUAGES],
        required=False,
    )
    left_out = forms.TypedMultipleChoiceField(coerce=int, required=False)

    def __init__(self, *args: Any, lines: tuple[int, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(key), str(key)) for key in lines]
        self.fields["left_out"] = forms.TypedMultipleChoiceField(
            coerce=int, choices=choices, required=False
        )

    def look(self) -> Look:
        """What was chosen.  Only for a valid form."""
        chosen = self.cleaned_data
        return Look(
            paper=chosen["paper"] or "a4",
            is_large=chosen["is_large"],
            language=chosen["language"] or None,
            left_out=tuple(chosen["left_out"]),
        )
