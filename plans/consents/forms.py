"""Forms of consents: a signature on the screen, a paper that was scanned, and taking a consent back."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from plans.consents.models import ConsentText
from plans.consents.selectors import Signature
from plans.core.scans import MOST_BYTES
from plans.core.strokes import MOST_LETTERS, NoSignature, Stroke, read
from plans.data.consents_file import Told
from plans.terms.forms import TextsField

NAME = forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"})
DAY = forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d")


class OnceForm(forms.Form):
    """A form that does something once, however often it is sent."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    @property
    def form_key(self) -> uuid.UUID:
        key: uuid.UUID = self.cleaned_data["key"]
        return key


class ScreenForm(OnceForm):
    """A name, and either what was drawn or the word that typing it is meant as a signature."""

    text = forms.IntegerField(widget=forms.HiddenInput)
    strokes = forms.CharField(
        required=False, max_length=MOST_LETTERS, widget=forms.HiddenInput(attrs={"data-strokes": ""})
    )  # fmt: skip
    name = forms.CharField(
        label=_("First and family name"), min_length=3, max_length=120, widget=NAME
    )
    is_typed = forms.BooleanField(
        label=_("Instead of drawing, I sign by typing my name"),
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        drawn: tuple[Stroke, ...] = ()
        if values.get("strokes"):
            try:
                drawn = read(values["strokes"])
            except NoSignature:
                self.add_error("strokes", _("The signature is too small to be kept. Sign again."))
        elif not values.get("is_typed"):
            self.add_error(
                "is_typed", _("Sign in the field, or tick that typing the name is the signature.")
            )
        values["drawn"] = drawn
        return values

    @property
    def signature(self) -> Signature:
        return Signature(self.cleaned_data["name"].strip(), self.cleaned_data["drawn"])


class PaperForm(OnceForm):
    """When and by whom a paper was signed, which text it holds, and its scan."""

    scan = forms.FileField(
        label=_("Scan of the signed paper"),
        help_text=_("PDF, JPEG or PNG, up to 12 MB, all pages in one file."),
        widget=forms.ClearableFileInput(
            attrs={"class": "form-control", "accept": ".pdf,.jpg,.jpeg,.png"}
        ),
    )
    signed_on = forms.DateField(label=_("Signed on"), widget=DAY)
    name = forms.CharField(label=_("Signed by"), min_length=3, max_length=120, widget=NAME)
    text = forms.ChoiceField(
        label=_("What was printed"), widget=forms.Select(attrs={"class": "form-select"})
    )
    language = forms.ChoiceField(
        label=_("Language of the paper"),
        choices=settings.LANGUAGES,
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def __init__(
        self, texts: list[ConsentText], data: Any = None, files: Any = None,
        initial: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(data, files, initial=initial)
        own = ("", _("another form of the clinic"))
        numbered = [(str(row.pk), _("consent text %(n)d") % {"n": row.number}) for row in texts]
        field = self.fields["text"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [*numbered, own]
            field.required = False

    def clean_scan(self) -> bytes:
        sent = self.cleaned_data["scan"]
        # One byte more than is kept: then the service says that it is too large.
        found: bytes = sent.read(MOST_BYTES + 1)
        return found

    @property
    def day(self) -> dt.date:
        day: dt.date = self.cleaned_data["signed_on"]
        return day


class WithdrawForm(OnceForm):
    """Why a consent is taken back."""

    reason = forms.CharField(
        label=_("Why"), max_length=300, widget=forms.TextInput(attrs={"class": "form-control"})
    )


class TextForm(OnceForm):
    """What patients read and sign, by language; risks and sentences each on a line. `seen`: the text it began from."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    text = TextsField(label=_("What is done, what follows, what else there is"), rows=14, longest=20_000, required=True)  # fmt: skip
    risks = TextsField(label=_("What can go wrong, each on a line"), rows=8, longest=5_000)
    declarations = TextsField(label=_("What the signature confirms, each on a line"), rows=6, longest=5_000, required=True)  # fmt: skip

    def __init__(self, data: Any = None, *, names_risks: bool, **kwargs: Any) -> None:
        """`names_risks`: a treatment's text names at least one."""
        super().__init__(data, **kwargs)
        self.names_risks = names_risks

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if not self.errors:
            risks, declarations, texts = (
                values[part] for part in ("risks", "declarations", "text")
            )
            self._check("risks", lines(risks), texts)
            self._check("declarations", lines(declarations), texts)
            if self.names_risks and not risks:
                self.add_error("risks", gettext("Name at least one risk, each on its own line."))
        return values

    def _check(self, part: str, said: Mapping[str, list[str]], texts: Mapping[str, str]) -> None:
        """A patient reads one language only: each that is written says as much as the English."""
        wanted = len(said.get("en", []))
        for code, language in settings.LANGUAGES:
            found = len(said.get(code, []))
            told = {"language": gettext(str(language)), "n": found, "wanted": wanted}
            if code not in texts and found:
                self.add_error("text", gettext("%(language)s has no text yet. Write it, or empty its other boxes.") % told)  # fmt: skip
            elif code in texts and found != wanted:
                self.add_error(part, gettext("Lines in %(language)s: %(n)d, in English: %(wanted)d. Say the same in both.") % told)  # fmt: skip

    @property
    def told(self) -> Told:
        values = self.cleaned_data
        texts = {code: text.replace("\r\n", "\n") for code, text in values["text"].items()}
        return Told(texts, lines(values["risks"]), lines(values["declarations"]))


def lines(by_language: Mapping[str, str]) -> dict[str, list[str]]:
    """The lines of each language that are not empty, without the dash or point that stands before an item of a list.

    >>> lines({"en": "- Scars\\n\\nInfection"})
    {'en': ['Scars', 'Infection']}
    """
    split = {
        code: [found for line in text.splitlines() if (found := line.strip().lstrip("-•").strip())]
        for code, text in by_language.items()
    }
    return {code: found for code, found in split.items() if found}


def typed_of(row: ConsentText | None) -> dict[str, dict[str, str]]:
    """A text as the boxes of TextForm hold it; empty boxes for None."""
    if row is None:
        return {}
    boxes = {"text": row.texts}
    for part, listed in (("risks", row.risks), ("declarations", row.declarations)):
        boxes[part] = {code: "\n".join(said) for code, said in listed.items()}
    return boxes
