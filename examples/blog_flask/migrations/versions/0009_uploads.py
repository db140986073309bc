"""Know uploads by a row."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bastide_upload",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=100), nullable=False),
        sa.Column("display_name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=50), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["user_account.id"],
            name=op.f("fk_bastide_upload_account_id_user_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_bastide_upload")),
    )
    op.create_index(op.f("ix_bastide_upload_account_id"), "bastide_upload", ["account_id"])
    op.create_index(op.f("ix_bastide_upload_subject"), "bastide_upload", ["subject"])
    op.create_index("ix_bastide_upload_state_created_at", "bastide_upload", ["state", "created_at"])


def downgrade() -> None:
    op.drop_table("bastide_upload")
