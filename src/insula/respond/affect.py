"""What the next reply should feel like: the replier's mood so far, moved by what was said and by who they are.

    joy before, "I failed again." -> reply-affect {"valence": -.2, ...}, reply-emotion {"sadness": .5, ...}

After Wen et al. 2021: the emotion of a response is the preceding one, as valence, arousal and dominance, plus a
variation made of the dialogue and the Big Five; the category is told from where that leads. The Big Five act through
Mehrabian's (1996) temperaments, from which their learnt weight may move a little: six characters of one comedy teach
too little to be believed alone (`insula study personality-emotion-transition`). On top lies a policy of support, a
table of weights in `affect.toml`: no anger or disgust, whatever was learnt.
"""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from insula.catalogue import nearest
from insula.conversation import Addition, Anchor, Annotation, Conversation, Turn
from insula.network.text import digest, weights_folder
from insula.scheme import mapping, scheme

from .persona import DEFAULT, Persona, persona

Array = NDArray[np.float32]
EMOTIONS = scheme("reply-emotion").labels
AXES = scheme("reply-affect").labels
TRAITS = scheme("bigfive").labels
FINE = scheme("goemotions28").labels
NEUTRAL = np.eye(len(EMOTIONS), dtype=np.float32)[EMOTIONS.index("neutral")]
SUPPORT = "support"
# Mehrabian 1996, Analysis of the Big-five personality factors in terms of the PAD temperament model: rows are valence,
# arousal, dominance; neuroticism is his emotional stability turned round
TEMPERAMENT = np.array(
    [[0.0, 0.0, 0.21, 0.59, -0.19], [0.15, 0.0, 0.0, 0.30, 0.57], [0.25, 0.17, 0.60, -0.32, 0.0]], np.float32
)


def _places() -> Array:
    table = mapping("ekman7", "vad").table
    return np.array([[table[emotion][axis] for axis in AXES] for emotion in EMOTIONS], np.float32)


PLACES = _places()  # (7, 3): where each emotion lies


@dataclass(frozen=True)
class Situation:
    """What is known when a reply is due.

    `said` (62,): 28 emotions (square roots) and the affect of the replier's last turn, then of the turn to be answered;
    `before` (7,) is the replier's last emotion, meant or read, neutral where they have not spoken; `felt` (7,) is that
    of the person; `ids` are the annotations these are from.
    """

    said: Array
    before: Array
    felt: Array
    ids: tuple[str, ...] = ()


def situation(conversation: Conversation, turn: Turn, meant: str = "") -> Situation | None:
    """The situation after a turn, the replier being who last spoke before its speaker; None where nobody read it.

    `meant` is the emotion the replier's last turn was planned to have, where that is known; else it is read there.
    """
    theirs = _read(conversation, turn.id)
    if theirs is None:
        return None
    felt = _emotion(conversation, turn.id)
    own = _own(conversation, turn)
    mine = _read(conversation, own.id) if own else None
    past = (_share(meant), ()) if own and meant else _emotion(conversation, own.id) if own else None
    said = np.concatenate([mine[0] if mine else np.zeros_like(theirs[0]), theirs[0]])
    ids = (*(theirs[1]), *(felt[1] if felt else ()), *(mine[1] if mine else ()), *(past[1] if past else ()))
    return Situation(said, past[0] if past else NEUTRAL, felt[0] if felt else NEUTRAL, tuple(dict.fromkeys(ids)))


