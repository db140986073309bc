"""Hashes and ciphers that do not hold."""

import ast
import itertools
import re
from collections.abc import Iterator
from typing import Final

from bastide.check.findings import Finding
from bastide.check.rules import Confidence, Severity
from bastide.check.source.module import argument, called_name, constant, keyword
from bastide.check.source.place import Place, on_call, on_node
from bastide.check.source.words import names_a_password, names_chance, parts

# hashlib.sha1(x).hexdigest()[:8] is an attribute, a call and a slice.
CLOSE: Final = 3
WEAK: Final = frozenset({"md5", "sha1", "md4"})
FAST: Final = frozenset(
    {*WEAK, "sha224", "sha256", "sha384", "sha512", "sha3_256", "sha3_512", "blake2b", "blake2s"}
)
IDENTIFIES: Final = frozenset({
    "etag", "cache", "checksum", "fingerprint", "file", "content", "version", "name", "static", "gravatar",
    "avatar",
    "color", "colour", "path", "index", "constraint", "uuid", "url", "chunk", "block", "template", "media",
    "asset",
    "source", "body", "image", "shard", "bucket", "node", "websocket",
})  # fmt: skip
SLOW: Final = re.compile(r"bcrypt|argon2|scrypt|pbkdf2|hashpw", re.IGNORECASE)
WEAK_CIPHERS: Final = re.compile(
    r"(?:\.|^)(?:ARC4|ARC2|DES3?|TripleDES|Blowfish|IDEA|CAST5|RC4)(?:\.new)?$|modes\.ECB$"
)


@on_call("md5", "sha1", "new", "MD5", "SHA1", *sorted(FAST - WEAK))
def weak_hash(place: Place, call: ast.Call) -> Iterator[Finding]:
    """MD5 or SHA-1 where it matters; a fast hash of a password."""
    name = _algorithm(place, call)
    if name is None:
        return
    words = _words_around(place, call)
    if name in getattr(place.scope.function().node, "name", "").lower():
        return  # the function is the hash
    if _is_of_a_password(place, call):
        yield place.found("BST151", call, f"a password is hashed by {name.upper()}, which is made to be fast")
        return
    if name not in WEAK or constant(keyword(call, "usedforsecurity")) is False:
        return
    is_secret = any(names_chance(word) for word in words)
    if not is_secret and _is_cut(place, call):
        return  # a few letters of it only tell things apart
    if is_secret or IDENTIFIES.isdisjoint(part for word in words for part in parts(word)):
        severity = Severity.MEDIUM if is_secret else Severity.LOW
        confidence = Confidence.HIGH if is_secret else Confidence.MEDIUM
        yield place.found(
            "BST150", call, f"{name.upper()} is broken", severity=severity, confidence=confidence
        )


def _is_cut(place: Place, call: ast.Call) -> bool:
    return any(
        isinstance(above, ast.Subscript) and isinstance(above.slice, ast.Slice)
        for above in itertools.islice(place.module.ancestors(call), CLOSE)
    )


def _algorithm(place: Place, call: ast.Call) -> str | None:
    dotted = place.dotted(call.func)
    name = called_name(call).lower()
    if dotted.startswith("hashlib."):
        if name == "new":
            name = str(constant(call.args[0]) if call.args else "").lower().replace("-", "")
        return name if name in FAST else None
    if name in WEAK and dotted.startswith("cryptography.") and ".hashes." in dotted:
        return name
    match = re.search(r"(?:Crypto|Cryptodome)\.Hash\.(MD5|SHA1?|MD4)\.new$", dotted)
    return {"sha": "sha1"}.get(match[1].lower(), match[1].lower()) if match else None


def _is_of_a_password(place: Place, call: ast.Call) -> bool:
    hashed = call.args[1:] if called_name(call) == "new" else call.args
    named = [
        each.id if isinstance(each, ast.Name) else each.attr
        for top in hashed
        for each in ast.walk(top)
        if isinstance(each, (ast.Name, ast.Attribute))
    ]
    named += [
        str(constant(each))
        for top in hashed
        for each in ast.walk(top)
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]
    parent = place.module.parents.get(call)
    is_inner_of_mac = isinstance(parent, ast.Call) and called_name(parent) in {
        "new",
        "pbkdf2_hmac",
        "HMAC",
        "salted_hmac",
    }
    if is_inner_of_mac or _is_hashed_again(place):
        return False
    return any(names_a_password(name) and "reset" not in name for name in named)


def _is_hashed_again(place: Place) -> bool:
    """Tell whether the function hands on to a hash that is made to be slow."""
    return any(
        isinstance(each, ast.Call) and SLOW.search(place.dotted(each.func) or called_name(each))
        for each in ast.walk(place.scope.function().node)
        if place.scope.function() is not place.module.scope
    )


def _words_around(place: Place, call: ast.Call) -> list[str]:
    """Return the names that say what the hash is for: hashed, assigned to, the function's."""
    words = [each.id for top in call.args for each in ast.walk(top) if isinstance(each, ast.Name)]
    words += [each.attr for top in call.args for each in ast.walk(top) if isinstance(each, ast.Attribute)]
    function = place.scope.function().node
    words.append(getattr(function, "name", ""))
    for above in place.module.ancestors(call):
        if isinstance(above, ast.Assign):
            words += [
                each.id if isinstance(each, ast.Name) else each.attr
                for each in above.targets
                if isinstance(each, (ast.Name, ast.Attribute))
            ]
        if isinstance(above, ast.ClassDef):
            words.append(above.name)
        if isinstance(above, ast.stmt) and not isinstance(above, (ast.Assign, ast.ClassDef, ast.FunctionDef)):
            continue
    return words


@on_node(ast.Call)
def weak_cipher(place: Place, call: ast.Call) -> Iterator[Finding]:
    """Ciphers and modes that do not hide what they encrypt."""
    if called_name(call) not in {"ECB", "new", "ARC4", "TripleDES", "Blowfish", "IDEA", "CAST5", "ARC2"}:
        return
    name = place.dotted(call.func)
    if WEAK_CIPHERS.search(name) and name.startswith(
        ("cryptography", "Crypto", "Cryptodome", "modes", "algorithms")
    ):
        yield place.found("BST155", call, f"`{name.removesuffix('.new')}` does not hide what it encrypts")
    elif name.startswith(("Crypto.Cipher.AES", "Cryptodome.Cipher.AES")):
        mode = argument(call, 1, "mode")
        if mode is not None and place.dotted(mode).endswith("MODE_ECB"):
            yield place.found("BST155", call, "AES in ECB mode does not hide what it encrypts")
