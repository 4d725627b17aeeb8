"""The server's tables; how they came to be is in `migrations`."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Integer, MetaData, String, Table, Text

metadata = MetaData()
talks = Table(
    "insula_talks",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("person", Text, nullable=False, index=True),
    Column("persona", Text, nullable=False),
    Column("locale", String(20), nullable=False),
    Column("remembers", Boolean, nullable=False),
    Column("began", Float(53), nullable=False),
    Column("last", Float(53), nullable=False, index=True),
)
additions = Table(
    "insula_additions",
    metadata,
    Column("talk", String(32), ForeignKey("insula_talks.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("line", Text, nullable=False),
)
consents = Table(
    "insula_consents",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("person", Text, nullable=False, index=True),
    Column("what", String(32), nullable=False),
    Column("given", Boolean, nullable=False),
    Column("words", Text, nullable=False),
    Column("when", Float(53), nullable=False),
)