class ReplyAffect:
    """Plans the emotion and affect of the reply to every pending turn that is not the companion's own.

    `persona` is a name, a path or a `Persona`; `policy` is "support", the path of a `.toml` of the same form, or "" for
    what was learnt as it is. Needs goemotions28 and ekman7 at the turns (`text.encoder` gives them). Raises KeyError,
    ValueError or FileNotFoundError for a persona, policy or weights that cannot be had.
    """

    reads: Sequence[str] = ("turn", "emotion", "affect")
    writes: Sequence[str] = ("plan",)

    def __init__(
        self,
        persona: str | Path | Persona = DEFAULT,
        policy: str | Path = SUPPORT,
        speaker: str = "companion",
        weights: str = "respond-affect",
        name: str = "respond.affect",
    ) -> None:
        self.name = name
        self.persona = _persona(persona)
        self._traits = np.array([self.persona.bigfive.get(trait, 0.0) for trait in TRAITS], np.float32)
        self._policy = read_policy(policy) if policy else None
        self._speaker = speaker
        self._transition = open_weights(weights)
        self.rater = f"{name}@{self._transition.revision}"

    def __call__(self, conversation: Conversation) -> Iterator[Addition]:
        made = conversation.read("plan", rater=self.rater, scheme="reply-emotion")
        chosen = {one.at.turn: one.labels[0] for one in made if one.labels}
        for turn in conversation.pending("plan", self.rater):
            answered = turn.speaker != self._speaker
            found = situation(conversation, turn, self._meant(conversation, turn, chosen)) if answered else None
            for one in self._plan(turn, found) if found else self._abstain(turn):
                chosen |= {turn.id: one.labels[0]} if one.labels else {}
                yield one

    def plan(self, found: Situation) -> tuple[Array, Array]:
        """Probabilities (7,) and affect (3,) of the reply, as policy and persona have it."""
        scores, target = self._transition.run(found.said[None], found.before[None], self._traits[None])
        probabilities = scores[0]
        if self._policy is None:
            return probabilities, target[0]
        allowed = mixed(probabilities, found.felt, self._policy)
        return allowed, (target[0] + (allowed - probabilities) @ PLACES).clip(-1, 1)

    def _meant(self, conversation: Conversation, turn: Turn, chosen: Mapping[str | None, str]) -> str:
        """What the companion's last turn before this one was planned to feel like; "" where it was not."""
        own = _own(conversation, turn)
        if own is None or own.speaker != self._speaker:
            return ""
        before = itertools.takewhile(lambda one: one is not own, conversation.turns)
        planned = [chosen[one.id] for one in before if one.id in chosen]
        return planned[-1] if planned else ""

    def _plan(self, turn: Turn, found: Situation) -> Iterator[Annotation]:
        probabilities, affect = self.plan(found)
        chosen = EMOTIONS[int((probabilities / self._transition.thresholds).argmax())]
        scores = dict(zip(EMOTIONS, _rounded(probabilities), strict=True))
        yield Annotation(
            "plan", scores, Anchor(turn.id), "reply-emotion", self.rater, labels=(chosen,), because=found.ids
        )
        margin = dict(zip(AXES, self._transition.margin.round(4).tolist(), strict=True))
        places = dict(zip(AXES, affect.astype(float).round(4).tolist(), strict=True))
        yield Annotation("plan", places, Anchor(turn.id), "reply-affect", self.rater, margin=margin, because=found.ids)

    def _abstain(self, turn: Turn) -> Iterator[Annotation]:
        own = turn.speaker == self._speaker
        reason = "the companion's own turn: there is nobody to answer" if own else "nobody could tell its emotion"
        for name in ("reply-emotion", "reply-affect"):
            yield Annotation("plan", {}, Anchor(turn.id), name, self.rater, reason=reason)


