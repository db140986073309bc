"""Sign-ins that are guessed, and second factors that are not what they seem."""

import ast
from collections.abc import Iterator

from bastide.check.findings import Finding
from bastide.check.source.module import argument, called_name, constant, keyword
from bastide.check.source.place import Place, on_call, on_keyword, on_node
from bastide.check.source.words import parts


@on_keyword("valid_window")
def wide_window(place: Place, call: ast.Call) -> Iterator[Finding]:
    """Codes of the steps before and after count too."""
    window = constant(keyword(call, "valid_window"))
    if called_name(call) == "verify" and isinstance(window, int) and window > 0:
        yield place.found("BST157", call, f"{2 * window + 1} codes are right at any moment")


@on_call("TOTP", "HOTP")
def secret_of_another_shape(place: Place, call: ast.Call) -> Iterator[Finding]:
    """A secret that is not base32: the code can never be checked."""
    secret = argument(call, 0, "s")
    if isinstance(secret, ast.Name):
        owner = place.scope.owner(secret.id)
        values = owner.values.get(secret.id, []) if owner is not None else []
        secret = values[0] if len(values) == 1 else None
    if isinstance(secret, ast.Call) and place.dotted(secret.func) in {
        "secrets.token_hex",
        "secrets.token_urlsafe",
        "uuid.uuid4",
        "os.urandom",
    }:
        yield place.found("BST158", call, f"`{place.told(secret)}` is no base32")


@on_node(ast.AugAssign)
def counted(place: Place, node: ast.AugAssign) -> Iterator[Finding]:
    """``user.failed_attempts += 1``: guesses of one moment count once."""
    if not isinstance(node.target, ast.Attribute) or not isinstance(node.op, ast.Add):
        return
    words = set(parts(node.target.attr))
    of_sign_ins = {"login", "logins", "signin", "otp", "totp", "password", "mfa", "pin"}
    if (words & {"failed", "failures"} and words & {"attempts", *of_sign_ins}) or (
        words & {"attempts", "tries"} and words & of_sign_ins
    ):
        yield place.found("BST159", node, f"`{place.told(node.target)}` is read, and then written")
