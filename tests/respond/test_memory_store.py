"""A memory keeps what it says it kept, shows all of it, and forgets so that no byte is left."""

import json
import signal
import sqlite3
import stat
import subprocess
import sys
import time

import pytest

from insula import Anchor, Annotation, Conversation, Turn, scheme
from insula.respond.memory import Memory, MemoryUnavailable

WORDS = ("Pixelwhisker", "zebrafish", "lighthouse", "marzipan")


def talk(id="monday", *texts):
    texts = texts or tuple(f"I told you about the {word} we had." for word in WORDS)
    return Conversation(*(Turn("ana", text) for text in texts), id=id)


def felt(conversation, turn, risk="none"):
    level = {label: float(label == risk) for label in scheme("risk-level").labels}
    emotion = {label: float(label == "sadness") for label in scheme("ekman7").labels}
    conversation.add(
        Annotation("emotion", emotion, Anchor(turn), "ekman7", "made-up", ("sadness",)),
        Annotation("affect", {"valence": -0.5, "arousal": 0.2, "dominance": -0.1}, Anchor(turn), "vad", "made-up"),
        Annotation("risk", level, Anchor(turn), "risk-level", "made-up", (risk,)),
    )
    return conversation


@pytest.fixture
def place(tmp_path):
    return tmp_path / "me.db"


def test_what_is_kept_is_there_after_opening_again(place):
    with Memory.open(place, clock=lambda: 1000.0) as memory:
        kept = memory.keep(felt(talk(), "t2"))
        assert [one.turn for one in kept] == ["t1", "t2", "t3", "t4"]
    with Memory.open(place) as memory:
        assert memory.episodes() == kept
        second = memory.episode(kept[1].id)
    assert (second.conversation, second.turn, second.when, second.emotion) == ("monday", "t2", 1000.0, "sadness")
    assert dict(second.mood) == {"valence": -0.5, "arousal": 0.2, "dominance": -0.1}
    assert second.importance == 0.5
    assert second.risk == "none"


def test_keeping_a_growing_talk_adds_only_what_is_new_and_nothing_of_the_companion(place):
    memory, conversation = Memory.open(place), talk("monday", "My cat is ill.")
    assert len(memory.keep(conversation)) == 1
    conversation.add(Turn("companion", "I am sorry to hear that."), Turn("ana", ""), Turn("ana", "She is fourteen."))
    assert [one.text for one in memory.keep(conversation)] == ["She is fourteen."]
    assert memory.keep(conversation) == []
    assert [one.text for one in memory.episodes()] == ["My cat is ill.", "She is fourteen."]


def test_a_talk_without_an_id_cannot_be_cited():
    with pytest.raises(ValueError, match="give it one"):
        Memory.open().keep(Conversation(Turn("ana", "Hello there.")))


def test_the_file_is_its_owners_alone(place, tmp_path):
    memory = Memory.open(place)
    memory.keep(talk())
    memory.export(tmp_path / "me.jsonl")
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "me.jsonl").stat().st_mode) == 0o600


def test_a_file_named_as_a_url_is_the_same_file(place):
    kept = Memory.open(f"sqlite:///{place}").keep(talk())
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert Memory.open(place).episodes() == kept


def test_an_export_is_every_episode_as_json(place, tmp_path):
    memory = Memory.open(place)
    memory.keep(felt(talk(), "t1"))
    assert memory.export(tmp_path / "me.jsonl") == 4
    lines = [json.loads(line) for line in (tmp_path / "me.jsonl").read_text().splitlines()]
    assert [line["text"] for line in lines] == [one.text for one in memory.episodes()]
    assert lines[0]["mood"]["valence"] == -0.5
    assert sorted(file.name for file in tmp_path.iterdir()) == ["me.db", "me.jsonl"]


def bytes_of(folder):
    return b"".join(file.read_bytes() for file in folder.iterdir() if file.is_file())


