"""Flask-Security hashes a keyed digest of the password, normalised by its forms."""

from bastide.core.foundation import Secret
from bastide.core.sign_in.passwords.readers import Limits
from bastide.core.sign_in.passwords.readers.argon2 import parse_argon2
from bastide.core.sign_in.passwords.readers.bcrypt import parse_bcrypt
from bastide.core.sign_in.passwords.readers.flask_security import keyed, normalised
from support.old_hashes import KEYED_HASHES, KEYED_SALT, OLD_PASSWORD


def test_the_salt_opens_and_no_other_one() -> None:
    for name in ("bcrypt", "bcrypt NFKD"):
        plain = parse_bcrypt(KEYED_HASHES[name], Limits())
        assert plain is not None
        assert keyed(plain, KEYED_SALT).matches(OLD_PASSWORD)
        assert not keyed(plain, KEYED_SALT).matches(OLD_PASSWORD + " ")
        assert not keyed(plain, Secret("another")).matches(OLD_PASSWORD)
        assert not plain.matches(OLD_PASSWORD)


def test_what_costs_more_says_so() -> None:
    plain = parse_argon2(KEYED_HASHES["argon2"], Limits())
    assert plain is not None
    assert keyed(plain, KEYED_SALT).cost == "argon2id:64,1,1+keyed"


def test_forms_take_letters_apart() -> None:
    assert normalised("ä") == "a\u0308"
