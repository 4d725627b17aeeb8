"""Episodes kept in a database, and in this process as arrays that can be searched; a person can see and delete all.

    memory = Memory.open("me.db")                  # or a URL: "postgresql+psycopg://me@localhost/insula"
    memory.keep(conversation)                      # what was said, and which memories came up
    memory.episodes(); memory.edit(id, text); memory.forget(id); memory.forget_all(); memory.export("me.jsonl")

What `keep` has returned from is on the disk: a process that is killed loses none of it. What is forgotten leaves no
byte in the file; of one that is forgotten a digest of its source stays, so that keeping the same talk again does not
bring it back. Of `forget_all` not even that is on the disk.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from insula.conversation import Annotation, Conversation, Turn

from .episode import DAY, Episode, storable
from .meaning import Meaning, Meanings, meanings
from .tables import MemoryUnavailable, about, connect, episodes, erase, explained, forgotten, recalls

Came = tuple[str, str, str]  # the id of an episode that came up, and the conversation and turn where it did
VAD: tuple[str, ...] = ("valence", "arousal", "dominance")
FEWEST = 3  # different pieces of words: an "ok" brings nothing back, and nobody needs to be told of one
_COLUMNS = [column.name for column in episodes.columns if column.name not in ("number", "meaning")]


@dataclass(frozen=True)
class Shelf:
    """All episodes as they are searched, in the order they were kept: n rows.

    `moods` (n, 3) are valence, arousal and dominance, not a number where unknown; `times` (n, 2) when each was last
    kept or recalled, and its half-life, in seconds; `recallable` (n,) whether it may come up; `conversations`
    (n,) where each is from. `row` says where an id is.
    """

    episodes: tuple[Episode, ...]
    meanings: Meanings
    moods: NDArray[np.float32]
    times: NDArray[np.float64]
    recallable: NDArray[np.bool_]
    conversations: NDArray[np.object_]
    row: Mapping[str, int]

    @classmethod
    def of(cls, episodes: Iterable[Episode], meanings: Meanings) -> Shelf:
        """Each episode with its meaning."""
        some = tuple(episodes)
        moods = np.array([[one.mood.get(name, np.nan) for name in VAD] for one in some], np.float32)
        times = np.array([(one.last or one.when, one.half_life * DAY) for one in some], np.float64)
        recallable = np.array([one.promptable for one in some], bool) & (meanings.pieces >= FEWEST)
        talks = np.array([one.conversation for one in some], object)
        row = {one.id: number for number, one in enumerate(some)}
        return cls(some, meanings, moods.reshape(-1, 3), times.reshape(-1, 2), recallable, talks, row)

    def __add__(self, more: Shelf) -> Shelf:
        joined = (
            np.concatenate([getattr(self, part), getattr(more, part)])
            for part in ("moods", "times", "recallable", "conversations")
        )
        row = {**self.row, **{id: len(self.episodes) + number for id, number in more.row.items()}}
        return Shelf((*self.episodes, *more.episodes), self.meanings + more.meanings, *joined, row=row)

    def strengthened(self, ids: Iterable[str], now: float) -> Shelf:
        """The same episodes, some of which have just come up."""
        some, times = list(self.episodes), self.times.copy()
        for row in (self.row[id] for id in ids):
            some[row] = replace(some[row], recalled=some[row].recalled + 1, last=now)
            times[row] = now, some[row].half_life * DAY
        return replace(self, episodes=tuple(some), times=times)


NOTHING = Shelf.of((), Meanings.stack([]))


class Memory:
    """Open one with `Memory.open`. Methods raise MemoryUnavailable, KeyError for an id that is not here."""

    def __init__(self, engine: Engine, where: str, clock: Callable[[], float]) -> None:
        self.where = where
        self.clock = clock
        self._engine = engine
        self._reading = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._lock = threading.RLock()
        self._seen = -1  # changes of the database that `_shelf` holds
        self._shelf = NOTHING
        self._gone: set[str] = set()  # forgotten in this process
        self._noted: set[Came] = set()  # that something came up, written by this process

    @classmethod
    def open(cls, place: str | Path = "", clock: Callable[[], float] = time.time) -> Memory:
        """A SQLite file by path, any SQLAlchemy URL, or "" for a memory that lasts as long as the process.

        `clock` gives seconds since 1970. Raises MemoryUnavailable for a file that is damaged, foreign or too new.
        """
        return cls(*connect(place), clock)

    def keep(self, conversation: Conversation, *, speaker: str = "companion") -> list[Episode]:
        """Keep every turn not kept before, but those of `speaker`, and note which memories came up; the new episodes.

        Raises ValueError for a conversation without an id, since an episode cites the conversation it is from.
        """
        if not conversation.id:
            raise ValueError("a conversation is remembered by its id: give it one, as in Conversation(id='monday')")
        with self._lock:
            known = self.shelf().row
            said = [turn for turn in conversation.turns if turn.speaker != speaker and turn.text.strip()]
            new = [turn for turn in said if episode_id(conversation.id, turn.id) not in known]
            made = [_episode(conversation, turn, self.clock()) for turn in new]
            return self._write(made, [one.text for one in made], _came_up(conversation, known))

    def add(self, some: Sequence[Episode], situations: Sequence[str] | None = None) -> list[Episode]:
        """Keep episodes that are not here and were not forgotten; those that are new.

        Each is found by the meaning of its own text, or of its situation where `situations` gives one for each.
        """
        with self._lock:
            return self._write(some, situations or [one.text for one in some], set())

    def _write(self, some: Sequence[Episode], situations: Sequence[str], came: set[Came]) -> list[Episode]:
        """New episodes and what came up, in one transaction; the episodes that are new."""
        known = self.shelf().row
        texts = {one.id: text for one, text in zip(some, situations, strict=True)}
        wanted = [one for one in some if one.id not in known and one.id not in self._gone]
        came = came - self._noted
        if not wanted and not came:
            return []
        found, now = meanings([texts[one.id] for one in wanted]), self.clock()
        with self._writing() as connection:
            wanted, found = _still_new(connection, wanted, found)
            came = _not_noted(connection, came)
            if wanted:
                connection.execute(insert(episodes), [_row(*both) for both in zip(wanted, found, strict=True)])
            if came:
                rows = [{"episode": id, "conversation": talk, "turn": turn, "when": now} for id, talk, turn in came]
                connection.execute(insert(recalls), rows)
        self._noted |= came
        if self._seen >= 0:
            self._shelf = (self._shelf + Shelf.of(wanted, Meanings.stack(found))) if wanted else self._shelf
            self._shelf = self._shelf.strengthened((id for id, *_ in came), now)
        return wanted

    def episodes(self) -> list[Episode]:
        """All of them, in the order they were kept."""
        return list(self.shelf().episodes)

    def episode(self, id: str) -> Episode:
        """The episode of this id; raises KeyError."""
        shelf = self.shelf()
        if id not in shelf.row:
            raise KeyError(f"no memory {id!r} in {self.where}: `episodes()` lists them")
        return shelf.episodes[shelf.row[id]]

    def cite(self, id: str) -> str:
        """An episode as a prompt may quote it; "" for one that is gone or that no prompt may hold."""
        shelf = self.shelf()
        found = shelf.episodes[shelf.row[id]] if id in shelf.row else None
        return found.cited if found and found.promptable else ""

    def export(self, path: str | Path) -> int:
        """Write all episodes as JSON lines, readable by their owner alone; how many there are."""
        found, part = self.episodes(), Path(f"{path}.partial")
        with explained(str(path)):
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
                file.writelines(json.dumps(one.record(), ensure_ascii=False) + "\n" for one in found)
            part.replace(path)
        return len(found)

    def edit(self, id: str, text: str) -> Episode:
        """Put other words in an episode's place; what the old ones felt like, and what they led to, goes with them."""
        if not text.strip():
            raise ValueError("a memory without words is no memory: use forget")
        changed = replace(self.episode(id), text=text, emotion="", mood={}, importance=0.0, surprise={})
        (meaning,) = meanings([text])
        with self._lock:
            with self._writing() as connection:
                row = _row(changed, meaning)
                connection.execute(update(episodes).where(episodes.c.id == id).values(row))
                self._remove(connection, _resting_on(self._shelf.episodes, {id}))
            self._erase()
        return self.episode(id)

    def forget(self, id: str) -> None:
        """Delete one episode and the inferences that rest on it, on the disk too; keeping its talk again is no return.

        Raises KeyError for an id that is not here.
        """
        self.episode(id)
        with self._lock:
            gone = {id, *_resting_on(self._shelf.episodes, {id})}
            with self._writing() as connection:
                self._remove(connection, gone)
                connection.execute(insert(forgotten), [{"id": one} for one in gone])
            self._erase()

    def forget_all(self) -> int:
        """Delete everything, so that no byte of it is left in the file; how many episodes there were."""
        with self._lock:
            gone = {one.id for one in self.episodes()}
            with self._writing() as connection:
                for table in (recalls, forgotten, episodes):
                    connection.execute(delete(table))
            self._gone |= gone
            self._erase()
        return len(gone)

    def close(self) -> None:
        """Let go of the database; what was kept stays."""
        self._engine.dispose()

    def __enter__(self) -> Memory:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def shelf(self) -> Shelf:
        """Everything as arrays, read again only where somebody, here or in another process, has changed it."""
        with self._lock, explained(self.where):
            if (changes := self._changes()) != self._seen:
                self._shelf, self._seen = self._read(), changes
            return self._shelf

    def _changes(self) -> int:
        with explained(self.where), self._reading.connect() as connection:
            return int(connection.execute(select(about.c.changes)).scalar_one())

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """One transaction; the count of changes is its first write, so that writers wait for each other."""
        with explained(self.where), self._engine.begin() as connection:
            connection.execute(update(about).values(changes=about.c.changes + 1))
            count = int(connection.execute(select(about.c.changes)).scalar_one())
            yield connection
        # what this process wrote itself it need not read again, unless another one wrote in between
        self._seen = count if self._seen == count - 1 else -1

    def _read(self) -> Shelf:
        with self._reading.connect() as connection:
            rows = connection.execute(select(episodes).order_by(episodes.c.number)).mappings().all()
            times = select(recalls.c.episode, func.count(), func.max(recalls.c.when)).group_by(recalls.c.episode)
            recalled = {id: (count, last) for id, count, last in connection.execute(times)}
        try:
            found = [Meaning.from_bytes(row["meaning"]) for row in rows]
        except ValueError as error:
            raise MemoryUnavailable(f"the memory {self.where} is damaged: {error}; bring it back from a copy") from None
        return Shelf.of((_from_row(row, *recalled.get(row["id"], (0, None))) for row in rows), Meanings.stack(found))

    def _remove(self, connection: Connection, gone: Iterable[str]) -> None:
        ids = list(gone)
        connection.execute(delete(recalls).where(recalls.c.episode.in_(ids)))
        connection.execute(delete(episodes).where(episodes.c.id.in_(ids)))
        self._gone |= set(ids)

    def _erase(self) -> None:
        self._seen = -1
        self._shelf = NOTHING
        with explained(self.where):
            erase(self._engine)


