"""Conversations as they should not be: what comes out is right, or it is said what was wrong, where, and what to do."""

from __future__ import annotations

import json
import resource
import time
from pathlib import Path

import pytest

import insula
from insula.cli import run
from insula.conversation import Anchor, Annotation, Conversation, Turn
from insula.exchange import conversations

PRESET = "dialogue"
# reads no network: what is measured is the conversation, the files and the report
QUICK = "text-lexicon"
WRITTEN = (
    ".jsonl",
    ".csv",
    ".html",
    ".emotionml",
    ".eaf",
    ".TextGrid",
    ".vtt",
    ".parquet",
    ".convokit",
    ".reccon.json",
)


def read(*turns: Turn, preset: str = PRESET) -> Conversation:
    return insula.read(Conversation(*turns, id="talk"), preset)


def judged(conversation: Conversation) -> dict[str, str | None]:
    """The emotion of each turn, or why there is none."""
    found = {}
    for one in conversation.read("emotion", scheme="ekman7"):
        if not one.at.chars:
            found[one.at.turn] = one.top or one.reason
    return found


@pytest.fixture
def files(tmp_path):
    def make(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return make


@pytest.fixture
def tell(tmp_path, capsys):
    """What `insula read` writes of a file, and what it says."""

    def told(path: Path, *options: str) -> tuple[Conversation, str]:
        out = tmp_path / "out.jsonl"
        assert run(["read", str(path), "-p", QUICK, "-o", str(out), *options]) == 0
        said = capsys.readouterr().err
        assert "Traceback" not in said
        found = list(conversations(out))
        assert len(found) == 1
        return found[0], said

    return told


def test_one_turn():
    assert judged(read(Turn("ana", "I am so happy you came!"))) == {"t1": "joy"}


def test_one_speaker_only():
    found = read(*(Turn("ana", text) for text in ("I failed again.", "I can't stop crying.", "Nobody called.")))
    assert list(judged(found)) == ["t1", "t2", "t3"]
    assert {turn.speaker for turn in found.turns} == {"ana"}


def test_nobody_says_anything():
    assert len(read()) == 0


@pytest.mark.parametrize("text", ["", "   \n\t", "\u200b", "..."])
def test_an_empty_turn_is_no_neutral_one(text):
    found = read(Turn("ana", "I hate this!"), Turn("bo", text), Turn("ana", "I really do!"))
    assert [x.top for x in found.read("emotion", turn="t2")] == [None] * len(found.read("emotion", turn="t2"))
    assert judged(found)["t2"] not in ("", "neutral")
    assert judged(found)["t3"]


def test_a_turn_without_a_speaker_or_text_is_refused_where_it_is_made():
    assert read(Turn("", "I am so happy!")).last.speaker == ""
    with pytest.raises(ValueError, match="a turn's speaker is a text, not None; where it is not known it is empty"):
        Conversation(Turn(None, "Hi"))
    with pytest.raises(ValueError, match="a turn's text is a text, not None"):
        Conversation(Turn("ana", None))


def test_an_id_twice_is_refused_where_it_is_made():
    with pytest.raises(ValueError, match="turn 't1' is already here: turns are added, never replaced"):
        Conversation(Turn("ana", "Hi", id="t1"), Turn("bo", "Ho", id="t1"))


@pytest.mark.parametrize(
    "text",
    [
        "I love it \ud83d",
        "\ude00\ud83d so sad \ud800",
        "🙂🏽‍♀️ 👨‍👩‍👧 I love you ❤️",
        "\U0010ffff\x00\x1b[31m I hate you",
    ],
)
@pytest.mark.parametrize("suffix", WRITTEN)
def test_halves_of_characters_and_emoji(text, suffix, files, tmp_path, capsys):
    found = read(Turn("ana", text), Turn(f"bo{text[-1]}", "Fine."))
    assert all(one.at.chars is None or 0 <= one.at.chars[0] < one.at.chars[1] <= len(text) for one in _of(found, "t1"))
    lines = "".join(json.dumps({"kind": "turn", "speaker": t.speaker, "text": t.text}) + "\n" for t in found.turns)
    assert (
        run(["read", str(files("in.jsonl", lines)), "-p", QUICK, "--show", "-o", str(tmp_path / f"out{suffix}")]) == 0
    )
    assert "Traceback" not in capsys.readouterr().err


def _of(conversation: Conversation, turn: str) -> list[Annotation]:
    return [one for one in conversation if isinstance(one, Annotation) and one.at.turn == turn]


def test_a_turn_of_100_000_characters():
    text = "I was glad at first. Then she left and I cried. " * 2100
    began = time.process_time()
    found = read(Turn("ana", text), Turn("bo", "x" * 100_000), Turn("ana", "That is all."))
    assert time.process_time() - began < 60
    assert judged(found)["t1"]
    assert judged(found)["t3"]
    assert all(one.at.chars is None or one.at.chars[1] <= len(text) for one in _of(found, "t1"))


def test_ten_thousand_turns(tmp_path):
    """In proportion to the turns: a few seconds, and some hundred megabytes."""
    said = ("I can't believe he said that.", "That is so kind of you!", "We will see.", "I'm worried.", "Ok.")
    talk = Conversation(*(Turn("ab"[n % 2], f"{said[n % 5]} {n}", (n, n + 1)) for n in range(10_000)), id="long")
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    found = insula.read(talk, QUICK)
    assert time.process_time() - began < 30
    assert len(judged(found) or found.read("emotion")) >= 10_000
    for suffix in (".jsonl", ".reccon.json"):
        began = time.process_time()
        with insula.exchange.writer(tmp_path / f"out{suffix}") as out:
            out.write(found)
        (again,) = conversations(tmp_path / f"out{suffix}")
        assert [turn.text for turn in again.turns] == [turn.text for turn in talk.turns]
        assert time.process_time() - began < 60, suffix
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 2_000_000, "kB"


def test_times_that_overlap_or_are_the_same(tell, files):
    cues = [("00:05", "00:09", "ana", "One"), ("00:06", "00:07", "bo", "Two"), ("00:06", "00:20", "ana", "Three")]
    found, said = tell(files("a.vtt", _captions(cues)))
    assert [(t.text, t.seconds) for t in found.turns] == [("One", (5, 9)), ("Two", (6, 7)), ("Three", (6, 20))]
    assert "turn" not in said


def test_captions_out_of_order_are_read_by_their_times(tell, files):
    cues = [("00:05", "00:09", "ana", "Two"), ("00:01", "00:02", "bo", "One"), ("00:09", "00:12", "ana", "Three")]
    found, said = tell(files("a.vtt", _captions(cues)))
    assert [t.text for t in found.turns] == ["One", "Two", "Three"]
    assert "a.vtt: turn 2 begins at 1 s, after one that begins at 5 s; turns are read by their times" in said


def _captions(cues) -> str:
    blocks = (f"{start}.000 --> {end}.000\n<v {speaker}>{text}</v>" for start, end, speaker, text in cues)
    return "WEBVTT\n\n" + "\n\n".join(blocks) + "\n"


def test_rows_out_of_order_are_read_by_their_times(tell, files):
    table = "conversation,speaker,text,start,end\nc,ana,Two,5,9\nc,bo,One,1,2\nc,ana,Three,9,12\n"
    found, said = tell(files("a.csv", table))
    assert [(t.id, t.text) for t in found.turns] == [("t1", "One"), ("t2", "Two"), ("t3", "Three")]
    assert "a.csv, conversation c: turn 2 begins at 1 s, after one that begins at 5 s" in said


def test_rows_of_which_one_has_no_time_stay_as_they_are(tell, files):
    table = "conversation,speaker,text,start,end\nc,ana,Two,5,9\nc,bo,One,,\nc,ana,Three,1,2\n"
    found, said = tell(files("a.csv", table))
    assert [t.text for t in found.turns] == ["Two", "One", "Three"]
    assert "begins" not in said


def test_a_log_keeps_the_order_in_which_it_came(tell, files):
    """Our own log says what came when; its times may well go back, as where somebody was transcribed late."""
    turns = [Turn("ana", "Two", (5.0, 9.0), "t2"), Turn("bo", "One", (1.0, 2.0), "t1")]
    found, _ = tell(files("a.jsonl", "".join(insula.wire.dump(turn, "c") + "\n" for turn in turns)))
    assert [t.id for t in found.turns] == ["t2", "t1"]


@pytest.mark.parametrize("speaker", ["", "  ", None])
def test_unknown_speakers(speaker, tell, files):
    cell = speaker or ""
    found, _ = tell(files("a.csv", f"conversation,speaker,text\nc,ana,I hate it\nc,{cell},Why?\n"))
    assert [t.speaker for t in found.turns] == ["ana", cell if cell.strip() else "author"] or cell == "  "
    told = {"conversation_id": "c", "reply-to": None}
    lines = [{"id": "1", "speaker": "ana", "text": "Hm", **told}, {"id": "2", "speaker": speaker, "text": "Hm", **told}]
    found, _ = tell(files("utterances.jsonl", "\n".join(map(json.dumps, lines))))
    assert [t.speaker for t in found.turns] == ["ana", "author"]


def test_a_speaker_that_is_missing_from_a_log_is_named_by_its_line(files, capsys):
    log = '{"kind": "turn", "speaker": null, "text": "Hi"}\n{"kind": "turn", "text": "Hi"}\n'
    path = files("a.jsonl", log + '{"kind": "turn", "speaker": "ana", "text": "I am glad"}\n')
    assert run(["read", str(path), "-p", QUICK]) == 0
    said = capsys.readouterr()
    assert "a.jsonl, line 1: turn: speaker must be a text, not None; left out" in said.err
    assert "a.jsonl, line 2: turn: speaker is missing; left out" in said.err
    assert "I am glad" in said.out


def test_two_people_of_one_name(tell, files):
    table = "conversation,speaker,speaker_id,text\nc,Kim,7,Hi\nc,Kim,9,Ho\nc,Kim,7,Hey\nd,Kim,9,Solo\n"
    path = files("a.csv", table)
    assert [[t.speaker for t in c.turns] for c in conversations(path)] == [["Kim", "Kim #2", "Kim"], ["Kim"]]
    messages = [
        {"type": "message", "from": "Kim", "from_id": f"user{n}", "text": f"I am {n}"} for n in (1, 2, 1)
    ]  # fmt: skip
    found, _ = tell(files("result.json", json.dumps({"name": "x", "type": "private_group", "messages": messages})))
    assert [t.speaker for t in found.turns] == ["Kim", "Kim #2", "Kim"]
    said = [{"type": "Default", "content": f"I am {n}", "author": {"id": n, "name": "Kim"}} for n in ("a", "b", "a")]
    found, _ = tell(files("c.json", json.dumps({"guild": {}, "channel": {}, "messages": said})))
    assert [t.speaker for t in found.turns] == ["Kim", "Kim #2", "Kim"]


def test_an_id_twice_in_a_log_or_a_corpus(tell, files):
    log = '{"kind": "turn", "id": "t1", "speaker": "ana", "text": "One"}\n'
    found, said = tell(files("a.jsonl", log + log.replace("One", "Two")))
    assert [t.text for t in found.turns] == ["One"]
    assert "a.jsonl, line 2: turn 't1' is already here: turns are added, never replaced; left out" in said
    line = '{"id": "u1", "conversation_id": "c", "speaker": "ana", "text": "One", "reply-to": null}\n'
    found, said = tell(files("corpus/utterances.jsonl", line + line.replace("One", "Two")).parent)
    assert [(t.id, t.text) for t in found.turns] == [("u1", "One"), ("u1+", "Two")]
    assert "line 2: utterance 'u1' is in line 1 already; this one is kept as 'u1+'" in said


def test_replies_in_a_circle(tell, files):
    line = '{"id": "%s", "conversation_id": "c", "speaker": "ana", "text": "%s", "reply-to": "%s"}\n'
    path = files("corpus/utterances.jsonl", line % ("a", "One", "b") + line % ("b", "Two", "a"))
    found, said = tell(path.parent)
    assert [t.text for t in found.turns] == ["One", "Two"]
    assert "conversation c: the utterances in lines 1, 2 reply to one another in a circle; they come last" in said


def test_causes_that_are_not_there_and_strategies_nobody_knows(tell, files):
    evidence = "expanded emotion cause evidence"
    said = [
        {"turn": 1, "speaker": "A", "utterance": "We lost.", "emotion": "sadness", evidence: [2, 9]},
        {"turn": 2, "speaker": "B", "utterance": "Oh no.", "emotion": "bored"},
    ]
    found, told = tell(files("a.json", json.dumps({"d": [said]})))
    assert "dialogue d, turn 1: its cause is said to be turn 2, which comes later; it is kept" in told
    assert "dialogue d, turn 1: its cause is said to be turn 9, and the dialogue has none; this cause is left" in told
    assert "dialogue d, turn 2: emotion 'bored' is none of anger, disgust" in told
    assert [x.at for x in found.read("cause", rater="gold")] == [Anchor("t2")]
    dialog = [{"text": "I lost it.", "speaker": "usr"}, {"text": "La la.", "speaker": "sys", "strategy": "Sing"}]
    found, told = tell(files("b.json", json.dumps([{"dialog": dialog}])))
    assert "dialogue 1, turn 2: strategy 'Sing' is none of Question, Restatement" in told
    assert [t.speaker for t in found.turns] == ["seeker", "supporter"]


def test_turns_that_are_numbered_out_of_order(tell, files):
    said = [{"turn": n, "speaker": "A", "utterance": f"number {n}", "emotion": "neutral"} for n in (1, 3, 2)]
    found, told = tell(files("a.json", json.dumps({"d": [said]})))
    assert [t.text for t in found.turns] == ["number 1", "number 3", "number 2"]
    assert "dialogue d, turn 2: stands after turn 3; the turns are kept in the order of the file" in told
