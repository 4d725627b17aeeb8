"""The tables a memory lies in, in SQLite or PostgreSQL, and how a database is opened so that it forgets for good.

SQLite runs with secure_delete (freed bytes are overwritten with zeros), with a rollback journal that is deleted at each
commit (a write-ahead log would keep old pages), and syncs before a write counts as done. `erase` then rewrites the file
without its free pages. PostgreSQL rewrites the table; what its own write-ahead log and your backups hold is theirs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Engine,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

VERSION = 1  # of the tables below
BUSY = 30_000  # milliseconds to wait for another process
_MAGIC = b"SQLite format 3\x00"

metadata = MetaData()
about = Table("insula_memory", metadata, Column("version", Integer, nullable=False), Column("changes", Integer))
episodes = Table(
    "insula_episodes",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", String(32), unique=True, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("speaker", Text, nullable=False),
    Column("conversation", Text, nullable=False),
    Column("turn", Text, nullable=False),
    Column("when", Float(53), nullable=False),
    Column("emotion", String(32), nullable=False),
    Column("mood", JSON, nullable=False),
    Column("importance", Float(53), nullable=False),
    Column("risk", String(16), nullable=False),
    Column("because", JSON, nullable=False),
    Column("surprise", JSON, nullable=False),
    Column("meaning", LargeBinary, nullable=False),
)
recalls = Table(
    "insula_recalls",
    metadata,
    Column("episode", String(32), primary_key=True),
    Column("conversation", Text, primary_key=True),
    Column("turn", Text, primary_key=True),
    Column("when", Float(53), nullable=False),
)
forgotten = Table("insula_forgotten", metadata, Column("id", String(32), primary_key=True))


class MemoryUnavailable(OSError):
    """A memory cannot be read or written; the message says where, why, and what to do."""


@contextmanager
def explained(where: str) -> Iterator[None]:
    """Whatever the database says, in a sentence for people."""
    try:
        yield
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise MemoryUnavailable(
            f"{where} is no database a memory can use ({error}): give a path for SQLite, or a URL such as "
            "postgresql+psycopg://name@host/database (pip install 'insula[postgres]')"
        ) from None
    except (SQLAlchemyError, OSError) as error:
        reason = str(getattr(error, "orig", None) or getattr(error, "strerror", None) or error).splitlines()[0]
        raise MemoryUnavailable(
            f"the memory {where} cannot be used: {reason}; nothing was changed. "
            "Check that it is there, that you may write it and that the disk has room, or use another place"
        ) from None


def connect(place: str | Path) -> tuple[Engine, str]:
    """An engine with the tables in place, and what to call it in messages (a URL without its password).

    "" is a memory that lasts as long as the process. A new file is readable by its owner alone. Raises
    MemoryUnavailable for a file that is damaged, foreign or of a newer version; it is left as it was.
    """
    place = str(place).removeprefix("sqlite:///")  # a file is made and checked in one way, however it is named
    if not place:
        engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
        where = "this process"
    elif "://" in place:
        with explained(_without_password(place)):
            engine = create_engine(place, pool_pre_ping=True)
        where = engine.url.render_as_string(hide_password=True)
    else:
        file = Path(place).expanduser().resolve()
        where = str(file)
        _check_file(file)
        engine = create_engine(f"sqlite:///{file}")
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
    try:
        with explained(where):
            _make(engine, where)
    except MemoryUnavailable:
        engine.dispose()
        raise
    return engine, where


def erase(engine: Engine) -> None:
    """Rewrite the tables without anything that was deleted from them."""
    full = "VACUUM" if engine.dialect.name == "sqlite" else "VACUUM FULL insula_episodes, insula_recalls"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(full))


def _without_password(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


def _check_file(file: Path) -> None:
    with explained(str(file)):
        # made here, for its owner alone, before anything is in it
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
        with file.open("rb") as opened:
            start = opened.read(len(_MAGIC))
    if start and start != _MAGIC:
        raise MemoryUnavailable(
            f"{file} is no memory of Insula's, or its beginning is damaged; it was left as it is. "
            "Give another path, or bring the file back from a copy"
        )


def _prepare(connection: Any, record: object) -> None:
    del record
    connection.isolation_level = None  # transactions begin as `_begin` says, not at the driver's guess
    for setting in ("secure_delete=ON", "journal_mode=DELETE", "synchronous=EXTRA", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {setting}")
    connection.execute(f"PRAGMA busy_timeout={BUSY}")


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _make(engine: Engine, where: str) -> None:
    """Check what is there; make the tables where nothing is."""
    with engine.begin() as connection:
        known = inspect(connection).get_table_names()
        if engine.dialect.name == "sqlite":
            _check_sqlite(connection, where, known)
        if "insula_memory" not in known:
            metadata.create_all(connection)
            connection.execute(insert(about).values(version=VERSION, changes=0))
        found = connection.execute(select(about.c.version)).scalar_one_or_none()
    if found != VERSION:
        raise MemoryUnavailable(
            f"the memory {where} is of version {found}, and this Insula knows version {VERSION}; it was left as it "
            "is. Open it with the Insula that made it, and export it there"
        )


def _check_sqlite(connection: Connection, where: str, known: list[str]) -> None:
    if (state := connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()) != "ok":
        raise MemoryUnavailable(
            f"the memory {where} is damaged ({state}); it was left as it is. Bring it back from a copy, or give "
            "another path to begin anew"
        )
    if known and "insula_memory" not in known:
        raise MemoryUnavailable(
            f"{where} is a database of something else (tables {', '.join(sorted(known)[:3])}); it was left as it is. "
            "Give another path"
        )