def test_forgetting_all_leaves_no_byte(place, tmp_path):
    memory = Memory.open(place)
    kept = memory.keep(talk())
    assert all(word.encode() in bytes_of(tmp_path) for word in WORDS)
    assert memory.forget_all() == 4
    left = bytes_of(tmp_path)
    assert not [word for word in (*WORDS, "monday", "ana", *(one.id for one in kept)) if word.encode() in left]
    assert [file.name for file in tmp_path.iterdir()] == ["me.db"]
    assert memory.episodes() == []
    assert memory.keep(talk()) == [], "a running talk brings back what was forgotten"
    assert memory.keep(talk("tuesday", "A new day begins."))


def test_a_memory_of_hundreds_forgets_all_and_one_without_a_trace(place, tmp_path):
    memory = Memory.open(place)
    memory.keep(talk("long", *(f"Day {day}: I walked to the lighthouse{day}x and felt fine." for day in range(400))))
    gone = memory.episodes()[123]
    memory.forget(gone.id)
    assert b"lighthouse123x" not in bytes_of(tmp_path)
    assert b"lighthouse124x" in bytes_of(tmp_path)
    memory.forget_all()
    assert b"lighthouse" not in bytes_of(tmp_path)


def test_forgetting_one_leaves_the_others_and_lasts(place, tmp_path):
    memory = Memory.open(place)
    gone, *others = memory.keep(talk())
    memory.forget(gone.id)
    assert memory.episodes() == others
    assert WORDS[0].encode() not in bytes_of(tmp_path)
    with pytest.raises(KeyError, match="no memory"):
        memory.episode(gone.id)
    with pytest.raises(KeyError, match="no memory"):
        memory.forget(gone.id)
    memory.close()
    assert Memory.open(place).keep(talk()) == [], "keeping the same talk again brought it back"


def test_edited_words_replace_the_old_ones_everywhere(place, tmp_path):
    memory = Memory.open(place)
    first = memory.keep(felt(talk(), "t1"))[0]
    edited = memory.edit(first.id, "I told you about the walrus.")
    assert edited.text == "I told you about the walrus."
    assert not edited.mood
    assert (edited.turn, edited.when) == (first.turn, first.when)
    assert WORDS[0].encode() not in bytes_of(tmp_path)
    assert Memory.open(place).episode(first.id) == edited
    with pytest.raises(ValueError, match="use forget"):
        memory.edit(first.id, " ")


KEEPER = """
import sys
from insula import Conversation, Turn
from insula.respond.memory import Memory
memory, name = Memory.open(sys.argv[1]), sys.argv[2]
talk = Conversation(id=name)
while True:
    for one in memory.keep(talk):
        print(one.id, flush=True)
    talk.add(Turn("ana", f"It is step {len(talk)} of {name} today."))
"""


def start(place, name):
    return subprocess.Popen([sys.executable, "-c", KEEPER, str(place), name], stdout=subprocess.PIPE, text=True)


def test_killed_in_the_middle_of_writing_nothing_is_lost_and_two_at_once_do_no_harm(place):
    keepers = [start(place, name) for name in ("one", "two")]
    said = [[keeper.stdout.readline() for _ in range(25)] for keeper in keepers]
    for keeper in keepers:
        keeper.send_signal(signal.SIGKILL)
    told = {line.strip() for some, keeper in zip(said, keepers, strict=True) for line in [*some, *keeper.stdout]}
    for keeper in keepers:
        keeper.wait()
    memory = Memory.open(place)
    there = {one.id for one in memory.episodes()}
    assert len(told) >= 50
    assert {one for one in told if len(one) == 17} <= there
    assert {one.conversation for one in memory.episodes()} == {"one", "two"}
    assert memory.keep(talk("after"))


def test_another_process_is_seen(place):
    first, second = Memory.open(place), Memory.open(place)
    kept = first.keep(talk())
    assert second.episodes() == kept
    second.forget(kept[0].id)
    assert first.episodes() == kept[1:]
    first.keep(talk("tuesday", "It rained."))
    assert len(second.keep(talk("tuesday", "It rained.", "Then the sun came."))) == 1


