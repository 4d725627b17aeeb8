"""Empathy: what people feel who read of others' suffering, and how peers answer someone in distress.

empathy 5.667, distress 4.375 -> empathy-distress {"empathy": 5.667, "distress": 4.375}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...conversation import Anchor, Annotation, Conversation, Turn
from ..files import number, records
from ..gold import GOLD, dimensions, one_of, short_text, stretch

_MECHANISMS = ("emotional-reactions", "interpretations", "explorations")


def reactions(split: str, path: Path) -> Iterator[Conversation]:
    """Empathic Reactions (Buechel et al. 2018): essays on news, with the writer's own empathy and distress 1..7."""
    del split
    for row in records(path, "message_id", "response_id", "article_id", "essay", "empathy", "distress"):
        yield _essay(path, row)


def essays(split: str, path: Path) -> Iterator[Conversation]:
    """WASSA 2022 (Barriere et al.): the same essays with an emotion each, and new ones; the test came without labels.

    Personality and reactivity (IRI) of the writers, where published, are in `meta`.
    """
    del split
    for row in records(path, "message_id", "response_id", "article_id", "essay", separator="\t"):
        yield _essay(path, row)


def _essay(path: Path, row: Mapping[str, str]) -> Conversation:
    annotations: list[Annotation] = []
    if row.get("empathy"):
        scores = {name: number(path, row[name], name) for name in ("empathy", "distress")}
        annotations.append(dimensions("empathy-distress", scores))
    if row.get("emotion"):
        annotations.append(one_of("ekman7", row["emotion"]))
    about: dict[str, Any] = {"article": row["article_id"]}
    traits = [name for name in row if name.startswith(("personality_", "iri_")) and row[name]]
    about |= {name: number(path, row[name], name) for name in traits}
    return short_text(row["message_id"], row["essay"], *annotations, group=row["response_id"], **about)


def mechanisms(split: str, *paths: Path) -> Iterator[Conversation]:
    """EPITOME (Sharma et al. 2020): a seeker's post and a reply, rated 0..2 for three mechanisms of empathy.

    The three files, in the order of the scheme, hold the same pairs. The words that show a mechanism are its evidence.
    """
    del split
    rows = [
        list(records(path, "sp_id", "rp_id", "seeker_post", "response_post", "level", "rationales")) for path in paths
    ]
    for three in zip(*rows, strict=True):
        first, reply = three[0], three[0]["response_post"]
        levels = {
            name: number(path, row["level"], "level") for name, path, row in zip(_MECHANISMS, paths, three, strict=True)
        }
        evidence = [one for name, row in zip(_MECHANISMS, three, strict=True) for one in _rationales(name, reply, row)]
        gold = replace(dimensions("epitome3", levels, turn="t2"), because=tuple(one.id for one in evidence))
        turns = Turn("seeker", first["seeker_post"], id="t1"), Turn("peer", reply, id="t2")
        yield Conversation(
            *turns, *evidence, gold, id=f"{first['sp_id']}-{first['rp_id']}", meta={"group": first["sp_id"]}
        )


def _rationales(name: str, reply: str, row: Mapping[str, str]) -> Iterator[Annotation]:
    for words in row["rationales"].split("|"):
        if chars := stretch(reply, words):
            yield Annotation("evidence", {name: 1.0}, Anchor("t2", chars=chars), "words", GOLD)
