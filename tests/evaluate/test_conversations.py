"""Benchmarks of conversations run on made-up talks: gold as the system is perfect, and who knows nothing is not."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from talks import GoldAsSystem, cause, talks

from insula import Anchor, Annotation, Conversation, Pipeline
from insula.evaluate import benchmark, evaluate, outcomes, write_report
from insula.evaluate.run import Run

NAMES = ("meld", "reccon-entailment", "reccon-span", "empathetic-dialogues", "epitome", "politeness")


@pytest.fixture
def corpora(monkeypatch: pytest.MonkeyPatch, tmp_path):
    pytest.importorskip("sklearn")
    monkeypatch.setattr("insula.data.load", talks)
    monkeypatch.setenv("INSULA_CACHE", str(tmp_path))
    return tmp_path


def quiet(_: str) -> None:
    """Hear nothing."""


@pytest.mark.parametrize("name", NAMES)
def test_gold_as_the_system_is_perfect(corpora, name: str):
    found = evaluate([name], Pipeline(GoldAsSystem()), note=quiet)
    assert {one.slice for one in found} >= {slice.name for slice in benchmark(name).slices if slice.kind != "drops"}
    for one in found:
        right = {"ece": 0.0}.get(one.metric, 1.0)
        if "rarest" not in one.slice:
            assert one.score == pytest.approx(right, abs=1e-6), (one.slice, one.metric)
        assert one.coverage == 1
        assert one.baselines


def test_the_positional_baseline_says_the_turn_and_the_one_before(corpora):
    found = {
        x.metric: x for x in evaluate(["reccon-entailment"], Pipeline(GoldAsSystem()), note=quiet) if x.slice == "pairs"
    }
    # per talk t3 <- t1; t6 <- t6, t4: the rule says (t3 t2) (t6 t5): one hit of four said, three there
    assert found["f1"].baselines["positional"] == pytest.approx(2 * 1 / (4 + 3))
    assert found["f1"].n == 30 * 9
    assert set(found["f1"].baselines) == {"blind", "tfidf", "positional", "random"}


class TwoBack(GoldAsSystem):
    """Calls the whole turn two before a turn the cause of joy in it, however sure it is, and decides nothing."""

    def __init__(self, score: float) -> None:
        super().__init__()
        self.score = score

    def __call__(self, conversation: Conversation) -> Iterator[Annotation]:
        turns = conversation.turns
        for place, turn in enumerate(turns):
            feeling = Annotation("emotion", {"joy": 0.9}, Anchor(turn.id), "ekman7", self.rater, ("joy",))
            why = [replace(cause(turns[place - 2].id, None, self.rater, self.score), labels=())] if place > 1 else []
            because = (feeling.id, *(one.id for one in why))
            yield from (feeling, *why)
            yield Annotation("cause", {"joy": 0.9}, Anchor(turn.id), "caused", self.rater, because=because)


def test_without_decisions_of_its_own_the_threshold_is_from_dev(corpora):
    run = Run(benchmark("reccon-entailment"), Pipeline(TwoBack(0.2)))
    found = run.answers(run.benchmark.slices[0]).decided[:, 0]
    items = run.split("test", "pairs").items
    assert [item.distance == 2 for item in items] == found.tolist(), "dev says that .2 is enough"


def test_a_whole_turn_is_no_exact_match_of_a_stretch(corpora):
    pipeline = Pipeline(TwoBack(0.8))
    found = {x.metric: x.score for x in evaluate(["reccon-span"], pipeline, note=quiet) if x.slice == "causes"}
    assert found["exact_match"] == found["squad_match"] == 0
    assert 0 < found["contained_f1"] == found["token_f1"] < 2 / 3, "two of three causes, with words too many"


def test_masked_words_are_hidden_from_pipeline_and_baselines(corpora):
    run = Run(benchmark("empathetic-dialogues"), Pipeline(GoldAsSystem()))
    assert any("furious" in turn.text for one in talks("any", "test") for turn in one.turns), (
        "a word that names a label"
    )
    assert not any("furious" in text for text in run.split("test", "last turn").texts)
    split = run.split("test", "last turn")
    assert not any("furious" in turn.text for one in split.bare(range(30)) for turn in one.turns)


def test_limit_draws_items_of_every_kind(corpora):
    found = evaluate(["empathetic-dialogues"], Pipeline(GoldAsSystem()), limit=7, note=quiet)
    assert {one.n for one in found if one.slice in ("whole dialogue", "first turn only")} == {7}


def test_the_shortest_turns_are_scored_apart(corpora):
    found = {x.slice: x.n for x in evaluate(["meld"], Pipeline(GoldAsSystem()), note=quiet)}
    assert found["shortest turns"] < found["all"] == 30 * 6


class Leaning(GoldAsSystem):
    """Its anger leans on the first turn of the talk alone, and it says so of the last turn."""

    def __call__(self, conversation: Conversation) -> Iterator[Annotation]:
        here = {turn.id for turn in conversation.turns}
        said = {"anger": 0.8, "neutral": 0.2} if "t1" in here else {"anger": 0.3, "neutral": 0.7}
        for turn in conversation.pending("emotion", self.rater):
            feeling = Annotation("emotion", said, Anchor(turn.id), "ekman7", self.rater)
            yield feeling
            if turn.id == "t6" and "t1" in here:
                why = cause("t1", None, self.rater)
                yield why
                yield Annotation(
                    "cause", {"anger": 0.8}, Anchor("t6"), "caused", self.rater, because=(feeling.id, why.id)
                )

    def batch(self, conversations: list[Conversation]) -> list[list[Annotation]]:
        return [list(self(one)) for one in conversations]


def test_the_emotion_falls_without_its_cause_and_not_without_another_turn(corpora):
    found = {one.metric: one for one in evaluate(["reccon-entailment"], Pipeline(Leaning()), note=quiet)}
    lead = found["drop_lead"]
    assert (lead.score, lead.n) == (pytest.approx(0.5), 30)
    assert lead.baselines == {"cause": pytest.approx(0.5), "random": pytest.approx(0.0)}
    assert lead.low > 0
    assert found["drop_lead_nearest"].score == pytest.approx(0.5)


def test_the_report_draws_the_new_kinds(corpora, tmp_path):
    path = tmp_path / "report.html"
    results = write_report(outcomes(NAMES, Pipeline(GoldAsSystem()), note=quiet), path)
    page = path.read_text(encoding="utf-8")
    assert len(results) == len(page.split("<tr><td>")) - 1
    assert "by position" in page
    assert "token F1 where one holds the other" in page
    assert page.count("confusion") >= 5, "one-of, and a level of each mechanism"
    assert page.count("<svg") == page.count("</svg>")
