"""Benchmarks run on a made-up corpus: what is tuned on what, what an abstention costs, what the numbers look like."""

import json
from dataclasses import replace

import numpy as np
import pytest

from insula import Anchor, Annotation, Conversation, Pipeline, Turn, component
from insula.data import MissingData
from insula.evaluate import Result, benchmark, benchmarks, evaluate, outcomes, to_json, write_report
from insula.evaluate.answers import Answers, NoAnswer, answers, thresholds
from insula.evaluate.baselines import blind
from insula.evaluate.split import overlap, read_split, route, split_of

KEYS = ["benchmark", "metric", "slice", "score", "low", "high", "coverage", "n", "baselines", "pipeline", "revision"]
GOEMOTIONS = benchmark("goemotions").slices[0]


def quiet(_: str) -> None:
    """Hear nothing."""


def test_the_json_has_exactly_the_agreed_shape():
    result = Result("b", "f1", "all", 0.123456, 0.1, float("nan"), 1.0, 7, {"blind": 0.5, "tfidf": 0.25}, "text", "abc")
    read = json.loads(to_json([result]))
    assert list(read) == ["results"]
    assert list(read["results"][0]) == KEYS
    assert read["results"][0]["score"] == 0.1235
    assert read["results"][0]["high"] is None
    assert read["results"][0]["baselines"] == {"blind": 0.5, "tfidf": 0.25}


def test_every_benchmark_names_what_exists():
    from insula.data import corpus

    for one in benchmarks():
        for name, split in (one.train, one.dev, one.test):
            assert split in corpus(name).splits, one.name
        assert one.paper, one.name
        assert one.differs, one.name
        assert one.folds or one.bodies or one.train != one.test, one.name
        assert one.folds or one.bodies or one.dev != one.test, one.name


def test_an_unknown_benchmark_is_told_its_neighbours():
    with pytest.raises(KeyError, match="goemotions"):
        evaluate(["goemotion"])


def test_data_that_is_not_here_is_one_sentence(monkeypatch, honest):
    monkeypatch.delenv("INSULA_DATA", raising=False)
    with pytest.raises(MissingData, match="INSULA_DATA is not set"):
        evaluate(["dreaddit"], Pipeline(honest))


def test_a_whole_run(corpora, honest):
    pytest.importorskip("sklearn")
    found = evaluate(["goemotions"], Pipeline(honest), note=quiet)
    first = found[0]
    assert (first.benchmark, first.slice, first.metric, first.n) == ("goemotions", "28", "macro_f1", 60)
    assert (first.pipeline, first.revision) == ("honest_component", "7")
    assert first.score == 1, "thresholds from dev find the words"
    assert first.low <= first.score <= first.high
    assert first.baselines["blind"] < first.baselines["tfidf"] <= 1
    assert first.coverage == 1
    ekman = next(one for one in found if one.slice == "ekman")
    assert ekman.pipeline == "honest_component map:goemotions28->ekman7", "an answer read out through a map says so"


def test_limit_draws_by_seed(corpora, honest):
    pytest.importorskip("sklearn")
    few = [next(outcomes(["tec"], Pipeline(honest), limit=15, seed=seed, note=quiet)) for seed in (1, 1, 2)]
    assert [one.results[0].n for one in few] == [15, 15, 15]
    assert (few[0].gold == few[1].gold).all()
    assert not (few[0].gold == few[2].gold).all()
    with pytest.raises(ValueError, match="at least one"):
        evaluate(["tec"], Pipeline(honest), limit=0)


def test_the_baseline_is_kept_and_read_again(corpora, monkeypatch, honest):
    pytest.importorskip("sklearn")
    once = evaluate(["tec"], Pipeline(honest), note=quiet)
    assert list(corpora.rglob("*.npz"))
    monkeypatch.setattr("insula.evaluate.baselines._fit", lambda *_: pytest.fail("fitted again"))
    assert evaluate(["tec"], Pipeline(honest), note=quiet) == once


def test_without_scikit_learn_the_extra_is_named(corpora, monkeypatch, honest):
    from insula.evaluate.baselines import _features

    _features.cache_clear()
    monkeypatch.setitem(__import__("sys").modules, "sklearn.feature_extraction.text", None)
    with pytest.raises(ImportError, match=r"insula\[eval\]"):
        evaluate(["tec"], Pipeline(honest), note=quiet)


def test_thresholds_come_from_dev_only(made_up):
    """Test data on which another threshold would be better must not move it."""
    split = split_of(list(made_up("goemotions", "test")))
    readings = [
        {"goemotions28": Annotation("emotion", {"joy": 0.6}, scheme="goemotions28", rater="r")} for _ in split.items
    ]
    only_joy = replace(GOEMOTIONS, labels=("joy",))
    dev_gold = np.array([[0.0], [1.0]], np.float32)
    dev = Answers(np.array([[0.65], [0.9]], np.float32), np.zeros((2, 1), bool))
    found = answers(readings, only_joy, lambda: (dev, dev_gold))
    assert not found.decided.any(), "dev says .775, so .6 is not joy, whatever test says"
    assert thresholds(split.gold(only_joy), found.scores)[0] <= 0.6, "test would have said otherwise"


def test_the_pipelines_own_decisions_are_kept():
    own = {"goemotions28": Annotation("emotion", {"joy": 0.2, "fear": 0.9}, scheme="goemotions28", labels=("joy",))}
    found = answers([own], GOEMOTIONS, lambda: pytest.fail("dev was asked"))
    assert [GOEMOTIONS.labels[k] for k in np.flatnonzero(found.decided[0])] == ["joy"]


