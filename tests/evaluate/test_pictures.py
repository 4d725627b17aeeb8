"""Benchmarks of pictures, on made-up ones: who is scored on what, folds, abstentions, peers that are missing."""

from dataclasses import replace

import numpy as np
import pytest

from insula.conversation import Anchor, Annotation, Conversation, Signal, Turn
from insula.data.gold import one_of
from insula.evaluate import pictures, viewers
from insula.evaluate.pictures import Looking, Pictures, dealt, looked, nearest, of
from insula.evaluate.task import benchmark

SEEN = benchmark("ferplus")


def shown(count: int, start: int = 0, groups: int = 0) -> Pictures:
    """Stripes of two directions: happiness and sadness; every third picture is agreed on."""
    draw = np.random.default_rng(start)
    found = []
    for k in range(count):
        stripes = np.tile((np.arange(48) // 6 % 2 * 180)[:, None], (1, 48))
        image = (stripes if k % 2 else stripes.T) + draw.integers(0, 60, (48, 48))
        label = "happiness" if k % 2 else "sadness"
        meta = {"majority": k % 3 == 0}
        about = {"group": f"theme {k % groups}"} if groups else {}
        picture = np.repeat(image.astype(np.uint8)[None, :, :, None], 3, 3)
        signal = Signal("video", picture, 0.0)
        found.append(
            Conversation(Turn("x", id="t1", meta=meta), signal, one_of("fer8", label), id=f"{start + k}", meta=about)
        )
    return of(iter(found))


@pytest.fixture
def made(monkeypatch):
    """Thirty pictures to learn from, twelve to be asked about."""
    parts = {"train": shown(30), "dev": shown(6, 50), "test": shown(12, 100)}
    monkeypatch.setattr(pictures, "shown", lambda corpus, split: parts[split])
    return parts


def test_baselines_learn_from_train_and_are_scored_beside(made):
    pytest.importorskip("sklearn")
    bench = replace(SEEN, slices=SEEN.slices[:2], baselines=("blind",))
    every, majority = looked(bench, "pixels", None, 0, pytest.fail)
    assert {one.metric for one in every.results} == {"accuracy", "macro_f1", "unweighted_recall", "ece"}
    (accuracy,) = [one for one in every.results if one.metric == "accuracy"]
    assert (accuracy.score, accuracy.baselines["blind"], accuracy.n) == (1.0, 0.5, 12)
    assert majority.results[0].n == 4


def test_pictures_as_in_train_are_left_out(made):
    alike = nearest(made["train"].only(np.arange(3)), made["train"])
    assert alike == pytest.approx(np.ones(3), abs=1e-5)
    run = Looking(SEEN, "blind", ("blind",))
    (apart,) = [one for one in SEEN.slices if one.name == "apart"]
    values = run.test.values(apart)
    assert run._where(apart, values).sum() == (nearest(run.test, made["train"]) < pictures.ALIKE).sum()


def test_folds_share_no_theme(monkeypatch):
    every = shown(24, groups=6)
    monkeypatch.setattr(pictures, "shown", lambda corpus, split: every)
    bench = replace(SEEN, folds=3)
    asked = list[int]()
    for train, rows in Looking(bench, "blind", ("blind",))._parts():
        assert not set(train.groups) & set(every.groups[rows])
        asked += rows.tolist()
    assert sorted(asked) == list(range(24))
    assert dealt(every.groups, 3) == dealt(every.groups, 3)


def test_what_nobody_judged_is_not_asked_and_an_abstention_answers_nothing(monkeypatch, made):
    unjudged = Annotation("emotion", {}, Anchor("t1"), "fer8", "gold", reason="most voters saw no face")
    blank = Signal("video", np.zeros((1, 48, 48, 3), np.uint8), 0.0)
    (one,) = of(iter([Conversation(Turn("x", id="t1"), blank, unjudged)])).gold
    assert one is None

    def half(train, slice):
        return lambda test: np.where(np.arange(len(test))[:, None] % 2, np.nan, 1 / 8).astype(np.float32).repeat(8, 1)

    shy = viewers.Viewer(half)
    monkeypatch.setattr(viewers, "VIEWERS", {**viewers.VIEWERS, "shy": shy})
    bench = replace(SEEN, slices=SEEN.slices[:1], baselines=("blind",))
    (outcome,) = looked(bench, "shy", None, 0, pytest.fail)
    assert outcome.results[0].coverage == 0.5


def test_a_peer_that_is_not_installed_is_left_out_and_told(monkeypatch, made):
    monkeypatch.delenv("INSULA_FACE_API", raising=False)
    told = list[str]()
    bench = replace(SEEN, slices=SEEN.slices[:1], baselines=("blind", "face-api"))
    (outcome,) = looked(bench, "blind", 6, 0, told.append)
    assert set(outcome.results[0].baselines) == {"blind"}
    assert outcome.results[0].n == 6
    assert "INSULA_FACE_API" in told[0]
    with pytest.raises(ValueError, match="choose one of"):
        next(looked(bench, "text", None, 0, told.append))


def test_a_peer_without_contempt_gives_it_nothing():
    (slice,) = SEEN.slices[:1]
    found = viewers._renamed(np.full((2, 7), 1 / 7, np.float32), viewers._FER, slice)
    assert found[:, slice.labels.index("contempt")].tolist() == [0, 0]
    assert found.sum(1) == pytest.approx([1, 1])


def test_colours_are_shares():
    found = viewers.colours(np.full((10, 10, 3), (255, 0, 0), np.uint8))
    assert found.shape == (32,)
    assert found[:3] == pytest.approx([1, 0, 0])
    assert found[12] == pytest.approx(1)  # all of it red, and strong
    assert found[24:].sum() == pytest.approx(1)
