"""What the server keeps: talks line by line, what people agreed to, and a memory for each who agreed to one.

    store = Store.open("insula.sqlite")         # or postgresql+psycopg://name@host/database
    store.forget("ana")                         # her talks, her memory, her consents: nothing of them is left

SQLite keeps each person's memory in a file of its own beside the database, PostgreSQL in a schema of its own, so that
deleting a person deletes all of it. A line is kept before the answer that holds it is given.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, create_engine, delete, event, func, insert, select, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from ..conversation import Addition, Conversation
from ..respond.memory import Episode, Memory
from ..wire import dump, load
from .tables import additions, consents, talks

DAY = 86_400.0


class StoreUnavailable(OSError):
    """The database cannot be used just now; the message says why, and nothing was lost of what was kept."""


@dataclass(frozen=True)
class Talk:
    """What is known of a talk; times are seconds since 1970. `remembers` says that its person agreed to a memory."""

    id: str
    person: str
    persona: str
    locale: str
    remembers: bool
    began: float
    last: float


@dataclass(frozen=True)
class Consent:
    """What a person agreed to, or took back: `what` ("memory", "voice", "face"), in which words, and when."""

    what: str
    given: bool
    words: str
    when: float


class Store:
    """Open one with `Store.open`. Methods raise StoreUnavailable, and KeyError for a talk that is not here."""

    def __init__(self, engine: Engine, where: str, memories: Callable[[str], str], clock: Callable[[], float]) -> None:
        self.where = where
        self._engine, self._memories, self._clock = engine, memories, clock

    @classmethod
    def open(cls, place: str | Path, clock: Callable[[], float] = time.time) -> Store:
        """A SQLite file by path or a PostgreSQL URL, its tables brought up to date; raises StoreUnavailable."""
        place = str(place).removeprefix("sqlite:///")
        try:
            if "://" in place:
                engine = create_engine(place, pool_pre_ping=True)
                memories = _schemas(engine)
            else:
                file = Path(place).expanduser().resolve()
                file.parent.mkdir(parents=True, exist_ok=True)
                file.touch(mode=0o600)
                engine = create_engine(f"sqlite:///{file}", connect_args={"timeout": 30})
                event.listen(engine, "connect", _prepare)
                memories = _files(file)
            _migrate(engine)
        except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
            raise StoreUnavailable(f"{_bare(place)} is no database that can be used ({error})") from None
        except (SQLAlchemyError, OSError) as error:
            raise StoreUnavailable(f"{_bare(place)} cannot be used: {_reason(error)}") from None
        return cls(engine, _bare(place), memories, clock)

    def begin(self, person: str, persona: str, locale: str, remembers: bool) -> Talk:
        """A new talk of a person."""
        now = self._clock()
        talk = Talk(uuid4().hex, person, persona, locale, remembers, now, now)
        self._do(lambda one: one.execute(insert(talks), [asdict(talk)]))
        return talk

    def talk(self, id: str) -> Talk:
        """The talk of this id; raises KeyError."""
        row = self._do(lambda one: one.execute(select(talks).where(talks.c.id == id)).mappings().one_or_none())
        if row is None:
            raise KeyError(f"no talk {id!r}")
        return Talk(**row)

    def talks(self, person: str) -> list[Talk]:
        """All of a person's, the oldest first."""
        asked = select(talks).where(talks.c.person == person).order_by(talks.c.began)
        return [Talk(**row) for row in self._do(lambda one: one.execute(asked).mappings().all())]

    def add(self, id: str, some: Iterable[Addition]) -> None:
        """Keep additions behind those of the talk; all of them or, where something goes wrong, none."""
        # half a character becomes its escape, which in JSON is the very same text
        lines = [dump(one).encode("utf-8", "backslashreplace").decode() for one in some]

        def write(one: Any) -> None:
            if not one.execute(update(talks).where(talks.c.id == id).values(last=self._clock())).rowcount:
                raise KeyError(f"no talk {id!r}")
            count = select(func.coalesce(func.max(additions.c.number), 0)).where(additions.c.talk == id)
            first = one.execute(count).scalar_one() + 1
            rows = [{"talk": id, "number": number, "line": line} for number, line in enumerate(lines, first)]
            if rows:
                one.execute(insert(additions), rows)

        self._do(write)

    def conversation(self, id: str) -> Conversation:
        """A talk as it was kept; raises KeyError."""
        asked = select(additions.c.line).where(additions.c.talk == id).order_by(additions.c.number)
        self.talk(id)
        found = [load(line)[0] for (line,) in self._do(lambda one: one.execute(asked).all())]
        return Conversation(*found, id=f"talk-{id}")  # pyright: ignore[reportArgumentType]

    def delete(self, id: str, forgetting: bool = True) -> None:
        """Delete a talk, and what a memory kept of it unless not `forgetting`; raises KeyError."""
        talk = self.talk(id)
        if forgetting and talk.remembers:
            with self.memory(talk.person) as memory:
                # forgetting one forgets what was concluded from it, so the next is looked for anew
                while one := next((one for one in memory.episodes() if one.conversation == f"talk-{id}"), None):
                    memory.forget(one.id)
        self._do(lambda one: one.execute(delete(talks).where(talks.c.id == id)))

    def consent(self, person: str, what: str, given: bool, words: str) -> Consent:
        """Note what a person agreed to, or took back."""
        consent = Consent(what, given, words, self._clock())
        self._do(lambda one: one.execute(insert(consents), [{"person": person, **asdict(consent)}]))
        return consent

    def consents(self, person: str) -> list[Consent]:
        """All of a person's, the oldest first."""
        chosen = (consents.c.what, consents.c.given, consents.c.words, consents.c.when)
        asked = select(*chosen).where(consents.c.person == person).order_by(consents.c.number)
        return [Consent(**row) for row in self._do(lambda one: one.execute(asked).mappings().all())]

    def memory(self, person: str) -> Memory:
        """A person's memory."""
        return Memory.open(self.memory_place(person))

    def episodes(self, person: str) -> list[Episode]:
        """What is remembered of a person; nothing is opened for somebody who never agreed to be remembered."""
        if not any(one.what == "memory" for one in self.consents(person)):
            return []
        with self.memory(person) as memory:
            return memory.episodes()

    def memory_place(self, person: str) -> str:
        """Where a person's memory lies: what `Memory.open` takes."""
        return self._memories(_digest(person))

    def unremember(self, person: str) -> None:
        """Forget what is remembered of a person, and remember nothing of their talks from now on."""
        with self.memory(person) as memory:
            memory.forget_all()
        self._do(lambda one: one.execute(update(talks).where(talks.c.person == person).values(remembers=False)))

    def forget(self, person: str) -> int:
        """Delete everything of a person; how many talks there were."""
        found = self.talks(person)
        place = self.memory_place(person)
        if "://" in place or Path(place).exists():
            with self.memory(person) as memory:
                memory.forget_all()
            self._drop(place, _digest(person))

        def write(one: Any) -> None:
            one.execute(delete(talks).where(talks.c.person == person))
            one.execute(delete(consents).where(consents.c.person == person))

        self._do(write)
        return len(found)

    def expired(self, days: float) -> list[str]:
        """The talks nothing was added to for so many days."""
        asked = select(talks.c.id).where(talks.c.last < self._clock() - days * DAY)
        return [id for (id,) in self._do(lambda one: one.execute(asked).all())]

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def _drop(self, place: str, digest: str) -> None:
        if "://" in place:
            self._do(lambda one: one.execute(text(f'DROP SCHEMA IF EXISTS "insula_{digest}" CASCADE')))
        else:
            Path(place).unlink(missing_ok=True)

    def _do(self, work: Callable[[Any], Any]) -> Any:
        """One transaction."""
        try:
            with self._engine.begin() as connection:
                return work(connection)
        except SQLAlchemyError as error:
            raise StoreUnavailable(f"{self.where} cannot be used: {_reason(error)}; nothing was changed") from None


