"""What is kept and forgotten, in SQLite and in a PostgreSQL server that the test starts."""

import pytest

from insula import Conversation, Turn
from insula.serve.store import Store, StoreUnavailable

DAY = 86_400.0


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    if request.param == "sqlite":
        return str(tmp_path / "insula.sqlite")
    return request.getfixturevalue("postgres")[0]


def remembered(store, person, *texts):
    with store.memory(person) as memory:
        memory.keep(Conversation(*(Turn(person, text) for text in texts), id="talk-x"))


def episodes(store, person):
    with store.memory(person) as memory:
        return [one.text for one in memory.episodes()]


def test_asking_about_somebody_unknown_makes_nothing(tmp_path):
    store = Store.open(tmp_path / "insula.sqlite")
    assert store.episodes("nobody") == []
    assert not list((tmp_path / "insula-memories").glob("*"))
    store.close()


def test_a_talk_is_kept_line_by_line_and_is_there_again(place):
    store = Store.open(place)
    talk = store.begin("ana", "warm", "en-GB", remembers=False)
    store.add(talk.id, [Turn("person", "Hello.", id="t1")])
    store.add(talk.id, [Turn("companion", "Hello, ana. 💛", id="t2"), Turn("person", "Half \udcff a sign.", id="t3")])
    store.close()
    store = Store.open(place)
    assert [turn.id for turn in store.conversation(talk.id).turns] == ["t1", "t2", "t3"]
    assert store.conversation(talk.id).turns[1].text == "Hello, ana. 💛"
    assert store.talk(talk.id).person == "ana"
    assert [one.id for one in store.talks("ana")] == [talk.id]
    store.close()


def test_memories_are_apart_and_go_with_their_person(place):
    store = Store.open(place)
    remembered(store, "ana", "I have a cat called Pixelwhisker.")
    remembered(store, "bob", "I have a boat called Marzipan.")
    assert episodes(store, "ana") == ["I have a cat called Pixelwhisker."]
    talk = store.begin("ana", "warm", "", remembers=True)
    store.consent("ana", "memory", given=True, words="Yes.")
    assert [one.given for one in store.consents("ana")] == [True]
    assert store.forget("ana") == 1
    assert episodes(store, "ana") == []
    assert store.consents("ana") == []
    assert episodes(store, "bob") == ["I have a boat called Marzipan."]
    with pytest.raises(KeyError):
        store.talk(talk.id)
    store.close()


def test_old_talks_go_with_what_was_remembered_of_them(place):
    now = [0.0]
    store = Store.open(place, lambda: now[0])
    old = store.begin("ana", "warm", "", remembers=True)
    with store.memory("ana") as memory:
        memory.keep(Conversation(Turn("ana", "I have a cat."), id=f"talk-{old.id}"))
        memory.keep(Conversation(Turn("ana", "I have a boat."), id="talk-other"))
    now[0] = 40 * DAY
    new = store.begin("ana", "warm", "", remembers=True)
    assert store.expired(30) == [old.id]
    store.delete(old.id)
    assert [one.id for one in store.talks("ana")] == [new.id]
    assert episodes(store, "ana") == ["I have a boat."]
    store.close()


def test_all_of_an_addition_is_kept_or_none(place):
    store = Store.open(place)
    talk = store.begin("ana", "warm", "", remembers=False)
    with pytest.raises(KeyError):
        store.add("nowhere", [Turn("a", "b", id="t1")])
    assert not store.conversation(talk.id).turns
    store.close()


def test_two_servers_may_open_one_database(place):
    one, two = Store.open(place), Store.open(place)
    talk = one.begin("ana", "warm", "", remembers=False)
    two.add(talk.id, [Turn("person", "Hello.", id="t1")])
    assert len(one.conversation(talk.id).turns) == 1
    one.close()
    two.close()


def test_what_is_no_database_is_told_and_left_as_it_is(tmp_path):
    file = tmp_path / "x.sqlite"
    file.write_text("no database, and long enough to be seen as none " * 10)
    with pytest.raises(StoreUnavailable, match="cannot be used"):
        Store.open(file)
    assert file.read_text().startswith("no database")
    for place in ("nosql://somewhere/x", "postgresql+psycopg://name:secret@127.0.0.1:1/x"):
        with pytest.raises(StoreUnavailable) as refused:
            Store.open(place)
        assert "secret" not in str(refused.value)
