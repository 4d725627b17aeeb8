"""A folder as ConvoKit loads it: utterances.jsonl, speakers.json, conversations.json, corpus.json, index.json.

    {"id": "t1", "conversation_id": "chat.txt", "speaker": "ana", "text": "I miss him.", "reply-to": null,
     "timestamp": 0.5, "meta": {"insula": {"place": 0, "seconds": [0.5, 2.25], "judged": [{"layer": "emotion", ...}]}}}

A corpus has no two utterances of one id: a turn whose id is taken gets its conversation's in front. Turns answer the
one before, unless their `meta["reply_to"]` names another. `place` is where a turn or judgement stood in the log.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from insula.conversation import Annotation, Conversation, Turn
from insula.wire import dump

from .document import partial

FILE = "utterances.jsonl"
OURS = "insula"


class Writer:
    """Writes utterances as they come, to a folder beside the path that is put there when whole.

    A corpus that is there is replaced, file by file. Raises OSError, before any work is done, where the path is a file
    or a folder of other things, or cannot be written.
    """

    done: frozenset[str] = frozenset()

    def __init__(self, path: Path) -> None:
        if path.exists() and not path.is_dir():
            raise NotADirectoryError("it is a file, and a ConvoKit corpus is a folder")
        if path.is_dir() and any(path.iterdir()) and not (path / FILE).exists():
            raise FileExistsError("the folder holds something that is no corpus; give a new name")
        self.path, self._partial = path, partial(path)
        self._partial.mkdir(exist_ok=True)
        self._file = (self._partial / FILE).open("w", encoding="utf-8", errors="backslashreplace")
        self._utterances = set[str]()
        self._speakers: dict[str, dict[str, Any]] = {}
        self._conversations: dict[str, dict[str, Any]] = {}
        self._index: dict[str, dict[str, list[str]]] = {"utterances": {}, "speakers": {}, "conversations": {}}

    def write(self, conversation: Conversation) -> None:
        """Take in one conversation."""
        key = conversation.id or str(len(self._conversations) + 1)
        while key in self._conversations:
            key += "+"
        judged, rest = _placed(conversation)
        names = {turn.id: self._name(turn.id, key) for turn in conversation.turns}
        before = None
        for place, turn in ((place, one) for place, one in enumerate(conversation) if isinstance(one, Turn)):
            ours: dict[str, Any] = {"place": place, "id": turn.id, "judged": judged.get(turn.id, [])}
            ours |= {"seconds": list(turn.seconds)} if turn.seconds else {}
            meta = {**turn.meta, OURS: ours}
            answers = turn.meta.get("reply_to", before)
            above = names.get(answers) if answers is not None else None
            record = {"id": names[turn.id], "conversation_id": key, "speaker": turn.speaker, "text": turn.text}
            record |= {"reply-to": above, "timestamp": _time(turn), "meta": meta, "vectors": []}
            self._file.write(json.dumps(record, ensure_ascii=False, default=str) + "\n")
            self._note("utterances", meta)
            before = turn.id
        self._describe(key, conversation, rest)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: object) -> None:
        self._file.close()
        self._put("speakers.json", {name: {"meta": meta, "vectors": []} for name, meta in self._speakers.items()})
        about = {key: {"meta": meta, "vectors": []} for key, meta in self._conversations.items()}
        self._put("conversations.json", about)
        self._put("corpus.json", {"name": self.path.stem})
        index = {f"{kind}-index": types for kind, types in self._index.items()}
        self._put("index.json", {**index, "overall-index": {"name": ["<class 'str'>"]}, "version": 1, "vectors": []})
        if error is not None:
            error.add_note(f"what was done until then is in {self._partial}")
            return
        self.path.mkdir(exist_ok=True)
        for file in self._partial.iterdir():
            file.replace(self.path / file.name)
        self._partial.rmdir()

    def _describe(self, key: str, conversation: Conversation, rest: list[dict[str, Any]]) -> None:
        """Note what is known of a conversation and of the people in it."""
        about = dict(conversation.meta)
        people = known if isinstance(known := about.pop("speakers", {}), Mapping) else {}
        for turn in conversation.turns:
            self._speakers.setdefault(turn.speaker, dict(people.get(turn.speaker, {})))
            self._note("speakers", self._speakers[turn.speaker])
        self._conversations[key] = {**about, OURS: {"id": conversation.id, "log": rest}}
        self._note("conversations", self._conversations[key])

    def _name(self, turn: str, conversation: str) -> str:
        name = turn if turn not in self._utterances else f"{conversation}/{turn}"
        while name in self._utterances:
            name += "+"
        self._utterances.add(name)
        return name

    def _note(self, kind: str, meta: Mapping[str, Any]) -> None:
        """The index says of what type each field is."""
        for name, value in meta.items():
            known = str(type(value)) if isinstance(value, str | int | float | list) else "<class 'dict'>"
            if value is not None and known not in (types := self._index[kind].setdefault(str(name), [])):
                types.append(known)

    def _put(self, name: str, content: object) -> None:
        text = json.dumps(content, ensure_ascii=False, default=str)
        (self._partial / name).write_text(text, encoding="utf-8", errors="backslashreplace")


def _placed(conversation: Conversation) -> tuple[dict[str, list[dict[str, Any]]], list[dict[str, Any]]]:
    """The log without its turns, as JSON objects with their places: by the turn they judge, and those of none."""
    judged: dict[str, list[dict[str, Any]]] = {}
    rest = list[dict[str, Any]]()
    for place, one in enumerate(conversation):
        if not isinstance(one, Turn):
            record = {"place": place, **json.loads(dump(one))}
            of = one.at.turn if isinstance(one, Annotation) else None
            (rest if of is None else judged.setdefault(of, [])).append(record)
    return judged, rest


def _time(turn: Turn) -> float | None:
    """When a turn was said: seconds from the beginning, or what a corpus had."""
    time = turn.seconds[0] if turn.seconds else turn.meta.get("time")
    return time if isinstance(time, int | float) else None
