"""The laws of the conversation: it only grows, ids follow from content, pending is what nobody judged yet."""

import copy
import pickle
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insula import Anchor, Annotation, Conversation, Signal, Turn, merge


def judged(turn: str | None, rater: str = "gold", layer: str = "emotion", **scores: float) -> Annotation:
    return Annotation(layer, scores or {"joy": 1.0}, Anchor(turn), "words", rater)


@given(st.lists(st.text(max_size=20), max_size=12))
def test_append_only(texts):
    conversation = Conversation()
    for number, text in enumerate(texts, 1):
        before = conversation.log
        (turn,) = conversation.add(Turn("ana", text))
        assert conversation.log == (*before, turn)
        assert turn.id == f"t{number}"
    assert [turn.text for turn in conversation.turns] == texts
    assert len(conversation) == len(texts)


def test_a_turn_is_added_never_replaced():
    conversation = Conversation(Turn("ana", "first", id="t1"))
    with pytest.raises(ValueError, match="never replaced"):
        conversation.add(Turn("ana", "second", id="t1"))
    assert conversation.turn("t1").text == "first"


def test_given_ids_and_made_ids_do_not_clash():
    conversation = Conversation(Turn("ana", id="t2"), Turn("bo"), Turn("ana"))
    assert [turn.id for turn in conversation.turns] == ["t2", "t3", "t4"]


def test_views_cannot_change_the_log():
    conversation = Conversation(Turn("ana", "hi"), judged("t1"))
    conversation.turns.clear()
    conversation.read("emotion").clear()
    conversation.pending("emotion", "gold").append(Turn("eve"))
    assert len(conversation.turns) == len(conversation.read("emotion")) == 1
    assert conversation.pending("emotion", "gold") == []
    with pytest.raises(TypeError):
        conversation.read("emotion")[0].scores["joy"] = 0.0  # type: ignore[index]


def test_scores_are_copied_on_the_way_in():
    scores = {"joy": 0.5}
    annotation = Annotation("emotion", scores)
    scores["joy"] = 0.9
    assert annotation.scores == {"joy": 0.5}


def test_an_annotation_must_have_something_to_stand_on():
    with pytest.raises(ValueError, match="'t9', which is not here"):
        Conversation(Turn("ana"), judged("t9"))


@given(st.dictionaries(st.text(max_size=5), st.floats(0, 1), min_size=1, max_size=5), st.randoms())
def test_the_id_follows_from_the_content(scores, random):
    shuffled = list(scores.items())
    random.shuffle(shuffled)
    one, other = Annotation("emotion", scores), Annotation("emotion", dict(shuffled))
    assert one == other
    assert one.id == other.id
    assert hash(one) == hash(other)
    assert Annotation("emotion", scores, rater="someone else").id != one.id


def test_the_id_is_pinned():
    """The id is written into files, so it may not drift: a failure here breaks everybody's `because`."""
    annotation = Annotation("emotion", {"joy": 0.5}, Anchor("t1", chars=(0, 4)), "ekman7", "gold", ("joy",))
    assert annotation.id == "aa78fda1329ffbdfb"


def test_numbers_of_other_libraries_become_plain_floats():
    numpy = pytest.importorskip("numpy")
    annotation = Annotation("affect", {"valence": numpy.float32(0.5)}, margin={"valence": numpy.float64(0.25)})
    plain = Annotation("affect", {"valence": 0.5}, margin={"valence": 0.25})
    assert type(annotation.scores["valence"]) is float
    assert annotation.id == plain.id


def test_abstention_is_not_a_score():
    nothing = Annotation("emotion", {}, reason="too short")
    assert nothing.abstained
    assert nothing.top is None
    assert judged(None, joy=0.2, fear=0.7).top == "fear"
    assert not judged(None, neutral=1.0).abstained


def test_read_narrows():
    conversation = Conversation(Turn("ana"), Turn("bo"), judged("t1"), judged("t2", "me"), judged("t1", layer="stress"))
    assert len(conversation.read("emotion")) == 2
    assert [x.at.turn for x in conversation.read("emotion", rater="me")] == ["t2"]
    assert conversation.read("emotion", turn="t1", rater="me") == []
    assert conversation.read("emotion", scheme="ekman6") == []
    assert conversation.read("nothing such") == []


def test_a_reader_is_found_by_its_name_in_every_revision():
    conversation = Conversation(Turn("ana", "Hello.", id="t1"))
    old, new = judged("t1", rater="mine@1"), judged("t1", rater="mine@2")
    conversation.add(old, new, judged("t1", rater="mine.too@1"))
    assert conversation.read("emotion", rater="mine") == [old, new]
    assert conversation.read("emotion", rater="mine@2") == [new]


def test_pending_is_what_this_rater_has_not_judged():
    conversation = Conversation(Turn("ana"), Turn("bo"))
    assert [t.id for t in conversation.pending("emotion", "me")] == ["t1", "t2"]
    conversation.add(judged("t1", "me"), judged("t2", "you"), judged("t2", "me", "stress"))
    assert [t.id for t in conversation.pending("emotion", "me")] == ["t2"]
    conversation.add(Turn("cy"))
    assert [t.id for t in conversation.pending("emotion", "me")] == ["t2", "t3"]
    assert [t.id for t in conversation.pending("emotion", "you")] == ["t1", "t3"]


