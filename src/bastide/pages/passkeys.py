"""The pages on which passkeys are added, named, removed and used (F3).

A script asks for options first, has the browser's authenticator answer them, and posts the answer as the
one field ``credential`` of an ordinary form.
"""

from dataclasses import replace
from datetime import timedelta
from itertools import chain
from typing import Any, Final

from bastide.core.access import PUBLIC, Audience, Rule
from bastide.core.attempts import Rate
from bastide.core.foundation import digest
from bastide.core.inputs import TextRule, safe_target
from bastide.core.sign_in import MAX_PASSKEY_RESPONSE_LENGTH, LoggedIn, Refused, RelyingParty
from bastide.pages.context import Notice
from bastide.pages.factors import PASSKEY_NAME, SHOW, factors_page
from bastide.pages.inputs import FilledForm, PlainInput, RuleInput, hidden
from bastide.pages.messages import MESSAGES as T
from bastide.pages.passkey_forms import confirm_entry, second_factor_entry, sign_in_entry
from bastide.pages.visits import (
    SIGN_IN,
    Data,
    GoTo,
    Missing,
    Page,
    Result,
    RouteRow,
    Visit,
    account_at_hand,
    refused_page,
)

# Each question is a row that lives for minutes; people press a button for it.
OPTIONS_RATE: Final = Rate(name="passkey", limit=60, period=timedelta(minutes=10))

_CREDENTIAL: Final = RuleInput(
    name="credential", label="", rule=TextRule(field="credential", max_length=MAX_PASSKEY_RESPONSE_LENGTH)
)
_HANDLE: Final = PlainInput(name="passkey", label="")
ADD: Final = (PASSKEY_NAME, _CREDENTIAL)
RENAME: Final = (_HANDLE, PASSKEY_NAME)
REMOVE: Final = (_HANDLE,)
USE: Final = (_CREDENTIAL, hidden("next"))
_OTHER_MEANS: Final = {
    "sign_in": (SIGN_IN, "sign_in", sign_in_entry),
    "second_factor": (SHOW, "factor_submit", second_factor_entry),
    "confirm": (SHOW, "confirm_submit", confirm_entry),
}


def add_options(visit: Visit) -> Result:
    """Tell the script what to make a passkey from."""
    found = account_at_hand(visit)
    if found is None or not _asks_for_options(visit):
        return Missing()
    session, account = found
    return Data(values=visit.exchange.services.passkeys.begin(session, account, _party(visit)))


def add(visit: Visit) -> Result:
    """Keep the passkey that the browser made."""
    found, exchange = account_at_hand(visit), visit.exchange
    service = exchange.services.passkeys
    if found is None or not service.is_offered:
        return Missing()
    session, account = found
    form = FilledForm(ADD, visit.sent)
    if not form.is_valid:
        return factors_page(visit, account, form, T.passkey_not_added)
    name, sent = form.values["name"], form.values["credential"]
    outcome = service.add(session, account, name, sent, exchange.client, party=_party(visit))
    if isinstance(outcome, Refused):
        return factors_page(visit, account, form, T.passkey_not_added)
    exchange.adopt(outcome.session)
    if outcome.codes:
        return Page(template="backup_codes", context={"codes": outcome.codes})
    return GoTo(url=visit.url("factors"), notice=Notice(level="success", text=T.passkey_added))


def rename(visit: Visit) -> Result:
    """Name one of the account's own passkeys."""
    found = account_at_hand(visit)
    form = FilledForm(RENAME, visit.sent)
    if found is None:
        return Missing()
    session, account = found
    if not form.is_valid:
        return factors_page(visit, account, None, *chain.from_iterable(form.errors.values()))
    handle, name = form.values["passkey"], form.values["name"]
    service = visit.exchange.services.passkeys
    if not service.rename(session, account, handle, name, visit.exchange.client):
        return Missing()
    return GoTo(url=visit.url("factors"), notice=Notice(level="success", text=T.passkey_renamed))


def remove(visit: Visit) -> Result:
    """Remove one of the account's own passkeys."""
    found, exchange = account_at_hand(visit), visit.exchange
    form = FilledForm(REMOVE, visit.sent)
    if found is None or not form.is_valid:
        return Missing()
    session, account = found
    handle = form.values["passkey"]
    rotated = exchange.services.passkeys.remove(session, account, handle, exchange.client)
    if rotated is None:
        return Missing()
    exchange.adopt(rotated)
    return GoTo(url=visit.url("factors"), notice=Notice(level="success", text=T.passkey_removed))


def sign_in_options(visit: Visit) -> Result:
    """Tell a stranger's script what to ask the browser's passkeys."""
    if not _asks_for_options(visit):
        return Missing()
    proofs = visit.exchange.services.passkey_proofs
    return Data(values=proofs.begin_sign_in(_party(visit), browser=_browser(visit)))


def sign_in(visit: Visit) -> Result:
    """Sign in with a passkey alone."""
    exchange = visit.exchange
    if not exchange.services.passkeys.is_offered:
        return Missing()
    form = FilledForm(USE, visit.sent)
    target = form.values.get("next", "")
    if not form.is_valid:
        return _refused(visit, "sign_in", target, None)
    outcome = exchange.services.passkey_proofs.sign_in(
        form.values["credential"], exchange.client, party=_party(visit), browser=_browser(visit),
        previous=exchange.active,
    )  # fmt: skip
    if isinstance(outcome, Refused):
        return _refused(visit, "sign_in", target, outcome)
    return _entered(visit, outcome, target)


