"""Keep what each user name looks like, so that no two accounts are taken for each other."""

import sqlalchemy as sa
from alembic import op

from bastide import username_skeleton

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BATCH = 1000
INDEX = "ix_user_account_username_skeleton"
USER = sa.table(
    "user_account", sa.column("id", sa.Integer), sa.column("username"), sa.column("username_skeleton")
)


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    # SQLite cannot change a column afterwards, and a table made anew would take its rows' children with it.
    column = sa.Column(
        "username_skeleton", sa.String(420), nullable=not is_sqlite, server_default="" if is_sqlite else None
    )
    op.add_column("user_account", column)
    _fill(op.get_bind())
    if not is_sqlite:
        op.alter_column("user_account", "username_skeleton", nullable=False)
    op.create_index(op.f(INDEX), "user_account", ["username_skeleton"], unique=True)


def downgrade() -> None:
    op.drop_index(op.f(INDEX), "user_account")
    op.drop_column("user_account", "username_skeleton")


def _fill(connection: sa.Connection) -> None:
    """Fill the column; two names that look alike end the migration, and nothing is changed."""
    seen: dict[str, str] = {}
    last = 0
    while True:
        batch = sa.select(USER.c.id, USER.c.username).where(USER.c.id > last).order_by(USER.c.id).limit(BATCH)
        rows = connection.execute(batch).all()
        if not rows:
            return
        for number, name in rows:
            skeleton = username_skeleton(name)
            other = seen.setdefault(skeleton, name)
            if other != name:
                msg = f"these user names look alike: {other!r}, {name!r}; rename one, then upgrade again"
                raise ValueError(msg)
            connection.execute(sa.update(USER).where(USER.c.id == number).values(username_skeleton=skeleton))
        last = rows[-1].id
