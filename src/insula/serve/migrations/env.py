"""What Alembic runs: every missing step on the connection the store gives it."""

from alembic import context

from insula.serve.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table="insula_serve_version",
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
