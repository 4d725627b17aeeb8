"""Clips as published summaries: RAVDESS audio-visual, each clip's voice and face in means and deviations.

    load("ravdess-av")[0].turns[0].meta["face"]["AU12_mean"] -> .49

Voice: 69 measures of pitch, formants, loudness, voice quality and spectrum. Face: 56, by py-feat: the probabilities of
seven expressions and twenty action units 0..1, mean and deviation over the clip. What nobody could measure is left
out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from ...conversation import Conversation, Turn
from ..files import number, records
from ..gold import one_of

ABOUT = ("file", "emotion", "intensity", "actor", "gender")
_NINE = {"happy": "joy", "sad": "sadness", "angry": "anger", "fearful": "fear", "surprised": "surprise"}
SAID = "Kids are talking by the door."


def ravdess_av(split: str, voice: Path, face: Path) -> Iterator[Conversation]:
    """The clips that are in both tables, under the name of the same take in RAVDESS' speech."""
    del split
    tables = {"voice": _table(voice), "face": _table(face)}
    for take in sorted(tables["voice"].keys() & tables["face"].keys()):
        row = tables["face"][take]
        meta = {name: _measures(path, tables[name][take]) for name, path in (("voice", voice), ("face", face))}
        who = f"ravdess_{int(row['actor']):02}"
        turn = Turn(who, SAID, id="t1", meta={**meta, "gender": row["gender"], "intensity": row["intensity"]})
        feeling = one_of("voice9", _NINE.get(row["emotion"], row["emotion"]))
        yield Conversation(turn, feeling, id=take, meta={"group": who, "language": "en"})


def _table(path: Path) -> dict[str, dict[str, str]]:
    """By take: the file's name without the modality in front and the ending."""
    return {row["file"][3:20]: row for row in records(path, *ABOUT)}


def _measures(path: Path, row: Mapping[str, str]) -> dict[str, float]:
    return {
        name: number(path, value, name) for name, value in row.items() if name not in ABOUT and value not in ("", "nan")
    }
