"""Access: who may do what, decided in one place and denied by default.

One policy checks an object and filters a list; one rule per route is read by start-up, matrix and log. An
application with a route that has no rule does not start.
"""

from bastide.core.access.matrix import Route, access_matrix, role_answers
from bastide.core.access.policies import (
    PROBE,
    PUBLIC,
    STATIC,
    All,
    AnyOf,
    Audience,
    FieldIs,
    Has,
    Not,
    Owns,
    Policy,
    Rule,
    Through,
    WriteRules,
)
from bastide.core.access.rules import (
    api,
    declare,
    for_scripts,
    fresh_login_required,
    login_required,
    permission_required,
    probe,
    public,
    restrict,
    rule_of,
    static_files,
    takes_files,
)

__all__ = [
    "PROBE",
    "PUBLIC",
    "STATIC",
    "All",
    "AnyOf",
    "Audience",
    "FieldIs",
    "Has",
    "Not",
    "Owns",
    "Policy",
    "Route",
    "Rule",
    "Through",
    "WriteRules",
    "access_matrix",
    "api",
    "declare",
    "for_scripts",
    "fresh_login_required",
    "login_required",
    "permission_required",
    "probe",
    "public",
    "restrict",
    "role_answers",
    "rule_of",
    "static_files",
    "takes_files",
]
