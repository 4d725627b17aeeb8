"""Chats of two people with emotions, dialogue acts or support strategies.

{"turns": [{"text": "We won!", "emotion": "happiness", "act": "inform"}, ...]} -> turns by "A" and "B", ekman7 ...
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...conversation import Anchor, Annotation, Conversation, Turn
from ..files import MalformedData, objects, records
from ..gold import one_of

_EKMAN = {"no emotion": "neutral", "happiness": "joy"}
_PUBLISHED_SPLITS = {"dev": "validation"}
STRATEGIES = {
    "Question": "question",
    "Restatement or Paraphrasing": "restatement",
    "Reflection of feelings": "reflection",
    "Self-disclosure": "self-disclosure",
    "Affirmation and Reassurance": "affirmation",
    "Providing Suggestions": "suggestion",
    "Information": "information",
    "Others": "others",
}


def dailydialog(split: str, path: Path) -> Iterator[Conversation]:
    """DailyDialog (Li et al. 2017): everyday talk by "A" and "B" in turn; "no emotion" is read as neutral."""
    for dialogue in objects(path):
        if dialogue["split"] != _PUBLISHED_SPLITS.get(split, split):
            continue
        conversation = Conversation(id=dialogue["dialogue_id"], meta={"topic": dialogue["topic"]})
        for number, said in enumerate(dialogue["turns"], 1):
            turn = f"t{number}"
            conversation.add(Turn("B" if number % 2 == 0 else "A", said["text"], id=turn))
            emotion: str = said["emotion"]
            conversation.add(
                one_of("ekman7", _EKMAN.get(emotion, emotion), turn=turn),
                one_of("dialogue-act4", said["act"], turn=turn),
            )
        yield conversation


def emocontext(split: str, path: Path) -> Iterator[Conversation]:
    """EmoContext (Chatterjee et al. 2019): three messages of a user and a chatbot; the label is that of the third.

    The published test is not public: the published development file is `test`, and `dev` is carved from train.
    """
    source = "valid" if split == "test" else "train"
    for row in records(path, "id", "turn1", "turn2", "turn3", "label", separator="\t", quoted=False):
        said = [("user", row["turn1"]), ("bot", row["turn2"]), ("user", row["turn3"])]
        turns = [Turn(speaker, text, id=f"t{number}") for number, (speaker, text) in enumerate(said, 1)]
        yield Conversation(*turns, one_of("emocontext4", row["label"], turn="t3"), id=f"{source}-{row['id']}")


def empathetic(split: str, path: Path) -> Iterator[Conversation]:
    """EmpatheticDialogues (Rashkin et al. 2019): a speaker tells a listener of a situation named by one of 32 emotions.

    The emotion holds for the speaker in the whole conversation, not for a turn. The label a model gave each turn
    (Welivita & Pu 2020) is no gold: it is `meta["auto_label"]`.
    """
    del split
    for dialogue in objects(path):
        conversation = Conversation(id=dialogue["conv_id"], meta={"situation": dialogue["situation"]})
        for said in dialogue["utterances"]:
            conversation.add(Turn(said["speaker"], said["text"], meta={"auto_label": said.get("auto_label", "")}))
        felt = one_of("empathetic32", dialogue["emotion"])
        conversation.add(
            Annotation(felt.layer, felt.scores, Anchor(speaker="speaker"), felt.scheme, "gold", felt.labels)
        )
        yield conversation


def esconv(split: str, path: Path) -> Iterator[Conversation]:
    """ESConv (Liu et al. 2021): a supporter helps a seeker, one strategy a turn; what they said before and after stays
    in the conversation's `meta` (emotion, problem, situation, survey)."""
    for number, dialogue in enumerate(objects(path), 1):
        about = ("experience_type", "emotion_type", "problem_type", "situation", "survey_score")
        meta: dict[str, Any] = {name: dialogue[name] for name in about}
        conversation = Conversation(id=f"{split}-{number}", meta=meta)
        for place, said in enumerate(dialogue["dialog"], 1):
            turn, strategy = f"t{place}", said.get("strategy")
            conversation.add(Turn("seeker" if said["speaker"] == "usr" else "supporter", said["text"], id=turn))
            if strategy is not None and strategy not in STRATEGIES:
                raise MalformedData(f"{path}: dialogue {number}: unknown strategy {strategy!r}")
            if strategy is not None:
                conversation.add(one_of("esconv8", STRATEGIES[strategy], turn=turn))
        yield conversation
