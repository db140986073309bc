"""What encrypted columns cost: a value sealed and opened, and rows loaded, beside the packages in use.

``python -m bench.encryption`` prints one table.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine, String, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy_utils import StringEncryptedType
from sqlalchemy_utils.types.encrypted.encrypted_type import AesGcmEngine

from bastide.core.encryption import OVERHEAD_SIZE_BYTES, ColumnKeys, KeyRing, LiveRing
from bastide.core.foundation import SystemEntropy
from bastide.stores.sql import EncryptedText, use_keys
from bench.turns import in_turns

ROUNDS = 41
ROWS = 1_000
KEYS = ColumnKeys(LiveRing(KeyRing({1: os.urandom(32)}, os.urandom(32))), entropy=SystemEntropy())
TEXT = "219-09-9999"


class Base(DeclarativeBase):
    """Three tables of the same shape."""


class Plain(Base):
    """The value as it is."""

    __tablename__ = "plain"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]
    value: Mapped[str] = mapped_column(String)


class Sealed(Base):
    """The value in a column of Bastide's."""

    __tablename__ = "sealed"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]
    value: Mapped[str] = mapped_column(EncryptedText(row="id"))


class Peer(Base):
    """The value in a column of SQLAlchemy-Utils."""

    __tablename__ = "peer"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]
    value: Mapped[str] = mapped_column(StringEncryptedType(String, "k" * 32, AesGcmEngine))


measure = partial(in_turns, clock=time.process_time, rounds=ROUNDS)


def ciphers(size: int) -> dict[str, Callable[[], object]]:
    """Return ways to encrypt and decrypt so many bytes."""
    import tink
    from tink import aead

    aead.register()
    plain, raw, fernet = os.urandom(size), AESGCM(os.urandom(32)), Fernet(Fernet.generate_key())
    primitive = tink.new_keyset_handle(aead.aead_key_templates.AES256_GCM).primitive(aead.Aead)
    sealer = KEYS.sealer("profile", "ssn")
    engine = AesGcmEngine()
    engine._update_key("k" * 32)  # noqa: SLF001 -- as its column type does
    text = "x" * size

    def by_hand() -> object:
        nonce = os.urandom(12)
        return raw.decrypt(nonce, raw.encrypt(nonce, plain, b"profile.ssn:7"), b"profile.ssn:7")

    return {
        "raw AES-256-GCM": by_hand,
        "bastide": lambda: sealer.open(sealer.seal(plain, row=7), row=7),
        "tink": lambda: primitive.decrypt(primitive.encrypt(plain, b"7"), b"7"),
        "Fernet": lambda: fernet.decrypt(fernet.encrypt(plain)),
        "SQLAlchemy-Utils": lambda: engine.decrypt(engine.encrypt(text)),
    }


def loads(engine: Engine) -> dict[str, Callable[[], object]]:
    """Return ways to load the rows, with the value read or not."""
    Base.metadata.create_all(engine)
    use_keys(Base.metadata, KEYS)
    with Session(engine) as session:
        for model in (Plain, Sealed, Peer):
            rows: list[Any] = [model(id=number, name="x", value=TEXT) for number in range(ROWS)]
            session.add_all(rows)
        session.commit()

    def load(model: Any, *, reads: bool) -> Callable[[], object]:
        def run() -> object:
            with Session(engine) as session:
                rows = session.scalars(select(model)).all()
                return [row.value for row in rows] if reads else rows

        return run

    return {
        "plain": load(Plain, reads=True),
        "bastide, not read": load(Sealed, reads=False),
        "bastide, read": load(Sealed, reads=True),
        "SQLAlchemy-Utils": load(Peer, reads=True),
    }


def encryption_table() -> Table:
    """Measure and return one table."""
    table = Table("encryption", "candidate", "us", "ratio", "target")
    targets = {"bastide": "<= 1.9x of raw, <= 0.8x of tink"}
    for size in (len(TEXT), 1_024):
        costs = measure(ciphers(size), times=300)
        for name, cost in costs.items():
            ratio = f"{cost / costs['raw AES-256-GCM']:.2f}x"
            if name == "bastide":
                ratio += f", {cost / costs['tink']:.2f}x of tink"
            table.add_row(f"{size} bytes there and back", name, f"{cost:.1f}", ratio, targets.get(name, ""))
    targets = {"bastide, not read": "<= 1.1x", "bastide, read": "<= 1.3x"}
    for orm, costs in (
        ("SQLAlchemy", measure(loads(create_engine("sqlite://")), times=1)), ("Django", _django_loads()),
    ):  # fmt: skip
        for name, cost in costs.items():
            row = (f"{orm}: load {ROWS:,} rows", name, f"{cost:.0f}", f"{cost / costs['plain']:.2f}x")
            table.add_row(*row, targets.get(name, ""))
    table.add_row("bytes added to a value", "bastide", str(OVERHEAD_SIZE_BYTES), "", "<= 31")
    return table


def _django_loads() -> dict[str, float]:
    """Measure Django in a process of its own, where its settings meet nobody else's."""
    command = [sys.executable, "-W", "ignore", "-m", "bench.django_encryption"]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)  # noqa: S603 -- this interpreter
    found: dict[str, float] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    Console(width=110).print(encryption_table())
