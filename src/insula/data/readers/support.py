"""Support around ESConv: seekers' stars, failed talks, judged pairs of replies, a model's choices of strategy.

multiesc("test", path) -> conversations with esconv8 at the supporter's turns and feedback-stars at the seeker's
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ...conversation import Conversation, Turn
from ..files import MalformedData, document, objects, records
from ..files import number as numeric
from ..gold import dimensions, one_of
from .chats import STRATEGIES

_OLDER = {
    "questions": "question",
    "other": "others",
    "greeting": "others",
    "restatement": "restatement",
    "approval and reassurance": "affirmation",
    "direct guidance": "suggestion",
    "providing suggestions or information": "suggestion",  # an older set of labels, which kept the two together
}
_LABELS = {name.lower(): label for name, label in STRATEGIES.items()} | _OLDER
_ABOUT = ("experience_type", "emotion_type", "problem_type", "situation", "survey_score")
_ANNOTATORS = ("annotator1_score", "annotator2_score", "annotator3_score")
_MODEL = "llm:results-example"  # the rater whose choices Kang et al. published as a sample


def multiesc(split: str, path: Path) -> Iterator[Conversation]:
    """MultiESC (Cheng et al. 2022): ESConv's talks, utterances of one side joined, with the seeker's stars.

    What automatic tools said of a turn (its VAD and cause) is no gold and is left out.
    """
    for number, dialogue in enumerate(objects(path), 1):
        meta = {name: dialogue[name] for name in ("emotion_type", "problem_type", "situation")}
        conversation = Conversation(id=f"{split}-{number}", meta=meta)
        for place, said in enumerate(dialogue["dialog"], 1):
            speaker = "seeker" if said["speaker"] == "usr" else "supporter"
            conversation.add(Turn(speaker, said["text"], id=f"t{place}"))
            _judge(conversation, f"t{place}", said.get("strategy"), said.get("feedback"), path)
        yield conversation


def failed(split: str, path: Path) -> Iterator[Conversation]:
    """The dialogues that ESConv's authors left out because the support failed, with the seekers' stars."""
    for number, dialogue in enumerate(document(path), 1):
        meta = {name: dialogue[name] for name in _ABOUT if name in dialogue}
        conversation = Conversation(id=f"{split}-{number}", meta=meta)
        for place, said in enumerate(dialogue["dialog"], 1):
            speaker = "seeker" if said["speaker"] == "speaker" else "supporter"
            conversation.add(Turn(speaker, said["content"].removesuffix("\n"), id=f"t{place}"))
            noted = said.get("annotation", {})
            _judge(conversation, f"t{place}", noted.get("strategy"), noted.get("feedback"), path)
        yield conversation


def _judge(conversation: Conversation, turn: str, strategy: str | None, stars: str | None, path: Path) -> None:
    if strategy is not None:
        conversation.add(one_of("esconv8", _label(strategy, path), turn=turn))
    if stars is not None:
        conversation.add(dimensions("feedback-stars", {"stars": float(stars)}, turn=turn))


def strategy_following(split: str, path: Path) -> Iterator[Conversation]:
    """Pairs of replies to one talk (Madani & Srihari 2024): the talk as turns, the judged pair in its `meta`.

    `meta["preference"]` is -4 (the first reply follows `meta["strategy"]` better) to 4 (the second), 0 for equal.
    """
    del split
    for number, pair in enumerate(objects(path), 1):
        meta: dict[str, Any] = {name: pair[name] for name in ("strategy", "response1", "response2", "annotator")}
        meta |= {"preference": int(pair["preference"]), "pair": str(pair["id"])}
        yield Conversation(*_said(pair["history"]), id=f"{number}", meta=meta)


def _said(history: str) -> Iterator[Turn]:
    """The turns of "seeker: ..." and "supporter: ..." lines; a line without a speaker goes on with the last words."""
    turns: list[tuple[str, str]] = []
    for line in history.splitlines():
        speaker, colon, text = line.partition(":")
        if colon and speaker in ("seeker", "supporter"):
            turns.append((speaker, text.strip()))
        elif turns:
            turns[-1] = (turns[-1][0], f"{turns[-1][1]}\n{line}".strip())
    return (Turn(speaker, text) for speaker, text in turns)


def preference_bias(split: str, path: Path) -> Iterator[Conversation]:
    """The strategy a language model chose for supporters' turns of ESConv (Kang et al. 2024), beside the true one.

    One turn each, the supporter's own words; the choice is by the rater "llm:results-example".
    """
    del split
    for item in objects(path):
        about: Mapping[str, Any] = {name: item[name] for name in ("emotion_type", "problem_type", "situation")}
        gold, chosen = _label(item["strg_gold"], path), _label(item["strg_pred"], path)
        yield Conversation(
            Turn("supporter", item["res_gold"], id="t1"),
            one_of("esconv8", gold),
            one_of("esconv8", chosen, _MODEL),
            id=item["sample_id"],
            meta=about,
        )


def personas(split: str, path: Path, rewritings: Path) -> Iterator[Conversation]:
    """EmpatheticPersonas (Alazraki et al. 2021): a self-help bot's utterances, each rated 0..2 for empathy by three.

    `meta["marks"]` are the three; an utterance that is listed several times has all its marks. `meta["base"]` is the
    plain utterance it says anew and `meta["feeling"]` of the person it is said to, where the other file knows it.
    """
    del split
    known = {row["rewriting"].strip(): row for row in records(rewritings, "rewriting", "base", "emotion")}
    marks: dict[str, list[float]] = {}
    for row in records(path, "response", *_ANNOTATORS):
        marks.setdefault(row["response"].strip(), []).extend(numeric(path, row[one], one) for one in _ANNOTATORS)
    for place, (said, given) in enumerate(marks.items(), 1):
        about: dict[str, Any] = {"marks": given}
        if said in known:
            about |= {"base": known[said]["base"], "feeling": known[said]["emotion"].lower()}
        yield Conversation(Turn("supporter", said, id="t1"), id=f"{place}", meta=about)


def _label(strategy: str, path: Path) -> str:
    if strategy.lower() not in _LABELS:
        raise MalformedData(f"{path}: unknown strategy {strategy!r}")
    return _LABELS[strategy.lower()]
