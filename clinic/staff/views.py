"""What staff set for themselves; sign-in, password and second factor are allauth's."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from clinic.kit.guard import requires
from clinic.kit.pages import go
from clinic.staff.forms import LanguageForm
from clinic.staff.services import keep_language, set_language


@require_http_methods(["GET", "POST"])
@requires("own_account")
def choose_language(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return render(request, "staff/language.html")
    form = LanguageForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest()
    language, to = form.cleaned_data["language"], form.cleaned_data["next"]
    set_language(request.user, language)
    if not url_has_allowed_host_and_scheme(
        to, {request.get_host()}, require_https=request.is_secure()
    ):
        to = settings.LOGIN_REDIRECT_URL
    answer = go(request, to)
    keep_language(answer, language)
    return answer


@require_http_methods(["GET", "POST"])
@requires("own_account")
def no_reset(request: HttpRequest) -> HttpResponse:
    """Where a lost password cannot be mailed: a stranger is led to the door, staff to their own page."""
    return go(request, settings.LOGIN_REDIRECT_URL)
