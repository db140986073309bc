"""Access: policies that check one object and filter many, and the rule that each route declares.

A policy is a small tree of the node types below. ``allows`` checks one object; an adapter compiles
the same tree to its ORM's filter, so that what may not be opened is never listed (A5).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

from bastide.core.foundation import ALLOWED, ConfigurationError, Decision, DenialReason, Denied, Principal


class _Node:
    """What every policy node can do besides ``allows``: be combined."""

    __slots__ = ()

    def __and__(self, other: "Policy") -> "All":
        return All((self, other))  # type: ignore[arg-type]  # every subclass is in the union

    def __or__(self, other: "Policy") -> "AnyOf":
        return AnyOf((self, other))  # type: ignore[arg-type]  # every subclass is in the union

    def __invert__(self) -> "Not":
        return Not(self)  # type: ignore[arg-type]  # every subclass is in the union


@dataclass(frozen=True, slots=True)
class Has(_Node):
    """The principal holds the permission."""

    permission: str

    def allows(self, principal: Principal, obj: object) -> bool:  # noqa: ARG002 -- the node's signature
        """Tell whether the principal holds the permission, whatever the object."""
        return principal.has(self.permission)


@dataclass(frozen=True, slots=True)
class Owns(_Node):
    """The object's field names the principal's account; an ownerless object belongs to nobody."""

    field: str

    def allows(self, principal: Principal, obj: object) -> bool:
        """Tell whether the object is the principal's; None never equals None."""
        owner = getattr(obj, self.field)
        if owner is None or principal.account_id is None or principal.is_suspect:
            return False
        return bool(owner == principal.account_id)


@dataclass(frozen=True, slots=True)
class FieldIs(_Node):
    """The object's field has the value."""

    field: str
    value: str | int | bool | None

    def allows(self, principal: Principal, obj: object) -> bool:  # noqa: ARG002 -- the node's signature
        """Tell whether the object's field has the value, whoever asks."""
        return bool(getattr(obj, self.field) == self.value)


@dataclass(frozen=True, slots=True)
class Through(_Node):
    """The policy holds for the object that a relation leads to; a missing one refuses."""

    relation: str
    policy: "Policy"

    def allows(self, principal: Principal, obj: object) -> bool:
        """Tell whether the related object exists and passes."""
        related = getattr(obj, self.relation)
        return related is not None and self.policy.allows(principal, related)


@dataclass(frozen=True, slots=True)
class All(_Node):
    """Every part holds."""

    parts: tuple["Policy", ...]

    def allows(self, principal: Principal, obj: object) -> bool:
        """Tell whether every part holds."""
        return all(part.allows(principal, obj) for part in self.parts)


