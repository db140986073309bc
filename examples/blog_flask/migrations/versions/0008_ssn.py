"""Keep social security numbers, sealed."""

import sqlalchemy as sa
from alembic import op

from bastide.flask import IsSealed

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INDEXED = "(ssn IS NULL) = (ssn_index IS NULL)"


def upgrade() -> None:
    sealed = sa.CheckConstraint(IsSealed(sa.column("ssn")), name=op.f("ck_profile_ssn_sealed"))
    op.add_column("profile", sa.Column("ssn", sa.LargeBinary(), sealed, nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        # SQLite takes a constraint with its column only.
        op.execute(
            f"ALTER TABLE profile ADD ssn_index BLOB CONSTRAINT ck_profile_ssn_indexed CHECK ({INDEXED})"
        )
    else:
        op.add_column("profile", sa.Column("ssn_index", sa.LargeBinary(length=32), nullable=True))
        op.create_check_constraint(op.f("ck_profile_ssn_indexed"), "profile", INDEXED)
    op.create_index(op.f("ix_profile_ssn_index"), "profile", ["ssn_index"], unique=True)


def downgrade() -> None:
    op.drop_index(op.f("ix_profile_ssn_index"), "profile")
    op.drop_column("profile", "ssn_index")
    op.drop_column("profile", "ssn")
