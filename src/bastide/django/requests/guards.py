"""Decorators and mixins that declare what a view demands, and load and check the object it is about."""

import functools
import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any, ClassVar, Concatenate, Final, ParamSpec, TypeVar

from django.core.exceptions import ValidationError
from django.db import connections, transaction
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from bastide.core.access import PUBLIC, Audience, Owns, Policy, Rule, restrict
from bastide.core.access import rule_of as rule_of_function
from bastide.core.foundation import BastideError, ConfigurationError, Denied, Principal
from bastide.core.http import SAFE_METHODS
from bastide.core.request import refuse_object
from bastide.django.orm.policies import compile_policy
from bastide.django.requests.context import exchange_of

P = ParamSpec("P")
R = TypeVar("R")
M = TypeVar("M", bound=Model)
Row = TypeVar("Row")


BY_METHOD: Final = "bastide_by_method"


class MethodRefused(BastideError):
    """No view of the pattern answers the method; ``methods`` are those that are answered."""

    def __init__(self, methods: tuple[str, ...]) -> None:
        super().__init__(", ".join(methods))
        self.methods = methods


def by_method(**views: Callable[..., Any]) -> Callable[..., HttpResponse]:
    """Return one view for one pattern that hands each method to a view of its own, with that view's rule.

    Every other method is answered 405, before anything is decided or read.

    Args:
        views: by method, in capitals; ``GET`` answers ``HEAD`` too.
    """

    def dispatch(request: HttpRequest, **arguments: Any) -> HttpResponse:
        answer: HttpResponse = chosen_view(dispatch, request.method)(request, **arguments)
        return answer

    setattr(dispatch, BY_METHOD, views)
    return dispatch


def chosen_view(view: Callable[..., Any], method: str | None) -> Callable[..., Any]:
    """Return the view that answers the method: itself, unless the pattern has one for each.

    Raises:
        MethodRefused: it has none for this one.
    """
    views: dict[str, Callable[..., Any]] | None = getattr(view, BY_METHOD, None)
    if views is None:
        return view
    try:
        return views["GET" if method == "HEAD" else method or ""]
    except KeyError:
        raise MethodRefused(tuple(views)) from None


def class_of(view: Callable[..., Any]) -> type[Any] | None:
    """Return the class behind a view, of Django or of REST framework's viewsets, or None."""
    found: type[Any] | None = getattr(view, "view_class", None) or getattr(view, "cls", None)
    return found


def rule_of(view: Callable[..., Any]) -> Rule | None:
    """Return the rule that a view function or the class behind it declares, or None."""
    found = rule_of_function(view)
    if found is None:
        make = getattr(class_of(view), "get_rule", None)
        found = None if make is None else make()
    return found


def principal(request: HttpRequest) -> Principal:
    """Return who acts."""
    return exchange_of(request).principal


def visible(request: HttpRequest, policy: Policy, rows: QuerySet[M, Row]) -> QuerySet[M, Row]:
    """Return the rows that the caller may see (A5)."""
    return rows.filter(compile_policy(policy, rows.model, principal(request)))


def checked_object(request: HttpRequest, rule: Rule, rows: QuerySet[Any], key: Any) -> Any:
    """Return the row with the primary key, once loaded and checked.

    On unsafe methods the row is locked until the transaction ends, where there is one, so that what was
    checked is what is changed.

    Raises:
        Http404: there is no such row, or the caller may not know of it.
        AccessDenied: the caller may not do this to it.

    Threat: insecure direct object references, check-then-act gaps (V8.2.2, V15.4.2).
    """
    if request.method not in SAFE_METHODS and transaction.get_connection(rows.db).in_atomic_block:
        rows = rows.select_for_update(of=("self",))
    try:
        obj = rows.filter(pk=rows.model._meta.pk.to_python(key)).first()  # noqa: SLF001 -- Django's documented name
    except ValidationError:
        # The pattern let a text through that is no key.
        obj = None
    if obj is None:
        raise Http404
    decision = rule.decide_object(principal(request), obj)
    if isinstance(decision, Denied):
        name = rows.model._meta.model_name  # noqa: SLF001 -- Django's documented name
        refuse_object(exchange_of(request), decision, target=f"{name}:{key}")
        raise Http404
    return obj


