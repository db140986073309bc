"""Chain the security log; rows that are there stay outside the chain."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("bastide_event", sa.Column("key_id", sa.BigInteger(), nullable=True))
    op.add_column("bastide_event", sa.Column("link", sa.LargeBinary(length=32), nullable=True))
    op.create_table(
        "bastide_chain",
        sa.Column("name", sa.String(length=4), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.BigInteger(), nullable=False),
        sa.Column("link", sa.LargeBinary(length=32), nullable=False),
        sa.Column("seal", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_bastide_chain")),
    )


def downgrade() -> None:
    op.drop_table("bastide_chain")
    op.drop_column("bastide_event", "link")
    op.drop_column("bastide_event", "key_id")
