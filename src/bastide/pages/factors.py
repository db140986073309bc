"""The pages on which second factors are set up, shown and removed."""

from typing import Any, Final

from markupsafe import Markup

from bastide.core.foundation import InvalidInput
from bastide.core.inputs import TextRule, safe_target
from bastide.core.records import Account
from bastide.core.sign_in import MAX_PASSKEY_NAME_LENGTH, Enrollment, LoggedIn, Refused
from bastide.pages.context import Notice
from bastide.pages.inputs import FilledForm, PlainInput, RuleInput, SecretInput, hidden
from bastide.pages.messages import MESSAGES as T
from bastide.pages.passkey_forms import own_passkeys, second_factor_entry
from bastide.pages.sentences import SENTENCES
from bastide.pages.visits import GoTo, Missing, Page, Result, Visit, account_at_hand, form_page, refused_page

QR_SCALE: Final = 5
QR_BORDER: Final = 3
_CODE: Final = SecretInput(
    name="code", label=SENTENCES["factor_code"], autocomplete="one-time-code",
    help=SENTENCES["factor_code_help"], input_type="text",
)  # fmt: skip
SHOW: Final = (_CODE, hidden("next"))
CONFIRM: Final = (
    SecretInput(name="code", label=SENTENCES["totp_code"], autocomplete="one-time-code", input_type="text"),
)
CHANGE: Final = (PlainInput(name="action", label=""),)
PASSKEY_NAME: Final = RuleInput(
    name="name", label=SENTENCES["passkey_name"], help=SENTENCES["passkey_name_help"],
    rule=TextRule(field="name", max_length=MAX_PASSKEY_NAME_LENGTH),
)  # fmt: skip


def second_factor(visit: Visit) -> Result:
    """Ask a session whose password was right for its second factor; anybody else signs in first."""
    exchange = visit.exchange
    active = exchange.active
    form = FilledForm(SHOW, visit.sent, {"next": visit.next})
    if active is None or active.pending_account is None:
        return GoTo(url=visit.url("sign_in"))
    entry = second_factor_entry(visit, form.values.get("next", visit.next))
    if not form.is_valid:
        return form_page(visit, "second_factor", form, T.factor_submit, passkey=entry)
    code = form.values["code"].reveal()
    outcome = exchange.services.second_factors.sign_in(active, code, exchange.client)
    if isinstance(outcome, LoggedIn):
        exchange.sign_in(outcome)
        target = safe_target(form.values["next"], default=visit.url("home"))
        return GoTo(url=target, notice=Notice(level="success", text=T.signed_in))
    view = form.view(action=visit.path, submit=T.factor_submit, errors=(T.factor_refused,))
    return refused_page("second_factor", view, outcome.retry_after, passkey=entry)


def factors(visit: Visit) -> Result:
    """Show which second factors are on; begin with an authenticator, remove it, or renew backup codes."""
    found = account_at_hand(visit)
    service, passkeys = visit.exchange.services.second_factors, visit.exchange.services.passkeys
    if found is None or not (service.is_offered or passkeys.is_offered):
        return Missing()
    session, account = found
    form = FilledForm(CHANGE, visit.sent)
    if not form.is_valid:
        return factors_page(visit, account, None)
    exchange, has_authenticator = visit.exchange, service.has_authenticator(account.id)
    match form.values["action"]:
        case "begin" if service.is_offered and not has_authenticator:
            service.begin(account.id)
            return GoTo(url=visit.url("totp"))
        case "renew" if service.is_on(account.id):
            codes = service.renew_codes(session, account, exchange.client)
            return Page(template="backup_codes", context={"codes": codes})
        case "remove" if has_authenticator:
            rotated = service.remove(session, account, exchange.client)
            if rotated is not None:
                exchange.adopt(rotated)
            return GoTo(url=visit.url("factors"), notice=Notice(level="success", text=T.factor_removed))
        case _:
            return GoTo(url=visit.url("factors"))


def factors_page(visit: Visit, account: Account, sent: FilledForm | None, *errors: str) -> Page:
    """Return the page of the account's second factors.

    Args:
        visit: the request.
        account: whose they are.
        sent: the form of a new passkey, where something is wrong with it.
        errors: what is wrong, in whole sentences.
    """
    services = visit.exchange.services
    factors, passkeys = services.second_factors, services.passkeys
    own = own_passkeys(visit, account.id)
    form = sent or FilledForm((PASSKEY_NAME,), None)
    view = form.view(action=visit.url("passkey_add"), submit=T.passkey_add, errors=errors)
    context: dict[str, Any] = {
        "is_on": factors.is_on(account.id),
        "has_authenticator": factors.has_authenticator(account.id),
        "offers_authenticator": factors.is_offered,
        "codes_left": factors.count_backup_codes(account.id),
        "passkeys": own,
        "name_length": MAX_PASSKEY_NAME_LENGTH,
        "is_full": len(own) >= services.settings.passkeys.max_per_account,
        "form": None,
    }
    if passkeys.is_offered:
        options, rename, remove = (visit.url(f"passkey_{name}") for name in ("options", "rename", "remove"))
        context |= {"form": view, "options_url": options, "rename_url": rename, "remove_url": remove}
    return Page(template="factors", context=context, status=400 if errors else 200)


def totp(visit: Visit) -> Result:
    """Show the secret of an authenticator to be, and turn it on with its first code."""
    found = account_at_hand(visit)
    service = visit.exchange.services.second_factors
    enrollment = None if found is None or not service.is_offered else service.pending(found[1])
    if found is None or enrollment is None:
        return GoTo(url=visit.url("factors")) if service.is_offered else Missing()
    session, account = found
    form = FilledForm(CONFIRM, visit.sent)
    if form.is_valid:
        exchange = visit.exchange
        outcome = service.confirm(session, account, form.values["code"].reveal(), exchange.client)
        if not isinstance(outcome, Refused):
            exchange.adopt(outcome.session)
            if outcome.codes:
                return Page(template="backup_codes", context={"codes": outcome.codes})
            return GoTo(url=visit.url("factors"), notice=Notice(level="success", text=T.factor_added))
        form.refuse(InvalidInput("code", "wrong_code"))
    page = form_page(visit, "totp", form, T.totp_submit)
    context = {**page.context, "key": _grouped(enrollment.key), "qr": _qr(enrollment)}
    return Page(template="totp", context=context, status=page.status)


def _qr(enrollment: Enrollment) -> Markup:
    """Return the QR code as an SVG element without style or script, dark on white in any theme."""
    import segno  # noqa: PLC0415 -- slow to import

    code = segno.make(enrollment.uri, error="m", micro=False)
    svg = code.svg_inline(scale=QR_SCALE, border=QR_BORDER, light="white", svgclass="qr", lineclass=None)
    return Markup(svg)  # noqa: S704 -- made of numbers by the library; the address is drawn, not written


def _grouped(key: str) -> str:
    return " ".join(key[start : start + 4] for start in range(0, len(key), 4))
