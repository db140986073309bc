"""What of a refused form is given back."""

import pytest

from bastide.pages.resend import MAX_FIELDS, MAX_LENGTH, MAX_NAME_LENGTH, Resend, give_back, is_secret_name


def given(sent: dict[str, list[str]], files: tuple[str, ...] = ()) -> Resend | None:
    return give_back(sent, files, secrets={"geheim"})


def test_everything_typed_comes_back_in_its_order() -> None:
    form = given(
        {"csrf_token": ["t"], "tag": ["a", "b"], "full_name": [" Maud "], "csrfmiddlewaretoken": ["t"]}
    )
    assert form is not None
    assert [(field.name, field.value) for field in form.kept] == [
        ("tag", "a"),
        ("tag", "b"),
        ("full_name", " Maud "),
    ]
    assert [field.label for field in form.kept] == ["Tag", "Tag", "Full name"]
    assert (form.secrets, form.files, form.is_typed) == ((), (), True)


@pytest.mark.asvs("V14.2.1")
@pytest.mark.parametrize(
    "name",
    ["password", "new_password", "Password2", "userPassword", "passwd", "old-pwd", "pass", "loginPass", "PASSPHRASE",
     "pin", "code", "totp_code", "backupCode", "otp", "client_secret", "key", "ssn", "card", "cvc", "geheim", "user-geheim",
     "OTPCode", "PINCode", "userPINNumber", "apikey", "privatekey", "pincode", "cardnumber", "otpcode", "cvv2"],
)  # fmt: skip
def test_secrets_do_not(name: str) -> None:
    form = given({name: ["hidden", "twice"], "name": ["maud"]})
    assert form is not None
    assert [field.name for field in form.secrets] == [name]
    assert [field.value for field in (*form.kept, *form.secrets)] == ["maud", ""]


@pytest.mark.parametrize(
    "name",
    [
        "name",
        "passage",
        "compass",
        "opinion",
        "shipping",
        "encoder",
        "keyboard",
        "discard",
        "zip",
        "title",
        "footprint",
        "Kings",
        "monkey",
        "spin",
        "zipcode",
        "postcode",
        "postal",
    ],
)
def test_words_that_only_begin_alike_do(name: str) -> None:
    assert not is_secret_name(name, {"geheim"})


def test_files_are_named_only() -> None:
    form = given({"note": [""]}, ("scan", "scan"))
    assert form is not None
    assert [(field.name, field.value) for field in form.files] == [("scan", "")]
    assert not form.is_typed


def test_a_form_comes_back_whole_or_not_at_all() -> None:
    assert given({f"f{number}": ["x"] for number in range(MAX_FIELDS)}) is not None
    assert given({f"f{number}": ["x"] for number in range(MAX_FIELDS + 1)}) is None
    assert given({"f": ["x"] * MAX_FIELDS}, ("file",)) is None
    assert given({"f": ["x" * (MAX_LENGTH - 1)]}) is not None
    assert given({"f": ["x" * MAX_LENGTH]}) is None
    assert given({"password": ["x" * MAX_LENGTH]}) is None
    assert given({"n" * MAX_NAME_LENGTH: ["x"]}) is not None
    assert given({"n" * (MAX_NAME_LENGTH + 1): ["x"]}) is None
    assert given({"f": ["a\x00b"]}) is None
    for name in ("token", "apiToken", "credential", "credential_json"):
        assert given({name: ["x"], "f": ["y"]}) is None, "nobody can type it anew"
    assert given({"f": ["x"]}, ("n" * (MAX_NAME_LENGTH + 1),)) is None