@given(st.lists(st.sampled_from(["turn", "me", "you", "ask"]), max_size=40))
def test_pending_asked_early_or_late_is_the_same(steps):
    """Asking is remembered and kept up to date; it must never change the answer."""
    conversation = Conversation(Turn("ana"))
    for step in steps:
        if step == "turn":
            conversation.add(Turn("ana"))
        elif step == "ask":
            conversation.pending("emotion", "me")
        else:
            conversation.add(judged(f"t{len(conversation.turns)}", step))
    fresh = Conversation(*conversation.log)
    for rater in ("me", "you", "nobody"):
        assert conversation.pending("emotion", rater) == fresh.pending("emotion", rater)


def test_a_long_live_conversation_takes_linear_time():
    """A hundred thousand turns, each judged as it comes: quadratic bookkeeping would take hours, not seconds."""
    conversation = Conversation()
    start = time.process_time()
    for _ in range(100_000):
        conversation.add(Turn("ana", "hello"))
        for turn in conversation.pending("emotion", "me"):
            conversation.add(judged(turn.id, "me"))
    assert time.process_time() - start < 30
    assert conversation.pending("emotion", "me") == []
    assert len(conversation.read("emotion", turn="t100000")) == 1


def test_layers_are_spelled_as_components_read_them():
    conversation = Conversation(Turn("ana"), Signal("audio", "ana.wav", 16_000), judged("t1"))
    assert conversation.layers == {"turn", "signal.audio", "emotion"}
    assert Conversation().layers == frozenset()
    assert [signal.id for signal in conversation.signals("audio")] == ["s1"]
    assert conversation.signals("face") == []


def test_an_empty_conversation_answers():
    conversation = Conversation()
    assert conversation.last is None
    assert conversation.turns == []
    assert list(conversation) == []
    with pytest.raises(KeyError):
        conversation.turn("t1")


def test_turns_can_be_kept_in_sets():
    assert len({Turn("ana", "hi", meta={"a": 1}), Turn("ana", "hi", meta={"a": 1})}) == 1


@given(st.lists(st.lists(st.text(max_size=5), max_size=4), max_size=5), st.booleans())
def test_merge_keeps_everything_in_order(chats, named):
    parts = []
    for number, texts in enumerate(chats):
        part = Conversation(*(Turn("ana", text) for text in texts), id=f"chat{number}" if named else "")
        part.add(*(judged(turn.id, joy=0.5) for turn in part.turns))
        parts.append(part)
    merged = merge(parts, id="all")
    assert [turn.text for turn in merged.turns] == [text for texts in chats for text in texts]
    assert len({turn.id for turn in merged.turns}) == len(merged.turns)
    assert [x.at.turn for x in merged.read("emotion")] == [turn.id for turn in merged.turns]
    if named:
        assert [turn.meta["source"] for turn in merged.turns] == [p.id for p in parts for _ in p.turns]


def test_merge_follows_the_evidence():
    """A turn that gets a new id takes its annotations and their `because` along."""
    parts = []
    for id in ("a", "b"):
        word = Annotation("evidence", {"joy": 1.0}, Anchor("t1", chars=(0, 2)), "words", "me")
        parts.append(Conversation(Turn("ana", "hi"), word, id=id))
        parts[-1].add(Annotation("emotion", {"joy": 1.0}, Anchor("t1"), "words", "me", because=(word.id,)))
    merged = merge(parts)
    for emotion in merged.read("emotion"):
        (evidence,) = [x for x in merged.read("evidence") if x.id in emotion.because]
        assert evidence.at.turn == emotion.at.turn


def test_merge_keeps_signals_apart():
    merged = merge(Conversation(Signal("audio", f"{id}.wav", 16_000), id=id) for id in "ab")
    assert [(signal.id, signal.samples) for signal in merged.signals("audio")] == [("s1", "a.wav"), ("s2", "b.wav")]


@pytest.mark.parametrize("copied", [lambda x: pickle.loads(pickle.dumps(x)), copy.deepcopy])
def test_a_conversation_goes_to_another_process(copied):
    conversation = Conversation(Turn("ana", "Hi", meta={"stars": [5]}), judged("t1"), id="c", meta={"topic": "work"})
    edited = judged("t1", rater="me")
    edited.__dict__["id"] = "kept"
    conversation.add(edited)
    conversation.pending("emotion", "me")
    again = copied(conversation)
    assert again.log == conversation.log
    assert [x.id for x in again.read("emotion")] == [x.id for x in conversation.read("emotion")]
    assert (again.id, again.meta) == ("c", {"topic": "work"})
    again.add(Turn("bo", "Hello"))
    assert [turn.id for turn in again.pending("emotion", "me")] == ["t2"]
    assert len(conversation.turns) == 1
    with pytest.raises(TypeError):
        again.meta["topic"] = "home"


def test_the_id_of_a_judgement_is_the_same_for_ever():
    """A changed digest would cut every `because` in every file that was ever written."""
    affect = Annotation(
        "affect", {"valence": -0.5}, Anchor("t1", (0, 4), (0, 1.5)), "vad", "r", margin={"valence": 0.25}
    )
    assert affect.id == "ae7a36df6efac9875"
    assert judged("t1").id == "ad457ab6249d609ef"
