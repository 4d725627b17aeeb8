"""Learn which strategy a reply uses: a linear model on a mean state and hashed tokens, from half of ESConv's train.

    independent_tagger().read([("I failed.", "How come?")])   # learnt from the half the shipped one never saw

So that what one chose can be measured by one that did not choose. Needs the extra `train`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from insula.conversation import Conversation
from insula.data import load
from insula.network.dialogue import Dialogue
from insula.network.exchange import tokenised
from insula.respond.strategy import GRAMS, StrategyTagger, grams, pair, reply_row
from insula.respond.talk import STRATEGIES, Talk

Array = NDArray[np.floating]
Table = dict[str, Array]
SCALE = 0.05  # of the dense columns beside the hashed ones: how lightly they are held
TOWARDS_RARE = 0.4  # power of its rate that a strategy's chance is divided by, so that macro-F1 does not suffer


def halves(conversations: Sequence[Conversation]) -> tuple[list[Conversation], list[Conversation]]:
    """The first and the second half, as published."""
    middle = len(conversations) // 2
    return list(conversations[:middle]), list(conversations[middle:])


def fit_tagger(conversations: Sequence[Conversation]) -> Table:
    """The tagger's arrays, learnt from every supporter's turn with a gold strategy."""
    from scipy.sparse import csr_matrix, hstack  # pyright: ignore[reportMissingTypeStubs]
    from sklearn.linear_model import LogisticRegression  # pyright: ignore[reportMissingTypeStubs]

    dense, places, gold = replies(conversations)
    middle, spread = dense.mean(0), dense.std(0) + 1e-6
    row = np.repeat(np.arange(len(places)), [len(one) for one in places])
    weight = np.concatenate([np.full(len(one), 1 / np.sqrt(len(one))) for one in places])
    hashed = csr_matrix((weight, (row, np.concatenate(places))), (len(places), GRAMS))
    x = hstack([hashed, csr_matrix((dense - middle) / spread * SCALE)]).tocsr()
    model = LogisticRegression(C=1.0, max_iter=300).fit(x, gold)
    slopes = model.coef_.T.astype(np.float32)
    states = slopes[GRAMS:] * (SCALE / spread)[:, None]
    rates = np.bincount(gold, minlength=len(STRATEGIES)) / len(gold)
    bias = model.intercept_ - middle @ states - TOWARDS_RARE * np.log(rates)
    return {"tag_grams": slopes[:GRAMS], "tag_dense": states, "tag_bias": bias.astype(np.float32)}


def replies(conversations: Sequence[Conversation]) -> tuple[Array, list[NDArray[np.intp]], NDArray[np.intp]]:
    """Every turn with a gold strategy: rows (replies, 388), places of its tokens, number of the strategy."""
    network = Dialogue.open()
    dense, places, gold = list[Array](), list[NDArray[np.intp]](), list[int]()
    for conversation in conversations:
        turns = conversation.turns
        words = tokenised([turn.text for turn in turns], network.tokenizer)
        states = network.states([words[turn.text].ids for turn in turns])
        for place, turn in enumerate(turns):
            for one in conversation.read("strategy", turn=turn.id, scheme="esconv8", rater="gold"):
                ids = words[turn.text].ids
                dense.append(reply_row(states[ids].mean(0), ids, pair(turns, place)))
                places.append(grams(ids))
                gold.append(STRATEGIES.index(one.top or ""))
    return np.array(dense), places, np.array(gold)


def reply_rows(conversation: Conversation, rows: Talk) -> tuple[Array, list[NDArray[np.intp]], NDArray[np.intp]]:
    """The same inputs for every supporter's turn of a talk that was already read, and where these turns are."""
    where = np.flatnonzero(rows.supports).tolist()
    turns = conversation.turns
    dense = [reply_row(rows.states[place], rows.tokens[place], pair(turns, place)) for place in where]
    return np.array(dense), [grams(rows.tokens[place]) for place in where], np.array(where, np.intp)


def independent_tagger() -> StrategyTagger:
    """A tagger learnt from the second half of ESConv's train; kept in INSULA_CACHE once it was made.

    Raises insula.data.MissingData where the corpus is not there.
    """
    folder = Path(os.environ.get("INSULA_CACHE") or Path.home() / ".cache" / "insula")
    path = folder / "respond-strategy-independent.safetensors"
    if not path.is_file():
        from safetensors.numpy import save_file

        folder.mkdir(parents=True, exist_ok=True)
        table = fit_tagger(halves(list(load("esconv", "train")))[1])
        save_file({name: np.ascontiguousarray(one) for name, one in table.items()}, path)
    return StrategyTagger(str(path), name="respond.strategy-independent")
