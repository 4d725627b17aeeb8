"""One JSON line per addition is the log, the wire and the file: nothing may be lost or changed on the way."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from insula import Anchor, Annotation, Conversation, Signal, Turn
from insula.wire import dump, load

numbers = st.floats(allow_nan=False, allow_infinity=False)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
names = st.lists(words, max_size=3).map(tuple)
seconds = st.none() | st.tuples(numbers, numbers)
anchors = st.builds(
    Anchor,
    turn=st.none() | words,
    chars=st.none() | st.tuples(st.integers(0), st.integers(0)),
    seconds=seconds,
    speaker=st.none() | words,
)
annotations = st.builds(
    Annotation,
    layer=words,
    scores=st.dictionaries(words, numbers, max_size=4),
    at=anchors,
    scheme=words,
    rater=words,
    labels=names,
    possible=names,
    margin=st.dictionaries(words, numbers, max_size=4),
    because=names,
    reason=words,
)
plain = st.none() | st.booleans() | st.integers() | numbers | words
meta = st.dictionaries(words, plain, max_size=3)
turns = st.builds(Turn, speaker=words, text=words, seconds=seconds, id=words, meta=meta)


@given(annotations | turns, words)
def test_round_trip(addition, conversation):
    line = dump(addition, conversation)
    assert "\n" not in line
    assert json.loads(line)["kind"] in ("turn", "annotation")
    assert load(line) == (addition, conversation)
    assert load(line)[0].id == addition.id
    assert dump(*load(line)) == line


@given(st.lists(turns.filter(lambda turn: turn.id), unique_by=lambda turn: turn.id, max_size=4))
def test_a_conversation_is_its_lines(said):
    conversation = Conversation(*said, id="c")
    conversation.add(*(Annotation("emotion", {"joy": 0.5}, Anchor(turn.id), rater="me") for turn in said))
    again = Conversation(*(load(dump(addition))[0] for addition in conversation), id="c")
    assert again.log == conversation.log
    assert again.pending("emotion", "me") == []


@given(st.binary(max_size=64), st.sampled_from(["<f4", "<i2", "|u1"]))
def test_samples_travel_in_the_line(raw, dtype):
    numpy = pytest.importorskip("numpy")
    samples = numpy.frombuffer(raw[: len(raw) // 4 * 4], dtype).reshape(-1, 1)
    signal, _ = load(dump(Signal("eda", samples, 4.0, speaker="ana", start=1.5)))
    assert isinstance(signal, Signal)
    assert (signal.channel, signal.sampling_rate, signal.speaker, signal.start) == ("eda", 4.0, "ana", 1.5)
    assert signal.samples.shape == samples.shape
    assert signal.samples.tobytes() == samples.tobytes()


def test_a_signal_in_a_file_stays_a_path():
    signal, _ = load(dump(Signal("audio", "ana.wav", 16_000.0)))
    assert isinstance(signal, Signal)
    assert signal.samples == "ana.wav"


def test_an_abstention_is_written_out():
    record = json.loads(dump(Annotation("emotion", {}, reason="too short")))
    assert record["scores"] == {}
    assert record["reason"] == "too short"


def test_a_stated_id_survives_an_edit():
    """A person may correct a score in the file; annotations that name the line in `because` must still find it."""
    line = dump(Annotation("evidence", {"joy": 0.5}))
    edited, _ = load(line.replace("0.5", "0.75"))
    assert edited.id == json.loads(line)["id"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "not a whole JSON object"),
        ('{"kind": "turn", "speaker": "ana", "te', "at character"),
        ("[1, 2]", "one JSON object"),
        ('{"speaker": "ana"}', "kind is None"),
        ('{"kind": ["turn"]}', "kind is"),
        ('{"kind": "smell"}', "turn, signal, annotation"),
        ('{"kind": "turn"}', "speaker"),
        ('{"kind": "turn", "speaker": "ana", "txet": "hi"}', "txet"),
        ('{"kind": "turn", "speaker": "ana", "seconds": 3}', "seconds"),
        ('{"kind": "turn", "speaker": "ana", "seconds": [3]}', "seconds"),
        ('{"kind": "turn", "speaker": "ana", "text": 5}', "text"),
        ('{"kind": "turn", "speaker": "ana", "text": null}', "text"),
        ('{"kind": "turn", "speaker": "ana", "meta": 5}', "meta"),
        ('{"kind": "annotation", "layer": "emotion", "scores": [1]}', "scores"),
        ('{"kind": "annotation", "layer": "emotion", "scores": {"joy": "much"}}', "scores must be numbers by label"),
        ('{"kind": "annotation", "layer": "emotion", "scores": {"joy": NaN}}', "scores must be numbers by label"),
        ('{"kind": "annotation", "layer": "emotion", "scores": {}, "labels": "joy"}', "labels"),
        ('{"kind": "annotation", "layer": "emotion", "scores": {}, "because": 5}', "because"),
        ('{"kind": "annotation", "layer": "emotion", "scores": {}, "margin": {"joy": "x"}}', "margin"),
        ('{"kind": "annotation", "layer": "emotion", "scores": {}, "at": []}', "at"),
        ('{"kind": "annotation", "layer": "emotion", "scores": {}, "at": {"turns": "t1"}}', "turns"),
        ('{"kind": "annotation", "layer": "emotion", "scores": {}, "at": {"chars": [1, 2, 3]}}', "chars"),
        ('{"kind": "annotation", "scores": {}}', "layer"),
        ('{"kind": "signal", "channel": "eda", "sampling_rate": 4, "samples": {"dtype": "<f4"}}', "signal"),
        ('{"kind": "signal", "channel": "eda", "sampling_rate": 4}', "samples"),
        ("[" * 100_000, "not a whole JSON object"),
    ],
)
def test_a_bad_line_is_a_sentence(line, words):
    with pytest.raises(ValueError, match=r"^[^\n]+$") as raised:
        load(line)
    assert words in str(raised.value)
    assert "__init__" not in str(raised.value)


@given(st.recursive(plain, lambda x: st.lists(x, max_size=3) | st.dictionaries(words, x, max_size=3)))
@example({"kind": "annotation", "layer": "x", "scores": {}, "at": {"seconds": "ab"}})
def test_any_json_is_read_or_refused(value):
    try:
        addition, _ = load(json.dumps(value))
    except ValueError:
        return
    assert load(dump(addition))[0] == addition


@given(meta, words)
def test_what_is_known_of_a_conversation_is_a_line_of_its_own(about, conversation):
    line = dump(about, conversation)
    assert json.loads(line)["kind"] == "conversation"
    assert load(line) == (about, conversation)
    assert dump(*load(line)) == line
