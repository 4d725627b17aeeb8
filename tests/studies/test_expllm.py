"""ExpLLM: the engine's chains say what the units say, decoders write chains, actors stay apart, chains are checked."""

import numpy as np
import pytest

from insula import studies
from insula.studies import expllm

pytest.importorskip("torch", reason="pip install 'insula[train]'")


def units(**found):
    return [found.get(f"AU{unit:02}", 0.0) for unit in expllm.UNITS]


def test_the_engine_says_what_is_seen_what_it_means_and_the_label():
    chain = expllm.engine(units(AU06=1.2, AU12=2.0, AU25=0.6, AU04=0.1), "joy")
    assert chain.seen == ((12, True), (6, True), (25, False))
    assert chain.means[0] == "joy"
    assert chain.text() == (
        "Key observations: lip corners raised strongly, cheeks raised strongly, lips parted. "
        "Interpretation: together they speak for joy. Conclusion: joy."
    )
    assert expllm.engine(units()).text().startswith("Key observations: a face at rest.")


def test_without_a_label_the_prototypes_decide():
    assert expllm.engine(units(AU01=1.5, AU04=1.5, AU15=1.5, AU17=1.5)).label == "sadness"
    assert expllm.engine(units(AU09=2.0, AU10=2.0)).label == "disgust"
    assert expllm.engine(units()).label == "neutral"


def test_chains_survive_being_numbers_and_nonsense_is_a_chain_too():
    chain = expllm.engine(units(AU06=1.2, AU12=2.0), "surprise")
    assert expllm.parsed(expllm.tokens(chain)[:-1]) == chain
    assert expllm.parsed([]).label == "neutral"


def test_nobody_is_on_both_sides():
    faces = expllm.made_up(0)
    with pytest.raises(AssertionError, match="in training and in test"):
        expllm._apart(faces, np.arange(96) % expllm.FOLDS, 0)


def test_a_chain_is_checked_against_the_face():
    face = np.array(units(AU12=2.0, AU06=1.0))
    assert expllm._held(expllm.Chain(((12, True), (4, True)), (), "joy"), face) == 0.5
    assert expllm._found(expllm.Chain(((12, True), (4, True)), (), "joy"), face) == 0.5
    assert np.isnan(expllm._held(expllm.Chain((), (), "joy"), face))


def test_smoke_learns_where_there_is_something_to_learn():
    record = studies.run("expllm")
    score = {(row["name"], row["slice"]): row["score"] for row in record["metrics"]}
    assert score["UAR, label only", "all"] > 0.4
    assert score["UAR, chain, then label", "all"] > 0.4
    assert score["UAR, prototypes alone, no learning", "all"] > 0.5
    holds = next(row for row in record["metrics"] if row["name"] == "units named that hold")
    assert holds["score"] > holds["baseline"]
