"""Hashing, policy, the common list, breaches and mail."""

from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.core.foundation import Client, ConfigurationError, InvalidInput, Secret, StoreUnavailable
from bastide.core.mail import Message
from bastide.core.security_log import EventFilter, Recorder
from bastide.core.sign_in import (
    BreachVerdict,
    CommonPasswords,
    HashingSettings,
    PasswordGate,
    PasswordHasher,
    PasswordPolicy,
    PolicyPreset,
    PolicySettings,
)
from bastide.core.sign_in.passwords.common import build_table
from bastide.stores.memory import memory_stores
from bastide.testing import FrozenClock
from support.blog import HASHER
from support.core import log_of

COMMON = CommonPasswords()


def policy(preset: PolicyPreset = PolicyPreset.DEFAULT) -> PasswordPolicy:
    return PasswordPolicy(
        settings=PolicySettings(preset=preset, site_words=("Under the Arcades",)), common=COMMON
    )


@pytest.mark.asvs("V6.2.8", "V11.4.2")
def test_every_character_counts() -> None:
    stored = HASHER.hash(Secret("correct horse battery"))
    assert stored.startswith("$argon2id$v=19$m=64,t=1,p=1$")
    assert HASHER.verify(Secret("correct horse battery"), stored)
    for other in (
        "Correct horse battery",
        " correct horse battery",
        "correct horse battery\0",
        "correct horse batter",
    ):
        assert not HASHER.verify(Secret(other), stored)
    long = "x" * 200
    assert not HASHER.verify(Secret(long + "a"), HASHER.hash(Secret(long + "b")))
    assert HASHER.verify(Secret("\ud800 lone"), HASHER.hash(Secret("\ud800 lone")))


@pytest.mark.asvs("V6.3.8")
@pytest.mark.parametrize(
    "stored",
    [None, "", "md5$x", "$argon2id$broken", "pbkdf2_sha256$1$a$b", "$argon2id$v=19$m=64,t=1,p=1$x$y"],
)
def test_unknown_and_broken_hashes_refuse_without_an_error(stored: str | None) -> None:
    assert not HASHER.verify(Secret("no account has this password"), stored)


def test_hashes_made_with_other_parameters_are_renewed() -> None:
    stored = HASHER.hash(Secret("x"))
    assert not HASHER.needs_rehash(stored)
    assert PasswordHasher(HashingSettings()).needs_rehash(stored)


@pytest.mark.asvs("V15.2.2")
def test_no_more_hashes_at_once_than_slots(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher = PasswordHasher(
        HashingSettings(
            memory_kib=64, time_cost=1, allow_weak=True, slots=1, slot_wait=timedelta(milliseconds=20)
        )
    )
    entered, leave = Event(), Event()

    class Slow:
        def hash(self, _password: bytes) -> str:
            entered.set()
            leave.wait(5)
            return "hash"

    monkeypatch.setattr(hasher, "_hasher", Slow())
    thread = Thread(target=hasher.hash, args=(Secret("x"),))
    thread.start()
    entered.wait(5)
    with pytest.raises(StoreUnavailable):
        hasher.hash(Secret("y"))
    leave.set()
    thread.join()
    assert hasher.hash(Secret("z")) == "hash"


def test_weak_parameters_stop_the_start() -> None:
    for bad in ({"memory_kib": 19_455}, {"time_cost": 1}, {"slots": 0}):
        with pytest.raises(ConfigurationError):
            HashingSettings(**bad)
    assert HashingSettings(memory_kib=47_104, time_cost=1).time_cost == 1
    with pytest.raises(ConfigurationError):
        PolicySettings(max_length=127)


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
    (PolicyPreset.STRICT_COMPOSITION, "x7 q9 z3 k1 m5 p", "needs_classes"), (PolicyPreset.STRICT_COMPOSITION, "Xq7!zk9#Lm2", "too_short"),
    (PolicyPreset.NIST, "Xq7!zk9#Lm2?", "too_short"),
]  # fmt: skip


@pytest.mark.asvs("V6.2.1", "V6.2.5", "V6.2.9")
@pytest.mark.parametrize(
    ("preset", "password"), [(preset, text) for preset, texts in ACCEPTED.items() for text in texts]
)
def test_good_passwords_pass(preset: PolicyPreset, password: str) -> None:
    policy(preset).check(Secret(password), context=("siobhanodonoghue", "siobhan@mail.example.org"))


@pytest.mark.asvs("V6.2.1", "V6.2.4", "V6.2.11")
@pytest.mark.parametrize(("preset", "password", "code"), REFUSED)
def test_bad_passwords_are_refused_by_name(preset: PolicyPreset, password: str, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        policy(preset).check(Secret(password), context=("siobhanodonoghue", "siobhan@mail.example.org"))
    assert caught.value.code == code


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


@pytest.mark.asvs("V6.2.4")
def test_the_bundled_list_is_large_and_exact(tmp_path: Path) -> None:
    assert len(COMMON) == 125_000
    assert "123456789012" in COMMON
    assert "x7 q9 z3 k1 m5 p" not in COMMON
    table = tmp_path / "table.bin"
    table.write_bytes(build_table(["b", "a", "c", "a"]))
    own = CommonPasswords(table)
    assert [word in own for word in ("a", "b", "c", "d", "")] == [True, True, True, False, False]
    assert len(own) == 3
    own.close()


@pytest.mark.asvs("V6.2.12")
def test_the_gate_asks_for_breaches_and_survives_an_outage() -> None:
    stores = memory_stores()
    recorder = Recorder(sink=log_of(stores), clock=FrozenClock())

    class Breaches:
        verdict = BreachVerdict.CLEAN

        def check(self, password: Secret) -> BreachVerdict:
            assert password.reveal() == "x7 q9 z3 k1 m5 p"
            return self.verdict

    breaches = Breaches()
    gate = PasswordGate(policy=policy(), breaches=breaches, recorder=recorder)
    password = Secret("x7 q9 z3 k1 m5 p")
    gate.check(password, context=(), client=Client())
    breaches.verdict = BreachVerdict.UNKNOWN
    gate.check(password, context=(), client=Client())
    events, _ = stores.events.list_events(EventFilter(), offset=0, limit=10)
    assert [event.kind for event in events] == ["account:password:breach_check_unavailable"]
    breaches.verdict = BreachVerdict.BREACHED
    with pytest.raises(InvalidInput, match="breached"):
        gate.check(password, context=(), client=Client())
    with pytest.raises(InvalidInput, match="common"):
        gate.check(Secret("Password123!"), context=(), client=Client())
    PasswordGate(policy=policy(), breaches=None, recorder=recorder).check(
        password, context=(), client=Client()
    )


@pytest.mark.asvs("V1.3.11")
@pytest.mark.parametrize(
    ("field", "value"),
    [("subject", "a\r\nBcc: x@y.org"), ("subject", "a\u2028b"), ("to", "a@b.org\nBcc: c@d.org"), ("to", "a@b.org,c@d.org"),
     ("to", "nobody"), ("to", "a@b@c"), ("reply_to", "a@b.org\r\nX: y"), ("reply_to", "<a@b.org>"), ("subject", "\x00")],
)  # fmt: skip
def test_messages_cannot_smuggle_headers(field: str, value: str) -> None:
    fields = {"to": "a@example.org", "subject": "Hello", "body": "Text\nmore", "reply_to": None, field: value}
    with pytest.raises(InvalidInput):
        Message(**fields)  # type: ignore[arg-type]
    assert (
        Message(to="a@example.org", subject="Héllo", body="x", reply_to="b@example.org").reply_to
        == "b@example.org"
    )
