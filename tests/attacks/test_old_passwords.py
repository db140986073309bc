"""People come with the hashes of what served them before: they notice nothing, and nobody gains by it."""

from collections.abc import Iterator

import pytest

from bastide.core.security_log import EventFilter
from support.blog import Blog
from support.old_hashes import OLD_HASHES, OLD_PASSWORD, WEAK_HASHES

ABSURD_ARGON2 = "$argon2id$v=19$m=4194304,t=9,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"


@pytest.fixture
def hashers(framework: str) -> Iterator[None]:
    """On Django all that its own list of hashers has."""
    if framework == "flask":
        yield
        return
    from django.test import override_settings

    names = (
        "PBKDF2PasswordHasher", "PBKDF2SHA1PasswordHasher", "Argon2PasswordHasher", "BCryptSHA256PasswordHasher",
        "BCryptPasswordHasher", "ScryptPasswordHasher",
    )  # fmt: skip
    paths = [f"django.contrib.auth.hashers.{name}" for name in names]
    with override_settings(PASSWORD_HASHERS=["support.cheap_hasher.CheapHasher", *paths]):
        yield


def stored_by(framework: str) -> dict[str, str]:
    return {
        name: each for name, each in OLD_HASHES.items() if framework == "flask" or name.startswith("django")
    }


def settle(blog: Blog, name: str, encoded: str) -> None:
    """Make an account whose hash is what an application's own code left there."""
    account = blog.services.stores.accounts.find_account(name)
    account_id = blog.add_account(name) if account is None else account.id
    known = blog.services.stores.accounts.get_account(account_id)
    assert known is not None
    assert blog.services.stores.accounts.replace_password_hash(
        account_id, old_hash=known.password_hash or "", new_hash=encoded
    )


def hash_of(blog: Blog, name: str) -> str:
    account = blog.services.stores.accounts.find_account(name)
    assert account is not None
    return account.password_hash or ""


@pytest.mark.asvs("V11.4.2", "V6.3.1")
def test_who_has_an_old_hash_signs_in_by_the_password_they_have_and_by_no_other(
    blog: Blog, framework: str, hashers: None
) -> None:
    for number, (library, encoded) in enumerate(stored_by(framework).items()):
        name = f"person-{number}"
        settle(blog, name, encoded)
        browser = blog.browser(address=f"198.51.100.{number}")
        before = blog.kinds()
        assert browser.sign_in(name, "wrong password number one").status_code == 403, library
        assert hash_of(blog, name) == encoded
        assert browser.sign_in(name, OLD_PASSWORD).status_code == 303, library
        assert "argon2id$v=19$m=64,t=1,p=1$" in hash_of(blog, name), library
        told = blog.kinds()[len(before) :]
        assert told == ["account:login:failure", "account:password:rehashed", "account:login:success"], (
            library
        )
        again = blog.browser(address=f"198.51.100.{number}")
        assert again.sign_in(name, OLD_PASSWORD).status_code == 303, library


@pytest.mark.asvs("V6.3.1")
def test_guessing_at_an_old_hash_draws_from_the_budget(blog: Blog, framework: str, hashers: None) -> None:
    settle(blog, "maud", next(iter(stored_by(framework).values())))
    stranger = blog.browser()
    guesses = [stranger.sign_in("maud", "wrong password number one").status_code for _ in range(5)]
    assert guesses == [403] * 5
    assert stranger.sign_in("maud", OLD_PASSWORD).status_code == 429
    assert blog.kinds().count("account:login:failure") == 5


