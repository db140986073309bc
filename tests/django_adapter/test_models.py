"""Model fields, validators and password parts: whichever way a value comes in, the rules hold (V3, O4, P1)."""

from functools import partial
from threading import Lock
from time import sleep
from typing import Any

import pytest

from bastide.core.foundation import Client, ConfigurationError, Secret
from bastide.core.inputs import PHONE, TextRule
from bastide.core.sign_in import HashingSettings, Refused
from blog_shared.rules import POST_TITLE
from support.at_once import race
from support.blog import PASSWORD, Blog
from support.rows import rows

EVIL = '<p>Good</p><script>alert(1)</script><img src=x onerror="alert(1)">'


def new_post(blog: Blog) -> Any:
    from blog_django.models import Post

    author_id: Any = blog.add_account("maud", "author")
    return Post.objects.create(
        author_id=author_id, title="A plain post", content="Ten letters.", body_html=EVIL, body_policy="x",
        created_at=blog.clock.now(),
    )  # fmt: skip


@pytest.mark.asvs("V1.3.1")
def test_html_is_clean_however_it_is_written(blog: Blog) -> None:
    from blog_django.models import Post

    post = new_post(blog)
    assert post.body_html == '<p>Good</p><img src="x">'
    assert post.body_html.__html__() == str(post.body_html)
    Post.objects.filter(pk=post.pk).update(body_html="<b>x</b><svg onload=alert(1)>")
    assert "svg" not in str(Post.objects.get().body_html)
    values = {"author_id": post.author_id, "content": "Ten letters.", "created_at": blog.clock.now()}
    Post.objects.bulk_create([Post(title="In bulk", body_html=EVIL, body_policy="x", **values)])
    stored = blog.rows("SELECT body_html FROM post")
    assert all("script" not in row[0] and "onerror" not in row[0] for row in stored)


@pytest.mark.asvs("V2.2.1", "V2.2.2")
@pytest.mark.parametrize(
    ("field", "value"), [("title", "Four"), ("title", "Two\nlines"), ("content", "short")]
)
def test_a_model_does_not_save_what_the_form_would_refuse(blog: Blog, field: str, value: str) -> None:
    from django.core.exceptions import ValidationError

    post = new_post(blog)
    setattr(post, field, value)
    with pytest.raises(ValidationError):
        post.save()


def test_validators_go_into_migrations_by_name() -> None:
    from bastide.django.orm.fields import RuleValidator

    validator = RuleValidator(PHONE)
    path, arguments, options = validator.deconstruct()
    assert (path, arguments, options) == (
        "bastide.django.RuleValidator", ("bastide.PHONE",), {},
    )  # fmt: skip
    assert RuleValidator(*arguments) == validator
    own = RuleValidator("blog_shared.rules.POST_TITLE")
    assert own.rule is POST_TITLE
    assert own.deconstruct()[1] == ("blog_shared.rules.POST_TITLE",)
    assert own != validator
    with pytest.raises(ConfigurationError):
        RuleValidator(TextRule(field="own", max_length=9))


def test_migrations_name_the_face_and_a_class_of_the_projects_own_where_it_stands() -> None:
    from bastide.django import BlindIndexField, EncryptedTextField, RuleValidator, SanitizedHTMLField

    class OwnText(EncryptedTextField):
        pass

    class OwnValidator(RuleValidator):
        pass

    fields = (BlindIndexField(), SanitizedHTMLField(), EncryptedTextField(row="id"), OwnText(row="id"))
    assert [field.deconstruct()[1].removeprefix(__name__) for field in fields] == [
        "bastide.django.BlindIndexField",
        "bastide.django.SanitizedHTMLField",
        "bastide.django.EncryptedTextField",
        f".{OwnText.__qualname__}",
    ]
    assert OwnValidator(PHONE).deconstruct()[0] == f"{__name__}.{OwnValidator.__qualname__}"


@pytest.mark.profiles("passwords.preset")
@pytest.mark.asvs("V6.2.4")
def test_django_asks_the_same_password_policy(blog: Blog) -> None:
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    from blog_django.models import User

    validate_password(PASSWORD)
    for password in ("short", "passwordpassword", "newcomernewcomer"):
        with pytest.raises(ValidationError):
            validate_password(password, User(username="newcomer", email="n@example.org"))


def test_django_says_what_the_password_policy_asks_for(blog: Blog) -> None:
    from django.conf import settings
    from django.contrib.auth.password_validation import password_validators_help_texts
    from django.test import override_settings

    manager = "Your password manager may fill it in."
    for preset, text in (
        ("nist", "15 characters or more of any kind, such as a few words."),
        (
            "strict_composition",
            "12 characters or more, among them capitals, small letters, digits and signs.",
        ),
    ):
        with override_settings(BASTIDE={**settings.BASTIDE, "passwords": {"preset": preset}}):
            assert password_validators_help_texts() == [f"{text} {manager}"]


@pytest.mark.asvs("V6.3.8")
@rows("stored", [None, "", "!unusable", "garbage$$$", "$argon2id$v=19$m=1,t=1,p=1$x$y"])
def test_no_account_and_no_password_cost_one_hash(
    blog: Blog, monkeypatch: pytest.MonkeyPatch, stored: str | None
) -> None:
    from bastide.django.passwords import DjangoHasher
    from support.cheap_hasher import CheapHasher

    counted: list[str] = []
    encode = CheapHasher.encode

    def counting(self: CheapHasher, password: str, salt: str) -> str:
        counted.append(password)
        return encode(self, password, salt)

    with monkeypatch.context() as patch:
        patch.setattr(CheapHasher, "encode", counting)
        assert not DjangoHasher(HashingSettings()).verify(Secret(PASSWORD), stored)
    assert counted == [PASSWORD]


@pytest.mark.asvs("V15.2.2")
def test_no_more_of_django_s_hashes_at_once_than_slots(blog: Blog, monkeypatch: pytest.MonkeyPatch) -> None:
    from bastide.django.wiring import bastide
    from support.cheap_hasher import CheapHasher

    encode, lock = CheapHasher.encode, Lock()
    at_once = most = 0

    def counting(self: CheapHasher, password: str, salt: str) -> str:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        sleep(0.02)
        with lock:
            at_once -= 1
        return encode(self, password, salt)

    monkeypatch.setattr(CheapHasher, "encode", counting)
    login = bastide().services.login
    tries = [
        partial(
            login.sign_in, f"nobody{n}", Secret(PASSWORD), Client(address=f"198.51.100.{n}"), previous=None
        )
        for n in range(12)
    ]
    outcomes = race(*tries)
    assert most == HashingSettings().slots
    assert {type(outcome) for outcome in outcomes} == {Refused}


def test_old_hashes_are_renewed(blog: Blog) -> None:
    from django.contrib.auth.hashers import make_password
    from django.test import override_settings

    from bastide.django.passwords import DjangoHasher

    hasher = DjangoHasher(HashingSettings())
    made = hasher.hash(Secret(PASSWORD))
    assert hasher.verify(Secret(PASSWORD), made)
    assert not hasher.verify(Secret("another phrase altogether"), made)
    assert not hasher.needs_rehash(made)
    with override_settings(
        PASSWORD_HASHERS=["support.cheap_hasher.CheapHasher", "django.contrib.auth.hashers.MD5PasswordHasher"]
    ):
        assert hasher.needs_rehash(make_password(PASSWORD, hasher="md5"))
