"""JSON lines and JSON documents: our log, texts, chats of other programs, and damage."""

from __future__ import annotations

import json

import pytest

from insula.conversation import Turn
from insula.exchange import Unreadable
from insula.wire import dump


def _log(*conversations) -> str:
    return "".join(f"{dump(addition, c.id)}\n" for c in conversations for addition in c)


def test_a_cut_line_in_the_middle_loses_only_itself(read, file, problems):
    lines = [json.dumps({"text": f"text {n}"}) for n in range(1000)]
    lines[500] = lines[500][:9]
    found = read(file("a.jsonl", "\n".join(lines) + "\n"))
    assert len(found) == 999
    assert [(p.source, p.where) for p in problems] == [("a.jsonl", "line 501")]
    assert found[500].id == "a.jsonl:502"


def test_a_cut_line_in_a_log_loses_only_itself(read, file, problems, quarrel):
    lines = _log(quarrel).splitlines()
    lines[3] = lines[3][: len(lines[3]) // 2]
    (found,) = read(file("a.jsonl", "\n".join(lines)))
    assert len(found) == len(quarrel) - 1
    assert [p.where for p in problems] == ["line 4"]


def test_a_judgement_of_a_turn_that_is_missing_is_reported(read, file, problems, quarrel):
    lines = _log(quarrel).splitlines()
    (found,) = read(file("a.jsonl", "\n".join(lines[1:])))
    assert [t.speaker for t in found.turns] == ["bo", "ana"]
    assert all("'t1', which is not here" in p.what for p in problems)
    assert len(problems) == 2


def test_conversations_whose_lines_are_mixed_are_put_together(read, file, problems, quarrel):
    other = type(quarrel)(Turn("cy", "Hi"), Turn("dee", "Hello"), id="other")
    log = _log(quarrel).splitlines() + _log(other).splitlines()
    log.append(log.pop(4))
    found = read(file("a.jsonl", "\n".join(log)))
    assert [(c.id, len(c)) for c in found] == [("quarrel", len(quarrel)), ("other", 2)]
    assert problems == []


def test_texts_and_chats_by_line(read, file):
    lines = [{"review": "Lovely.", "stars": 5}, {"messages": [{"role": "user", "content": "Hi"}]}, {"review": "Bad."}]
    found = read(file("a.jsonl", "\n".join(map(json.dumps, lines))))
    assert [(c.id, c.last.speaker, c.last.text) for c in found] == [
        ("a.jsonl:1", "author", "Lovely."),
        ("a.jsonl:2", "user", "Hi"),
        ("a.jsonl:3", "author", "Bad."),
    ]
    assert found[0].last.meta["stars"] == 5


def test_lines_without_a_text(read, file, problems):
    with pytest.raises(Unreadable, match="no field is known to hold text; there are stars"):
        read(file("a.jsonl", '{"stars": 5}\n[1]\n'))
    assert [p.where for p in problems] == ["line 1", "line 2"]


def test_half_a_character_does_not_break_what_follows(read, file):
    (found,) = read(file("a.jsonl", '{"text": "cut \\ud83d"}\n'))
    assert found.last.text == "cut ?"
    (whole,) = read(file("b.jsonl", '{"text": "\\ud83d\\ude42"}\n'))
    assert whole.last.text == "🙂"


def test_telegram(read, file):
    messages = [
        {"id": 1, "type": "service", "action": "create_group", "text": ""},
        {"id": 2, "type": "message", "from": "Ana", "date": "2024-03-01T09:41:00", "text": "Hi"},
        {"id": 3, "type": "message", "from": None, "text": ["see ", {"type": "link", "text": "this"}]},
        {"id": 4, "type": "message", "from": "Ana", "photo": "a.jpg", "text": ""},
    ]
    (found,) = read(file("result.json", json.dumps({"name": "Ana", "type": "personal_chat", "messages": messages})))
    assert [(t.speaker, t.text) for t in found.turns] == [("Ana", "Hi"), ("deleted account", "see this")]
    assert found.turns[0].meta["time"] == "2024-03-01T09:41:00"
    assert found.id == "result.json"
    account = {"chats": {"list": [{"messages": messages}, {"messages": messages[1:2]}]}}
    assert [c.id for c in read(file("all.json", json.dumps(account)))] == ["all.json:1", "all.json:2"]


def test_discord(read, file):
    ana = {"name": "ana1", "nickname": "Ana"}
    messages = [
        {"type": "GuildMemberJoin", "content": "Joined the server.", "author": ana},
        {"type": "Default", "content": "Hi all", "author": ana, "timestamp": "2024-03-01T09:41:00+00:00"},
        {"type": "Reply", "content": "Hey", "author": {"name": "bo", "nickname": ""}},
        {"type": "Default", "content": "", "author": ana},
    ]
    (found,) = read(file("c.json", json.dumps({"guild": {}, "channel": {"name": "general"}, "messages": messages})))
    assert [(t.speaker, t.text) for t in found.turns] == [("Ana", "Hi all"), ("bo", "Hey")]


def test_openai_messages_in_every_packing(read, file):
    chat = [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "name": "ana", "content": [{"type": "text", "text": "Hi"}, {"type": "image_url"}]},
        {"role": "assistant", "content": None, "tool_calls": [{}]},
        {"role": "tool", "content": "42"},
        {"role": "assistant", "content": "Hello"},
    ]
    for document in (chat, {"messages": chat}, [{"messages": chat}], [chat]):
        (found,) = read(file("m.json", json.dumps(document)))
        assert [(t.speaker, t.text) for t in found.turns] == [("ana", "Hi"), ("assistant", "Hello")]
    assert len(read(file("m.json", json.dumps([chat, chat])))) == 2


