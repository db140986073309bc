"""Which passwords are good enough."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.core.foundation import ConfigurationError, InvalidInput, Secret
from bastide.core.sign_in import (
    CommonPasswords,
    PasswordPolicy,
    PolicyPreset,
    PolicySettings,
)
from support.rows import rows

COMMON = CommonPasswords()


def policy(preset: PolicyPreset = PolicyPreset.DEFAULT) -> PasswordPolicy:
    return PasswordPolicy(
        settings=PolicySettings(preset=preset, site_words=("Under the Arcades",)), common=COMMON
    )


ACCEPTED = {
    PolicyPreset.DEFAULT: [
        "x7 q9 z3 k1 m5 p",
        "Xq7!zk9#Lm2?",
        "шифр на кириллице",
        "🙂🐑🌧🍞🚂🌻🎻🪁🧵🫖🛶🪨🌙🎲🧂",
        "a" * 7 + "b" * 249,
    ],
    PolicyPreset.STRICT_COMPOSITION: ["Xq7!zk9#Lm2?", "Xq7 zk9 Lm2 pp"],
    PolicyPreset.NIST: ["x7 q9 z3 k1 m5 p"],
}
REFUSED = [
    (PolicyPreset.DEFAULT, "x7q9z3k1m5p", "too_short"), (PolicyPreset.DEFAULT, "x7q9z3k1m5pw", "needs_classes"),
    (PolicyPreset.DEFAULT, "XQ7!ZK9#LM2?", "needs_classes"), (PolicyPreset.DEFAULT, "Xqa!zka#Lma?", "needs_classes"),
    (PolicyPreset.DEFAULT, "Xq7azk9aLm2a", "needs_classes"), (PolicyPreset.DEFAULT, "x" * 257, "too_long"),
    (PolicyPreset.DEFAULT, "Password123!", "common"), (PolicyPreset.DEFAULT, "Welcome2025!!", "common"),
    (PolicyPreset.DEFAULT, "P4ssw0rd!!!!", "common"), (PolicyPreset.DEFAULT, "passwordpassword", "common"),
    (PolicyPreset.DEFAULT, "qwertyuiopasdfghjkl", "common"), (PolicyPreset.DEFAULT, "UnderTheArcades!!1", "context"),
    (PolicyPreset.DEFAULT, "siobhanodonoghue", "context"), (PolicyPreset.DEFAULT, "siobhanodonoghue99", "context"),
    (PolicyPreset.DEFAULT, "siobhan@mail.example.org", "context"),
    (PolicyPreset.STRICT_COMPOSITION, "x7 q9 z3 k1 m5 p", "always_needs_classes"), (PolicyPreset.STRICT_COMPOSITION, "Xq7!zk9#Lm2", "too_short"),
    (PolicyPreset.NIST, "Xq7!zk9#Lm2?", "too_short"),
]  # fmt: skip


@pytest.mark.asvs("V6.2.1", "V6.2.5", "V6.2.9")
@rows(("preset", "password"), [(preset, text) for preset, texts in ACCEPTED.items() for text in texts])
def test_good_passwords_pass(preset: PolicyPreset, password: str) -> None:
    policy(preset).check(Secret(password), context=("siobhanodonoghue", "siobhan@mail.example.org"))


@pytest.mark.asvs("V6.2.1", "V6.2.4", "V6.2.11")
@rows(("preset", "password", "code"), REFUSED)
def test_bad_passwords_are_refused_by_name(preset: PolicyPreset, password: str, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        policy(preset).check(Secret(password), context=("siobhanodonoghue", "siobhan@mail.example.org"))
    assert caught.value.code == code


@pytest.mark.asvs("V6.2.9")
def test_a_longest_password_that_no_page_would_take_stops_the_start() -> None:
    for length in (127, 1025):
        with pytest.raises(ConfigurationError, match="128 to 1024"):
            PolicySettings(max_length=length)
    assert PolicySettings(max_length=1024).max_length == 1024


def test_nist_lowers_the_floor_beside_a_second_factor() -> None:
    policy(PolicyPreset.NIST).check(Secret("x7 q9 z3"), context=(), has_second_factor=True)
    with pytest.raises(InvalidInput, match="too_short"):
        policy(PolicyPreset.NIST).check(Secret("x7 q9 z"), context=(), has_second_factor=True)


@pytest.mark.asvs("V6.2.5")
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=15, max_size=40))
def test_any_uncommon_text_over_the_floor_passes(text: str) -> None:
    try:
        policy().check(Secret(text), context=())
    except InvalidInput as error:
        assert error.code in {"common", "context"}  # noqa: PT017 -- either outcome is checked
