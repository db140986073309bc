"""The rule of every URL pattern, read once at the start (A2)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from django.urls import ResolverMatch, URLPattern, URLResolver, get_resolver
from django.urls.resolvers import LocalePrefixPattern

from bastide.core.access import AnyOf, Rule
from bastide.core.foundation import ConfigurationError
from bastide.django.requests.beside import declared_rule
from bastide.django.requests.guards import BY_METHOD, rule_of

# Stands where none is declared; nothing is ever routed by it.
NOBODY: Final = Rule(policy=AnyOf(()))


class Pattern(NamedTuple):
    """One URL pattern.

    Attributes:
        path: from the site's root, as the patterns spell it.
        name: with its namespaces; may be empty.
        methods: those its view says it answers; empty where it does not say.
        view: its callback.
        rule: what it demands.
    """

    path: str
    name: str
    methods: tuple[str, ...]
    view: Callable[..., Any]
    rule: Rule


class RuleTable:
    """The rule of each route: of its view, or, where one view stands in several, of the pattern that matched.

    Raises:
        ConfigurationError: one view has different rules below a prefix that changes with the language, where
            a request does not tell them apart.
    """

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        by_view: dict[Callable[..., Any], dict[str, Rule]] = {}
        for pattern in patterns:
            by_view.setdefault(pattern.view, {})[pattern.path] = pattern.rule
        self._by_view = {view: next(iter(rules.values())) for view, rules in by_view.items()}
        self._by_path = {
            view: rules
            for view, rules in by_view.items()
            if any(rule != self._by_view[view] for rule in rules.values())
        }
        localised = tuple(
            f"/{entry.pattern}"
            for entry in get_resolver().url_patterns
            if isinstance(entry.pattern, LocalePrefixPattern)
        )
        lost = sorted(
            path for rules in self._by_path.values() for path in rules if path.startswith(localised)
        )
        if lost:
            msg = "one view under several rules, told apart by language only: " + ", ".join(lost)
            raise ConfigurationError(msg)

    def at(self, match: ResolverMatch, view: Callable[..., Any]) -> Rule:
        """Return the rule of the match.

        Args:
            match: of the request's path.
            view: what answers the request's method there.
        """
        by_path = self._by_path.get(view)
        return self._by_view[view] if by_path is None else by_path["/" + match.route.removeprefix("^")]


def read_rules(prefix_rules: Mapping[str, Rule]) -> list[Pattern]:
    """Return every pattern of the root URLconf with its rule.

    Raises:
        ConfigurationError: patterns without a rule, all named.
    """
    missing = missing_rules(prefix_rules)
    if missing:
        msg = "routes without a rule (use @public to open one): " + ", ".join(missing)
        raise ConfigurationError(msg)
    return [pattern for pattern, _ in all_patterns(prefix_rules)]


def missing_rules(prefix_rules: Mapping[str, Rule]) -> list[str]:
    """Return the paths of the patterns without a rule."""
    return sorted(pattern.path for pattern, has_rule in all_patterns(prefix_rules) if not has_rule)


def routes_with_files(patterns: Iterable[Pattern]) -> list[str]:
    """Return the paths of those whose requests may carry a file."""
    return [pattern.path for pattern in patterns if pattern.rule.takes_files]


def all_patterns(prefix_rules: Mapping[str, Rule]) -> Iterator[tuple[Pattern, bool]]:
    """Yield every pattern of the root URLconf, and whether a rule is declared for it.

    A view's own rule counts first, then its prefix's, then what it says in Django's words.
    """
    for path, name, view, methods in _walk(get_resolver().url_patterns, "/", ""):
        by_prefix = next((rule for start, rule in prefix_rules.items() if path.startswith(start)), None)
        rule = rule_of(view) or by_prefix or declared_rule(view)
        yield Pattern(path, name, methods, view, rule or NOBODY), rule is not None


def _walk(
    patterns: Any, before: str, space: str
) -> Iterator[tuple[str, str, Callable[..., Any], tuple[str, ...]]]:
    for entry in patterns:
        path = before + str(entry.pattern).removeprefix("^")
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from _walk(entry.url_patterns, path, inner)
        elif isinstance(entry, URLPattern):
            name = f"{space}{entry.name}" if entry.name else ""
            views = getattr(entry.callback, BY_METHOD, {})
            if not views:
                yield path, name, entry.callback, methods_of(entry.callback)
            for method, view in views.items():
                yield path, name, view, (method,)


def methods_of(view: Callable[..., Any]) -> tuple[str, ...]:
    """Return the methods that the view says to answer; empty where it says nothing."""
    view_class = getattr(view, "view_class", None)
    if view_class is None:
        return tuple(getattr(view, "methods", ()))
    names = view_class.http_method_names
    return tuple(
        sorted(
            name.upper() for name in names if name not in {"head", "options"} and hasattr(view_class, name)
        )
    )