@dataclass(frozen=True)
class Transition:
    """The learnt variation and what leads from there to a category; `without` are parts left out in an ablation."""

    centre: Array
    scale: Array
    variation_said: Array
    variation_before: Array
    variation_temperament: Array
    variation_bias: Array
    emotion_affect: Array
    emotion_before: Array
    emotion_said: Array
    emotion_bias: Array
    temperature: Array
    thresholds: Array
    margin: Array
    revision: str = ""

    def run(self, said: Array, before: Array, traits: Array) -> tuple[Array, Array]:
        """Situations (n, 62), (n, 7) and Big Five (n, 5) -> probabilities (n, 7) and affect (n, 3)."""
        known = (said[:, : said.shape[1] // 2] != 0).any(1, keepdims=True)
        z = (said - self.centre) / self.scale
        z = np.concatenate([z[:, : z.shape[1] // 2] * known, z[:, z.shape[1] // 2 :]], 1)
        temperament = traits @ TEMPERAMENT.T
        variation = np.tanh(
            z @ self.variation_said
            + before @ self.variation_before
            + temperament @ self.variation_temperament
            + self.variation_bias
        )
        target = before @ PLACES + variation
        logits = target @ self.emotion_affect + before @ self.emotion_before + z @ self.emotion_said + self.emotion_bias
        raised = np.exp((logits - logits.max(1, keepdims=True)) / self.temperature)
        return raised / raised.sum(1, keepdims=True), target.clip(-1, 1)


def mixed(probabilities: Array, felt: Array, policy: Array) -> Array:
    """What was learnt (7,) under a policy (7 emotions of the person, 7 of the reply), mixed by how the person feels."""
    weighed = policy * probabilities
    weighed = weighed / weighed.sum(1, keepdims=True)
    return felt @ weighed


def read_policy(path: str | Path = SUPPORT) -> Array:
    """A table of weights (person's emotion, reply's emotion); raises ValueError naming what is wrong, and where."""
    shipped = str(path) == SUPPORT
    file = resources.files("insula.respond") / "affect.toml" if shipped else Path(path)
    if not file.is_file():
        raise FileNotFoundError(f'no policy {path}: it is "{SUPPORT}", the path of a .toml file, or "" for none')
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    rows = np.zeros((len(EMOTIONS), len(EMOTIONS)), np.float32)
    for felt, weights in table.items():
        for reply, weight in weights.items():
            for label in (felt, reply):
                if label not in EMOTIONS:
                    raise ValueError(f"{file}: [{felt}] {reply}: did you mean {nearest(label, EMOTIONS)}?")
            if isinstance(weight, bool) or not isinstance(weight, int | float) or weight < 0:
                raise ValueError(f"{file}: [{felt}] {reply} must be a number from 0 up, not {weight!r}")
            rows[EMOTIONS.index(felt), EMOTIONS.index(reply)] = weight
    if empty := [emotion for emotion, row in zip(EMOTIONS, rows, strict=True) if not row.any()]:
        raise ValueError(f"{file}: [{empty[0]}] is missing or all 0: some emotion must be allowed to answer it")
    return rows


@cache
def open_weights(name: str = "respond-affect") -> Transition:
    """Shipped weights by name, or a `.safetensors` by path; raises FileNotFoundError."""
    path = Path(name) if name.endswith(".safetensors") else weights_folder() / f"{name}.safetensors"
    if not path.is_file():
        raise FileNotFoundError(f"no weights {name!r}: {path} is not there")
    return Transition(**load_file(path), revision=digest(path))


def _persona(given: str | Path | Persona) -> Persona:
    return given if isinstance(given, Persona) else persona(given)


def _own(conversation: Conversation, turn: Turn) -> Turn | None:
    """The last turn before this one by somebody else: the replier's."""
    turns = conversation.turns
    end = len(turns) - 1 if turns[-1] is turn else turns.index(turn)
    return next((one for one in reversed(turns[:end]) if one.speaker != turn.speaker), None)


def _read(conversation: Conversation, turn: str) -> tuple[Array, tuple[str, ...]] | None:
    """Fine emotions and affect of a whole turn (31,), and the ids."""
    emotion = _whole(conversation, "emotion", turn, "goemotions28")
    affect = _whole(conversation, "affect", turn, "vad")
    if emotion is None:
        return None
    fine = np.sqrt(np.array([emotion.scores.get(label, 0.0) for label in FINE], np.float32))
    place = [affect.scores.get(axis, 0.0) if affect else 0.0 for axis in AXES]
    return np.array([*fine, *place], np.float32), (emotion.id, *((affect.id,) if affect else ()))


def _emotion(conversation: Conversation, turn: str) -> tuple[Array, tuple[str, ...]] | None:
    """A turn's emotion as shares (7,), and the ids."""
    one = _whole(conversation, "emotion", turn, "ekman7")
    shares = np.array([one.scores.get(label, 0.0) for label in EMOTIONS], np.float32) if one else NEUTRAL
    return (shares / shares.sum(), (one.id,)) if one and shares.sum() else None


def _share(label: str) -> Array:
    return np.eye(len(EMOTIONS), dtype=np.float32)[EMOTIONS.index(label)]


def _whole(conversation: Conversation, layer: str, turn: str, scheme: str) -> Annotation | None:
    """The latest reading of a whole turn: with its history, where a reader of dialogues was there."""
    found = [one for one in conversation.read(layer, turn=turn, scheme=scheme) if one.scores and one.at.chars is None]
    return found[-1] if found else None


def _rounded(probabilities: Array) -> list[float]:
    """Four decimals that sum to 1."""
    values = probabilities.astype(np.float64).round(4)
    values[values.argmax()] += 1 - values.sum()
    return values.round(4).tolist()
