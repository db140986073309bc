"""The controls are put together over one ground, with what the application declares and nothing else."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from bastide.core.foundation import ConfigurationError, Secret, Signer, VerificationFailed
from bastide.core.mail import Message
from bastide.core.request import Services, Settings, assemble
from bastide.pages import CatalogueMails
from bastide.stores.memory import memory_stores
from bastide.testing import FrozenClock, SeededEntropy
from support.blog import Outbox
from support.core import Dead, make


def test_what_seals_is_there_with_a_key_ring_only(clock: FrozenClock) -> None:
    with_ring, without = make(clock, Outbox()), make(clock, Outbox(), keys="")
    assert with_ring.column_keys is not None
    assert without.column_keys is None
    assert with_ring.second_factors.is_offered
    assert not without.second_factors.is_offered


@pytest.mark.asvs("V11.2.4")
def test_each_use_of_the_secret_key_has_a_purpose_of_its_own(
    clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    purposes: list[str] = []

    def signer(key: Secret, *, purpose: str, former: Sequence[Secret] = ()) -> Signer:
        purposes.append(purpose)
        return Signer(key, purpose=purpose, former=former)

    monkeypatch.setattr("bastide.core.request.assembly.Signer", signer)
    make(clock, Outbox(), keys="")
    assert sorted(purposes) == ["csrf", "device", "form-started", "mail", "passkey-handle"]


def test_a_short_secret_key_stops_the_start(clock: FrozenClock) -> None:
    with pytest.raises(ConfigurationError, match="32"):
        assemble(
            settings=Settings(), stores=memory_stores(), secret_key=Secret("k" * 31), mailer=Outbox(), mail_texts=CatalogueMails(),
            sink=lambda log: log, clock=clock, entropy=SeededEntropy(),
        )  # fmt: skip


def test_routes_that_take_files_are_named_where_there_is_no_place_for_them(clock: FrozenClock) -> None:
    services = make(clock, Outbox())
    services.require_place_for_files([])
    with pytest.raises(ConfigurationError, match=r"routes that take files: avatar, files\Z"):
        services.require_place_for_files(["files", "avatar"])


def test_what_the_former_secret_signed_and_sealed_holds_after_it_was_replaced(clock: FrozenClock) -> None:
    old, new = Secret("o" * 32), Secret("n" * 32)
    stores, outbox = memory_stores(), Outbox()

    def wire(secret: Secret, *former: Secret, mailer: Outbox | Dead = outbox) -> Services:
        return assemble(
            settings=Settings(), stores=stores, secret_key=secret, former_keys=former, mailer=mailer, mail_texts=CatalogueMails(),
            sink=lambda log: log, clock=clock, entropy=SeededEntropy(),
        )  # fmt: skip

    before, after, without = wire(old, mailer=Dead()), wire(new, old), wire(new)
    visitor = before.csrf.issue_visitor()
    binding = b"visitor:" + (after.csrf.match_visitor(visitor.reveal()) or b"")
    token = before.csrf.issue_token(binding)
    after.csrf.verify_token(token, binding)
    with pytest.raises(VerificationFailed):
        without.csrf.verify_token(token, binding)
    assert without.csrf.match_visitor(visitor.reveal()) is None
    before.outbox.send(Message(to="a@example.org", subject="Waits", body="for the server"))
    clock.advance(timedelta(hours=1))
    after.outbox.deliver()
    assert [message.subject for message in outbox.messages] == ["Waits"]


def test_a_former_secret_that_bastide_never_took_does_not_stop_the_start(clock: FrozenClock) -> None:
    short, new = Secret("dev"), Secret("n" * 32)
    services = assemble(
        settings=Settings(), stores=memory_stores(), secret_key=new, former_keys=[short], mailer=Outbox(), mail_texts=CatalogueMails(),
        sink=lambda log: log, clock=clock, entropy=SeededEntropy(),
    )  # fmt: skip
    binding = b"visitor:" + (services.csrf.match_visitor(services.csrf.issue_visitor().reveal()) or b"")
    services.csrf.verify_token(services.csrf.issue_token(binding), binding)
