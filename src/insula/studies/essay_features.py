"""Four embeddings of essays and what word lists say of them, each an array (essays, width).

encoded(["It broke my heart to read it."]).shape -> (1, 384)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

from ..explain.words import words
from ..network.text import FIRST, LAST, Network
from ..network.windows import windows
from ..perceive.text.lexicon import passages, read, shipped
from ..train.encoder import WIDTH
from .measure import Array
from .small_networks import pad_rows, shallow_encoder

_OWN = frozenset({"i", "me", "my", "mine", "myself"})


def encoded(said: Sequence[str]) -> Array:
    """What the shipped text encoder pools of each window, their mean weighted by length."""
    network = Network.open("text-open")
    found = [windows(text, network.tokenizer) for text in said]
    readings = iter(network.run([window for some in found for window in some]))
    return np.stack([_mean([next(readings).pooled for _ in some], [len(w.ids) for w in some]) for some in found])


def minilm(said: Sequence[str]) -> Array:
    """MiniLM's sentence vector of each window, their mean weighted by length."""
    encoder, tokenizer = shallow_encoder(6, pretrained=True).eval(), Network.open("text-open").tokenizer
    found = [windows(text, tokenizer) for text in said]
    tokens = [(FIRST, *window.ids, LAST) for some in found for window in some]
    pooled = np.zeros((len(tokens), WIDTH))
    order = np.argsort([len(ids) for ids in tokens])
    for start in range(0, len(order), 32):
        rows = order[start : start + 32]
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            ids, mask = pad_rows(tokens, rows)
            weight = mask.unsqueeze(-1)
            pooled[rows] = ((encoder(ids, mask) * weight).sum(1) / weight.sum(1)).float().numpy()
    each = iter(pooled)
    return np.stack([_mean([next(each) for _ in some], [len(w.ids) for w in some]) for some in found])


def _mean(vectors: Sequence[Array], lengths: Sequence[int]) -> Array:
    return np.average(np.stack(vectors), axis=0, weights=lengths)


def decomposed(said: Sequence[str], known: int) -> Array:
    """Weighted words in 100 dimensions, fitted on the first `known` texts."""
    weighted = TfidfVectorizer(min_df=2, ngram_range=(1, 2), sublinear_tf=True).fit(said[:known])
    svd = TruncatedSVD(100, random_state=0).fit(weighted.transform(said[:known]))
    return svd.transform(weighted.transform(said))


def fasttext_vectors(said: Sequence[str]) -> Array:
    """Vectors of the fastText model inside the package nade, learnt from tweets and their emoji."""
    try:
        import fasttext
        import nade
    except ModuleNotFoundError as error:
        raise ImportError(f"the full study needs {error.name}: pip install nade fasttext-numpy2") from error
    (path,) = Path(nade.__path__[0]).rglob("*.ftz")
    model = fasttext.load_model(str(path))
    return np.stack([model.get_sentence_vector(" ".join(word for word, _ in words(text))) for text in said])


def lexicon_features(said: Sequence[str], lexicons: Mapping[str, Mapping[str, Mapping[str, float]]]) -> Array:
    """Per essay: its length, the share of first persons, per list and column the mean over its words, and what the
    project's own lexicon says of emotions and affect."""
    weights = shipped()
    rows: list[list[float]] = []
    for text in said:
        found = [word for word, _ in words(text)] or ["?"]
        own = sum(word in _OWN for word in found) / len(found)
        row = [np.log(len(found)), own]
        for table in lexicons.values():
            columns = list(next(iter(table.values())))
            known = [table[word] for word in found if word in table]
            row += [float(np.mean([entry.get(c, 0.0) for entry in known])) if known else 0.0 for c in columns]
        readings = [read(text, span, weights).raw for span in passages(text)]
        row += [float(np.mean([one[label] for one in readings])) for label in readings[0]]
        rows.append(row)
    return np.array(rows)
