"""Four layers of emotional intelligence, from our own corpora: following a feeling, its cause, its appraisal, a reply.

    insula evaluate layers --model local:base

EICAP's layers, each as questions with four options that are shuffled anew for every question and seed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from ...catalogue import build
from ...conversation import Conversation, Turn
from ...data.gold import GOLD
from ...scheme import scheme
from ..asking import Asked, Choice, Exam, Question
from ..asking.choices import LETTERS, extreme, mark, put, shown, shown_at
from ..asking.drawn import balanced, cut, learnt, one_each, part, plain, some, until
from ..asking.drawn import shown as lines
from ..asking.exam import mean
from .cause import causes_of, likeliest

EACH = 30  # questions of each layer
TURNS = 6  # of a talk that are shown
FEELINGS = scheme("ekman7").labels
SAW = {
    "attention": "They wanted to give it their attention.",
    "certainty": "They were certain of what was happening.",
    "effort": "It cost them effort to deal with.",
    "pleasantness": "It was pleasant for them.",
    "responsibility": "They were responsible for it themselves.",
    "control": "They had it under their control.",
    "circumstance": "Nobody could have controlled it: it was the circumstances.",
}
ASKS = {
    "tracking": "How did the feeling of {who} change from their first line to their last?",
    "cause": "Which line caused the feeling in the last line?",
    "appraisal": "How did the writer see what happened?",
    "response": "Which reply should the supporter give next?",
}
SYSTEM = "Answer with the letter of one option."


def load(paths: Mapping[str, Path]) -> list[Question]:
    """Thirty of each layer."""
    del paths
    return [*_tracking(), *_cause(), *_appraisal(), *_response()]


def ask(question: Question, seed: int, mode: str) -> Asked:
    """The talk, what is asked of it, and the four options."""
    return put(question, seed, mode, system=SYSTEM, say=_say, opening="Answer:")


def _say(question: Question, orders: tuple[tuple[int, ...], ...], mode: str) -> str:
    del mode
    asks = ASKS[question.slices["layer"]].format(who=question.about.get("who", ""))
    return f"{question.text}\n\n{asks}\n{shown(question.choices[0], orders[0])}"


def read(asked: Sequence[Asked]) -> list[str]:
    """For each layer the reader this engine has for it: scores of the options, the highest is the answer."""
    readers = {layer: READERS[layer]() for layer in dict.fromkeys(one.question.slices["layer"] for one in asked)}
    replies: list[str] = []
    for one in asked:
        scores = readers[one.question.slices["layer"]](one.question)
        best = max(range(len(scores)), key=scores.__getitem__)
        replies.append(f"answer: {LETTERS[one.orders[0].index(best)]}")
    return replies


def _tracking() -> list[Question]:
    """Talks in which somebody's feeling changes from their first line shown to their last."""
    found: list[Question] = []
    for talk in part("dailydialog", "test"):
        shown_turns = talk.turns[:TURNS]
        for who in dict.fromkeys(turn.speaker for turn in shown_turns):
            own = [turn for turn in shown_turns if turn.speaker == who]
            first, last = _felt(talk, own[0]), _felt(talk, own[-1])
            if first != last and first and last and plain(own[-1].text) not in learnt("dailydialog"):
                other = [x for x in FEELINGS if x not in (first, last)]
                one, two = Random(talk.id).sample(other, 2)
                pairs = ((first, last), (last, first), (first, one), (two, last))
                options = tuple(f"from {a} to {b}" for a, b in pairs)
                about = {"who": who, "turns": shown_turns, "own": (own[0].id, own[-1].id), "pairs": pairs}
                found.append(_question("tracking", talk, lines(shown_turns), options, about))
    return some(one_each(found, lambda x: x.group, "tracking"), EACH, "tracking")


def _cause() -> list[Question]:
    """Talks of RECCON with one cause among at least four lines."""
    found: list[Question] = []
    for talk in part("reccon", "test"):
        for id, sources in causes_of(talk).items():
            bare = until(talk, talk.turn(id))
            turns = bare.turns[-TURNS:]
            inside = [k for k, turn in enumerate(turns) if turn.id in sources]
            if len(turns) < 4 or len(inside) != 1 or len(sources) > 1 or plain(turns[-1].text) in learnt("reccon"):
                continue
            others = Random(bare.id + id).sample([k for k in range(len(turns)) if k != inside[0]], 3)
            options = tuple(cut(turns[k].text, 15) for k in (inside[0], *others))
            if len(set(options)) == 4:
                about = {"conversation": bare, "places": (inside[0], *others), "shown": len(turns)}
                found.append(_question("cause", talk, lines(turns), options, about))
    return some(one_each(found, lambda x: x.group, "layer"), EACH, "layer")