def second_factor_options(visit: Visit) -> Result:
    """Tell the script which passkeys finish the sign-in that waits."""
    active, proofs = visit.exchange.active, visit.exchange.services.passkey_proofs
    if active is None or not _asks_for_options(visit):
        return Missing()
    return _data(proofs.begin_second_factor(active, _party(visit)))


def second_factor(visit: Visit) -> Result:
    """Finish a sign-in with a passkey; whoever gave no password signs in first."""
    exchange = visit.exchange
    active = exchange.active
    if active is None or active.pending_account is None or not exchange.services.passkeys.is_offered:
        return GoTo(url=visit.url("sign_in"))
    form = FilledForm(USE, visit.sent)
    target = form.values.get("next", "")
    outcome = None
    if form.is_valid:
        outcome = exchange.services.passkey_proofs.second_factor(
            active, form.values["credential"], exchange.client, party=_party(visit)
        )
    if isinstance(outcome, LoggedIn):
        return _entered(visit, outcome, target)
    return _refused(visit, "second_factor", target, outcome)


def confirm_options(visit: Visit) -> Result:
    """Tell the script which passkeys confirm the running session."""
    active, proofs = visit.exchange.active, visit.exchange.services.passkey_proofs
    if active is None or not _asks_for_options(visit):
        return Missing()
    return _data(proofs.begin_confirm(active, _party(visit)))


def confirm(visit: Visit) -> Result:
    """Make the session fresh with a passkey."""
    exchange = visit.exchange
    active = exchange.active
    if active is None or not exchange.services.passkeys.is_offered:
        return Missing()
    form = FilledForm(USE, visit.sent)
    target = form.values.get("next", "")
    outcome = None
    if form.is_valid:
        outcome = exchange.services.passkey_proofs.confirm(
            active, form.values["credential"], exchange.client, party=_party(visit)
        )
    if outcome is None or isinstance(outcome, Refused):
        return _refused(visit, "confirm", target, outcome)
    exchange.adopt(outcome.session)
    return GoTo(url=safe_target(target, default=visit.url("home")))


def passkey_routes() -> list[RouteRow]:
    """Return the pages, none of which shows anything by itself."""
    post, fresh = ("POST",), Rule(needs_fresh=True)
    suspect_too, everybody = Rule(audience=Audience.SUSPECT_TOO), Rule(audience=Audience.EVERYBODY)
    return [
        ("passkey_add", "account/passkeys", post, fresh, add),
        ("passkey_options", "account/passkeys/options", post, replace(fresh, is_api=True), add_options),
        ("passkey_rename", "account/passkeys/rename", post, fresh, rename),
        ("passkey_remove", "account/passkeys/remove", post, fresh, remove),
        ("passkey_sign_in", "account/sign-in/passkey", post, PUBLIC, sign_in),
        ("passkey_second_factor", "account/second-factor/passkey", post, PUBLIC, second_factor),
        ("passkey_confirm", "account/confirm/passkey", post, suspect_too, confirm),
        *(
            (
                f"passkey_{use}_options",
                f"account/{path}/passkey/options",
                post,
                replace(rule, is_api=True),
                view,
            )
            for use, path, rule, view in (
                ("sign_in", "sign-in", everybody, sign_in_options),
                ("second_factor", "second-factor", everybody, second_factor_options),
                ("confirm", "confirm", suspect_too, confirm_options),
            )
        ),
    ]


def _asks_for_options(visit: Visit) -> bool:
    """Tell whether the request is one for options, with no fields besides the token; count it."""
    FilledForm((), visit.sent)
    if not visit.exchange.services.passkeys.is_offered:
        return False
    visit.exchange.draw_rate(OPTIONS_RATE)
    visit.exchange.is_private = True
    return True


def _party(visit: Visit) -> RelyingParty:
    return visit.exchange.services.passkeys.party_at(visit.exchange.own_origin)


def _browser(visit: Visit) -> bytes:
    """Return what a stranger's challenge is bound to: the session, or the cookie that forms are bound to."""
    exchange = visit.exchange
    if exchange.active is not None:
        return exchange.active.digest
    return digest((exchange.cookie(exchange.services.settings.cookies.visitor) or "").encode())


def _data(options: dict[str, Any] | None) -> Result:
    return Missing() if options is None else Data(values=options)


def _entered(visit: Visit, evidence: LoggedIn, target: str) -> Result:
    visit.exchange.sign_in(evidence)
    notice = Notice(level="success", text=T.signed_in)
    return GoTo(url=safe_target(target, default=visit.url("home")), notice=notice)


def _refused(visit: Visit, page: str, target: str, refused: Refused | None) -> Page:
    """Return the page that leads in by other means, and say that the passkey did not."""
    inputs, submit, entry_of = _OTHER_MEANS[page]
    form = FilledForm(inputs, None, {"next": target})
    view = form.view(action=visit.url(page), submit=getattr(T, submit), errors=(T.passkey_refused,))
    wait = None if refused is None else refused.retry_after
    return refused_page(page, view, wait, passkey=entry_of(visit, target))
