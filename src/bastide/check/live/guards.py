"""What asks who acts around a view: read from the code of decorators, hooks and the view itself."""

import dis
import re
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any, Final

# What decorators are called that let only some people in.
GUARDING: Final = re.compile(
    r"(?i)(required|requires|require_|permission|authenticat|authori[sz]|protect|restrict|allowed|"
    r"(?:^|[._])(?:login|logged|auth|jwt|roles?|admin|staff|owner|policy|secured?|scopes?|user_passes)(?:$|[._]))"
)
NOT_GUARDING: Final = re.compile(
    r"(?i)(csrf|not_required|exempt|optional|anonymous|methods|require_http|require_safe|require_post|require_get|"
    r"cache|vary|json|parse|arguments|setup|as_view)"
)
# What a view's own code names where it asks who acts.
ASKING: Final = re.compile(
    r"(?i)^(is_authenticated|current_user|has_perms?|has_permission|has_role|has_object_permission|can|"
    r"verify_jwt_in_request|get_jwt_identity|check_object_permissions|check_\w*(permission|access|auth)\w*|"
    r"(require|ensure|assert)_\w*(login|user|auth|admin|permission|owner|access)\w*|is_staff|is_superuser|is_admin|"
    r"authorize|authorise|permission_\w+|compare_digest|verify_signature|construct_event)$"
)
REFUSING: Final = frozenset(
    {"abort", "redirect", "unauthorized", "Unauthorized", "Forbidden", "PermissionDenied"}
)
REFUSING_STATUS: Final = frozenset({401, 403})
PEOPLE: Final = re.compile(
    r"(?i)_?(is_)?(current_)?(user|account|member|admin|login|logged|auth|authenticated)(_?(id|name|in|key|pk|role))?"
)
MAX_DEPTH: Final = 12


def functions_around(view: Any) -> Iterator[FunctionType]:
    """Yield the view and, through what decorators keep, every function it is wrapped in and that it wraps."""
    waiting, seen = [(view, 0)], set[int]()
    while waiting:
        found, depth = waiting.pop(0)
        if isinstance(found, staticmethod | classmethod):
            found = found.__func__
        found = getattr(found, "__func__", found)
        if id(found) in seen or depth > MAX_DEPTH:
            continue
        seen.add(id(found))
        wrapped = getattr(found, "__wrapped__", None)
        if wrapped is not None:
            waiting.append((wrapped, depth + 1))
        if not isinstance(found, FunctionType):
            inner = getattr(found, "func", None) or getattr(type(found), "__call__", None)  # noqa: B004 -- its code
            if isinstance(inner, FunctionType):
                waiting.append((inner, depth + 1))
            continue
        yield found
        if is_wrapper(found):
            waiting += [(each, depth + 1) for each in _kept(found) if callable(each)]


def is_wrapper(function: FunctionType) -> bool:
    """Tell whether the function was made inside another, as decorators do."""
    return "<locals>" in function.__code__.co_qualname


def _kept(function: FunctionType) -> Iterator[Any]:
    """Yield the functions that the function keeps in its closure."""
    for cell in function.__closure__ or ():
        try:
            inside = cell.cell_contents
        except ValueError:
            continue
        if isinstance(inside, FunctionType) or hasattr(inside, "__wrapped__"):
            yield inside


def decorator_of(function: FunctionType) -> str:
    """Return the name of the decorator that made the function; empty where none did."""
    if not is_wrapper(function):
        return ""
    return function.__code__.co_qualname.partition(".<locals>")[0].removeprefix("_")


def guards_around(view: Any) -> list[str]:
    """Return the names of decorators around the view that let only some people in."""
    found = []
    for function in functions_around(view):
        name = decorator_of(function)
        whole = function.__code__.co_qualname.replace(".<locals>", "")
        if name and is_guarding(whole):
            found.append(name)
        found += [each for each in _decorators_kept(function) if is_guarding(each)]
    return list(dict.fromkeys(found))


def _decorators_kept(function: FunctionType) -> Iterator[str]:
    """Yield the names of decorators that a function applies later, as ``method_decorator`` does."""
    for cell in function.__closure__ or ():
        try:
            inside = cell.cell_contents
        except ValueError:
            continue
        for each in inside if isinstance(inside, list | tuple) else ():
            if isinstance(each, FunctionType):
                yield decorator_of(each) or each.__name__


def is_guarding(name: str) -> bool:
    """Tell whether a decorator or hook of this name lets only some people in."""
    return bool(GUARDING.search(name)) and not NOT_GUARDING.search(name)


def asks_itself(view: Any) -> str:
    """Return the word by which the view's own code asks who acts; empty where it does not."""
    for function in functions_around(view):
        word = _asking_word(function.__code__)
        if word:
            return word
    return ""


def is_refusing_hook(hook: Callable[..., Any]) -> bool:
    """Tell whether a function that runs before views asks who acts and turns some people away."""
    for function in functions_around(hook):
        code = function.__code__
        refuses = any(REFUSING & _names(each) or REFUSING_STATUS & _values(each) for each in _codes(code))
        if refuses and (is_guarding(code.co_name) or _asking_word(code)):
            return True
    return False


def _asking_word(code: CodeType) -> str:
    for each in _codes(code):
        names = _names(each)
        for name in sorted(names):
            if ASKING.search(name):
                return name
        kept_in = _keepers(each)
        texts = {value for value in _values(each) if isinstance(value, str)}
        if kept_in and any(PEOPLE.fullmatch(text) for text in texts | names):
            return min(kept_in)
    return ""


def _keepers(code: CodeType) -> set[str]:
    """Return by which names the code reads what is kept of a visitor: Flask's, or a request's session."""
    found = {
        str(step.argval)
        for step in dis.get_instructions(code)
        if step.opname in {"LOAD_GLOBAL", "LOAD_DEREF"} and step.argval in {"session", "g"}
    }
    if "request" in {*code.co_varnames, *code.co_freevars} and "session" in code.co_names:
        found.add("session")
    return found


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for value in code.co_consts:
        if isinstance(value, CodeType):
            yield from _codes(value)


def _names(code: CodeType) -> set[str]:
    return {*code.co_names, *code.co_freevars}


def _values(code: CodeType) -> set[Any]:
    return {value for value in code.co_consts if isinstance(value, str | int)}
