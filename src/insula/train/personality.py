"""Learn Big Five traits from people's own answers and words, and find which can be told of people never seen.

    python -m insula.train.personality          # writes insula/perceive/dialogue/personality.toml

Ridge regression on the emotions of the essays of WASSA 2022, its strength fixed beforehand, ten folds by writer: nobody
is in both halves of one. A trait is shipped where the correlation on held-out writers is above 0 in its whole 95 %
interval (over writers). Two other corpora were not learnt from. PELD has the traits of six people in all.
FriendsPersona has 711 scenes, but its published direction is in doubt: there anger goes with 1 on agreeableness and joy
with 0, talking much with 0 on extraversion. What is learnt here is also measured there, by that published direction;
below .5 is what a reversed one would give. Needs the extra `train`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from insula.catalogue import build
from insula.conversation import Annotation, Conversation
from insula.data import load
from insula.perceive.dialogue import personality
from insula.perceive.dialogue.personality import Trait, emotions, features
from insula.train.explain.resampled import Array, Measured, correlation, mean, resampled, separation_by, toml

PUBLISHED = {  # the spelling of the corpus; emotional stability is the other end of neuroticism
    "openness": ("personality_openess", 1),
    "conscientiousness": ("personality_conscientiousness", 1),
    "extraversion": ("personality_extraversion", 1),
    "agreeableness": ("personality_agreeableness", 1),
    "neuroticism": ("personality_stability", -1),
}
FOLDS, PENALTY = 10, 300.0


@dataclass(frozen=True)
class People:
    """Features (people, 28), trait -> where each puts themselves (people,) in -1..1, and who they are."""

    x: Array
    traits: dict[str, Array]
    name: list[str]


def judged(conversations: list[Conversation]) -> Iterator[Conversation]:
    """Conversations with emotions by text.encoder."""
    for conversation, found in zip(conversations, build("text.encoder", evidence=0).batch(conversations), strict=True):
        conversation.add(*found)
        yield conversation


def read_people() -> People:
    """The writers of WASSA 2022's train part; all essays of one are one person's turns."""
    felt: dict[str, list[Annotation]] = {}
    answers: dict[str, tuple[float, ...]] = {}
    for essay in judged(list(load("wassa2022", "train"))):
        writer, about = str(essay.meta["group"]), essay.turns[0].meta
        if all(column in about for column, _ in PUBLISHED.values()):
            felt.setdefault(writer, []).extend(one for _, one in emotions(essay))
            answers[writer] = tuple(sign * (about[column] - 4) / 3 for column, sign in PUBLISHED.values())
    names = [name for name, some in felt.items() if some]
    table = np.array([answers[name] for name in names])
    traits = {name: table[:, place] for place, name in enumerate(PUBLISHED)}
    return People(np.array([features(felt[name]) for name in names]), traits, names)


def fitted(x: Array, y: Array) -> tuple[Array, float]:
    """Weights of the features as they come (28,), and the intercept."""
    centre, scale = x.mean(0), x.std(0) + 1e-9
    z = (x - centre) / scale
    weights = np.linalg.solve(z.T @ z + PENALTY * np.eye(z.shape[1]), z.T @ (y - y.mean())) / scale
    return weights, float(y.mean() - centre @ weights)


def held_out(people: People, trait: str) -> tuple[Array, Array]:
    """For every person the score by weights that never saw them, and the mean of the others, both (people,)."""
    fold = np.random.default_rng(0).permutation(len(people.name)) % FOLDS
    y, names = people.traits[trait], np.array(people.name)
    scores, usual = np.zeros(len(y)), np.zeros(len(y))
    for one in range(FOLDS):
        out = fold == one
        assert not set(names[out]) & set(names[~out]), "a person is in both halves of a fold"
        weights, intercept = fitted(people.x[~out], y[~out])
        scores[out], usual[out] = people.x[out] @ weights + intercept, y[~out].mean()
    return scores, usual


def train_personality(out: Path) -> dict[str, dict[str, Measured]]:
    """Measure every trait, fit those that pass on everybody, write `out`; trait -> name -> [score, low, high]."""
    people = read_people()
    measured: dict[str, dict[str, Measured]] = {}
    shipped: dict[str, Trait] = {}
    for trait, y in people.traits.items():
        scores, usual = held_out(people, trait)
        errors, guessed = abs(scores - y), abs(usual - y)
        measured[trait] = {
            "r": resampled(correlation(y, scores), people.name),
            "mae": resampled(mean(errors), people.name),
            "mae_mean": resampled(mean(guessed), people.name),
            "mae_less_mean": resampled(mean(errors - guessed), people.name),
        }
        if measured[trait]["r"][1] > 0:
            shipped[trait] = Trait(*fitted(people.x, y), float(np.quantile(errors, 0.9)))
    for trait, auc in on_scenes(shipped).items():
        measured[trait]["friends_auc"] = auc
    out.write_text(_file(len(people.name), shipped, measured), encoding="utf-8")
    return measured


def on_scenes(shipped: dict[str, Trait]) -> dict[str, Measured]:
    """How often a scene published as high on a trait scores above one published as low, on FriendsPersona."""
    rows: list[tuple[NDArray[np.float64], dict[str, bool], str]] = []
    talks = [talk for split in ("train", "dev", "test") for talk in load("friends-personality", split)]
    for talk in judged(talks):
        (gold,) = talk.read("personality", rater="gold")
        character = first_name(gold.at.speaker or "")
        if felt := [one for speaker, one in emotions(talk) if first_name(speaker) == character]:
            high = {trait: score > 0 for trait, score in gold.scores.items()}
            rows.append((features(felt), high, str(talk.meta["group"])))
    scene = [group for _, _, group in rows]
    found: dict[str, Measured] = {}
    for name, trait in shipped.items():
        high = np.array([known[name] for _, known, _ in rows])
        found[name] = resampled(separation_by(high, np.array([trait.score(x) for x, _, _ in rows])), scene)
    return found


def first_name(name: str) -> str:
    """FriendsPersona writes "Joey" and "Joey Tribbiani"; "Mrs. Green" has no other name."""
    first = name.split()[0] if name else ""
    return name if first.endswith(".") else first


def _file(people: int, shipped: dict[str, Trait], measured: dict[str, dict[str, Measured]]) -> str:
    lines = [
        "# Weights of dialogue.personality on the square roots of 28 mean emotions, as goemotions28 lists them. Made",
        "# by `python -m insula.train.personality` from what writers of WASSA 2022's train part say of themselves and",
        f"# their essays, {people} people. Measured on writers held out: score, then its 95 % interval over writers.",
        "# friends_auc: on FriendsPersona, by its published direction, which the words of its scenes speak against.",
    ]
    for name, trait in shipped.items():
        weights = ", ".join(f"{value:.4g}" for value in trait.weights)
        lines += [f"[trait.{name}]", f"weights = [{weights}]"]
        lines += [f"intercept = {trait.intercept:.4g}", f"margin = {trait.margin:.4g}", ""]
    tables = [toml(f"measured.{label}", table) for label, table in measured.items()]
    return "\n".join([*lines, *tables])


if __name__ == "__main__":
    train_personality(Path(personality.__file__).with_suffix(".toml"))
