"""Read the security log by kind, account and address, newest first."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

STATISTICS = "bastide_event_kind_outcome"
COLUMNS = ("actor", "target", "address")


def upgrade() -> None:
    op.drop_index(op.f("ix_bastide_event_kind"), table_name="bastide_event")
    op.create_index("ix_bastide_event_kind_outcome_at", "bastide_event", ["kind", "outcome", "at"])
    for name in COLUMNS:
        op.create_index(f"ix_bastide_event_{name}_at", "bastide_event", [name, "at"])
    if op.get_context().dialect.name == "postgresql":
        op.execute(f"CREATE STATISTICS {STATISTICS} (mcv) ON kind, outcome FROM bastide_event")


def downgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute(f"DROP STATISTICS {STATISTICS}")
    for name in reversed(COLUMNS):
        op.drop_index(f"ix_bastide_event_{name}_at", table_name="bastide_event")
    op.drop_index("ix_bastide_event_kind_outcome_at", table_name="bastide_event")
    op.create_index(op.f("ix_bastide_event_kind"), "bastide_event", ["kind"])
