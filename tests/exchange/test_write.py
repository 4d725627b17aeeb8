"""JSON lines, CSV and Parquet as they are written, cut short, resumed, and refused."""

from __future__ import annotations

import csv
import json
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from insula.conversation import Anchor, Annotation, Conversation, Signal, Turn
from insula.exchange import conversations, formats, writer
from insula.wire import dump

WRITTEN = [one for one in formats() if one.writes and (one.name != "audformat" or find_spec("audformat"))]


def write(path: Path, *given: Conversation, resume: bool = False, stopped: bool = False) -> set[str]:
    """Write those that are not there yet, then be stopped or not; the ids that were there."""
    with writer(path, resume) as out:
        done = set(out.done)
        for conversation in given:
            if conversation.id not in done:
                out.write(conversation)
        if stopped:
            raise KeyboardInterrupt
    return done


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def texts(number: int, turns: int = 1) -> list[Conversation]:
    """Conversations with a judgement per turn."""
    made = list[Conversation]()
    for n in range(number):
        conversation = Conversation(*(Turn("ana", f'text {n}\n"{t}", so') for t in range(turns)), id=f"a.csv:{n}")
        scores = {"sarcasm": n / 100}
        conversation.add(*(Annotation("sarcasm", scores, Anchor(t.id), "sarcasm", "r") for t in conversation.turns))
        made.append(conversation)
    return made


names = st.text(min_size=1, max_size=8)
numbers = st.floats(allow_nan=False, allow_infinity=False)
spans = st.tuples(numbers, numbers)


@st.composite
def anything(draw) -> Conversation:
    """A conversation with turns, signals kept by path, and judgements of them."""
    turn = st.builds(
        Turn, names, st.text(), st.none() | spans, st.just(""), st.dictionaries(names, st.integers() | st.text())
    )
    signal = st.builds(Signal, names, names, st.floats(1, 1e5), st.none() | names, numbers)
    made = Conversation(
        *draw(st.lists(turn, min_size=1, max_size=4)), *draw(st.lists(signal, max_size=2)), id=draw(names)
    )
    anchor = st.builds(
        Anchor, st.sampled_from([t.id for t in made.turns]), st.none(), st.none() | spans, st.none() | names
    )
    labels = st.lists(names, max_size=3).map(tuple)
    scores = st.dictionaries(names, numbers, max_size=4)
    made.add(
        *draw(
            st.lists(st.builds(Annotation, names, scores, anchor, names, names, labels, labels, scores, labels, names))
        )
    )
    return made


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(anything(), min_size=1, max_size=3, unique_by=lambda c: c.id))
def test_json_lines_give_back_any_conversation(tmp_path, given):
    path = tmp_path / "a.jsonl"
    write(path, *given)
    found = list(conversations(path, lambda problem: pytest.fail(str(problem))))
    assert [c.id for c in found] == [c.id for c in given]
    assert [[dump(x) for x in c] for c in found] == [[dump(x) for x in c] for c in given]
    assert [[x for x in c if not isinstance(x, Signal)] for c in found] == [
        [x for x in c if not isinstance(x, Signal)] for c in given
    ]


def test_conversations_without_an_id_stay_apart(tmp_path):
    path = tmp_path / "a.jsonl"
    write(path, Conversation(Turn("ana", "one")), Conversation(Turn("ana", "two")))
    assert [(c.id, c.last.text) for c in conversations(path)] == [("1", "one"), ("2", "two")]


def test_csv_has_a_row_per_turn_and_a_block_per_scheme(tmp_path, quarrel):
    path = tmp_path / "a.csv"
    write(path, quarrel)
    first, second, third = rows(path)
    assert list(first)[:8] == ["source", "turn", "start", "end", "speaker", "text", "ekman6.rater", "ekman6.reason"]
    assert first["text"] == quarrel.turns[0].text
    assert (first["source"], first["turn"], first["start"], first["end"]) == ("quarrel", "t1", "0.5", "2.25")
    assert (first["ekman6.label"], first["ekman6.labels"], first["ekman6.anger"]) == ("anger", "anger", "1.0000")
    assert second["ekman6.labels"].split() == ["sadness", "fear"]
    assert (first["vad.valence"], first["vad.rater"]) == ("-0.5000", "rater:reader")
    assert (second["vad.valence"], second["vad.rater"]) == ("", ""), "not looked"
    assert (third["vad.valence"], third["vad.reason"]) == ("", "too short"), "looked, cannot tell"
    assert "vad.label" not in first


