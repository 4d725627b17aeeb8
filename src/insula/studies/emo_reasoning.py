"""Does a reply feel like a reply? Emotion across turns: a transition score, and coherence in categories and dimensions.

Claim (Liu et al. 2025, EMO-Reasoning, ASRU, arXiv:2508.17623): what spoken dialogue systems feel like from turn to turn
can be measured: a cross-turn emotion reasoning score for the transitions, and coherence by categories and by continuous
dimensions, which fall where a reply's emotion does not belong to what it answers.

Ours: a turn has seven probabilities and valence and arousal, by any reader. The cross-turn score of a reply is the
expected pointwise mutual information (bits) of its emotion and the one before, counted over replies in MELD's training
talks; 0 is chance. Categorical coherence is 1 less the Jensen-Shannon divergence of the two, continuous coherence 1
less the mean distance in valence and arousal (of 2). Each is measured on real replies, on replies changed about within
their talk, and on replies of other talks; a measure that means something must fall.

Logs: MELD's gold emotions; the same talks' words, read without context (text.encoder); DeepDialogue's 43 spoken talks
by what the writer asked for, by words, and by voice (speech.voice, turns found by aligning the words heard with the
script); EchoMind's replies to one script said in three ways; and talks built here: pairs said by the built-in voice
with a fitting feeling, heard by the ear.

Differs: the paper's own score could not be had, this one is ours by its description; no dialogue systems and no people
are asked. The three logs of synthetic speech are small.

    insula study emo-reasoning --scale full
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any

import numpy as np

from ..catalogue import build
from ..conversation import Conversation
from ..data import load
from ..data.readers.voices import DEEP_RATER
from ..pipeline import Pipeline
from ..presets import pipeline
from ..scheme import mapping, read_out, scheme
from ..speak.plan import plan
from .measure import Array, measured
from .spoken import FEELINGS, open_stage

SYSTEM = "emo-reasoning"
STATUS = "works-scaled"

SEVEN = scheme("ekman7").labels
CONTROLS = ("replies changed about", "replies of other talks")
ROUNDS = 20  # controls drawn for each real reply
PRIOR = 5.0  # added to what is counted and to what chance expects, so that what is rarely seen says little
_DRAWS = 500
_PLAIN = np.full(len(SEVEN), 1 / len(SEVEN))
# own sentences: what is said with a feeling, and the feeling of a fitting answer
BUILT = (
    ("I got the place on the course!", "joy", "Then tonight we are going to celebrate.", "joy"),
    ("They have called off the wedding.", "sadness", "I am so sorry, come and sit with me.", "sadness"),
    ("Somebody keeps ringing at the door.", "fear", "Stay away from it, I am on my way.", "fear"),
    ("He read my letters, all of them.", "anger", "That was not his to read.", "anger"),
    ("The garden is finished at last.", "calm", "Let us have our tea out there.", "calm"),
    ("The bus leaves at ten past eight.", "neutral", "Then I shall be there by eight.", "neutral"),
    ("My sister is coming home for good!", "joy", "You must be over the moon.", "joy"),
    ("The old dog did not wake up today.", "sadness", "He had a good life with you.", "sadness"),
    ("There was a man behind the car.", "fear", "Lock the doors and ring the police.", "fear"),
    ("She took the credit for my work.", "anger", "You ought to have it out with her.", "anger"),
    ("I slept well for the first time in weeks.", "calm", "That is good to hear.", "calm"),
    ("The parcel weighs two kilos.", "neutral", "We can send it in the morning.", "neutral"),
)


@dataclass(frozen=True)
class Felt:
    """One turn: who, seven probabilities that sum to 1, and (valence, arousal) -1..1."""

    speaker: str
    category: Array
    place: Array


Talk = Sequence[Felt | None]
"""None is a turn that could not be read: no reply is measured against it."""
Score = Callable[[Felt, Felt], float]
Pair = tuple[Felt, Felt]


def run(scale: str, seed: int = 0) -> dict[str, Any]:
    """Each measure on each log: real replies, the fall under both controls, and how often a real one beats another."""
    full = scale == "full"
    known = [_gold(talk) for talk in load("meld", "train")] if full else made_up(200, seed)
    scores = measures(transitions(known))
    logs, notes = _logs() if full else ({"made up": made_up(60, seed + 1)}, [])
    logs |= {"built and heard": list(built(scale))}
    metrics = [row for name, talks in logs.items() for row in _measured(name, talks, scores, seed)]
    notes += [
        "Intervals draw talks. Controls keep every reading and change which reply stands where, "
        f"{ROUNDS} draws each; baseline of 'beats' is .5.",
        "Words are read by text.encoder, which sees one turn alone: a reader of context would find coherence it put "
        "in. The voice's reader knows how the same voice sounded earlier in the talk.",
        "MELD's gold was given by people who saw the whole scene.",
    ]
    corpora = ["meld", "deepdialogue-demo", "echomind-demo"] if full else []
    return {"metrics": metrics, "data": corpora, "notes": notes}


def transitions(talks: Sequence[Talk]) -> Array:
    """Pointwise mutual information, in bits, of an emotion and the reply's: (before, after)."""
    counts = np.zeros((len(SEVEN), len(SEVEN)))
    for one, reply in (pair for talk in talks for pair in pairs(talk)):
        counts += np.outer(one.category, reply.category)
    expected = np.outer(counts.sum(1), counts.sum(0)) / counts.sum()
    return np.log2((counts + PRIOR) / (expected + PRIOR))


