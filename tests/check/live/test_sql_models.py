"""SQLAlchemy's models: each fault, and the same column without it."""

from pathlib import Path
from typing import NamedTuple

from bastide.check.findings import Finding
from bastide.check.live.columns import check_columns
from bastide.check.live.sql_models import sql_columns
from support.looked_at import ids, module_of
from support.rows import rows

MODELS = """
from datetime import datetime
from sqlalchemy import JSON, DateTime, Enum, ForeignKey, Index, Integer, String, Text, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from bastide.flask import EncryptedText

class Base(DeclarativeBase):
    pass

class TokenOwner(Base):
    __tablename__ = "owner"
    id: Mapped[int] = mapped_column(primary_key=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    login: Mapped[str] = mapped_column(String(30), unique=True)
"""


class Twins(NamedTuple):
    """A column with the fault, and right."""

    id: str
    wrong: str
    right: str


TWINS = [
    Twins("BST250", "ssn: Mapped[str] = mapped_column(String(11))", "ssn: Mapped[str] = mapped_column(EncryptedText(row='id'))"),
    Twins("BST250", "backup_codes = mapped_column(JSON)", "backup_code_count = mapped_column(Integer)"),
    Twins("BST250", "api_key = mapped_column(Text)", "api_key_digest = mapped_column(String(64))"),
    Twins("BST251", "email: Mapped[str] = mapped_column(String(254))", "email: Mapped[str] = mapped_column(String(254), unique=True)"),
    Twins(
        "BST251", "username = mapped_column(String(30))\n    __table_args__ = (Index('ix', 'username'),)",
        "username = mapped_column(String(30))\n    __table_args__ = (Index('ix', func.lower('username'), unique=True), Index('ix2', 'username', unique=True))",
    ),
    Twins("BST252", "hashed_password: Mapped[str] = mapped_column(String(60))", "hashed_password: Mapped[str] = mapped_column(String(128))"),
    Twins(
        "BST252", "pw_hash: Mapped[str] = mapped_column(String(128))\nfrom werkzeug.security import generate_password_hash",
        "pw_hash: Mapped[str] = mapped_column(Text)\nfrom werkzeug.security import generate_password_hash",
    ),
    Twins("BST256", "permissions = mapped_column(Text)", "role_id: Mapped[int] = mapped_column(ForeignKey('owner.id'))"),
    Twins("BST256", "roles = mapped_column(JSON)", "role = mapped_column(Enum('reader', 'writer'))"),
    Twins("BST257", "expires_at: Mapped[datetime | None]", "expires_at: Mapped[datetime]"),
    Twins("BST258", "failed_attempts: Mapped[int | None]", "failed_attempts: Mapped[int] = mapped_column(server_default='0')"),
    Twins("BST258", "pw_hash: Mapped[str | None] = mapped_column(Text)", "pw_hash: Mapped[str] = mapped_column(Text)"),
]  # fmt: skip


def look_at(folder: Path, column: str) -> list[Finding]:
    with module_of(folder, f"{MODELS}    {column}\n") as (module, places):
        found = check_columns(sql_columns(places))
        module.Base.registry.dispose()
        return found


@rows("twins", TWINS)
def test_the_column_is_found_and_the_right_one_is_not(twins: Twins, tmp_path: Path) -> None:
    found = look_at(tmp_path, twins.wrong)
    assert ids(found) == {twins.id}
    assert look_at(tmp_path, twins.right) == []


def test_a_column_is_found_where_it_is_written(tmp_path: Path) -> None:
    (found,) = look_at(tmp_path, "ssn: Mapped[str] = mapped_column(String(11))")
    assert "ssn: Mapped" in Path(found.path).read_text(encoding="utf-8").splitlines()[found.line - 1]
