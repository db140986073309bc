"""Alembic's entry: runs the migrations on the connection that the blog hands over."""

from alembic import context

from blog_flask.models import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
