"""What was seen in films as others open it: faces by the second, of nobody's turn, on tiers, in rows, as BIDS."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from insula.conversation import Anchor, Annotation, Conversation, Signal, Turn
from insula.exchange import conversations, writer
from insula.exchange.physio import UNITS


def written(path: Path, *given: Conversation) -> Path:
    with writer(path) as out:
        for conversation in given:
            out.write(conversation)
    return path


@pytest.fixture
def silent(film: Conversation) -> Conversation:
    """The same film without a word."""
    kept = (x for x in film if isinstance(x, Signal) or (isinstance(x, Annotation) and not x.at.turn))
    return Conversation(*kept, id="silent.mp4")


def moments(conversation: Conversation) -> set[tuple]:
    """What was judged of seconds; of the scores those that were decided on come back from a tier."""
    found = [x for x in conversation if isinstance(x, Annotation) and x.at.seconds and not x.at.turn]
    return {
        (*(x.at.speaker, x.at.seconds, x.layer, x.scheme, x.rater, x.labels, x.reason),
         frozenset((name, round(x.scores[name], 4)) for name in x.labels or x.scores))
        for x in found
    }  # fmt: skip


@pytest.mark.parametrize("name", ["a.TextGrid", "a.eaf", "a.vtt", "a.emotionml"])
@pytest.mark.parametrize("which", ["film", "silent"])
def test_faces_come_back_with_their_seconds_and_their_doubt(read, tmp_path, request, name, which):
    given = request.getfixturevalue(which)
    (found,) = read(written(tmp_path / name, given))
    assert moments(found) == moments(given)
    assert len(moments(found)) == 13
    assert [(turn.speaker, turn.text) for turn in found.turns] == [(turn.speaker, turn.text) for turn in given.turns]


def test_elan_leads_to_the_film(tmp_path, film):
    pympi = pytest.importorskip("pympi", reason="pympi-ling reads what ELAN reads: pip install pympi-ling")
    eaf = pympi.Elan.Eaf(str(written(tmp_path / "a.eaf", film)))
    assert [one["MIME_TYPE"] for one in eaf.media_descriptors] == ["video/mp4"]
    tier = eaf.get_annotation_data_for_tier("face 1 | emotion | ekman7 | face.expression@1 | seconds")
    assert tier == [
        (0, 1000, "neutral=0.6"),
        (1000, 2000, "sadness=0.7"),
        (2000, 3000, "sadness=0.8"),
        (3000, 4000, "? the face is turned away"),
    ]


def test_captions_of_a_silent_film_say_what_is_seen(tmp_path, silent):
    text = written(tmp_path / "a.vtt", silent).read_text(encoding="utf-8")
    assert "seen 2\n00:00:01.000 --> 00:00:03.000\n<v.sadness face 1>[sadness]</v>" in text


@pytest.mark.parametrize("which", ["film", "silent"])
def test_a_table_has_a_row_for_every_second_of_a_face(tmp_path, request, which):
    with written(tmp_path / "a.csv", request.getfixturevalue(which)).open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if not row["turn"]]
    first = [row for row in rows if row["speaker"] == "face 1"]
    assert [(row["start"], row["end"]) for row in first] == [(f"{n}.0", f"{n + 1}.0") for n in range(4)]
    name = next(key for key in first[0] if key.endswith("ekman7.label") and first[0][key])
    assert [row[name] for row in first] == ["neutral", "sadness", "sadness", ""]
    assert rows == sorted(rows, key=lambda row: float(row["start"]))


def test_parquet_has_them_too(tmp_path, silent):
    from pyarrow import parquet

    table = parquet.read_table(written(tmp_path / "a.parquet", silent)).to_pydict()
    assert table["speaker"].count("face 1") == 4
    assert [x for x in table["facs.AU01"] if x is not None] == [pytest.approx(2.1)]


def test_audformat_keeps_faces_apart(tmp_path, silent):
    audformat = pytest.importorskip("audformat", reason="pip install 'insula[audformat]'")
    found = audformat.Database.load(str(written(tmp_path / "a.audformat", silent)))
    assert len(found["emotion.ekman7.face.expression@1.face-1"].df) == 4
    assert len(found["emotion.ekman7.face.expression@1.face-2"].df) == 1


def lines(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]


def test_bids_has_a_participant_for_each_person_with_events_and_signals(tmp_path, film):
    eda = np.array([0.4, np.nan, 0.5], np.float32)
    film.add(Signal("eda", eda, 4.0, "ana", 1.0), Signal("eda", eda, 4.0, "ana", 2.0))
    folder = written(tmp_path / "a.bids", film)
    assert json.loads((folder / "dataset_description.json").read_text())["BIDSVersion"] == "1.10.0"
    assert lines(folder / "participants.tsv") == [
        ["participant_id", "name"], ["sub-01", "face 1 · ana"], ["sub-02", "face 2"], ["sub-03", "group"],
    ]  # fmt: skip
    events = lines(folder / "sub-01" / "beh" / "sub-01_task-talkmp4_events.tsv")
    assert ["0.5", "2.0", "turn", "n/a", "n/a", "n/a", "n/a", "I'm <fine>."] in events
    assert ["1.0", "1.0", "emotion", "ekman7", "face.expression@1", "sadness=0.7", "n/a", "n/a"] in events
    assert [float(row[0]) for row in events[1:]] == sorted(float(row[0]) for row in events[1:])
    stem = folder / "sub-01" / "beh" / "sub-01_task-talkmp4_recording-eda_physio"
    about = json.loads(stem.with_suffix(".json").read_text())
    assert about == {"SamplingFrequency": 4.0, "StartTime": 1.0, "Columns": ["eda"], "eda": {"Units": UNITS["eda"]}}
    rows = gzip.decompress(Path(f"{stem}.tsv.gz").read_bytes()).decode().split()
    assert rows == ["0.4", "n/a", "0.5", "n/a", "0.4", "n/a", "0.5"]
    (back,) = next(conversations(Path(f"{stem}.tsv.gz"))).signals("eda")
    assert (back.sampling_rate, back.start, len(back.samples)) == (4.0, 1.0, 7)


def test_bids_takes_no_other_folder_s_place(tmp_path, film):
    (tmp_path / "a.bids").mkdir()
    (tmp_path / "a.bids" / "mine.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="no BIDS data set"):
        written(tmp_path / "a.bids", film)
    written(tmp_path / "b.bids", film)
    written(tmp_path / "b.bids", Conversation(Turn("bo", "Hi."), id="x/chat.txt"))
    assert lines(tmp_path / "b.bids" / "participants.tsv")[1:] == [["sub-01", "bo"]]
    assert list(conversations("plain words of bo"))


@pytest.mark.parametrize("name", ["a.TextGrid", "a.eaf", "a.vtt", "a.emotionml"])
def test_who_has_no_name_stays_nameless(read, tmp_path, silent, name):
    stress = Annotation(
        "stress", {"stress": 0.75}, Anchor(seconds=(0.0, 60.0)), "bodily-stress", "body.stress@1", ("stress",)
    )
    measures = {"heart_rate": 61.25, "eda_level": 0.5}
    body = Annotation("physiology", measures, Anchor(seconds=(0.0, 60.0)), "physiology", "body.features@1")
    silent.add(stress, body, Signal("eda", np.ones(8, np.float32), 4.0))
    (found,) = read(written(tmp_path / name, silent))
    (back,) = found.read("stress")
    assert (back.at, back.labels, back.scores["stress"]) == (stress.at, ("stress",), 0.75)
    kept = [(x.at, dict(x.scores), x.labels) for x in found.read("physiology")]
    assert kept == ([] if name.endswith("emotionml") else [(body.at, measures, ())])
    folder = written(tmp_path / "a.bids", silent)
    assert sorted(one[1] for one in lines(folder / "participants.tsv")[1:]) == ["face 1", "face 2", "group", "n/a"]
