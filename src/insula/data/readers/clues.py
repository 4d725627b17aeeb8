"""Clips told in words: EMER (Lian et al. 2023), what was seen, heard and said in a clip and what that expresses.

    "In the video, he frowned. In the audio, he shouts. ..." -> meta["clues"] {"face": ..., "voice": ...}

A clip is a conversation of one turn, its subtitle. `explanation` holds the whole text of each of two groups of
annotators ("v1", "v2"); `emotion`, under `open-words`, the feelings named in the last sentence of it, in their own
words. The clips themselves are not here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from ...conversation import Anchor, Annotation, Conversation, Turn
from ...ontology import ontology
from ..files import MalformedData, records
from ..workbook import rows

CHANNELS = {"video": "face", "audio": "voice", "text": "words"}
_PART = re.compile(r"In the (video|audio|text)\b[^,]{0,12},")
_SUBTITLE = re.compile(r"""(?:subtitle|text)[^"“']{0,40}["“'](.+?)["”](?:\s|\.|,|$)""")
_STATE = re.compile(r"emotional state (?:is|of|as)\s+([^.]+)", re.IGNORECASE)
_CONCLUSION = re.compile(
    r"(?:therefore|we can infer|can be inferred|it can be speculated|in summary|overall)[^.]*\.", re.I
)


def emer(split: str, first: Path, second: Path) -> Iterator[Conversation]:
    """Every clip that either group explained, in order of its name."""
    del split
    old = {row["names"]: row for row in records(first, "names", "emotions", "subtitles", "reasons")}
    new = {row["name"]: row for row in records(second, "name", "english")}
    for name in sorted(old.keys() | new.keys()):
        told = {
            **({"v1": old[name]["reasons"]} if name in old else {}),
            **({"v2": new[name]["english"]} if name in new else {}),
        }
        subtitle = old[name]["subtitles"] if name in old else _subtitle(new[name]["english"])
        turn = Turn("speaker", subtitle, id="t1", meta={"clues": clues(told["v2"]) if "v2" in told else {}})
        marks = [Annotation("explanation", {text: 1.0}, Anchor("t1"), "sentences", who) for who, text in told.items()]
        marks += [_words(feelings(text), who) for who, text in told.items()]
        if name in old:
            marks.append(_words((old[name]["emotions"],), "gold"))
        yield Conversation(turn, *marks, id=name, meta={"group": name, "language": "en"})


def clues(text: str) -> dict[str, str]:
    """What was seen, heard and said, by channel; what is concluded from it is left out."""
    parts = _PART.split(text)
    found: dict[str, str] = {}
    for channel, said in zip(parts[1::2], parts[2::2], strict=True):
        kept = re.split(r"(?<=[.!?])\s*(?=Based on|Therefore|Combining|In summary|Overall)", said)[0]
        found[CHANNELS[channel]] = f"{found.get(CHANNELS[channel], '')} {kept.strip()}".strip()
    return found


def feelings(text: str) -> tuple[str, ...]:
    """The words for feelings in what a text concludes; in all of it where it concludes nothing."""
    stated = _STATE.findall(text)
    last = " ".join(stated or _CONCLUSION.findall(text)[-2:]) or text
    words = re.findall(r"[a-z]+(?:-[a-z]+)*", last.lower())
    return tuple(dict.fromkeys(word for word in words if ontology().find(word)))


@cache
def wheels(folder: Path) -> Mapping[str, Mapping[str, str]]:
    """The five published wheels: "wheel 1" -> {word: innermost group}.

    A wheel knows its own words, their synonyms by the published lists, and the inflections of both; what two groups
    claim is left to the first. Raises MalformedData for a sheet without the levels.
    """
    found: dict[str, Mapping[str, str]] = {}
    synonyms = _synonyms(folder)
    forms = [row["format"].lower().split(",") for row in records(folder / "format.csv", "name", "format")]
    for file in sorted(folder.glob("wheel*.xlsx")):
        table: dict[str, str] = {}
        group = ""
        levels = list(rows(file))
        if not levels or levels[0].get("A") != "level1":
            raise MalformedData(f"{file}: the first row does not name level1")
        for row in levels[1:]:
            group = row.get("A", group).strip().lower() or group
            table.update({word.strip().lower(): group for word in row.values() if word.strip()})
        for word, others in synonyms:
            if word in table:
                table.update({other: table[word] for other in others if other not in table})
        for some in forms:
            if known := next((table[word] for word in some if word in table), ""):
                table.update({word: known for word in some if word not in table})
        found[f"wheel {file.stem[-1]}"] = table
    return found


def _synonyms(folder: Path) -> list[tuple[str, list[str]]]:
    """Words and their synonyms, of all eight times somebody asked for them: every second column is one of words."""
    told = list(rows(folder / "synonym.xlsx"))[1:]
    pairs = [
        (row.get(one, ""), row.get(other, ""))
        for row in told
        for one, other in ("AB", "CD", "EF", "GH", "IJ", "KL", "MN", "OP")
    ]
    return [
        (word.strip().lower(), [x.strip().lower() for x in some.split(",")]) for word, some in pairs if word and some
    ]


def _words(words: tuple[str, ...], rater: str) -> Annotation:
    scores = dict.fromkeys(words, 1.0)
    reason = "" if words else "no word for a feeling is in what was concluded"
    return Annotation("emotion", scores, Anchor("t1"), "open-words", rater, words, reason=reason)


def _subtitle(text: str) -> str:
    found = _SUBTITLE.search(text[text.find("In the text") :] if "In the text" in text else text)
    return found.group(1) if found else ""