def test_csv_keeps_the_columns_of_the_source(tmp_path, read, file):
    found = read(file("in.csv", "id,text,stars,source\n7,good,5,shop\n8,bad,,web\n"))
    write(tmp_path / "out.csv", *found)
    assert rows(tmp_path / "out.csv")[1] == {
        **{"source": "in.csv:3", "turn": "t1", "start": "", "end": "", "speaker": "author", "text": "bad"},
        **{"id": "8", "stars": "", "source_": "web"},
    }


def test_stretches_follow_their_turn_and_two_raters_have_a_block_each(tmp_path):
    talk = Conversation(Turn("ana", "Good. Bad."), Turn("bo", "Hm."), id="x")
    for rater in ("gold", "r"):
        talk.add(Annotation("sarcasm", {"sarcasm": 0.5}, Anchor("t1", chars=(6, 10)), "sarcasm", rater))
    talk.add(Annotation("sarcasm", {"sarcasm": 0.25}, Anchor("t1"), "sarcasm", "gold"))
    write(tmp_path / "a.csv", talk)
    found = rows(tmp_path / "a.csv")
    assert [row["text"] for row in found] == ["Good. Bad.", "Bad.", "Hm."]
    assert [row["gold/sarcasm.sarcasm"] for row in found] == ["0.2500", "0.5000", ""]
    assert found[1]["r/sarcasm.rater"] == "r"


def test_sentences_about_one_turn_share_a_cell(tmp_path):
    talk = Conversation(Turn("ana", "Bad day."), id="x")
    for said, sure in (("Ana is sad (0.75).", 0.75), ("It lasts, too.", 0.5)):
        talk.add(Annotation("explanation", {said: sure}, Anchor("t1"), "sentences", "explain.sentences@1", (said,)))
    write(tmp_path / "a.csv", talk)
    (row,) = rows(tmp_path / "a.csv")
    assert (row["sentences.label"], row["sentences.labels"]) == (
        "Ana is sad (0.75).",
        "Ana is sad (0.75). It lasts, too.",
    )


def test_a_judgement_without_a_column_is_said(tmp_path, quarrel):
    path = tmp_path / "a.csv"
    with pytest.warns(UserWarning, match="no column for ekman6 by gold, vad by rater:reader.*jsonl"):
        write(path, *texts(1), quarrel)
    assert len(rows(path)) == 4


def test_parquet_has_the_same_columns(tmp_path, quarrel):
    write(tmp_path / "a.parquet", quarrel)
    write(tmp_path / "a.csv", quarrel)
    table = parquet.read_table(tmp_path / "a.parquet")
    assert table.column_names == list(rows(tmp_path / "a.csv")[0])
    first = table.to_pylist()[0]
    assert (first["start"], first["ekman6.anger"], first["vad.valence"]) == (0.5, 1.0, -0.5)
    assert [row["vad.reason"] for row in table.to_pylist()] == ["", None, "too short"]


