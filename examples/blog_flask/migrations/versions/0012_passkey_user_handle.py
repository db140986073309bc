"""Keep with each passkey what its authenticator knows the account by."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("bastide_passkey", sa.Column("user_handle", sa.LargeBinary(64), nullable=True))


def downgrade() -> None:
    op.drop_column("bastide_passkey", "user_handle")
