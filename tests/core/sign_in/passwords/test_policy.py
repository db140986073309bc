"""Which passwords are good enough."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.core.foundation import ConfigurationError, InvalidInput, Secret
from bastide.core.sign_in import (
    CommonPasswords,
    PasswordPolicy,
    PasswordPreset,
    PasswordSettings,
)
from support.rows import rows

COMMON = CommonPasswords()


def policy(preset: PasswordPreset = PasswordPreset.DEFAULT) -> PasswordPolicy:
    return PasswordPolicy(
        settings=PasswordSettings(preset=preset, site_words=("Under the Arcades",)), common=COMMON
    )


ACCEPTED = {
    PasswordPreset.DEFAULT: [
        "x7 q9 z3 k1 m5 p",
        "Xq7!zk9#Lm2?",
        "шифр на кириллице",
        "🙂🐑🌧🍞🚂🌻🎻🪁🧵🫖🛶🪨🌙🎲🧂",
        "a" * 7 + "b" * 249,
    ],
    PasswordPreset.STRICT_COMPOSITION: ["Xq7!zk9#Lm2?", "Xq7 zk9 Lm2 pp"],
    PasswordPreset.NIST: ["x7 q9 z3 k1 m5 p"],
}
REFUSED = [
    (PasswordPreset.DEFAULT, "x7q9z3k1m5p", "too_short"), (PasswordPreset.DEFAULT, "x7q9z3k1m5pw", "needs_classes"),
    (PasswordPreset.DEFAULT, "XQ7!ZK9#LM2?", "needs_classes"), (PasswordPreset.DEFAULT, "Xqa!zka#Lma?", "needs_classes"),
    (PasswordPreset.DEFAULT, "Xq7azk9aLm2a", "needs_classes"), (PasswordPreset.DEFAULT, "x" * 257, "too_long"),
    (PasswordPreset.DEFAULT, "Password123!", "common"), (PasswordPreset.DEFAULT, "Welcome2025!!", "common"),
    (PasswordPreset.DEFAULT, "P4ssw0rd!!!!", "common"), (PasswordPreset.DEFAULT, "passwordpassword", "common"),
    (PasswordPreset.DEFAULT, "qwertyuiopasdfghjkl", "common"), (PasswordPreset.DEFAULT, "UnderTheArcades!!1", "context"),
    (PasswordPreset.DEFAULT, "siobhanodonoghue", "context"), (PasswordPreset.DEFAULT, "siobhanodonoghue99", "context"),
    (PasswordPreset.DEFAULT, "siobhan@mail.example.org", "context"),
    (PasswordPreset.STRICT_COMPOSITION, "x7 q9 z3 k1 m5 p", "always_needs_classes"), (PasswordPreset.STRICT_COMPOSITION, "Xq7!zk9#Lm2", "too_short"),
    (PasswordPreset.NIST, "Xq7!zk9#Lm2?", "too_short"),
]  # fmt: skip


@pytest.mark.asvs("V6.2.1", "V6.2.5", "V6.2.9")
@rows(("preset", "password"), [(preset, text) for preset, texts in ACCEPTED.items() for text in texts])
def test_good_passwords_pass(preset: PasswordPreset, password: str) -> None:
    policy(preset).check(Secret(password), context=("siobhanodonoghue", "siobhan@mail.example.org"))


@pytest.mark.asvs("V6.2.1", "V6.2.4", "V6.2.11")
@rows(("preset", "password", "code"), REFUSED)
def test_bad_passwords_are_refused_by_name(preset: PasswordPreset, password: str, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        policy(preset).check(Secret(password), context=("siobhanodonoghue", "siobhan@mail.example.org"))
    assert caught.value.code == code


@pytest.mark.asvs("V6.2.9")
def test_a_longest_password_that_no_page_would_take_stops_the_start() -> None:
    for length in (127, 1025):
        with pytest.raises(ConfigurationError, match="128 to 1024"):
            PasswordSettings(max_length=length)
    assert PasswordSettings(max_length=1024).max_length == 1024


def test_nist_lowers_the_floor_beside_a_second_factor() -> None:
    policy(PasswordPreset.NIST).check(Secret("x7 q9 z3"), context=(), has_second_factor=True)
    with pytest.raises(InvalidInput, match="too_short"):
        policy(PasswordPreset.NIST).check(Secret("x7 q9 z"), context=(), has_second_factor=True)


@pytest.mark.asvs("V6.2.5")
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=15, max_size=40))
def test_any_uncommon_text_over_the_floor_passes(text: str) -> None:
    try:
        policy().check(Secret(text), context=())
    except InvalidInput as error:
        assert error.code in {"common", "context"}  # noqa: PT017 -- either outcome is checked