def episode_id(conversation: str, turn: str, kind: str = "said") -> str:
    """A digest of where an episode is from: the same turn is the same memory, and its words are not in it."""
    return "m" + blake2b(repr((conversation, turn, kind)).encode("utf-8", "replace"), digest_size=8).hexdigest()


def latest(conversation: Conversation, layer: str, turn: str, scheme: str) -> Annotation | None:
    """The last annotation of a whole turn that could tell."""
    found = [one for one in conversation.read(layer, turn=turn, scheme=scheme) if one.at.chars is None and one.scores]
    return found[-1] if found else None


def decided(annotation: Annotation | None) -> str:
    """The label a rater decided on, else its likeliest."""
    return "" if annotation is None else next(iter(annotation.labels), annotation.top or "")


def _episode(conversation: Conversation, turn: Turn, now: float) -> Episode:
    emotion = latest(conversation, "emotion", turn.id, "ekman7")
    affect = latest(conversation, "affect", turn.id, "vad")
    risk = latest(conversation, "risk", turn.id, "risk-level")
    mood = {name: affect.scores[name] for name in VAD} if affect else {}
    return Episode(
        id=episode_id(conversation.id, turn.id),
        text=turn.text,
        speaker=turn.speaker,
        conversation=conversation.id,
        turn=turn.id,
        when=now,
        emotion=decided(emotion),
        mood=mood,
        importance=min(max(map(abs, mood.values()), default=0.0), 1.0),
        risk=decided(risk),
    )