def check_and_change(using: str) -> AbstractContextManager[Any]:
    """Return a transaction where rows can be locked; in SQLite it would only lock out the stores."""
    can_lock = connections[using].features.has_select_for_update
    return transaction.atomic(using=using) if can_lock else nullcontext()


def policy_required(
    policy: Policy,
    model: type[M],
    *,
    visible: Policy | None = None,
    audience: Audience | None = None,
) -> Callable[[Callable[Concatenate[Any, M, P], R]], Callable[..., R]]:
    """Load the object once, check it, and hand the checked object to the view function.

    The pattern's ``<int:NAME_id>`` becomes the view's argument ``NAME``, its second after the request.

    Args:
        policy: what the object must pass (else 403).
        model: the model.
        visible: who may know of the object (else 404); default: the same policy.
        audience: whom the route lets in before the object is loaded; default: signed-in people.
    """
    rule = Rule(policy=policy, visible=visible or policy)
    demands: dict[str, Any] = {"policy": rule.policy, "visible": rule.visible}
    if audience is not None:
        demands["audience"] = audience

    def decorate(view: Callable[Concatenate[Any, M, P], R]) -> Callable[..., R]:
        name = _object_argument(view)
        by_name: Callable[..., R] = view

        @functools.wraps(view)
        def checked(request: HttpRequest, **arguments: Any) -> R:
            key = arguments.pop(f"{name}_id")
            rows = model._default_manager.all()  # noqa: SLF001 -- Django's documented name
            with check_and_change(rows.db):
                obj = checked_object(request, rule, rows, key)
                return by_name(request, **{name: obj}, **arguments)

        return restrict(checked, **demands)

    return decorate


def owner_required(
    field: str, model: type[M]
) -> Callable[[Callable[Concatenate[Any, M, P], R]], Callable[..., R]]:
    """Let only the object's owner in; for everybody else it does not exist."""
    return policy_required(Owns(field), model)


def _object_argument(view: Callable[..., Any]) -> str:
    names = list(inspect.signature(view).parameters)
    if len(names) < 2:  # noqa: PLR2004 -- the request and the object
        msg = f"{view.__qualname__} needs an argument for the checked object"
        raise ConfigurationError(msg)
    return names[1]


class RuleMixin:
    """Base of the mixins: a class-based view declares its rule by attributes, which ``Rule`` explains."""

    needs_fresh: ClassVar[bool] = False
    is_api: ClassVar[bool] = False
    takes_tokens: ClassVar[bool] = False
    takes_files: ClassVar[bool] = False
    permission: ClassVar[str | None] = None

    @classmethod
    def get_rule(cls) -> Rule:
        """Return what the view demands."""
        return Rule(
            permission=cls.permission, needs_fresh=cls.needs_fresh, is_api=cls.is_api,
            takes_tokens=cls.takes_tokens, takes_files=cls.takes_files,
        )  # fmt: skip


class PublicMixin:
    """Lets everybody in: the visible opt-out of deny-by-default (A2)."""

    @classmethod
    def get_rule(cls) -> Rule:
        """Return what the view demands."""
        return PUBLIC


class LoginRequiredMixin(RuleMixin):
    """Lets signed-in people in."""


class PermissionRequiredMixin(RuleMixin):
    """Lets people in who hold ``permission``."""


class PolicyRequiredMixin(RuleMixin):
    """Checks the object that ``get_object`` of a detail, update or delete view returns.

    Attributes:
        policy: what the object must pass (else 403).
        visible: who may know of the object (else 404); default: the same policy.
        audience: whom the route lets in before the object is loaded.
    """

    policy: ClassVar[Policy]
    visible: ClassVar[Policy | None] = None
    audience: ClassVar[Audience] = Audience.SIGNED_IN

    @classmethod
    def get_rule(cls) -> Rule:
        """Return what the view demands."""
        visible = cls.visible or cls.policy
        return replace(super().get_rule(), audience=cls.audience, policy=cls.policy, visible=visible)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Check and change in one transaction."""
        view: Any = self
        with check_and_change(view.get_queryset().db):
            return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]  # of the view beside it

    def get_object(self, queryset: Any = None) -> Any:
        """Return the checked object."""
        view: Any = self
        rows = view.get_queryset() if queryset is None else queryset
        return checked_object(view.request, self.get_rule(), rows, view.kwargs[view.pk_url_kwarg])