def measures(table: Array) -> dict[str, Score]:
    """The three scores of a reply, given what came before it."""

    def across(one: Felt, reply: Felt) -> float:
        return float(one.category @ table @ reply.category)

    return {"cross-turn score (bits)": across, "categorical coherence": alike, "continuous coherence": near}


def alike(one: Felt, reply: Felt) -> float:
    """1 less the Jensen-Shannon divergence in bits: 1 the same probabilities, 0 nothing shared."""
    middle = (one.category + reply.category) / 2
    return 1 - sum(_divergence(side.category, middle) for side in (one, reply)) / 2


def near(one: Felt, reply: Felt) -> float:
    """1 less half the mean distance in valence and arousal: 1 the same place, 0 opposite ends."""
    return float(1 - np.abs(one.place - reply.place).mean() / 2)


def pairs(talk: Talk) -> list[Pair]:
    """What is said and what somebody else says next."""
    return [(one, reply) for one, reply in pairwise(talk) if one and reply and one.speaker != reply.speaker]


def _measured(log: str, talks: Sequence[Talk], scores: dict[str, Score], seed: int) -> Iterator[dict[str, Any]]:
    found = [pairs(talk) for talk in talks]
    found = [one for one in found if one]
    if len(found) < 5:
        return
    weights = np.array([len(one) for one in found], float)
    for name, score in scores.items():
        real = [np.array([score(*pair) for pair in one]) for one in found]
        means = np.array([one.mean() for one in real])
        yield measured(f"{name}, real replies", log, _weighted, weights, means[None], draws=_DRAWS)
        for control in CONTROLS:
            usable = np.array([control == CONTROLS[1] or len(one) > 1 for one in found])
            if usable.sum() < 5:
                continue
            # per talk: (rounds, replies)
            drawn = [np.array([score(*pair) for pair in one]) for one in _control(found, control, seed)]
            other = [np.array(drawn[n :: len(found)]) for n in range(len(found))]
            fall = np.array([(r - o).mean() for r, o in zip(real, other, strict=True)])
            beats = np.array([((r > o) + 0.5 * (r == o)).mean() for r, o in zip(real, other, strict=True)])
            weight, some = weights[usable], f"one of the {control}"
            yield measured(f"{name}, fall with {control}", log, _weighted, weight, fall[None, usable], draws=_DRAWS)
            row = f"{name}, a real reply beats {some}"
            yield measured(row, log, _weighted, weight, beats[None, usable], baseline=0.5, draws=_DRAWS)


def _control(found: Sequence[list[Pair]], control: str, seed: int) -> list[list[Pair]]:
    """ROUNDS times every talk, with other replies."""
    draw = np.random.default_rng(seed)
    every = [(n, reply) for n, one in enumerate(found) for _, reply in one]
    drawn = list[list[Pair]]()
    for _ in range(ROUNDS):
        for n, one in enumerate(found):
            if control == CONTROLS[0]:
                far = int(draw.integers(1, max(len(one), 2)))
                replies = [one[(place + far) % len(one)][1] for place in range(len(one))]
            else:
                replies = [_elsewhere(every, n, draw) for _ in one]
            drawn.append([(first, reply) for (first, _), reply in zip(one, replies, strict=True)])
    return drawn


def _elsewhere(every: Sequence[tuple[int, Felt]], here: int, draw: np.random.Generator) -> Felt:
    while True:
        talk, reply = every[int(draw.integers(len(every)))]
        if talk != here:
            return reply


def _weighted(weights: Array, values: Array) -> float:
    return float(np.average(values, weights=weights))


def _divergence(one: Array, other: Array) -> float:
    some = one > 0
    return float((one[some] * np.log2(one[some] / other[some])).sum())


def _logs() -> tuple[dict[str, list[Talk]], list[str]]:
    """The real logs, and what is to be said of them."""
    meld = list(load("meld", "test"))
    deep = [_aligned(talk) for talk in load("deepdialogue-demo", "test")]
    echo = list(load("echomind-demo", "test"))
    ear = Pipeline(build("speech.quality"), build("speech.voice"), given=("turn", "signal.audio"))
    reader = pipeline("text")
    heard = [_read(ear.run(talk), "speech.voice") for talk in deep]
    echoed = [_read(ear.run(talk), "speech.voice") for talk in echo]
    turns, read = sum(len(talk.turns) for talk in deep), sum(one is not None for talk in heard for one in talk)
    notes = [f"Of {turns} turns of DeepDialogue {read} could be aligned and their voice read."]
    return {
        "meld test, gold": [_gold(talk) for talk in meld],
        "meld test, words": [_read(reader.run(_bare(talk)), "text.encoder") for talk in meld],
        "deepdialogue, as asked for": [_asked(talk) for talk in deep],
        "deepdialogue, words": [_read(reader.run(_bare(talk)), "text.encoder") for talk in deep],
        "deepdialogue, voice": heard,
        "echomind, voice": echoed,
    }, notes


