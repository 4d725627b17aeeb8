"""The fit loop, the export and the recipes, on made-up data. Needs torch, so it skips where only the default is
installed."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

from insula.train.encoder import DEPTH, Reader  # noqa: E402  (after the skips)
from insula.train.export import export_top, export_trunk, measure  # noqa: E402
from insula.train.fit import Schedule, Task, batches, fit, head_loss, pad  # noqa: E402


def made_up_task(texts: int = 96, epochs: float = 1.0) -> Task:
    """Token 2000 means the first label, token 3000 the second."""
    draw = np.random.default_rng(0)
    which = draw.integers(0, 2, texts)
    tokens = [[101, *draw.integers(5000, 5050, draw.integers(2, 8)), 2000 + 1000 * int(k), 102] for k in which]
    return Task([list(map(int, row)) for row in tokens], {"ekman6": np.eye(2, dtype=np.float32)[which]}, epochs)


def test_every_text_comes_once_an_epoch() -> None:
    task = made_up_task(100, epochs=2.5)
    seen = np.concatenate([rows for _, rows in batches([task], Schedule(batch=16))])
    counts = np.bincount(seen, minlength=100)
    assert counts.sum() == 250
    assert set(counts) == {2, 3}


def test_what_nobody_judged_costs_nothing() -> None:
    scores = torch.zeros(2, 3, requires_grad=True)
    targets = torch.tensor([[1.0, float("nan"), float("nan")], [float("nan")] * 3])
    loss = head_loss(scores, targets, "many-of")
    loss.backward()
    assert loss.item() == pytest.approx(np.log(2))
    assert scores.grad is not None
    assert scores.grad[0, 1:].abs().sum() == scores.grad[1].abs().sum() == 0
    assert head_loss(scores, torch.full((2, 3), float("nan")), "dimensional").item() == 0


@pytest.fixture(scope="module")
def fitted() -> tuple[Reader, Task]:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    reader = Reader({"ekman6": 2})
    del reader.encoder.layers[2:]
    task = made_up_task(epochs=4)
    return fit(reader, {"ekman6": "many-of"}, [task], Schedule(learning_rate=3e-4, batch=16)), task


def test_it_learns(fitted: tuple[Reader, Task]) -> None:
    reader, task = fitted
    with torch.inference_mode():
        scores = reader(*pad(task.tokens))["ekman6"].numpy()
    assert ((scores > 0) == (task.targets["ekman6"] > 0)).mean() > 0.95


@pytest.mark.parametrize("packed", [False, True])
def test_the_exported_network_says_the_same(fitted: tuple[Reader, Task], tmp_path: Path, packed: bool) -> None:
    reader, task = fitted
    head = reader.heads["ekman6"]
    batches = [pad(task.tokens[k : k + 16]) for k in range(0, 96, 16)]
    passes = [(mask, partial(reader.encoder, ids, mask)) for ids, mask in batches]
    measured = measure(reader.encoder.layers, passes)
    export_trunk(reader.encoder, 1, measured, tmp_path / "trunk.onnx")
    heads = head.weight.detach().numpy(), head.bias.detach().numpy()
    whitening = np.zeros(384, np.float32), np.eye(384, dtype=np.float32)
    export_top(reader.encoder, 1, measured, heads, whitening, tmp_path / "top.onnx", packed)
    trunk, top = (onnxruntime.InferenceSession(str(tmp_path / f"{part}.onnx")) for part in ("trunk", "top"))
    worst = 0.0
    for row in task.tokens[:20]:
        ids, mask = (part.numpy().astype(np.int32) for part in pad([row]))
        hidden = trunk.run(None, {"ids": ids, "mask": mask})[0]
        pooled, scores, _ = top.run(None, {"hidden": hidden, "mask": mask})
        with torch.inference_mode():
            exact = reader(*pad([row]))["ekman6"].numpy()
        worst = max(worst, float(np.abs(scores.mean(1) - exact).max()))
        assert pooled.shape == (1, 384)
    spread = float(np.abs(heads[0]).sum())
    assert worst < 0.05 * spread
    assert DEPTH == 6