def _row(episode: Episode, meaning: Meaning) -> dict[str, Any]:
    record = episode.record()
    return {**{name: record[name] for name in _COLUMNS}, "meaning": meaning.to_bytes()}


def _from_row(row: Any, recalled: int, last: float | None) -> Episode:
    fields = {name: row[name] for name in _COLUMNS}
    return Episode(**{**fields, "because": tuple(row["because"])}, recalled=recalled, last=last)


def _came_up(conversation: Conversation, known: Mapping[str, int]) -> set[Came]:
    """What came up in a conversation, as far as it is still here."""
    return {
        (id, storable(conversation.id), storable(one.at.turn or ""))
        for one in conversation.read("memory", scheme="recalled")
        for id in one.scores
        if id in known
    }


def _not_noted(connection: Connection, came: set[Came]) -> set[Came]:
    """Without what was noted before: an episode is strengthened once by a turn, however often its talk is kept."""
    columns = (recalls.c.episode, recalls.c.conversation, recalls.c.turn)
    talks = {talk for _, talk, _ in came}
    return came - {
        (a, b, c) for a, b, c in connection.execute(select(*columns).where(recalls.c.conversation.in_(talks)))
    }


def _still_new(
    connection: Connection, wanted: list[Episode], found: list[Meaning]
) -> tuple[list[Episode], list[Meaning]]:
    """Those that no other process has kept or forgotten meanwhile, and none twice."""
    ids = [one.id for one in wanted]
    here = {
        id
        for table in (episodes, forgotten)
        for start in range(0, len(ids), 500)  # a statement takes so many values at most
        for (id,) in connection.execute(select(table.c.id).where(table.c.id.in_(ids[start : start + 500])))
    }
    free = {one.id: (one, meaning) for one, meaning in zip(wanted, found, strict=True) if one.id not in here}
    return [one for one, _ in free.values()], [meaning for _, meaning in free.values()]


def _resting_on(every: Iterable[Episode], ids: set[str]) -> list[str]:
    """The inferences made from the turns of these episodes."""
    turns = {f"{one.conversation}/{one.turn}" for one in every if one.id in ids and one.kind == "said"}
    return [one.id for one in every if turns.intersection(one.because) and one.id not in ids]
