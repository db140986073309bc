"""The layers, by name: together they are the whole, and each can be taken alone beside other accounts."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any, Final

from bastide.core.foundation import ConfigurationError


class Layer(StrEnum):
    """What an application may take alone (J4).

    Attributes:
        HEADERS: the constant headers and the content security policy, with nonces.
        TRANSPORT: hosts, HTTPS and declared proxies.
        FORGERY: cross-site request forgery is refused.
        RULES: every route says whom it lets in, or the start stops. What a view declares holds without it.
        QUERIES: statements that carry values of the request in their text are refused.
        OUTPUT: templates escape; sanitising and Markdown as filters.
        ENCRYPTION: encrypted columns. Needs a key ring.
        UPLOADS: files of declared kinds. Keeps one table.
        ATTEMPTS: budgets for sign-ins and for whatever else is costly. Keeps one table.
        LOG: the security log, chained. Keeps two tables.
        API_TOKENS: tokens for programs. Keeps one table; needs ATTEMPTS, which counts wrong ones.
        REPORTS: what browsers report of the content security policy, counted. Keeps one table; needs HEADERS,
            which asks for reports, and ATTEMPTS, which bounds how many are taken.
        ACCOUNTS: Bastide's own accounts, sessions and pages; they stand on every other layer.
    """

    HEADERS = "headers"
    TRANSPORT = "transport"
    FORGERY = "forgery"
    RULES = "rules"
    QUERIES = "queries"
    OUTPUT = "output"
    ENCRYPTION = "encryption"
    UPLOADS = "uploads"
    ATTEMPTS = "attempts"
    LOG = "log"
    API_TOKENS = "api_tokens"
    REPORTS = "reports"
    ACCOUNTS = "accounts"


EVERY_LAYER: Final = frozenset(Layer)
# What signs, and so needs the application's secret; it must be one for all of its processes.
SIGNING_LAYERS: Final = frozenset({Layer.FORGERY, Layer.ATTEMPTS, Layer.LOG})
# What keeps something in the application's database.
KEEPING_LAYERS: Final = frozenset({Layer.UPLOADS, Layer.ATTEMPTS, Layer.LOG, Layer.API_TOKENS, Layer.REPORTS})


def read_layers(names: Iterable[str]) -> frozenset[Layer]:
    """Return the layers that stand beside accounts which are not Bastide's.

    Raises:
        ConfigurationError: none is named, there is no such layer, or one lacks what it stands on.
    """
    wanted = set(names)
    unknown = wanted - EVERY_LAYER
    if unknown or not wanted:
        what = f"unknown layers: {', '.join(sorted(unknown))}" if unknown else "no layer is named"
        msg = f"{what}; there are {', '.join(sorted(EVERY_LAYER - {Layer.ACCOUNTS}))}"
        raise ConfigurationError(msg)
    if Layer.ACCOUNTS in wanted:
        msg = "accounts stand on every other layer: take the whole `Bastide`"
        raise ConfigurationError(msg)
    if Layer.API_TOKENS in wanted and Layer.ATTEMPTS not in wanted:
        msg = "api_tokens needs attempts, which counts tokens that open nothing"
        raise ConfigurationError(msg)
    if Layer.REPORTS in wanted and not {Layer.HEADERS, Layer.ATTEMPTS} <= wanted:
        msg = "reports needs headers, which asks for them, and attempts, which bounds how many are taken"
        raise ConfigurationError(msg)
    return frozenset(Layer(name) for name in wanted)


class Absent:
    """Stands where a layer that is off would keep its state: whoever asks it is told so by name."""

    def __init__(self, layer: Layer) -> None:
        self._layer = layer

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Return what raises ``ConfigurationError`` when it is called."""

        def refuse(*_: Any, **__: Any) -> Any:
            msg = f"the layer {self._layer.value} is off, and something asks it for {name}"
            raise ConfigurationError(msg)

        return refuse
