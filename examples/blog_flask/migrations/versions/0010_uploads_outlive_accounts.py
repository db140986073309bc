"""Let rows of uploads outlive their account, so that the bytes are found and deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KEY = "fk_bastide_upload_account_id_user_account"


def upgrade() -> None:
    _refer("SET NULL", nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM bastide_upload WHERE account_id IS NULL")
    _refer("CASCADE", nullable=False)


def _refer(ondelete: str, *, nullable: bool) -> None:
    with op.batch_alter_table("bastide_upload") as table:
        table.drop_constraint(op.f(KEY), type_="foreignkey")
        table.alter_column("account_id", existing_type=sa.Integer(), nullable=nullable)
        table.create_foreign_key(op.f(KEY), "user_account", ["account_id"], ["id"], ondelete=ondelete)
