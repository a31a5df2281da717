"""Who may do what: the one list that the code reads (docs/permissions.md explains it; tests hold a second copy)."""

from enum import StrEnum


class Role(StrEnum):
    RECEPTION = "reception"
    PRACTITIONER = "practitioner"
    PHYSICIAN = "physician"
    EDITOR = "editor"
    MANAGER = "manager"
    AUDITOR = "auditor"


_R, _P, _D, _C, _O, _A = Role
_CARE = frozenset({_R, _P, _D})

OPERATIONS: dict[str, frozenset[Role]] = {
    "search_patients": _CARE | {_O},
    "see_contact": _CARE | {_O},
    "see_clinical": frozenset({_P, _D}),
    "register_patient": _CARE | {_O},
    "answer_health_form": _CARE,
    "edit_facts": frozenset({_P, _D}),
    "see_screening": _CARE,
    "draft_plan": _CARE,
    "sign_caution": frozenset({_P, _D}),
    "override_wait": frozenset({_D}),
    "book_session": _CARE | {_O},
    "mark_arrived": _CARE,
    "mark_done": frozenset({_P, _D}),
    "keep_consent": _CARE,
    "write_record": frozenset({_P, _D}),
    "see_photo": frozenset({_P, _D}),
    "delete_photo": frozenset({_D, _O}),
    "keep_lots": frozenset({_P, _D, _O}),
    "print_sheet": _CARE | {_O},
    "view_catalogue": _CARE | {_C, _O},
    "draft_catalogue": frozenset({_D, _C, _O}),
    "edit_catalogue": frozenset({_C, _O}),
    "edit_hard_rule": frozenset({_D, _C}),
    "publish_catalogue": frozenset({_D, _C, _O}),
    "confirm_value": frozenset({_D}),
    "keep_vignettes": frozenset({_D, _C, _O}),
    "import_catalogue": frozenset({_C, _O}),
    "view_day": _CARE | {_O},
    "issue_link": _CARE | {_O},
    "own_feed": frozenset({_P, _D}),
    "keep_hours": frozenset({_O}),
    "read_audit": frozenset({_O, _A}),
    "own_account": frozenset(Role),
}

# Everything a signed-in person may do whatever their role, or without one.
FOR_EVERYBODY = frozenset({"own_account"})


def roles_allow(roles: frozenset[str], operation: str) -> bool:
    """Whether one of `roles` may do `operation`. KeyError for an operation that is not in the list."""
    return operation in FOR_EVERYBODY or bool(OPERATIONS[operation] & roles)
