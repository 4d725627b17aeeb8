"""Files of every format, damaged at random: something is read, or one sentence says why not; never anything else."""

from __future__ import annotations

import json
import random
from contextlib import suppress
from pathlib import Path

import pytest

from insula.conversation import Conversation, Turn
from insula.exchange import Unreadable, conversations, writer
from insula.wire import dump

from .test_corpora import EVIDENCE, FLAT, HELP, machine

CHAT = [{"role": "user", "content": "Hi", "text": "Hi", "from": "ana", "date": "2024-03-01"}] * 3
NODES = {"a": {"parent": None, "message": {"author": {"role": "user"}, "content": {"parts": ["Hi"]}}}}
WHOLE = {
    "a.txt": "Ana: I miss him.\nBo: I know.\n",
    "chat.txt": "31/12/2023, 21:41 - Ana: Happy new year!\n31/12/2023, 21:42 - Bo: You\ntoo!",
    "a.csv": 'id,text,start,end\n1,"so ""good"", really",0,1\n2,bad,1,2\n',
    "a.tsv": "id\ttext\n1\tgood\n2\tbad\n",
    "texts.jsonl": '{"text": "one"}\n{"text": "two"}\n{"messages": [{"role": "user", "content": "Hi"}]}\n',
    "convokit.jsonl": '{"id": "a", "root": "a", "text": "Hi", "user": "ana", "reply-to": null}\n',
    "telegram.json": json.dumps({"name": "x", "messages": CHAT}),
    "discord.json": json.dumps({"channel": {}, "messages": [{"content": "Hi", "author": {"name": "ana"}}]}),
    "openai.json": json.dumps([{"messages": CHAT}]),
    "chatgpt.json": json.dumps([{"mapping": NODES, "current_node": "a"}]),
    "reccon.json": json.dumps(FLAT),
    "esconv.json": json.dumps([HELP]),
    "esconv.jsonl": json.dumps(HELP) + "\n" + json.dumps(HELP),
    "a.vtt": "WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.000\n<v Ana>Hi</v>\n",
    "a.srt": "1\n00:00:01,000 --> 00:00:02,000\nAna: Hi\n",
}
WRITTEN = (
    "out.reccon.json",
    "out.esconv.json",
    "out.convokit",
    "out.jsonl",
    "out.parquet",
    "out.emotionml",
    "out.eaf",
    "out.TextGrid",
    "out.vtt",
)


def check(path: Path) -> None:
    with suppress(Unreadable):
        for found in conversations(path, lambda problem: str(problem).index(path.name)):
            assert isinstance(found, Conversation)


def damaged(content: bytes, chance: random.Random) -> bytes:
    """The content with a stretch of it cut out, doubled, or overwritten."""
    start = chance.randrange(len(content))
    end = min(len(content), start + chance.choice((1, 3, 40)))
    piece = chance.choice(
        (b"", content[start:end] * 2, b"\x00", b"\xff", b'"', b"{", b"-9", bytes([chance.randrange(256)]))
    )
    return content[:start] + piece + content[end:]


@pytest.mark.parametrize("name", [*WHOLE, *WRITTEN])
def test_damage_is_said_and_never_crashes(tmp_path, name, quarrel):
    path = tmp_path / name
    if name in WHOLE:
        path.write_text(WHOLE[name])
    else:
        machine(quarrel)
        with writer(path) as out:
            out.write(quarrel)
    path = path / "utterances.jsonl" if path.is_dir() else path
    whole, chance = path.read_bytes(), random.Random(name)
    assert list(conversations(path))
    for _ in range(150):
        content = whole
        for _ in range(chance.choice((1, 1, 4))):
            content = damaged(content, chance) or whole
        path.write_bytes(content)
        check(path)


@pytest.mark.parametrize("shape", [None, 1, "x", [], {}, [[]], [None], {"a": None}, [{}], {"role": 1, "text": {}}])
def test_json_of_any_shape(tmp_path, shape):
    for key in (
        "messages",
        "mapping",
        "chats",
        "text",
        "content",
        "current_node",
        "author",
        "conversation_id",
        "dialog",
    ):
        for document in (
            shape,
            {key: shape},
            [{key: shape}],
            {"messages": [{key: shape}]},
            {"chats": {"list": [{key: shape}]}},
            {"dialog": [{key: shape}, {"text": "Hi", "speaker": shape, "strategy": shape, "annotation": shape}]},
            {"d": [[{"turn": shape, "utterance": "Hi", "speaker": shape, "emotion": shape, "insula": shape}]]},
            {"d": shape, "e": [{"turn": 1, "utterance": shape}, {"turn": 2, "utterance": "", EVIDENCE: shape}]},
        ):
            path = tmp_path / "a.json"
            path.write_text(json.dumps(document))
            check(path)
            path = path.with_suffix(".jsonl")
            path.write_text(
                json.dumps(document) + "\n" + dump(Turn("ana", "Hi"), "x") + "\n" + json.dumps({"reply-to": shape})
            )
            check(path)