def _migrate(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "insula.serve:migrations")
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":  # two servers may start at once
            connection.execute(text("SELECT pg_advisory_xact_lock(729104)"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _prepare(connection: Any, record: object) -> None:
    del record
    for setting in ("foreign_keys=ON", "secure_delete=ON", "journal_mode=DELETE", "synchronous=FULL"):
        connection.execute(f"PRAGMA {setting}")


def _files(file: Path) -> Callable[[str], str]:
    folder = file.with_name(f"{file.stem}-memories")

    def place(digest: str) -> str:
        folder.mkdir(mode=0o700, exist_ok=True)
        return str(folder / f"{digest}.sqlite")

    return place


def _schemas(engine: Engine) -> Callable[[str], str]:
    url = make_url(engine.url)

    def place(digest: str) -> str:
        with engine.begin() as connection:
            connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "insula_{digest}"'))
        here = url.update_query_dict({"options": f"-csearch_path=insula_{digest}"})
        return here.render_as_string(hide_password=False)

    return place


def _digest(person: str) -> str:
    """A name for a file that tells nothing of the person and can be no path."""
    return blake2b(person.encode(), digest_size=16).hexdigest()


def _bare(place: str) -> str:
    scheme, found, rest = place.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}" if found else place


def _reason(error: Exception) -> str:
    told = getattr(error, "orig", None) or getattr(error, "strerror", None) or error
    return (str(told).splitlines() or [type(error).__name__])[0]
