"""Training on made-up faces: it learns, goes on where it was stopped, and what is written reads alike."""

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from insula.network.face import Face  # noqa: E402
from insula.train.face.export import _float, export  # noqa: E402
from insula.train.face.face import gold, run, shares, steady, write  # noqa: E402
from insula.train.face.learn import Recipe, _rate, learn, restored, varied  # noqa: E402

BRIEF = Recipe(epochs=2, batch=16, warm=2, early=0.5)


def marked(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Noise that is brighter above or below: labels 0 and 1 of eight."""
    draw = np.random.default_rng(0)
    faces = draw.integers(0, 100, (count, 48, 48)).astype(np.uint8)
    label = np.arange(count) % 2
    for face, below in zip(faces, label, strict=True):
        face[24 * below : 24 * below + 24] += 120
    return faces, np.eye(8, dtype=np.float32)[label]


def test_single_votes_are_mistakes_where_there_are_others():
    votes = np.array([[6, 0, 0, 3, 1, 0, 0, 0, 0, 0], [1, 0, 0, 1, 0, 0, 0, 0, 8, 0]])
    assert shares(votes)[0].tolist() == pytest.approx([6 / 9, 0, 0, 3 / 9, 0, 0, 0, 0])
    assert shares(votes)[1].tolist() == pytest.approx([0.5, 0, 0, 0.5, 0, 0, 0, 0])
    assert gold(votes).tolist() == [0, -1]


def test_a_stopped_run_goes_on_where_it_was(tmp_path):
    faces, targets = marked(32)
    heard = list[str]()
    learn(faces, targets, tmp_path, Recipe(**{**BRIEF.__dict__, "epochs": 1}), lambda _: "ok", heard.append)
    learn(faces, targets, tmp_path, BRIEF, lambda _: "ok", heard.append)
    assert [one.split(":")[0] for one in heard] == ["epoch 1 of 1", "epoch 2 of 2"]
    before = len(heard)
    state = learn(faces, targets, tmp_path, BRIEF, lambda _: "ok", heard.append)
    assert len(heard) == before
    assert restored(state)(torch.zeros(1, 1, 48, 48)).shape == (1, 8)


def test_faces_vary_and_stay_faces():
    torch.manual_seed(0)
    faces = torch.full((64, 1, 48, 48), 0.5)
    small = varied(faces.clone(), 32)
    assert small.shape == (64, 1, 32, 32)
    assert torch.isfinite(small).all()
    assert small.std() > 0.01


def test_the_rate_rises_and_falls():
    rates = [_rate(step, 1000, Recipe(warm=100)) for step in (0, 100, 500, 999)]
    assert rates[0] == 0
    assert rates[1] > rates[2] > rates[3] > 0


def test_what_is_written_reads_like_what_was_trained(tmp_path):
    faces, targets = marked(96)
    net = restored(learn(faces, targets, tmp_path, Recipe(epochs=3, batch=16, warm=2), lambda _: "", lambda _: None))
    export(net, faces[:32], tmp_path / "face.onnx")
    assert (tmp_path / "face.onnx").stat().st_size < 2_000_000
    whole, alone = run(tmp_path / "face.onnx", faces[:8]), run(tmp_path / "face.onnx", faces[:1])
    assert (whole[0].shape, whole[1].shape) == ((8, 8), (8, 192))
    assert np.array_equal(whole[0][0], alone[0][0])  # neighbours change nothing
    _float(net, tmp_path / "float.onnx")
    exact, _ = run(tmp_path / "float.onnx", faces[:8])
    with torch.inference_mode():
        wide = torch.from_numpy(faces[:8]).float()[:, None] / 255
        wanted = (net(wide) + net(wide.flip(3))) / 2
    assert exact == pytest.approx(wanted.numpy(), abs=1e-4)
    made = write(tmp_path, faces[:32], faces, targets.argmax(1), 96)
    assert len(Face.open(str(made)).read(faces[:3])) == 3
    card = (tmp_path / "face.md").read_text()
    assert json.loads(made.read_text())["revision"] in card
    assert "insula train face" in card


def test_what_faces_hardly_differ_in_tells_what_is_none():
    draw = np.random.default_rng(0)
    usual = draw.normal(size=(500, 40)).astype(np.float32) * np.linspace(0.05, 3, 40)
    strict = steady(usual)
    far = np.sqrt(((usual @ strict) ** 2).mean(1))
    assert np.median(far) == pytest.approx(1, abs=0.2)
    odd = usual[:5] + np.eye(40)[0] * 2
    assert (np.sqrt(((odd @ strict) ** 2).mean(1)) > far.max()).all()