def test_chatgpt_export_reads_the_branch_that_was_kept(read, file):
    def node(parent, role, text):
        message = {"author": {"role": role}, "content": {"content_type": "text", "parts": [text]}}
        return {"parent": parent, "message": message if role else None}

    mapping = {
        "root": node(None, "", ""),
        "a": node("root", "user", "Hi"),
        "b": node("a", "assistant", "dropped"),
        "c": node("a", "assistant", "kept"),
    }
    (found,) = read(file("conversations.json", json.dumps([{"title": "x", "mapping": mapping, "current_node": "c"}])))
    assert [t.text for t in found.turns] == ["Hi", "kept"]


def test_lists_of_texts(read, file):
    assert [c.last.text for c in read(file("a.json", '["Lovely.", {"text": "Bad.", "n": 1}]'))] == ["Lovely.", "Bad."]


def test_json_of_an_unknown_shape_says_what_is_there(read, file):
    with pytest.raises(Unreadable, match="neither a chat nor a text.*there are weather, wind"):
        read(file("a.json", '{"weather": 1, "wind": 2}'))


def test_cut_json(read, file):
    with pytest.raises(Unreadable, match="line 2: is not whole JSON"):
        read(file("a.json", '{"messages":\n [{"role": "user"'))


def test_json_lines_under_the_name_of_json(read, file):
    assert len(read(file("a.json", '{"text": "one"}\n{"text": "two"}\n'))) == 2


def test_convokit_follows_time_or_replies(read, file):
    def utterance(id, speaker, reply, **more):
        return json.dumps(
            {"id": id, "conversation_id": "u1", "speaker": speaker, "text": id, "reply-to": reply, **more}
        )

    lines = [
        utterance("u3", "ana", "u2"),
        utterance("u1", "ana", None),
        utterance("u4", "cy", "u1"),
        utterance("u2", "bo", "u1"),
    ]
    path = file("corpus/utterances.jsonl", "\n".join(lines))
    file("corpus/speakers.json", "{}")
    (by_reply,) = read(path.parent)
    assert by_reply.id == "corpus:u1"
    assert [t.id for t in by_reply.turns] == ["u1", "u4", "u2", "u3"]
    timed = [utterance("u2", "bo", "u1", timestamp=2.0, meta={"x": 1}), utterance("u1", "ana", None, timestamp=1.0)]
    (by_time,) = read(file("corpus/utterances.jsonl", "\n".join(timed)).parent)
    assert [(t.id, t.meta["time"]) for t in by_time.turns] == [("u1", 1.0), ("u2", 2.0)]
    assert by_time.turns[1].meta["x"] == 1