@pytest.mark.asvs("V15.2.2", "V16.3.1", "V6.3.8")
def test_a_hash_that_cannot_be_read_gets_the_usual_answer_and_an_event(
    blog: Blog, framework: str, hashers: None
) -> None:
    """An absurd cost is not paid: 4 GiB nine times over would be a minute of a server that has them."""
    absurd, weak = f"{'argon2' * (framework == 'django')}{ABSURD_ARGON2}", WEAK_HASHES["hex_md5"]
    settle(blog, "nora", blog.hash("wrong password number one, and more"))
    usual = blog.browser(address="198.51.100.99").sign_in("nora", "wrong password number one")
    for number, (encoded, reason) in enumerate(
        [
            (absurd, "too_costly"),
            ("pbkdf2_sha256$4000000000$salt$YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=", "too_costly"),
            ("bcrypt$$2b$31$pTiOKWxIby8vgcDLc1J4c.i8aLr56CYk/M15G.xKAAqSxdvlrgP2K", "too_costly"),
            ("scrypt$1073741824$salt$8$5$" + "YWFh" * 21 + "YQ==", "too_costly"),
            ("pbkdf2_sha256$many$salt$digest", "malformed"),
            ("nobody reads this", "unknown_format"),
            (weak, "format_not_named" if framework == "flask" else "unknown_format"),
        ]
    ):
        settle(blog, "maud", encoded)
        answer = blog.browser(address=f"198.51.100.{number}").sign_in("maud", OLD_PASSWORD)
        assert (answer.status_code, set(answer.headers.keys())) == (403, set(usual.headers.keys())), encoded
        assert hash_of(blog, "maud") == encoded
        (_, told), _ = blog.services.stores.events.list_events(EventFilter(), offset=0, limit=2)
        assert (told.kind, told.detail["reason"]) == ("account:password:unreadable", reason), encoded
        blog.forget_rates()


@pytest.mark.asvs("V6.2.1")
def test_nobody_is_asked_for_a_better_password_at_the_door(blog: Blog, framework: str, hashers: None) -> None:
    """The policy is for new passwords; short and common ones go on opening what they open."""
    maker = {"flask": "werkzeug", "django": "django"}[framework]
    if maker == "werkzeug":
        from werkzeug.security import generate_password_hash

        encoded = generate_password_hash("123456", "pbkdf2:sha256:1000")
    else:
        from django.contrib.auth.hashers import PBKDF2PasswordHasher

        encoded = PBKDF2PasswordHasher().encode("123456", "salt", 1000)
    settle(blog, "maud", encoded)
    assert blog.browser().sign_in("maud", "123456").status_code == 303


@pytest.mark.asvs("V6.3.8")
def test_a_name_that_nobody_has_is_checked_against_what_most_have(
    blog: Blog, framework: str, hashers: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = OLD_HASHES["django pbkdf2_sha256"]
    for number in range(3):
        settle(blog, f"person-{number}", usual)
    blog.add_account("newcomer")
    put = list[str]()
    if framework == "flask":
        from bastide.core.sign_in.passwords.readers import ReadHash

        matches = ReadHash.matches

        def counted(found: ReadHash, typed: str) -> bool:
            put.append(found.cost)
            return matches(found, typed)

        monkeypatch.setattr(ReadHash, "matches", counted)
        cost = "pbkdf2:sha256,1000"
    else:
        from bastide.django import passwords

        check_password = passwords.check_password

        def counted_by_django(typed: str, encoded: str) -> bool:
            put.append(encoded)
            return check_password(typed, encoded)

        monkeypatch.setattr(passwords, "check_password", counted_by_django)
        cost = usual
    for number, name in enumerate(("nobody", "person-1", "nobody@example.org")):
        assert (
            blog.browser(address=f"198.51.100.{number}")
            .sign_in(name, "wrong password number one")
            .status_code
            == 403
        )
    assert put == [cost] * 3


def test_who_cannot_sign_in_is_counted_before_a_deployment(blog: Blog, framework: str, hashers: None) -> None:
    usual = next(iter(stored_by(framework).values()))
    for name, encoded in (("maud", "plain text"), ("nora", "another"), ("olaf", usual)):
        settle(blog, name, encoded)
    said = "2 users cannot sign in: unknown_format"
    if framework == "flask":
        status, output = blog.run("rewrap")
        assert (status, output.splitlines()[1:]) == (1, [said])
    else:
        from django.core.checks import run_checks

        found = run_checks(include_deployment_checks=True, databases=["default"])
        assert [error.msg for error in found if error.id == "bastide.W006"] == [said]
        assert not [
            error for error in run_checks(include_deployment_checks=True) if error.id == "bastide.W006"
        ]
