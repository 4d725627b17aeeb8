"""Emotional inertia and contagion: attention, recurrence and transitions that tell oneself from the others.

Claim (Liu, Wang et al. 2023, EmotionIC, arXiv:2303.11117): emotion in conversation is recognised better when
dependencies on the same speaker's turns (inertia) and on other speakers' turns (contagion) are modelled apart: globally
by identity-masked multi-head attention, locally by DialogGRU, and between labels by SkipCRF.

Ours: all three over `text.encoder`'s turn vectors, each removed in turn, and all removed. Half the attention heads see
only the same speaker's turns, half only others'; the recurrent cell takes the state of the speaker's own last turn and
of the last turn by anybody else; the random field links a turn's label to the labels of those two turns by two learned
matrices. The control tells nobody apart: everyone is one speaker. The matrices are in the record under "tables".
A field of 154 numbers over `text.encoder`'s own answers is learnt and kept there too: with it `of_dialogue` says how
feelings passed on, within and between speakers, in a dialogue of yours.

Differs: past turns only, everywhere, so the random field is decoded by filtering (a turn's label given what was said up
to it); the best whole sequence (Viterbi) needs the rest of the talk and is given apart as "not streaming". With two
skip edges the exact normaliser is out of reach, so both beliefs enter as independent (Boyen & Koller 1998); the whole
sequence is searched among the 64 best histories. One small frozen encoder, where the paper starts from RoBERTa-large.

Found: mostly nothing at this size. All three parts together beat none on MELD (.020, 95 % interval .004 to .037), not
surely on EmoryNLP (.013) and DailyDialog (.009); removing any one of them costs nothing that can be told from chance,
nor does telling nobody apart. People's labels do last: their kappa with the same speaker's last label is .23, .20 and
.35, with another speaker's .09, .15 and .33. The best whole sequence is worse than filtering.

    insula study emotionic --scale full
    print(of_dialogue(insula.read("chat.txt", "text")))
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from ..conversation import Conversation
from ..network.text import Network
from ..presets import pipeline
from ..scheme import scheme
from . import result
from .identity_networks import PARTS, EmotionIC, Fielded, OverAnswers, SkipField
from .measure import Array, measured, minus
from .talk_corpora import Material, kept, made_up, of_corpus, talk
from .talks import Batch, Floats, Talk, decided, fit, groups, labels, predict

SYSTEM = "emotionic"
STATUS = "works-scaled"

CORPORA = ("meld", "emorynlp", "dailydialog")
ARMS: Mapping[str, frozenset[str]] = {
    "all three": frozenset(PARTS),
    **{f"{part} removed": frozenset(PARTS) - {part} for part in PARTS},
    "all removed": frozenset(),
}
WHOLE, *_REMOVED = ARMS
BLIND = "nobody told apart"
VITERBI = "all three, best whole sequence (Viterbi, not streaming)"
KINDS = ("same speaker", "other speaker")
SCHEME = "ekman7"
_DRAWS = 200  # of an interval
_TAUGHT = 1000  # dialogues of a corpus that are learnt from, at most
_PARTS = ("training", "development", "test")  # of the material
_UNKNOWN = 1e-3  # what a label a reader rules out still gets


@dataclass(frozen=True)
class Passing:
    """How feelings passed on in a dialogue: `felt` (turns, labels) past-only; `counts` (2, labels, labels) expected.

    `counts[0]` is from a speaker's last turn to the same speaker's next, `counts[1]` from the last other speaker's.
    """

    labels: tuple[str, ...]
    felt: Floats
    counts: Floats

    def __str__(self) -> str:
        return "\n\n".join(self._table(kind, counts) for kind, counts in zip(KINDS, self.counts, strict=True))

    def _table(self, kind: str, counts: Floats) -> str:
        shares = counts / np.maximum(counts.sum(1, keepdims=True), 1e-9)
        lines = [f"{f'from {kind}, to':24}" + "".join(f"{label:>10}" for label in self.labels) + f"{'turns':>8}"]
        for label, row, total in zip(self.labels, shares, counts.sum(1), strict=True):
            if total >= 0.05:
                lines.append(f"{label:24}" + "".join(f"{share:10.0%}" for share in row) + f"{total:8.1f}")
        return "\n".join(lines)


def of_dialogue(conversation: Conversation, table: Mapping[str, Any] | None = None) -> Passing:
    """How feelings passed on, from what any rater said of its turns under ekman7 (the last one has the word).

    `table` is one of the record's "answers" tables; without it that of DailyDialog on file. Raises ValueError where no
    turn was read under ekman7, and LookupError where no full run of this study is on file.
    """
    record = result("emotionic")
    if table is None and not record:
        raise LookupError("no full run of the study emotionic is on file: run it, or give a table of transitions")
    network = _from_table(table or record["tables"]["answers, dailydialog"])  # type: ignore[index]
    one = talk(conversation, list(answered(conversation)), SCHEME)
    batch = Batch.of([one])
    with torch.inference_mode():
        felt = network(batch)[0].exp()
        counts = _expected(network.field, felt, batch.before[0])
    return Passing(scheme(SCHEME).labels, felt.numpy(), counts.numpy())


def answered(conversation: Conversation) -> Floats:
    """What the last rater under ekman7 says of each turn, as log-shares (turns, 7); even where it abstained."""
    names = scheme(SCHEME).labels
    found = [conversation.read("emotion", turn=turn.id, scheme=SCHEME) for turn in conversation.turns]
    if not any(found):
        raise ValueError('no turn was read under ekman7: run the pipeline "text" or "dialogue" on it first')
    even = dict.fromkeys(names, 1.0)
    said = [one[-1].scores or even if one else even for one in found]
    shares = np.array([[scores.get(name, 0.0) for name in names] for scores in said], np.float32) + _UNKNOWN
    return np.log(shares / shares.sum(1, keepdims=True))


def _expected(field: SkipField | None, felt: torch.Tensor, before: torch.Tensor) -> torch.Tensor:
    """Expected number of times each label follows each: the joint belief in both, summed over turns."""
    assert field
    counts = torch.zeros(2, felt.shape[1], felt.shape[1])
    for kind, moves in enumerate(field.transitions.exp()):
        for turn, place in enumerate(before[kind].tolist()):
            if place >= 0:
                joint = felt[place][:, None] * moves * (felt[turn] / (felt[place] @ moves))[None]
                counts[kind] += joint
    return counts


def run(scale: str, seed: int = 0) -> dict[str, Any]:
    """F1 of all arms on every corpus, paired differences, both controls, and the learned matrices."""
    torch.set_num_threads(1)
    full = scale == "full"
    seeds, epochs = (3, 5) if full else (1, 5)
    metrics: list[dict[str, Any]] = []
    tables: dict[str, Any] = {}
    for name, material in _materials(full, seed):
        of, networks = _arms(material, seeds, epochs, seed)
        metrics += _rows(name, material, of) + _inertia(name, material)
        tables[f"network, {name}"] = _transitions(networks, material.names)
    for name, material in _answers(full, seed):
        rows, tables[f"answers, {name}"] = _over_answers(name, material, seeds, seed)
        metrics += rows
    notes = [
        f"{seeds} seeds, {epochs} passes over at most {_TAUGHT} dialogues; the best pass and the weight of neutral are "
        "chosen on development data.",
        "Every number is past-only but the one called not streaming. Intervals draw whole dialogues and seeds; "
        "differences are paired.",
        "Baseline: every turn gets the commonest label of the training part.",
        "Tables: log-potentials from the earlier label (rows) to the later (columns), mean over seeds; 0 says nothing.",
        "Conversations that say the same as one of test are left out of training and development.",
    ]
    return {"metrics": metrics, "data": [*CORPORA] if full else [], "notes": notes, "tables": tables}


def _materials(full: bool, seed: int) -> Iterator[tuple[str, Material]]:
    """Name and material of each corpus, one at a time."""
    if not full:
        yield "made-up", made_up(seed)
    for name in CORPORA if full else ():
        yield name, of_corpus(name, most=_TAUGHT)


def _arms(material: Material, seeds: int, epochs: int, seed: int) -> tuple[dict[str, Array], list[Fielded]]:
    """Decided labels (seeds, turns) of every arm on test, and the networks with all parts."""
    of: dict[str, list[Array]] = {arm: [] for arm in (*ARMS, VITERBI, BLIND)}
    networks: list[Fielded] = []
    alone = replace(material, **{part: [_alone(one) for one in getattr(material, part)] for part in _PARTS})
    for one in range(seed, seed + seeds):
        for arm, parts in {**ARMS, BLIND: ARMS[WHOLE]}.items():
            used = alone if arm == BLIND else material
            torch.manual_seed(one)
            network = EmotionIC(used.training[0].vectors.shape[1], len(used.names), parts)
            bias = _fitted(network, used, epochs, one)
            of[arm].append(decided(predict(network, used.test), used.neutral, bias))
            if arm == WHOLE:
                networks.append(network)
                of[VITERBI].append(_sequences(network, used, bias))
    return {arm: np.stack(runs) for arm, runs in of.items()}, networks


def _alone(one: Talk) -> Talk:
    return replace(one, speakers=np.zeros_like(one.speakers))


def _fitted(network: Fielded, material: Material, epochs: int, seed: int, rate: float = 1e-3) -> float:
    return fit(
        network, material.training, material.development, material.score, material.neutral,
        epochs=epochs, rate=rate, seed=seed, loss=lambda _, batch: network.loss(batch),
    )  # fmt: skip


@torch.inference_mode()
def _sequences(network: Fielded, material: Material, bias: float) -> Array:
    """The best label sequence of each talk of test, one after the other."""
    assert network.field
    found: list[Array] = []
    for one in material.test:
        emitted = network.emissions(Batch.of([one]))[0].numpy()
        emitted[:, material.neutral] -= bias
        found.append(network.field.best(emitted, one.before))
    return np.concatenate(found)


def _rows(name: str, material: Material, of: Mapping[str, Array]) -> list[dict[str, Any]]:
    gold, talks, metric = labels(material.test), groups(material.test), material.metric
    floor, less = material.score(gold, material.commonest), minus(material.score)
    rows = [
        measured(f"{metric}, {arm}", name, material.score, gold, runs, baseline=floor, groups=talks, draws=_DRAWS)
        for arm, runs in of.items()
    ]
    return rows + [
        measured(f"{metric}, {WHOLE} minus {arm}", name, less, gold, of[WHOLE], of[arm], groups=talks, draws=_DRAWS)
        for arm in (*_REMOVED, BLIND)
    ]


def _inertia(name: str, material: Material) -> list[dict[str, Any]]:
    """How far people's own labels repeat what the same, and what another speaker showed last, beyond chance."""
    talks = [*material.training, *material.development, *material.test]
    rows: list[dict[str, Any]] = []
    for kind, what in enumerate(KINDS):
        pairs = [np.column_stack([one.labels, one.labels[one.before[kind]]])[one.before[kind] >= 0] for one in talks]
        numbers = np.repeat(np.arange(len(pairs)), list(map(len, pairs)))
        both = np.concatenate(pairs)
        title = f"kappa of people's labels with those at the last turn, {what}"
        rows.append(measured(title, name, kappa, both, both[None], groups=numbers, draws=_DRAWS))
    return rows


