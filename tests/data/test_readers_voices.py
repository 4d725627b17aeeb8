"""Readers of voices heard by many and of spoken replies, on made-up files in the published layout."""

from pathlib import Path

import numpy as np
import pytest
from published import everything, table, write
from test_readers_speech import tone

from insula.data import MalformedData, corpus, load

pytest.importorskip("soundfile")
VOTES = ("", "A", "D", "F", "H", "N", "S", "fileName", "numResponses")


def packed(path: Path, sounds: dict[str, bytes]) -> None:
    import io
    import tarfile

    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as file:
        for name, sound in sounds.items():
            member = tarfile.TarInfo(f"demo/{name}.opus")
            member.size = len(sound)
            file.addfile(member, io.BytesIO(sound))


def test_votes_stay_shares_by_three_groups_of_people(root: Path):
    rows = [
        VOTES,
        ("100004", 2, 0, 0, 6, 2, 0, "1001_IEO_HAP_HI", 10),
        ("200004", 0, 0, 0, 5, 5, 0, "1001_IEO_HAP_HI", 10),
        ("300004", 0, 0, 0, 9, 0, 0, "1001_IEO_HAP_HI", 9),
    ]
    people = [("ActorID", "Age", "Sex"), ("1001", 51, "Male")]
    files = dict(zip(corpus("cremad").splits["train"], (rows, people), strict=True))
    write(root, "cremad", {name: table(*content, separator=",") for name, content in files.items()})
    (talk,) = everything("cremad")
    (turn,) = talk.turns
    assert (turn.speaker, turn.text, talk.meta["group"]) == ("cremad_1001", "It's eleven o'clock.", "cremad_1001")
    assert (turn.meta["level"], turn.meta["age"]) == ("high", "51")
    assert turn.meta["votes"] == {"listeners": 10, "viewers": 10, "audience": 9}
    by = {x.rater: x for x in talk.read("emotion")}
    assert by["listeners"].scores["joy"] == 0.6
    assert (by["listeners"].labels, by["listeners"].possible) == (("joy",), ("anger", "joy", "neutral"))
    assert by["viewers"].labels == ("joy", "neutral")
    assert (by["audience"].scores["joy"], by["actor"].labels) == (1.0, ("joy",))


def test_a_row_of_no_channel_is_said(root: Path):
    rows = [VOTES, ("900004", 2, 0, 0, 6, 2, 0, "1001_IEO_HAP_HI", 10)]
    write(root, "cremad", {"cremad_tabulatedVotes.csv": table(*rows, separator=","),
                           "cremad_VideoDemographics.csv": "ActorID,Age,Sex\n"})  # fmt: skip
    with pytest.raises(MalformedData, match="no channel"):
        list(load("cremad", "train"))


def test_a_reply_follows_what_it_answers_in_time(root: Path):
    head = ("file", "role", "script_id", "topic", "style", "vocal_cue", "text", "duration")
    rows = [
        head,
        ("em_1_neutral", "input", 1, "school", "neutral", "Sad", "All is well.", 0.5),
        ("em_1_neutral_response", "response", 1, "school", "neutral", "Sad", "Is it?", 0.25),
    ]
    write(root, "echomind-demo", {"echomind_demo.tsv": table(*rows)})
    sounds = {"em_1_neutral": tone(200), "em_1_neutral_response": tone(300, 0.25)}
    packed(root / "speech" / "echomind_demo.tar", sounds)
    (talk,) = everything("echomind-demo")
    assert [(turn.speaker, turn.seconds) for turn in talk.turns] == [("user", (0.0, 0.5)), ("system", (0.5, 0.75))]
    assert talk.turns[0].meta["cue"] == "sad"
    assert [(x.speaker, x.start, len(np.asarray(x.samples))) for x in talk.signals("audio")] == [
        ("user", 0.0, 8000),
        ("system", 0.5, 4000),
    ]


def test_asked_for_emotions_are_mapped_by_a_rater_of_their_own(root: Path):
    rows = [("file", "dialogue_id", "domain", "tts", "duration"), ("dd_art_1", "1", "Art", "orpheus", 0.5)]
    talk = (
        '{"id":"1","domain":"art","turns":[{"speaker":"LLM1","emotion":"hopeful","text":"Soon!"},'
        '{"speaker":"LLM2","emotion":"nostalgic","text":"Ah."}]}\n'
    )
    files = {"speech/deepdialogue_demo.tsv": table(*rows), "deepdialogue_sample/dialogues.jsonl": talk}
    write(root, "deepdialogue-demo", files)
    packed(root / "speech" / "deepdialogue_demo.tar", {"dd_art_1": tone(200)})
    (found,) = everything("deepdialogue-demo")
    hopeful, nostalgic = found.read("emotion")
    assert hopeful.rater.startswith("map:")
    assert hopeful.labels == ("optimism",)
    assert nostalgic.reason == "no label of it means nostalgic"
    assert [turn.meta["emotion"] for turn in found.turns] == ["hopeful", "nostalgic"]
    assert found.turns[0].seconds is None