@dataclass(frozen=True, slots=True)
class AnyOf(_Node):
    """At least one part holds."""

    parts: tuple["Policy", ...]

    def allows(self, principal: Principal, obj: object) -> bool:
        """Tell whether at least one part holds."""
        return any(part.allows(principal, obj) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Not(_Node):
    """The policy does not hold."""

    policy: "Policy"

    def allows(self, principal: Principal, obj: object) -> bool:
        """Tell whether the policy refuses."""
        return not self.policy.allows(principal, obj)


Policy: TypeAlias = Has | Owns | FieldIs | Through | All | AnyOf | Not


class Audience(StrEnum):
    """Whom a route lets in before any object is looked at."""

    EVERYBODY = "everybody"
    SIGNED_IN = "signed_in"
    SUSPECT_TOO = "suspect_too"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a route demands. A route without one stops the application at start-up (A2).

    Attributes:
        audience: whom it lets in at all; ``SUSPECT_TOO`` is for confirming and signing out.
        permission: a right the caller must hold, or None.
        policy: what the loaded object must pass, or None for routes without an object.
        visible: who may know that the object exists; everybody else gets "not found".
        needs_fresh: a factor must have been shown lately (F5).
        is_api: refusals are statuses, never redirects to a page.
        takes_tokens: API tokens are let in (T2); everywhere else they are not even looked at.
        takes_files: its requests may carry a file (U2); everywhere else a body is a small one.
        is_probe: for health checks: it answers under every host and over plain HTTP (K1), and must tell
            nothing but that it is there.
        is_static: its answers are the same for everybody, so that caches may keep them, a signed-in
            browser's too.
    """

    audience: Audience = Audience.SIGNED_IN
    permission: str | None = None
    policy: Policy | None = None
    visible: Policy | None = None
    needs_fresh: bool = False
    is_api: bool = False
    takes_tokens: bool = False
    takes_files: bool = False
    is_probe: bool = False
    is_static: bool = False

    def __post_init__(self) -> None:
        if self.audience is Audience.EVERYBODY and (self.permission or self.needs_fresh):
            msg = "a rule for everybody cannot ask for a permission or a fresh factor"
            raise ConfigurationError(msg)
        if self.takes_tokens and (self.needs_fresh or self.audience is Audience.SUSPECT_TOO):
            msg = "a rule that takes API tokens cannot ask for a fresh factor or confirm one"
            raise ConfigurationError(msg)
        if self.is_static and self.audience is not Audience.EVERYBODY:
            msg = "a rule for what is the same for everybody is for everybody"
            raise ConfigurationError(msg)
        if self.is_probe and self.audience is not Audience.EVERYBODY:
            msg = "a rule for health checks is for everybody: they come without a name, and in clear"
            raise ConfigurationError(msg)
        if self.takes_files and self.audience is not Audience.SIGNED_IN:
            msg = "a rule that takes files asks for somebody signed in: each file has an owner and a quota"
            raise ConfigurationError(msg)

    @property
    def is_for_everybody(self) -> bool:
        """Tell whether the route alone refuses nobody, so that the session need not be read."""
        return self.audience is Audience.EVERYBODY

    def decide(self, principal: Principal) -> Decision:
        """Decide on the route alone, before any object is loaded."""
        if self.is_for_everybody:
            return ALLOWED
        if not principal.is_signed_in:
            return Denied(DenialReason.SIGN_IN_REQUIRED)
        if principal.is_suspect:
            allowed = self.audience is Audience.SUSPECT_TOO
            return ALLOWED if allowed else Denied(DenialReason.CONFIRMATION_REQUIRED)
        if self.permission is not None and not principal.has(self.permission):
            return _without_right(principal)
        if self.needs_fresh and not principal.is_fresh:
            return Denied(DenialReason.CONFIRMATION_REQUIRED)
        return ALLOWED

    def decide_object(self, principal: Principal, obj: object) -> Decision:
        """Decide on a loaded object; who may not know of it is told that it does not exist.

        Spec: V8.2.2 (another user's object is a 404, not a 403).
        """
        if self.visible is not None and not self.visible.allows(principal, obj):
            return Denied(DenialReason.HIDDEN)
        if self.policy is None or self.policy.allows(principal, obj):
            return ALLOWED
        if not principal.is_signed_in:
            return Denied(DenialReason.SIGN_IN_REQUIRED)
        if principal.is_suspect:
            return Denied(DenialReason.CONFIRMATION_REQUIRED)
        return _without_right(principal)

    def describe(self) -> str:
        """Return the rule in words, for the route list and the access matrix."""
        words = [self.audience.value]
        if self.permission:
            words.append(f"has {self.permission}")
        if self.visible is not None:
            words.append(f"sees {describe_policy(self.visible)}")
        if self.policy is not None:
            words.append(f"passes {describe_policy(self.policy)}")
        if self.needs_fresh:
            words.append("fresh factor")
        if self.takes_tokens:
            words.append("takes API tokens")
        if self.takes_files:
            words.append("takes files")
        if self.is_probe:
            words.append("any host, plain HTTP")
        return ", ".join(words)


def _without_right(principal: Principal) -> Denied:
    return Denied(DenialReason.FACTOR_REQUIRED if principal.lacks_factor else DenialReason.FORBIDDEN)


PUBLIC = Rule(audience=Audience.EVERYBODY)
PROBE = Rule(audience=Audience.EVERYBODY, is_probe=True)
STATIC = Rule(audience=Audience.EVERYBODY, is_static=True)


def describe_policy(policy: Policy) -> str:  # noqa: PLR0911 -- one answer per node
    """Return the policy as a readable expression."""
    match policy:
        case Has(permission):
            return f"has({permission})"
        case Owns(name):
            return f"owns({name})"
        case FieldIs(name, value):
            return f"{name}={value}"
        case Through(relation, inner):
            return f"{relation}.{describe_policy(inner)}"
        case All(parts):
            return "(" + " & ".join(map(describe_policy, parts)) + ")"
        case AnyOf(parts):
            return "(" + " | ".join(map(describe_policy, parts)) + ")"
        case _:
            return f"~{describe_policy(policy.policy)}"


@dataclass(frozen=True, slots=True)
class WriteRules:
    """Who may write which field (A6). A field without a rule is written by nobody.

    Attributes:
        by_field: field name to policy.

    Threat: mass assignment (V8.2.3, V15.3.3).
    """

    by_field: Mapping[str, Policy] = field(default_factory=dict)

    def writable_fields(self, principal: Principal, obj: object) -> frozenset[str]:
        """Return the fields of ``obj`` that ``principal`` may write."""
        return frozenset(name for name, policy in self.by_field.items() if policy.allows(principal, obj))

    def apply(self, principal: Principal, obj: Any, values: Mapping[str, object]) -> Decision:
        """Set the values on ``obj``: all of them, or none if one is not the principal's to write.

        Setting a field to what it already is needs no right.
        """
        changed = {name: value for name, value in values.items() if getattr(obj, name) != value}
        if not changed.keys() <= self.writable_fields(principal, obj):
            return Denied(DenialReason.FORBIDDEN)
        for name, value in changed.items():
            setattr(obj, name, value)
        return ALLOWED
