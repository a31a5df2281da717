"""Every address of the product, as the resolver knows it and as the clinic's table wants it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver

from tests.house.matrix import BY_LINK


@dataclass(frozen=True)
class Rule:
    """What an address asks of a person, which methods it answers, and what its arguments name (see world.py).

    `is_call`: programs ask here; a stranger among them is answered 401, not led to the sign-in page.
    """

    operation: str
    methods: tuple[str, ...]
    kind: str
    is_call: bool = False


def _rule(operation: str, methods: str, kind: str = "") -> Rule:
    return Rule(operation, tuple(methods.split()), kind)


def _call(operation: str, methods: str, kind: str = "") -> Rule:
    return Rule(operation, tuple(methods.split()), kind, is_call=True)


# Written down from the clinic's table, not read from the code: an address without a line here fails the walk.
RULES: dict[str, Rule] = {
    "staff:language": _rule("own_account", "GET POST"),
    "no_reset": _rule("own_account", "GET POST"),
    "patients:list": _rule("search_patients", "GET POST"),
    "patients:register": _rule("register_patient", "GET POST"),
    "patients:duplicates": _rule("register_patient", "POST"),
    "patients:edit": _rule("register_patient", "GET POST", "patient"),
    "desk:today": _rule("own_account", "GET"),
    "desk:search": _rule("search_patients", "POST"),
    "desk:worklist": _rule("view_day", "GET"),
    "desk:summary": _rule("see_clinical", "GET", "patient"),
    "desk:summary_pdf": _rule("see_clinical", "GET", "patient"),
    "desk:patient": _rule("see_contact", "GET", "patient"),
    "health:form": _rule("answer_health_form", "GET POST", "patient"),
    "health:visit": _rule("answer_health_form", "GET POST", "visit"),
    "health:tablet": _rule("answer_health_form", "GET POST", "visit"),
    "health:tablet_back": _rule("answer_health_form", "POST", "visit"),
    "health:link": _rule("issue_link", "GET POST", "visit"),
    "health:mine": _rule(BY_LINK, "GET POST", "health link"),
    "health:saved": _rule("answer_health_form", "GET", "patient"),
    "health:facts": _rule("see_clinical", "GET", "patient"),
    "health:add": _rule("edit_facts", "GET POST", "patient"),
    "health:close": _rule("edit_facts", "POST", "patient, fact"),
    "health:skin_type": _rule("edit_facts", "POST", "patient"),
    "health:correct": _rule("edit_facts", "GET POST", "patient, fact"),
    "assessments:list": _rule("see_clinical", "GET", "patient"),
    "assessments:new": _rule("edit_facts", "GET POST", "patient"),
    "assessments:assessment": _rule("see_clinical", "GET", "patient, assessment"),
    "courses:plan": _rule("draft_plan", "GET", "patient"),
    "courses:course": _rule("view_day", "GET", "course"),
    "courses:patch_test": _rule("edit_facts", "GET POST", "patient, procedure"),
    "courses:write_off": _rule("mark_done", "POST", "course, ordinal"),
    "diary:today": _rule("view_day", "GET"),
    "diary:day": _rule("view_day", "GET", "day"),
    "diary:day_changes": _rule("view_day", "GET", "day"),
    "diary:week": _rule("view_day", "GET", "day"),
    "diary:week_changes": _rule("view_day", "GET", "day"),
    "diary:month": _rule("view_day", "GET", "day"),
    "diary:month_changes": _rule("view_day", "GET", "day"),
    "tray:owed": _rule("book_session", "GET"),
    "consents:patient": _rule("keep_consent", "GET", "patient"),
    "consents:sign": _rule("keep_consent", "GET POST", "patient, revision"),
    "consents:paper": _rule("keep_consent", "GET POST", "patient, revision"),
    "consents:form": _rule("keep_consent", "GET", "patient, revision"),
    "consents:photo_sign": _rule("keep_consent", "GET POST", "patient"),
    "consents:photo_paper": _rule("keep_consent", "GET POST", "patient"),
    "consents:photo_form": _rule("keep_consent", "GET", "patient"),
    "consents:document": _rule("keep_consent", "GET", "consent"),
    "consents:withdraw": _rule("keep_consent", "GET POST", "consent"),
    "consents:texts": _rule("view_catalogue", "GET"),
    "consents:photo_text": _rule("view_catalogue", "GET"),
    "consents:photo_edit": _rule("publish_catalogue", "GET POST"),
    "consents:text": _rule("view_catalogue", "GET", "procedure"),
    "consents:edit": _rule("publish_catalogue", "GET POST", "procedure"),
    "visits:arrivals": _rule("view_day", "GET"),
    "visits:call": _rule("mark_arrived", "POST", "visit"),
    "visits:visit": _rule("view_day", "GET", "visit"),
    "visits:status": _rule("view_day", "POST", "visit"),
    "visits:sign": _rule("sign_caution", "POST", "visit"),
    "records:record": _rule("see_clinical", "GET", "visit"),
    "records:save": _rule("write_record", "POST", "visit"),
    "records:sign": _rule("write_record", "POST", "visit"),
    "records:addendum": _rule("write_record", "POST", "visit"),
    "records:event": _rule("write_record", "POST", "visit"),
    "records:follow_up": _rule("write_record", "POST", "visit, event"),
    "records:printed": _rule("see_clinical", "GET", "visit"),
    "records:pdf": _rule("see_clinical", "GET", "visit"),
    "moves:move": _rule("book_session", "GET POST", "visit"),
    "moves:cancel": _rule("book_session", "GET POST", "visit"),
    "moves:missed": _rule("mark_arrived", "GET POST", "visit"),
    "moves:split": _rule("book_session", "GET POST", "visit"),
    "moves:drop": _rule("book_session", "POST", "visit"),
    "moves:undo": _rule("book_session", "POST"),
    "series:book": _rule("book_session", "GET POST", "patient, procedure"),
    "series:free": _rule("book_session", "GET", "patient, procedure"),
    "series:combined": _rule("book_session", "GET POST", "patient"),
    "series:together": _rule("book_session", "GET POST", "patient"),
    "series:occasion": _rule("book_session", "POST", "patient, procedure"),
    "series:occasion_gone": _rule("book_session", "POST", "patient, procedure, occasion"),
    "photos:list": _rule("see_photo", "GET", "patient"),
    "photos:add": _rule("see_photo", "GET POST", "patient"),
    "photos:photo": _rule("see_photo", "GET", "patient, photo"),
    "photos:compare": _rule("see_photo", "GET", "two photos"),
    "photos:course": _rule("see_photo", "GET", "course"),
    "photos:file": _rule("see_photo", "GET", "photo"),
    "photos:label": _rule("see_photo", "GET", "visit"),
    "photos:deletable": _rule("delete_photo", "GET", "patient"),
    "photos:delete": _rule("delete_photo", "GET POST", "patient, photo"),
    "protocols:list": _rule("view_catalogue", "GET"),
    "protocols:protocol": _rule("view_catalogue", "GET", "procedure"),
    "protocols:revision": _rule("view_catalogue", "GET", "revision"),
    "protocols:new": _rule("draft_catalogue", "GET POST"),
    "protocols:start": _rule("draft_catalogue", "POST", "procedure"),
    "protocols:draft": _rule("draft_catalogue", "GET POST", "procedure"),
    "protocols:discard": _rule("draft_catalogue", "POST", "procedure"),
    "protocols:publish": _rule("publish_catalogue", "GET POST", "procedure"),
    "protocols:offer": _rule("publish_catalogue", "POST", "procedure"),
    "protocols:choose": _rule("draft_plan", "GET", "patient"),
    "protocols:product": _rule("draft_plan", "GET POST", "patient, product"),
    "protocols:apply": _rule("draft_plan", "GET POST", "patient, procedure"),
    "courses:stop_home_care": _rule("mark_done", "GET POST", "home care"),
    "homecare:list": _rule("see_clinical", "GET", "patient"),
    "homecare:start": _rule("write_record", "GET POST", "patient"),
    "homecare:end": _rule("write_record", "GET POST", "home care"),
    "homecare:pause": _rule("write_record", "GET POST", "home care"),
    "homecare:stop": _rule("write_record", "GET POST", "home care"),
    "homecare:calendar": _rule("print_sheet", "GET", "patient"),
    "homecare:calendar_pdf": _rule("print_sheet", "GET", "patient"),
    "homecare:link": _rule("issue_link", "GET POST", "patient"),
    "homecare:reminders": _rule(BY_LINK, "GET HEAD", "home_calendar link"),
    "sheets:aftercare": _rule("print_sheet", "GET POST", "visit"),
    "sheets:precare": _rule("print_sheet", "GET POST", "visit"),
    "sheets:card": _rule("print_sheet", "GET POST", "card"),
    "sheets:plan": _rule("print_sheet", "GET POST", "patient"),
    "sheets:revoke": _rule("issue_link", "POST", "patient"),
    "sheets:mine": _rule(BY_LINK, "GET HEAD", "sheet link"),
    "sheets:visits": _rule(BY_LINK, "GET HEAD", "sheet link"),
    "sheets:day": _rule("print_sheet", "GET POST", "day"),
    "catalogue:list": _rule("view_catalogue", "GET"),
    "catalogue:procedure": _rule("view_catalogue", "GET", "procedure"),
    "catalogue:revision": _rule("view_catalogue", "GET", "revision"),
    "catalogue:gaps": _rule("view_catalogue", "GET"),
    "catalogue:gap_table": _rule("view_catalogue", "GET", "gap table"),
    "catalogue:against": _rule("view_catalogue", "GET", "revisions"),
    "catalogue:retire": _rule("publish_catalogue", "GET POST", "procedure"),
    "catalogue:bring_back": _rule("publish_catalogue", "GET POST", "procedure"),
    "editor:start": _rule("draft_catalogue", "POST", "procedure"),
    "editor:discard": _rule("draft_catalogue", "POST", "procedure"),
    "editor:start_gaps": _rule("edit_catalogue", "POST"),
    "editor:discard_gaps": _rule("edit_catalogue", "POST"),
    "editor:preview": _rule("draft_catalogue", "POST", "procedure"),
    "editor:section": _rule("draft_catalogue", "GET POST", "procedure, section"),
    "sources:list": _rule("view_catalogue", "GET"),
    "sources:add": _rule("edit_catalogue", "GET POST"),
    "sources:source": _rule("view_catalogue", "GET", "source"),
    "sources:edit": _rule("edit_catalogue", "GET POST", "source"),
    "sources:unconfirmed": _rule("view_catalogue", "GET"),
    "sources:document": _rule("view_catalogue", "GET", "procedure"),
    "sources:confirm": _rule("confirm_value", "POST", "procedure"),
    "sources:withdraw": _rule("confirm_value", "POST", "procedure"),
    "exchange:file": _rule("import_catalogue", "GET POST"),
    "vocabulary:list": _rule("view_catalogue", "GET"),
    "vocabulary:fact": _rule("view_catalogue", "GET", "vocabulary"),
    "vocabulary:new": _rule("edit_catalogue", "GET POST"),
    "vocabulary:edit": _rule("edit_catalogue", "GET POST", "vocabulary"),
    "vocabulary:rename": _rule("edit_catalogue", "GET POST", "vocabulary"),
    "vocabulary:merge": _rule("edit_catalogue", "GET POST", "vocabulary"),
    "vocabulary:unmerge": _rule("edit_catalogue", "GET POST", "vocabulary"),
    "exchange:download": _rule("view_catalogue", "GET"),
    "exchange:load": _rule("import_catalogue", "GET POST", "checked file"),
    "hours:overview": _rule("keep_hours", "GET"),
    "hours:resource": _rule("keep_hours", "GET POST", "resource"),
    "hours:end": _rule("keep_hours", "POST", "resource"),
    "hours:take_back": _rule("keep_hours", "POST", "resource"),
    "hours:days": _rule("keep_hours", "POST", "resource"),
    "hours:holidays": _rule("keep_hours", "GET POST"),
    "hours:closures": _rule("keep_hours", "POST"),
    "hours:remove_days": _rule("keep_hours", "POST", "absence"),
    "hours:blocks": _rule("book_session", "GET POST"),
    "hours:unblock": _rule("book_session", "POST", "block"),
    "impact:review": _rule("publish_catalogue", "GET POST", "procedure"),
    "impact:preview": _rule("draft_catalogue", "POST", "procedure"),
    "impact:export": _rule("publish_catalogue", "GET", "procedure"),
    "impact:gaps": _rule("publish_catalogue", "GET POST"),
    "impact:export_gaps": _rule("publish_catalogue", "GET"),
    "impact:settle": _rule("book_session", "POST", "review"),
    "lots:list": _rule("keep_lots", "GET"),
    "lots:add": _rule("keep_lots", "GET POST"),
    "lots:lot": _rule("keep_lots", "GET", "lot"),
    "lots:edit": _rule("keep_lots", "GET POST", "lot"),
    "lots:recall": _rule("keep_lots", "POST", "lot"),
    "lots:lift": _rule("keep_lots", "POST", "lot"),
    "lots:patients": _rule("keep_lots", "GET", "lot"),
    "outcomes:course": _rule("see_clinical", "GET", "course"),
    "outcomes:visit": _rule("write_record", "GET POST", "visit"),
    "vignettes:list": _rule("view_catalogue", "GET"),
    "vignettes:new": _rule("keep_vignettes", "GET POST"),
    "vignettes:paste": _rule("keep_vignettes", "GET POST"),
    "vignettes:edit": _rule("keep_vignettes", "GET POST", "vignette"),
    "vignettes:retire": _rule("keep_vignettes", "POST", "vignette"),
    "feeds:own": _rule("own_feed", "GET POST"),
    "feeds:patient": _rule("issue_link", "GET POST", "patient"),
    "feeds:calendar": _rule(BY_LINK, "GET HEAD", "feed"),
    "api:api-root": _rule("own_account", "GET"),
    "api:docs": _rule("own_account", "GET"),
    "api:openapi-json": _call("own_account", "GET"),
    "api:procedures": _call("view_catalogue", "GET"),
    "api:procedure": _call("view_catalogue", "GET", "procedure"),
    "api:screenings": _call("see_screening", "POST"),
    "api:series-search": _call("book_session", "POST"),
    "api:series-book": _call("book_session", "POST"),
    "api:resources": _call("view_day", "GET"),
    "api:appointments": _call("view_day", "GET"),
    "api:appointment-status": _call("view_day", "POST", "visit"),
    "api:appointment-move": _call("book_session", "POST", "visit"),
}

# Ours that strangers open too: the secret in the address lets them in, whoever they are.
OPEN_BY_LINK = frozenset(name for name, rule in RULES.items() if rule.operation == BY_LINK)
# Libraries' views cannot carry our declaration. Open to strangers: signing in and what leads there.
OPEN_TO_STRANGERS = frozenset(
    {
        "account_login",
        "account_logout",
        "account_inactive",
        "account_signup",
        "account_email_verification_sent",
        "account_confirm_email",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
        "account_confirm_login_code",
        "mfa_authenticate",
    }
)
# Open to whoever is signed in: their own account.
OPEN_TO_STAFF = frozenset(
    {
        "account_reauthenticate",
        "account_email",
        "account_change_password",
        "account_set_password",
        "mfa_index",
        "mfa_reauthenticate",
        "mfa_activate_totp",
        "mfa_deactivate_totp",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_download_recovery_codes",
    }
)


@dataclass(frozen=True)
class Route:
    """An address as the resolver knows it."""

    name: str
    view: Callable[..., HttpResponse]

    @property
    def is_ours(self) -> bool:
        return self.view.__module__.startswith(("clinic.", "plans."))

    @property
    def permission(self) -> Any:
        return getattr(self.view, "permission", None)

    @property
    def asks_to_sign_in(self) -> bool:
        return getattr(self.view, "login_required", True)


def all_routes() -> list[Route]:
    """Every address, those of libraries among them."""
    return list(_walk(get_resolver().url_patterns, ""))


def our_routes() -> dict[str, Route]:
    return {route.name: route for route in all_routes() if route.is_ours}


def _walk(patterns: list[URLPattern | URLResolver], space: str) -> Iterator[Route]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            below = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern.url_patterns, below)
        else:
            yield Route(f"{space}{pattern.name}", pattern.callback)
