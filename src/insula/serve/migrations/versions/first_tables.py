"""Talks, what was added to them, and what people agreed to."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "insula_talks",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("person", sa.Text, nullable=False, index=True),
        sa.Column("persona", sa.Text, nullable=False),
        sa.Column("locale", sa.String(20), nullable=False),
        sa.Column("remembers", sa.Boolean, nullable=False),
        sa.Column("began", sa.Float(53), nullable=False),
        sa.Column("last", sa.Float(53), nullable=False, index=True),
    )
    op.create_table(
        "insula_additions",
        sa.Column("talk", sa.String(32), sa.ForeignKey("insula_talks.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("line", sa.Text, nullable=False),
    )
    op.create_table(
        "insula_consents",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("person", sa.Text, nullable=False, index=True),
        sa.Column("what", sa.String(32), nullable=False),
        sa.Column("given", sa.Boolean, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("when", sa.Float(53), nullable=False),
    )


def downgrade() -> None:
    """Take them away."""
    for table in ("insula_consents", "insula_additions", "insula_talks"):
        op.drop_table(table)