def _appraisal() -> list[Question]:
    """Remembered events with one appraisal that holds and three that do not, all appraisals alike often."""
    found: list[tuple[str, Question]] = []
    for event in part("enisear", "test"):
        (gold,) = event.read("appraisal", rater=GOLD, scheme="appraisal7")
        draws = Random(event.id)
        false = [label for label in SAW if label not in gold.labels]
        if gold.labels and len(false) >= 3:
            kept = (draws.choice(gold.labels), *draws.sample(false, 3))
            about = {"conversation": Conversation(*event.turns), "labels": kept}
            options = tuple(SAW[label] for label in kept)
            question = _question("appraisal", event, cut(event.turns[0].text, 60), options, about)
            found.append((kept[0], question))
    kinds = balanced(found, lambda one: one[0], -(-EACH // len(SAW)) + 2, "appraisal")
    return some((question for _, question in kinds), EACH, "appraisal")


def _response() -> list[Question]:
    """The supporter's own reply beside three of other talks that use the same strategy and are about as long."""
    every = [
        (talk, place, turn, gold.labels[0])
        for talk in part("esconv", "test")
        for place, turn in enumerate(talk.turns)
        for gold in talk.read("strategy", turn=turn.id, rater=GOLD, scheme="esconv8")
        if place > 2 and talk.turns[place - 1].speaker != turn.speaker and 8 <= len(turn.text.split()) <= 40
    ]
    fresh = [one for one in every if plain(one[2].text) not in learnt("esconv") and one[3] != "others"]
    return [_reply(one, every) for one in some(one_each(fresh, lambda x: x[0].id, "response"), EACH, "response")]


def _reply(one: tuple[Conversation, int, Turn, str], every: Sequence[tuple[Conversation, int, Turn, str]]) -> Question:
    talk, place, turn, strategy = one
    size = len(turn.text.split())
    alike = [x[2].text for x in every if x[0].id != talk.id and x[3] == strategy]
    near = sorted(dict.fromkeys(alike), key=lambda text: abs(len(text.split()) - size))[:12]
    options = tuple(cut(text, 40) for text in (turn.text, *Random(f"{talk.id}/{turn.id}").sample(near, 3)))
    return _question("response", talk, lines(talk.turns[:place][-4:]), options, {"turns": talk.turns[:place][-4:]})


def _question(
    layer: str, talk: Conversation, text: str, options: tuple[str, ...], about: Mapping[str, Any]
) -> Question:
    id = f"{layer}/{talk.id}"
    return Question(id, text, (Choice(layer, options, 0),), None, talk.id, {"layer": layer}, about)


def _felt(talk: Conversation, turn: Turn) -> str:
    found = talk.read("emotion", turn=turn.id, rater=GOLD, scheme="ekman7")
    return found[0].labels[0] if found and found[0].labels else ""


def _reads_tracking():
    dialogue = build("dialogue.encoder", domain="dailydialog")

    def scores(question: Question) -> list[float]:
        bare = Conversation(*question.about["turns"])
        bare.add(*dialogue(bare))
        first, last = (bare.read("emotion", turn=id, scheme="ekman7")[-1].scores for id in question.about["own"])
        return [first[a] * last[b] for a, b in question.about["pairs"]]

    return scores


def _reads_cause():
    dialogue, causes = build("dialogue.encoder"), build("explain.causes", targets="all")

    def scores(question: Question) -> list[float]:
        bare = Conversation(*question.about["conversation"].turns)
        bare.add(*dialogue(bare))
        bare.add(*causes(bare))
        turns = bare.turns[-question.about["shown"] :]
        best = likeliest(bare, turns, question.about["places"])
        return [float(place == best) for place in question.about["places"]]

    return scores


def _reads_appraisal():
    reader = build("explain.appraisal")

    def scores(question: Question) -> list[float]:
        bare = Conversation(*question.about["conversation"].turns)
        bare.add(*reader(bare))
        found = bare.read("appraisal", scheme="appraisal7")[-1].scores
        return [found[label] for label in question.about["labels"]]

    return scores


def _reads_response():
    feeling, alignment = build("text.encoder"), build("explain.alignment")

    def scores(question: Question) -> list[float]:
        return [_meets(question.about["turns"], text) for text in question.choices[0].options]

    def _meets(turns: Sequence[Turn], text: str) -> float:
        bare = Conversation(*turns, Turn("supporter", text, id="reply"))
        bare.add(*feeling(bare))
        bare.add(*alignment(bare))
        found = bare.read("empathy", turn="reply", scheme="alignment")
        return found[-1].scores.get("alignment", 0.0) if found else 0.0

    return scores


READERS = {
    "tracking": _reads_tracking,
    "cause": _reads_cause,
    "appraisal": _reads_appraisal,
    "response": _reads_response,
}

EXAM = Exam(
    name="layers",
    title="Layers: following a feeling, its cause, its appraisal, and the reply that fits",
    paper="layers: Nazar & Asgari 2025, arXiv:2508.06196 (EICAP); DailyDialog, arXiv:1710.03957; "
    "RECCON, arXiv:2012.11820; enISEAR, arXiv:2003.14155; ESConv, arXiv:2106.01144",
    licence="that of each corpus; nothing of them is kept here",
    differs="Questions are made from annotated corpora, in one turn each, and not written for the purpose; the fitting "
    "reply is the one that a supporter gave, beside three of other talks with the same strategy and of like length.",
    load=load,
    ask=ask,
    mark=mark,
    metrics={"accuracy": mean("accuracy")},
    blind={"the longest option": extreme(max), "the shortest option": extreme(min), "always A as shown": shown_at(0)},
    reader=read,
)