def kappa(_: Array, pairs: Array) -> float:
    """Cohen's kappa of the two columns: agreement beyond what their frequencies alone give (Cohen 1960)."""
    most = int(pairs.max()) + 1
    first, second = (np.bincount(column, minlength=most) / len(pairs) for column in pairs.T)
    chance = float(first @ second)
    return float((np.mean(pairs[:, 0] == pairs[:, 1]) - chance) / max(1 - chance, 1e-9))


def _transitions(networks: Sequence[Fielded], names: Sequence[str]) -> dict[str, Any]:
    learned = np.mean([n.field.transitions.tolist() for n in networks if n.field], 0)
    return {"labels": list(names), **{kind: learned[k].round(3).tolist() for k, kind in enumerate(KINDS)}}


def _answers(full: bool, seed: int) -> Iterator[tuple[str, Material]]:
    """Talks whose vectors are the seven log-shares that `text.encoder` answers; made-up talks say theirs themselves."""
    if not full:
        made = made_up(seed)
        parts = {part: [replace(one, vectors=one.vectors[:, :7]) for one in getattr(made, part)] for part in _PARTS}
        yield "made-up", replace(made, **parts)
    else:
        yield "dailydialog", of_corpus("dailydialog", read=_read, most=_TAUGHT // 2)


def _read(conversations: Sequence[Conversation]) -> Floats:
    reader, revision = pipeline("text.encoder", evidence=0), Network.open("text-open").revision
    bare = [Conversation(*one.turns, id=one.id) for one in conversations]

    def made() -> Floats:
        return np.concatenate([answered(one) for one in reader.run_many(bare)])

    return kept("\x00".join([SCHEME, revision, *(turn.text for one in bare for turn in one.turns)]), made)


def _over_answers(name: str, material: Material, seeds: int, seed: int) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The same field over a reader's answers: rows with and without it, and the table that `of_dialogue` needs."""
    gold, talks = labels(material.test), groups(material.test)
    of: dict[str, list[Array]] = {"with": [], "without": []}
    network = OverAnswers(len(material.names))
    for one in range(seed, seed + seeds):
        for arm, runs in of.items():
            torch.manual_seed(one)
            tried = OverAnswers(len(material.names), field=arm == "with")
            bias = _fitted(tried, material, 6, one, rate=5e-3)
            runs.append(decided(predict(tried, material.test), material.neutral, bias))
            network = tried if arm == "with" and one == seed else network
    score, with_field, without = material.score, np.stack(of["with"]), np.stack(of["without"])
    title = f"{material.metric}, text.encoder's answers"
    floor = score(gold, material.commonest)
    rows = [
        measured(f"{title}, weighed anew", name, score, gold, without, baseline=floor, groups=talks),
        measured(f"{title} and the random field", name, score, gold, with_field, baseline=floor, groups=talks),
        measured(f"{title}, field minus none", name, minus(score), gold, with_field, without, groups=talks),
    ]
    return rows, {**_transitions([network], material.names), **_weights(network)}


def _weights(network: OverAnswers) -> dict[str, Any]:
    weight, bias = (np.array(numbers.tolist()).round(3) for numbers in (network.weigh.weight, network.weigh.bias))
    return {"weigh": weight.tolist(), "bias": bias.tolist()}


def _from_table(table: Mapping[str, Any]) -> OverAnswers:
    network = OverAnswers(len(table["labels"]))
    numbers = {"weigh.weight": table["weigh"], "weigh.bias": table["bias"]}
    moves = [table[kind] for kind in KINDS]
    network.load_state_dict({name: torch.tensor(n) for name, n in {**numbers, "field.transitions": moves}.items()})
    return network.eval()
