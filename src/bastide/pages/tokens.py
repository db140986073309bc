"""The pages on which people issue and revoke API tokens."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from bastide.core.api_tokens import MAX_TOKEN_NAME_LENGTH, ApiTokenSettings
from bastide.core.foundation import InvalidInput, minute_text
from bastide.core.inputs import TextRule
from bastide.core.records import TokenSummary
from bastide.pages.context import Notice, TokenView
from bastide.pages.forms import Choice
from bastide.pages.inputs import ChoiceInput, FilledForm, Input, PlainInput, RuleInput
from bastide.pages.messages import MESSAGES as T
from bastide.pages.sentences import SENTENCES
from bastide.pages.visits import GoTo, Missing, Page, Result, Visit, account_at_hand

ALL: Final = "all"
SCOPE_PREFIX: Final = "scope."
REVOKE: Final = (PlainInput(name="token", label=""),)
_NAME: Final = RuleInput(
    name="name", label=SENTENCES["token_name"], help=SENTENCES["token_name_help"],
    rule=TextRule(field="name", max_length=MAX_TOKEN_NAME_LENGTH),
)  # fmt: skip
_DAYS: Final = (1, 7, 30, 90, 365)


def tokens(visit: Visit) -> Result:
    """List the account's tokens, or issue one: the answer to that is the only page that ever shows it."""
    found = account_at_hand(visit)
    if found is None:
        return Missing()
    session, account = found
    exchange = visit.exchange
    settings = exchange.services.settings.api_tokens
    rights = session.principal.permissions
    form = FilledForm(_inputs(rights, settings), visit.sent, {"days": str(settings.lifetime.days)})
    if form.is_valid:
        try:
            issued = exchange.services.api_tokens.issue(
                session, account, exchange.client, name=form.values["name"],
                scopes=frozenset(right for right in rights if form.values[SCOPE_PREFIX + right]),
                lifetime=timedelta(days=int(form.values["days"])),
            )  # fmt: skip
        except InvalidInput as error:
            form.refuse(InvalidInput(_first_scope(rights), f"scopes_{error.code}"))
        else:
            if issued is None:
                return GoTo(url=visit.url("tokens"), notice=Notice(level="error", text=T.tokens_full))
            context = {"token": issued.text.reveal(), "summary": _view(issued.summary)}
            return Page(template="token_issued", context=context)
    own = exchange.services.api_tokens.list_own(account.id)
    view = form.view(action=visit.path, submit=T.token_issue)
    context = {
        "tokens": tuple(map(_view, own)), "form": view if rights else None, "all": ALL,
        "is_full": len(own) >= settings.max_per_account, "revoke_url": visit.url("token_revoke"),
    }  # fmt: skip
    return Page(template="tokens", context=context, status=400 if view.invalid else 200)


def revoke_token(visit: Visit) -> Result:
    """Revoke one of the account's own tokens, or all of them."""
    found = account_at_hand(visit)
    form = FilledForm(REVOKE, visit.sent)
    if found is None or not form.is_valid:
        return Missing()
    (session, account), service, client = found, visit.exchange.services.api_tokens, visit.exchange.client
    asked = form.values["token"]
    if asked == ALL:
        is_done = service.revoke_all(session, account, client)
    else:
        is_done = service.revoke(session, account, asked, client)
    if not is_done:
        return Missing()
    return GoTo(url=visit.url("tokens"), notice=Notice(level="success", text=T.token_revoked))


def _inputs(rights: Iterable[str], settings: ApiTokenSettings) -> tuple[Input, ...]:
    days = sorted({*_DAYS, settings.lifetime.days})
    choices = tuple(
        Choice(value=str(number), label=T.count_text("days", number))
        for number in days
        if timedelta(days=1) <= timedelta(days=number) <= settings.max_lifetime
    )
    scopes = (
        PlainInput(name=SCOPE_PREFIX + right, label=right.replace("_", " "), input_type="checkbox")
        for right in sorted(rights)
    )
    return (_NAME, ChoiceInput(name="days", label=T.token_lifetime, choices=choices), *scopes)


def _first_scope(rights: Iterable[str]) -> str:
    return SCOPE_PREFIX + min(rights, default="")


def _view(token: TokenSummary) -> TokenView:
    used = token.last_used_at
    return TokenView(
        id=token.id, name=token.name,
        scopes=tuple(scope.replace("_", " ") for scope in sorted(token.scopes)),
        created=minute_text(token.created_at), expires=minute_text(token.expires_at),
        last_used="" if used is None else minute_text(used),
    )  # fmt: skip