def test_parquet_over_several_row_groups(tmp_path, monkeypatch):
    monkeypatch.setattr("insula.exchange.parquet._WRITTEN_ROWS", 10)
    write(tmp_path / "a.parquet", *texts(25))
    file = parquet.ParquetFile(tmp_path / "a.parquet")
    assert (file.metadata.num_rows, file.metadata.num_row_groups) == (25, 3)


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
@pytest.mark.parametrize("turns", [1, 3])
def test_a_run_killed_anywhere_is_taken_up_again(tmp_path, name, turns):
    given = texts(6, turns)
    path = tmp_path / name
    write(path, *given)
    whole = path.read_bytes()
    for cut in range(0, len(whole) + 1, 7):
        path.write_bytes(whole[:cut])
        done = write(path, *given, resume=True)
        assert path.read_bytes() == whole, f"cut at byte {cut}"
        assert done < {c.id for c in given}
    assert len(done) == 5, "all but the last, which may not have been whole"


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_resuming_what_was_never_begun(tmp_path, name):
    assert write(tmp_path / name, *texts(2), resume=True) == set()
    assert len(list(conversations(tmp_path / name))) == 2


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_what_was_done_before_an_error_is_in_the_file(tmp_path, name):
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / name, *texts(3), stopped=True)
    assert len(list(conversations(tmp_path / name))) == 3


def test_what_was_done_before_an_error_is_in_a_partial_parquet_file(tmp_path):
    (tmp_path / "a.parquet").write_text("from before")
    with pytest.raises(KeyboardInterrupt) as raised:
        write(tmp_path / "a.parquet", *texts(1), stopped=True)
    assert parquet.read_table(tmp_path / "a.partial.parquet").num_rows == 1
    assert "a.partial.parquet" in raised.value.__notes__[0]
    assert (tmp_path / "a.parquet").read_text() == "from before"


def test_resuming_under_other_columns_is_refused(tmp_path, quarrel):
    write(tmp_path / "a.csv", *texts(3))
    with pytest.raises(ValueError, match="begun with other columns"):
        write(tmp_path / "a.csv", quarrel, resume=True)


@pytest.mark.parametrize("name", [f"a{suffix}" for one in WRITTEN for suffix in one.suffixes])
def test_a_path_that_cannot_be_written_is_said_before_any_work(tmp_path, name):
    with pytest.raises(OSError, match="the folder .* does not exist"):
        writer(tmp_path / "nowhere" / name)
    (tmp_path / name / "other").mkdir(parents=True)
    with pytest.raises(OSError, match="it is a folder|the folder holds something that is no (corpus|BIDS)"):
        writer(tmp_path / name)


@pytest.mark.parametrize("resume", [True, False])
def test_a_file_is_not_written_over_while_it_is_read(tmp_path, resume):
    path = tmp_path / "a.csv"
    path.write_text("text\none\ntwo\n")
    reading = conversations(path)
    next(reading)
    with pytest.raises(ValueError, match="is being read"):
        writer(path, resume)
    assert [found.last.text for found in reading] == ["two"]
    write(path, *texts(1))


def test_endings_that_cannot_be_written_or_resumed(tmp_path):
    with pytest.raises(ValueError, match=r"no format that can be written.*\.jsonl, .*\.csv"):
        writer(tmp_path / "a.docx")
    with pytest.raises(ValueError, match=r"only \.jsonl and \.csv can be resumed"):
        writer(tmp_path / "a.parquet", resume=True)


def test_half_a_character_can_be_written(tmp_path):
    (tmp_path / "a.jsonl").touch()
    write(tmp_path / "a.jsonl", Conversation(Turn("ana", "cut \ud83d"), id="x"))
    assert json.loads((tmp_path / "a.jsonl").read_text())["text"] == "cut \ud83d"
    write(tmp_path / "a.csv", Conversation(Turn("ana", "cut \ud83d"), id="x"))
    assert rows(tmp_path / "a.csv")[0]["text"].startswith("cut")


@pytest.mark.parametrize("name", [f"a{suffix}" for one in WRITTEN for suffix in one.suffixes])
def test_nothing_at_all_can_be_written(tmp_path, name):
    write(tmp_path / name)
    assert (tmp_path / name).exists()


def test_what_is_known_of_a_conversation_comes_back(tmp_path):
    about = {"topic": "work", "survey": {"seeker": [4, "Größe"]}}
    path = tmp_path / "a.jsonl"
    given = Conversation(Turn("ana", "Hi"), id="x", meta=about), Conversation(Turn("bo", "Ho"), id="y")
    write(path, *given)
    assert [(c.id, dict(c.meta), len(c)) for c in conversations(path)] == [("x", about, 1), ("y", {}, 1)]
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    write(path, *given, resume=True)
    assert path.read_bytes() == whole