def test_of_one_label_the_decision_counts_and_not_the_highest_score():
    one = replace(GOEMOTIONS, decide="one", labels=("joy", "fear"))
    said = Annotation("emotion", {"joy": 0.6, "fear": 0.4}, scheme="goemotions28", labels=("fear",))
    readings = [{"goemotions28": said}, {"goemotions28": replace(said, labels=())}, {}]
    assert answers(readings, one, None).decided.tolist() == [[False, True], [True, False], [False, False]]


def test_threshold_by_hand():
    gold = np.array([[0], [1], [1], [0]])
    assert thresholds(gold, np.array([[0.1], [0.4], [0.8], [0.3]]))[0] == pytest.approx(0.35)
    assert thresholds(np.zeros((2, 1)), np.ones((2, 1)))[0] == np.inf


def test_an_abstention_is_counted_apart(corpora, honest):
    pytest.importorskip("sklearn")

    @component(reads=["turn"], writes=["emotion"])
    def shy(conversation: Conversation):
        for addition in honest(conversation):
            text = conversation.turn(addition.at.turn).text
            quiet_about = "furious" in text or "angry" in text
            yield replace(addition, scores={}, reason="would rather not") if quiet_about else addition

    found = {one.slice: one for one in evaluate(["goemotions"], Pipeline(shy), note=quiet) if one.metric == "macro_f1"}
    whole, part = found["28"], found["28 (answered)"]
    assert 0 < whole.coverage < 1
    assert whole.coverage == part.coverage == pytest.approx(part.n / whole.n)
    assert whole.score == pytest.approx(0.75), "one of four labels is never found"
    assert part.score == 1


def test_a_pipeline_that_speaks_something_else_is_told_what_is_missing(corpora, honest):
    heard: list[str] = []
    with pytest.raises(ValueError, match="it speaks goemotions28"):
        evaluate(["dreaddit"], Pipeline(honest), note=heard.append)
    assert any("no map leads from there to stress" in one for one in heard)
    with pytest.raises(NoAnswer, match="no scheme"):
        answers([{}], GOEMOTIONS, None)


def test_values_are_correlated_where_they_were_rated(corpora, honest):
    pytest.importorskip("sklearn")
    results = evaluate(["semeval2018-ei-reg"], Pipeline(honest), note=quiet)
    assert {one.slice: one.n for one in results}["mean"] == 60
    assert sum(one.n for one in results if one.slice in ("anger", "fear", "joy", "sadness")) == 60
    assert results[0].baselines["blind"] == 0


def test_routes():
    assert route(["vad", "ekman7"], "ekman7") == ("ekman7",)
    assert route(["goemotions28"], "ekman7") == ("goemotions28", "ekman7")
    assert route(["goemotions28"], "carer6") == ("goemotions28", "parrott", "carer6")
    assert route(["vad"], "stress") is None


def test_blind_answers():
    gold = np.array([[1, 0], [1, 0], [1, 1], [0, 0]], np.float32)
    two = replace(GOEMOTIONS, labels=("joy", "fear"), metrics=("jaccard",))
    assert blind(gold, two, 3).decided.tolist() == [[True, False]] * 3
    assert blind(gold, replace(two, decide="value"), 1).scores[0] == pytest.approx([0.75, 0.25])


def test_items_in_both_splits_are_an_error_and_texts_a_note():
    train = split_of([Conversation(Turn("a", "So it goes."), id="c/train/1")])
    assert overlap(train, split_of([Conversation(Turn("a", "so it goes."), id="c/test/2")])).startswith("1 of 1")
    assert overlap(train, split_of([Conversation(Turn("a", "No."), id="c/test/2")])) == ""
    with pytest.raises(ValueError, match="in train and in test"):
        overlap(train, split_of([Conversation(Turn("a", "No."), id="c/test/1")]))


def test_texts_that_pipelines_learnt_elsewhere_are_not_scored(corpora, honest, monkeypatch, made_up):
    pytest.importorskip("sklearn")
    from insula.evaluate.run import Run

    one = replace(benchmark("goemotions"), exclude=("emobank", "train"))
    known_text = next(iter(made_up("goemotions", "test"))).turns[0].text
    other = [Conversation(Turn("a", known_text.upper()), id="emobank/train/1")]
    monkeypatch.setattr("insula.data.load", lambda name, split: other if name == "emobank" else made_up(name, split))
    texts = Run(one, Pipeline(honest)).split("test", "turns").texts
    assert len(texts) < 60
    assert known_text not in texts


def test_the_pipeline_sees_no_gold(corpora):
    bare = list(split_of(read_split("goemotions", "test")).bare(range(60)))
    assert {layer for conversation in bare for layer in conversation.layers} == {"turn"}


def test_the_report_is_one_page_that_stands_alone(corpora, tmp_path, honest):
    pytest.importorskip("sklearn")
    path = tmp_path / "report.html"
    results = write_report(outcomes(["tec", "semeval2018-ei-reg"], Pipeline(honest), note=quiet), path)
    page = path.read_text(encoding="utf-8")
    assert len(results) == len(page.split("<tr><td>")) - 1
    assert "prefers-color-scheme: dark" in page
    assert "http" not in page.replace("http://www.w3.org", "")
    assert page.count("<svg") == page.count("</svg>") > len(results)
    assert f"{results[0].score:.3f}" in page


def test_anchored_stretches_are_not_the_turn(corpora, honest):
    @component(reads=["turn"], writes=["emotion"])
    def windows(conversation: Conversation):
        for addition in honest(conversation):
            yield addition
            yield replace(addition, scores={"joy": 1.0}, at=Anchor(addition.at.turn, (0, 3)))

    pytest.importorskip("sklearn")
    assert evaluate(["tec"], Pipeline(windows), note=quiet)[0].score == pytest.approx(
        evaluate(["tec"], Pipeline(honest), note=quiet)[0].score
    )
