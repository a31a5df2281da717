"""The second copy of who may do what: typed from the clinic's table, never read from the code."""

ROLES = ("reception", "practitioner", "physician", "editor", "manager", "auditor")

# One letter for each role in the order above: y may, - may not.
_TABLE = """
search_patients     y y y - y -
see_contact         y y y - y -
see_clinical        - y y - - -
register_patient    y y y - y -
answer_health_form  y y y - - -
edit_facts          - y y - - -
see_screening       y y y - - -
draft_plan          y y y - - -
sign_caution        - y y - - -
override_wait       - - y - - -
book_session        y y y - y -
mark_arrived        y y y - - -
mark_done           - y y - - -
keep_consent        y y y - - -
write_record        - y y - - -
see_photo           - y y - - -
delete_photo        - - y - y -
keep_lots           - y y - y -
print_sheet         y y y - y -
view_day            y y y - y -
issue_link          y y y - y -
own_feed            - y y - - -
keep_hours          - - - - y -
view_catalogue      y y y y y -
draft_catalogue     - - y y y -
edit_catalogue      - - - y y -
edit_hard_rule      - - y y - -
publish_catalogue   - - y y y -
confirm_value       - - y - - -
keep_vignettes      - - y y y -
import_catalogue    - - - y y -
read_audit          - - - - y y
own_account         y y y y y y
"""

# What an address says that is opened by a secret in it: no row, for it asks nobody who they are.
BY_LINK = "by_link"
# What a person without any role may still do.
WITHOUT_ROLE = frozenset({"own_account"})

MATRIX: dict[str, frozenset[str]] = {
    operation: frozenset(role for role, letter in zip(ROLES, letters, strict=True) if letter == "y")
    for operation, *letters in map(str.split, _TABLE.strip().splitlines())
}


def may(role: str, operation: str) -> bool:
    """Whether the table lets `role` do `operation`; "" is somebody without a role."""
    return operation in WITHOUT_ROLE | {BY_LINK} or role in MATRIX[operation]
