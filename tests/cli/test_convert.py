"""`insula convert`: what was judged goes from format to format, and nothing is added."""

import json

from insula.cli import run
from insula.exchange import conversations

DIALOGUE = {
    "d1": [
        [
            {"turn": 1, "speaker": "A", "utterance": "We won!", "emotion": "happiness",
             "expanded emotion cause evidence": [1], "expanded emotion cause span": ["We won!"],
             "type": ["no-context"]},
            {"turn": 2, "speaker": "B", "utterance": "When?", "emotion": "neutral"},
        ]
    ]
}  # fmt: skip


def test_a_dialogue_goes_through_every_format_that_keeps_causes_and_comes_back(tmp_path, capsys):
    path = tmp_path / "start.json"
    path.write_text(json.dumps(DIALOGUE))
    for name in ("a.jsonl", "b.emotionml", "c.convokit", "end.reccon.json"):
        assert run(["convert", str(path), "-o", str(tmp_path / name)]) == 0
        path = tmp_path / name
    assert json.loads(path.read_text()) == DIALOGUE
    assert "2 texts in" in capsys.readouterr().err


def test_nothing_is_judged(tmp_path):
    (tmp_path / "talk.txt").write_text("Ana: I hate it.\nBo: Me too.\n")
    assert run(["convert", str(tmp_path / "talk.txt"), "-q", "-o", str(tmp_path / "talk.jsonl")]) == 0
    (found,) = conversations(tmp_path / "talk.jsonl")
    assert found.layers == {"turn"}


def test_without_an_output_or_onto_itself(tmp_path, capsys):
    (tmp_path / "talk.jsonl").write_text('{"text": "Hi"}')
    assert run(["convert", str(tmp_path / "talk.jsonl")]) == 2
    assert "--output" in capsys.readouterr().err
    assert run(["convert", str(tmp_path / "talk.jsonl"), "-o", str(tmp_path / "talk.jsonl")]) == 2
    assert "would be written where it is read" in capsys.readouterr().err
