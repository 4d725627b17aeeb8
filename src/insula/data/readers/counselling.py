"""AnnoMI: motivational interviewing, well and badly done, turn by turn (Wu et al. 2022).

    therapist, main_therapist_behaviour "therapist_input" -> mi-behaviour4 {"input": 1.0, ...}
    client, client_talk_type "sustain" -> mi-talk3 {"sustain": 1.0, ...}

Gold is the published label of each turn, the majority where ten people judged it; everybody's own judgement is there
too, by "rater:0" to "rater:9". Whether the session shows good or bad practice is in the conversation's `meta`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path

from ...conversation import Annotation, Conversation, Turn
from ..files import records
from ..gold import GOLD, one_of

_NEEDED = ("transcript_id", "utterance_id", "interlocutor", "main_therapist_behaviour", "client_talk_type")


def read(split: str, path: Path, raters: Path) -> Iterator[Conversation]:
    """One conversation per session of a "therapist" and a "client"."""
    del split
    everybody: dict[tuple[str, str], list[Annotation]] = defaultdict(list)
    for row in records(raters, *_NEEDED, "annotator_id"):
        everybody[row["transcript_id"], row["utterance_id"]].append(_judgement(row, f"rater:{row['annotator_id']}"))
    sessions = records(path, *_NEEDED, "utterance_text", "mi_quality", "topic", "video_url")
    for session, rows in groupby(sessions, key=lambda row: row["transcript_id"]):
        said = list(rows)
        about = {"group": said[0]["video_url"], "quality": said[0]["mi_quality"], "topic": said[0]["topic"]}
        conversation = Conversation(id=session, meta=about)
        for row in said:
            conversation.add(Turn(row["interlocutor"], row["utterance_text"], id=f"u{row['utterance_id']}"))
            conversation.add(_judgement(row, GOLD), *everybody[session, row["utterance_id"]])
        yield conversation


def _judgement(row: Mapping[str, str], rater: str) -> Annotation:
    turn = f"u{row['utterance_id']}"
    if row["interlocutor"] == "client":
        return one_of("mi-talk3", row["client_talk_type"], rater, turn)
    return one_of("mi-behaviour4", row["main_therapist_behaviour"].removeprefix("therapist_"), rater, turn)
