"""The dialogue network learns from context, and what is exported says the same as what was fitted."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from insula import Turn  # noqa: E402
from insula.network.dialogue import Dialogue  # noqa: E402
from insula.network.exchange import exchange, tokenised  # noqa: E402
from insula.network.text import Trunk, open_tokenizer, weights_folder  # noqa: E402
from insula.train.dialogue.export import export  # noqa: E402
from insula.train.dialogue.finish import novelty  # noqa: E402
from insula.train.dialogue.fit import collate, cumulative, fit, states  # noqa: E402
from insula.train.dialogue.lessons import Lesson, Task  # noqa: E402
from insula.train.dialogue.reader import Reader  # noqa: E402
from insula.train.export import measure  # noqa: E402
from insula.train.fit import Schedule  # noqa: E402

FIRST = {"We won the cup!": 3, "The cat was run over.": 5}  # columns of ekman7: joy, sadness


def told() -> Task:
    """ "Really." means what the other said before it; the cause is there, never in the word itself."""
    turns = [
        [Turn("ana", first, id="t1"), Turn("ana", "Listen.", id="t2"), Turn("ben", "Really.", id="t3")]
        for first in FIRST
        for _ in range(16)
    ]
    tokenizer = open_tokenizer(weights_folder() / "text-open.tokenizer.json")
    words = tokenised((turn.text for some in turns for turn in some), tokenizer)
    goals = np.zeros((len(turns), 7), np.float32)
    goals[np.arange(len(turns)), [FIRST[some[0].text] for some in turns]] = 1
    lesson = Lesson("made-up", {"ekman7": "ekman7"}, epochs=12, causes=True)
    causes = [(0.0, 0.0, 1.0)] * len(turns)
    spans = [((2, 1, 2),)] * len(turns)
    exchanges = [exchange(some, words) for some in turns]
    return Task(lesson, exchanges, {"ekman7": goals}, causes, spans, [()] * len(turns))


@pytest.fixture(scope="module")
def learnt() -> tuple[Reader, Task, dict[tuple[int, ...], np.ndarray]]:
    task = told()
    found = states([task], Trunk(weights_folder() / "text-open.trunk.onnx", 1))
    torch.manual_seed(0)
    reader = Reader({"ekman7": 7}, dropout=0.0)
    return fit(reader, {"ekman7": "one-of"}, [task], found, Schedule(learning_rate=1e-4, batch=8)), task, found


def test_it_learns_from_earlier_turns(learnt: tuple[Reader, Task, dict]) -> None:
    reader, task, found = learnt
    with torch.inference_mode():
        scores = reader(collate(task.exchanges, found))
    assert (scores["ekman7"].argmax(1).numpy() == task.targets["ekman7"].argmax(1)).all()
    assert (scores["cause"][:, 2] > 0).all()
    assert (scores["cause"][:, :2] < 0).all()


def test_the_exported_network_says_the_same(learnt: tuple[Reader, Task, dict], tmp_path: Path) -> None:
    reader, task, found = learnt
    batch = collate(task.exchanges, found)
    measured = measure(reader.layers, [(batch["mask"], partial(reader.encode, batch))], share=1.0)
    export(reader, measured, ["ekman7"], novelty(reader, [batch]), tmp_path / "dialogue.onnx")
    head = '{"scheme": "ekman7", "columns": [0, 7], "slope": [1,1,1,1,1,1,1], "intercept": [0,0,0,0,0,0,0]}'
    (tmp_path / "dialogue.json").write_text(
        '{"revision": "r", "novelty_limit": 9, "cause": [1, 0, 0.5], "rationale": [], "tokenizer":'
        ' "text-open.tokenizer.json", "trunk": "text-open.trunk.onnx", "top": "dialogue.onnx", "heads": {"ekman7": '
        + head
        + "}}"
    )
    network = Dialogue.open(str(tmp_path / "dialogue.json"))
    rows = [0, len(task.exchanges) - 1]
    heard = network.run([task.exchanges[row] for row in rows])
    with torch.inference_mode():
        exact = reader(batch)
    for row, one in zip(rows, heard, strict=True):
        assert np.abs(one.raw - exact["ekman7"][row].numpy()).max() < 0.35
        assert one.raw.argmax() == exact["ekman7"][row].argmax()
        assert np.allclose(one.weights.sum(1), [0.0, 1.0], atol=1e-4)  # nobody but ana spoke before ben
        assert one.cause.argmax() == 2
        said = task.exchanges[row][2]
        assert one.words(2) is not None
        assert one.words(2)[0] == (said.words.spans[1][0], said.words.spans[2][1])  # type: ignore[index]


def test_levels_become_two_questions() -> None:
    asked = cumulative(torch.tensor([[0.0, 1.0, 2.0], [2.0, float("nan"), 0.0]]))
    assert asked[0].tolist() == [0, 1, 1, 0, 0, 1]
    assert asked[1, 0] == 1
    assert asked[1, 1].isnan()