@pytest.mark.parametrize("content", [b"not a database at all", b"SQLite format 3\x00" + b"\x07" * 5000])
def test_a_file_that_is_no_memory_is_said_and_left(place, content):
    place.write_bytes(content)
    with pytest.raises(MemoryUnavailable, match=r"me\.db"):
        Memory.open(place)
    assert place.read_bytes() == content


def test_a_database_of_something_else_and_a_newer_one_are_left(place, tmp_path):
    with sqlite3.connect(tmp_path / "songs.db") as other:
        other.execute("CREATE TABLE songs (name TEXT)")
    before = (tmp_path / "songs.db").read_bytes()
    with pytest.raises(MemoryUnavailable, match=r"something else \(tables songs\)"):
        Memory.open(tmp_path / "songs.db")
    assert (tmp_path / "songs.db").read_bytes() == before
    Memory.open(place).close()
    with sqlite3.connect(place) as newer:
        newer.execute("UPDATE insula_memory SET version = 99")
    with pytest.raises(MemoryUnavailable, match="version 99"):
        Memory.open(place)


def test_a_damaged_memory_is_said_and_left(place):
    memory = Memory.open(place)
    memory.keep(talk("long", *(f"On day {day} I walked to the lighthouse." for day in range(200))))
    memory.close()
    content = bytearray(place.read_bytes())
    content[8192:60000] = b"\xa5" * (60000 - 8192)
    place.write_bytes(bytes(content))
    with pytest.raises(MemoryUnavailable, match="damaged|malformed"):
        Memory.open(place)
    assert place.read_bytes() == bytes(content)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("no/such/folder/me.db", "No such file"),
        ("postgres+nothing://ana:secret@here/x", "no database a memory can use"),
        ("postgresql+psycopg://ana:secret@127.0.0.1:9/x", "cannot be used"),
    ],
)
def test_a_place_that_cannot_be_is_said_without_its_password(place, said):
    if place.startswith("postgresql"):
        pytest.importorskip("psycopg", reason="the postgres extra is not installed")
    with pytest.raises(MemoryUnavailable, match=said) as error:
        Memory.open(place)
    assert "secret" not in str(error.value)


def test_hard_words_come_back_as_they_were(place):
    texts = ("Ich vermisse dich, für immer.", "🙂🙂 so happy", "'; DROP TABLE insula_episodes; --", "我今天很难过")
    memory = Memory.open(place)
    memory.keep(talk("hard", *texts, "a\x00b \udcff half"))
    found = [one.text for one in Memory.open(place).episodes()]
    assert found[:4] == list(texts)
    assert len(found) == 5


def test_postgresql_keeps_and_forgets_as_sqlite_does(postgres):
    url, data = postgres
    memory = Memory.open(url)
    kept = memory.keep(felt(talk(), "t2"))
    assert Memory.open(url).episodes() == kept
    memory.edit(kept[1].id, "Something else.")
    memory.forget(kept[0].id)
    other = Memory.open(url)
    assert [one.text for one in other.episodes()] == ["Something else.", kept[2].text, kept[3].text]
    assert other.keep(talk()) == []
    assert memory.forget_all() == 3
    assert other.episodes() == []
    import sqlalchemy

    with sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(sqlalchemy.text("CHECKPOINT"))
    tables = b"".join(file.read_bytes() for file in (data / "base").rglob("*") if file.is_file())
    assert not [word for word in WORDS if word.encode() in tables]


def test_a_busy_file_is_waited_for(place):
    memory = Memory.open(place)
    other = sqlite3.connect(place, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    import threading

    threading.Timer(0.3, lambda: other.execute("ROLLBACK")).start()
    start = time.monotonic()
    assert memory.keep(talk())
    assert time.monotonic() - start > 0.2
