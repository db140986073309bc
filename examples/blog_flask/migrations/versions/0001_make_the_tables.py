"""Make the tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bastide_attempt",
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.String(length=400), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject", name=op.f("pk_bastide_attempt")),
    )
    op.create_index(op.f("ix_bastide_attempt_ends_at"), "bastide_attempt", ["ends_at"], unique=False)
    op.create_index(op.f("ix_bastide_attempt_owner"), "bastide_attempt", ["owner"], unique=False)
    op.create_table(
        "bastide_event",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("actor", sa.String(length=1300), nullable=False),
        sa.Column("target", sa.String(length=1300), nullable=False),
        sa.Column("session", sa.String(length=1300), nullable=False),
        sa.Column("address", sa.String(length=1300), nullable=False),
        sa.Column("route", sa.String(length=1300), nullable=False),
        sa.Column("request_id", sa.String(length=1300), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bastide_event")),
    )
    op.create_index(op.f("ix_bastide_event_at"), "bastide_event", ["at"], unique=False)
    op.create_index(op.f("ix_bastide_event_kind"), "bastide_event", ["kind"], unique=False)
    op.create_table(
        "bastide_role",
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_bastide_role")),
    )
    op.create_table(
        "bastide_ticket",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_bastide_ticket")),
        sa.UniqueConstraint("purpose", "subject", name=op.f("uq_bastide_ticket_purpose_subject")),
    )
    op.create_table(
        "bastide_violation",
        sa.Column("fingerprint", sa.String(length=32), nullable=False),
        sa.Column("directive", sa.String(length=1300), nullable=False),
        sa.Column("blocked", sa.String(length=1300), nullable=False),
        sa.Column("document", sa.String(length=1300), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_seen", sa.BigInteger(), nullable=False),
        sa.Column("last_seen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_bastide_violation")),
    )
    op.create_index(op.f("ix_bastide_violation_last_seen"), "bastide_violation", ["last_seen"], unique=False)
    op.create_table(
        "contact_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("suspicion", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 100", name=op.f("ck_contact_message_name_length")),
        sa.CheckConstraint("length(email) BETWEEN 3 AND 254", name=op.f("ck_contact_message_email_length")),
        sa.CheckConstraint(
            "phone IS NULL OR (phone LIKE '+%' AND length(phone) <= 20)",
            name=op.f("ck_contact_message_phone_e164"),
        ),
        sa.CheckConstraint(
            "length(subject) BETWEEN 3 AND 120", name=op.f("ck_contact_message_subject_length")
        ),
        sa.CheckConstraint("length(body) BETWEEN 10 AND 1000", name=op.f("ck_contact_message_body_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_message")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "user_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(length=30), nullable=False),
        sa.Column("username_key", sa.String(length=60), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("email_key", sa.String(length=300), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.CheckConstraint("length(email) BETWEEN 3 AND 254", name=op.f("ck_user_account_email_length")),
        sa.CheckConstraint("length(username) BETWEEN 1 AND 30", name=op.f("ck_user_account_username_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("email_key", name=op.f("uq_user_account_email_key")),
        sa.UniqueConstraint("username_key", name=op.f("uq_user_account_username_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "bastide_account_role",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=50), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["user_account.id"],
            name=op.f("fk_bastide_account_role_account_id_user_account"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["role"], ["bastide_role.name"], name=op.f("fk_bastide_account_role_role_bastide_role")
        ),
        sa.PrimaryKeyConstraint("account_id", "role", name=op.f("pk_bastide_account_role")),
    )
    op.create_index(op.f("ix_bastide_account_role_role"), "bastide_account_role", ["role"], unique=False)
    op.create_table(
        "bastide_role_permission",
        sa.Column("role", sa.String(length=50), nullable=False),
        sa.Column("permission", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["role"],
            ["bastide_role.name"],
            name=op.f("fk_bastide_role_permission_role_bastide_role"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("role", "permission", name=op.f("pk_bastide_role_permission")),
    )
    op.create_table(
        "bastide_session",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("agent_family", sa.String(length=60), nullable=False),
        sa.Column("network", sa.String(length=50), nullable=False),
        sa.Column("must_rotate", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["user_account.id"],
            name=op.f("fk_bastide_session_account_id_user_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_bastide_session")),
    )
    op.create_index(op.f("ix_bastide_session_account_id"), "bastide_session", ["account_id"], unique=False)
    op.create_index(
        op.f("ix_bastide_session_last_seen_at"), "bastide_session", ["last_seen_at"], unique=False
    )
    op.create_table(
        "post",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.Column("body_policy", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("views", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('draft', 'published')", name=op.f("ck_post_status")),
        sa.CheckConstraint("length(content) BETWEEN 10 AND 10000", name=op.f("ck_post_content_length")),
        sa.CheckConstraint("length(title) BETWEEN 5 AND 200", name=op.f("ck_post_title_length")),
        sa.CheckConstraint("views >= 0", name=op.f("ck_post_views")),
        sa.ForeignKeyConstraint(
            ["author_id"], ["user_account.id"], name=op.f("fk_post_author_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_post_author_id"), "post", ["author_id"], unique=False)
    op.create_index(op.f("ix_post_published_at"), "post", ["published_at"], unique=False)
    op.create_index(op.f("ix_post_status"), "post", ["status"], unique=False)
    op.create_table(
        "profile",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("full_name", sa.String(length=100), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("bio", sa.String(length=500), nullable=True),
        sa.Column("website", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "full_name IS NULL OR length(full_name) BETWEEN 1 AND 100",
            name=op.f("ck_profile_full_name_length"),
        ),
        sa.CheckConstraint(
            "phone IS NULL OR (phone LIKE '+%' AND length(phone) <= 20)", name=op.f("ck_profile_phone_e164")
        ),
        sa.CheckConstraint(
            "bio IS NULL OR length(bio) BETWEEN 9 AND 500", name=op.f("ck_profile_bio_length")
        ),
        sa.CheckConstraint(
            "website IS NULL OR (website LIKE 'https://%' AND length(website) <= 200)",
            name=op.f("ck_profile_website_https"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_profile_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_profile")),
    )
    op.create_table(
        "comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.Column("body_policy", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('pending', 'approved', 'rejected')", name=op.f("ck_comment_state")),
        sa.CheckConstraint("length(body) BETWEEN 2 AND 2000", name=op.f("ck_comment_body_length")),
        sa.ForeignKeyConstraint(
            ["author_id"], ["user_account.id"], name=op.f("fk_comment_author_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name=op.f("fk_comment_post_id_post"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_comment_author_id"), "comment", ["author_id"], unique=False)
    op.create_index(op.f("ix_comment_post_id"), "comment", ["post_id"], unique=False)
    op.create_index(op.f("ix_comment_state"), "comment", ["state"], unique=False)
    op.create_table(
        "post_tag",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 40", name=op.f("ck_post_tag_name_length")),
        sa.CheckConstraint("position BETWEEN 0 AND 9", name=op.f("ck_post_tag_position")),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name=op.f("fk_post_tag_post_id_post"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", "name", name=op.f("pk_post_tag")),
    )
    op.create_index(op.f("ix_post_tag_name"), "post_tag", ["name"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_post_tag_name"), table_name="post_tag")
    op.drop_table("post_tag")
    op.drop_index(op.f("ix_comment_state"), table_name="comment")
    op.drop_index(op.f("ix_comment_post_id"), table_name="comment")
    op.drop_index(op.f("ix_comment_author_id"), table_name="comment")
    op.drop_table("comment")
    op.drop_table("profile")
    op.drop_index(op.f("ix_post_status"), table_name="post")
    op.drop_index(op.f("ix_post_published_at"), table_name="post")
    op.drop_index(op.f("ix_post_author_id"), table_name="post")
    op.drop_table("post")
    op.drop_index(op.f("ix_bastide_session_last_seen_at"), table_name="bastide_session")
    op.drop_index(op.f("ix_bastide_session_account_id"), table_name="bastide_session")
    op.drop_table("bastide_session")
    op.drop_table("bastide_role_permission")
    op.drop_index(op.f("ix_bastide_account_role_role"), table_name="bastide_account_role")
    op.drop_table("bastide_account_role")
    op.drop_table("user_account")
    op.drop_table("contact_message")
    op.drop_index(op.f("ix_bastide_violation_last_seen"), table_name="bastide_violation")
    op.drop_table("bastide_violation")
    op.drop_table("bastide_ticket")
    op.drop_table("bastide_role")
    op.drop_index(op.f("ix_bastide_event_kind"), table_name="bastide_event")
    op.drop_index(op.f("ix_bastide_event_at"), table_name="bastide_event")
    op.drop_table("bastide_event")
    op.drop_index(op.f("ix_bastide_attempt_owner"), table_name="bastide_attempt")
    op.drop_index(op.f("ix_bastide_attempt_ends_at"), table_name="bastide_attempt")
    op.drop_table("bastide_attempt")