def _bare(talk: Conversation) -> Conversation:
    """The turns alone."""
    return Conversation(*talk.turns, id=talk.id)


def _gold(talk: Conversation) -> Talk:
    found = ((turn, talk.read("emotion", turn=turn.id, rater="gold", scheme="ekman7")) for turn in talk.turns)
    return [
        _labelled(turn.speaker, judged[0].scores) if judged and judged[0].scores else None for turn, judged in found
    ]


def _asked(talk: Conversation) -> Talk:
    """What the writer was asked for, mapped to seven; a word that leads nowhere is a turn that could not be read."""
    found: list[Felt | None] = []
    for turn in talk.turns:
        (asked,) = talk.read("emotion", turn=turn.id, rater=DEEP_RATER)
        scores = {} if asked.abstained else read_out(asked, "ekman7").scores
        found.append(_labelled(turn.speaker, scores) if scores and max(scores.values()) > 0 else None)
    return found


def _labelled(speaker: str, scores: Any) -> Felt:
    category = _shares(scores)
    place = mapping("ekman7", "vad").scores(dict(zip(SEVEN, category.tolist(), strict=True)))
    return Felt(speaker, category, np.array([place["valence"], place["arousal"]]))


def _read(talk: Conversation, rater: str) -> Talk:
    """What a machine read, turn by turn."""
    found: list[Felt | None] = []
    for turn in talk.turns:
        judged = [x for layer in ("emotion", "affect") for x in talk.read(layer, turn=turn.id)]
        whole = [x for x in judged if x.scores and not x.at.seconds and not x.at.chars]
        ours = {x.layer: x for x in whole if x.rater.startswith(rater)}
        if {"emotion", "affect"} <= set(ours):
            emotion = ours["emotion"]
            scores = emotion.scores if emotion.scheme == "ekman7" else read_out(emotion, "ekman7").scores
            place = np.array([ours["affect"].scores[axis] for axis in ("valence", "arousal")])
            found.append(Felt(turn.speaker, _shares(scores), place))
        else:
            found.append(None)
    return found


def _shares(scores: Any) -> Array:
    found = np.array([scores.get(label, 0.0) for label in SEVEN])
    return found / found.sum() if found.sum() else _PLAIN


def _aligned(talk: Conversation) -> Conversation:
    """The same talk with the seconds of each turn, found by the words heard; turns without any have none."""
    heard = Conversation(*talk.signals("audio"))
    Pipeline(build("speech.turns"), given=("signal.audio",)).run(heard)
    words = [(start, end, _plain(word)) for turn in heard.turns for start, end, word, *_ in turn.meta["words"]]
    script = [(n, _plain(word)) for n, turn in enumerate(talk.turns) for word in turn.text.split()]
    matcher = SequenceMatcher(None, [word for _, word in script], [word for _, _, word in words], autojunk=False)
    spans: dict[int, list[float]] = {}
    for block in matcher.get_matching_blocks():
        for k in range(block.size):
            spans.setdefault(script[block.a + k][0], []).extend(words[block.b + k][:2])
    aligned = Conversation(*talk.signals("audio"), id=talk.id)
    for n, turn in enumerate(talk.turns):
        seconds = (min(spans[n]), max(spans[n])) if len(spans.get(n, ())) >= 4 else None
        aligned.add(replace(turn, seconds=seconds))
    aligned.add(*talk.read("emotion"))
    return aligned


def _plain(word: str) -> str:
    return "".join(letter for letter in word.lower() if letter.isalnum())


def built(scale: str) -> Iterator[Talk]:
    """Talks of two turns, made: each said by a voice with the feeling it should have, and heard by an ear."""
    stage = open_stage(scale)
    for said, feeling, answer, fitting in BUILT:
        spoken = [stage.say(text, plan(text, of)) for text, of in ((said, feeling), (answer, fitting))]
        yield [_of_stage(speaker, one) for speaker, one in zip(("user", "system"), spoken, strict=True)]


def _of_stage(speaker: str, one: Any) -> Felt:
    heard: dict[str, float] = dict(zip(FEELINGS, one.heard.tolist(), strict=True))
    return Felt(speaker, _shares(mapping("voice9", "ekman7").scores(heard)), np.asarray(one.affect[:2], float))


def made_up(count: int, seed: int) -> list[Talk]:
    """Talks of six turns in which two in three replies feel like what they answer."""
    draw = np.random.default_rng(seed)
    talks: list[Talk] = []
    for _ in range(count):
        at, talk = int(draw.integers(len(SEVEN))), list[Felt | None]()
        for n in range(6):
            at = at if draw.random() < 2 / 3 else int(draw.integers(len(SEVEN)))
            category = 0.7 * np.eye(len(SEVEN))[at] + 0.3 * draw.dirichlet(np.ones(len(SEVEN)))
            talk.append(_labelled("AB"[n % 2], dict(zip(SEVEN, category.tolist(), strict=True))))
        talks.append(talk)
    return talks