def understood(id: str) -> Conversation:
    """Two turns with an annotation in every layer that understanding a conversation brings, each resting on others."""
    talk = Conversation(Turn("ana", "They cut my hours."), Turn("bo", "Again? I'm sorry. Tell me."), id=id)

    def add(layer: str, scheme: str, turn: str | None, because: tuple[Annotation, ...] = (), **scores: float):
        at = Anchor(turn, (5, 8)) if layer in ("cause", "evidence") and scheme != "caused" else Anchor(turn)
        if layer == "personality":
            at = Anchor(speaker="ana")
        margin = dict.fromkeys(scores, 0.125) if layer in ("trajectory", "empathy", "personality") else {}
        ids = tuple(one.id for one in because)
        made = Annotation(layer, scores, at, scheme, f"{layer}@1", tuple(scores)[:1], tuple(scores), margin, ids)
        talk.add(made)
        return made

    words = add("evidence", "words", "t1", cut=0.75)
    anger = add("emotion", "ekman7", "t1", anger=0.625, sadness=0.375)
    cause = add("cause", "cause", "t1", (words,), cause=0.875)
    link = add("cause", "caused", "t1", (anger, cause), anger=0.625)
    drop = add("counterfactual", "counterfactual", "t1", (cause, anger), drop=0.5)
    share = add("influence", "influence3", "t1", (words,), own=0.5, memory=0.25, contagion=-0.25)
    seen = add("appraisal", "appraisal7", "t1", attention=0.5, control=0.125)
    reply = add("empathy", "epitome3", "t2", (words,), interpretations=1.25)
    met = add("empathy", "alignment", "t2", (seen, reply), alignment=0.5)
    heading = add("trajectory", "trajectory", "t2", (anger, share), forecast=-0.25, inertia=0.5)
    found = add("finding", "findings", "t2", (anger, heading), **{"turning-point": 0.75})
    add("personality", "bigfive", None, (found,), openness=0.25)
    add("explanation", "sentences", "t2", (link, drop, met, found), **{"Ana is angry, it seems: «cut my hours».": 0.5})
    talk.add(Annotation("cause", {}, Anchor("t2"), "caused", "cause@1", reason="no emotion was decided on"))
    return talk


def test_every_layer_comes_back_with_what_it_rests_on(tmp_path):
    talk = understood("x")
    write(tmp_path / "a.jsonl", talk)
    (again,) = conversations(tmp_path / "a.jsonl", lambda problem: pytest.fail(str(problem)))
    assert again.log == talk.log
    known = {one.id: one for one in again if isinstance(one, Annotation)}
    assert [one.id for one in talk if isinstance(one, Annotation)] == list(known)
    (sentence,) = again.read("explanation")
    layers, waiting = set(), [sentence]
    while waiting:
        layers.add((one := waiting.pop()).layer)
        waiting += [known[id] for id in one.because]
    assert layers >= {
        "explanation",
        "finding",
        "counterfactual",
        "empathy",
        "cause",
        "emotion",
        "appraisal",
        "evidence",
    }
    assert dict(again.read("trajectory")[0].margin) == {"forecast": 0.125, "inertia": 0.125}


def test_a_log_of_every_layer_cut_anywhere_is_taken_up_again(tmp_path):
    path, given = tmp_path / "a.jsonl", [understood(id) for id in "xyz"]
    write(path, *given)
    whole = path.read_bytes()
    for cut in range(0, len(whole), 97):
        path.write_bytes(whole[:cut])
        write(path, *given, resume=True)
        assert path.read_bytes() == whole, f"cut at byte {cut}"
    (tmp_path / "b.jsonl").write_bytes(whole[: len(whole) // 2])
    problems = []
    found = list(conversations(tmp_path / "b.jsonl", problems.append))
    assert [p.what[:24] for p in problems] == ["not a whole JSON object "]
    assert found[-1].log == given[1].log[: len(found[-1])]
