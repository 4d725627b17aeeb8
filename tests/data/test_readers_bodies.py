"""Readers of wristbands, on made-up arrays in the layout they were published in."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from published import everything

from insula.data import MalformedData, load


def wesad(root: Path, labels: list[int], **left_out: None) -> None:
    """One person with a second (four samples) of each label."""
    seconds = len(labels)
    arrays = {
        "subjects": np.array(["S2"]),
        "S2_bvp64": np.full(64 * seconds, 15, np.int16),
        "S2_eda4": np.full(4 * seconds, 2.0, np.float32),
        "S2_temp4": np.full(4 * seconds, 33.0, np.float32),
        "S2_acc4": np.full((4 * seconds, 3), 32.0, np.float16),
        "S2_label4": np.repeat(np.array(labels, np.int8), 4),
    }
    (root / "physio").mkdir(exist_ok=True)
    np.savez(root / "physio" / "wesad_wrist.npz", **{k: v for k, v in arrays.items() if k not in left_out})


def test_a_person_is_a_conversation_with_what_they_were_exposed_to(root: Path):
    wesad(root, [0, 1, 1, 2, 3, 4, 5])
    (one,) = everything("wesad")
    assert one.id == "wesad/train/S2"
    assert {x.channel: (x.sampling_rate, x.speaker) for x in one if hasattr(x, "channel")} == {
        "ppg": (64.0, "S2"),
        "eda": (4.0, "S2"),
        "temperature": (4.0, "S2"),
        "acceleration": (4.0, "S2"),
    }
    assert one.signals("ppg")[0].samples[0] == pytest.approx(1.5)
    assert one.signals("acceleration")[0].samples[0] == pytest.approx(0.5)
    states = [(x.top, x.at.seconds) for x in one.read("state", rater="gold")]
    assert states == [("baseline", (1.0, 3.0)), ("stress", (3.0, 4.0)), ("amusement", (4.0, 5.0))]
    stress = [(x.top, x.at.seconds) for x in one.read("stress", rater="gold")]
    assert stress == [("rest", (1.0, 3.0)), ("stress", (3.0, 4.0)), ("rest", (4.0, 5.0)), ("rest", (5.0, 6.0))]


def test_a_channel_that_is_not_in_the_file(root: Path):
    wesad(root, [1, 2], S2_eda4=None)
    with pytest.raises(MalformedData, match="S2_eda4"):
        list(load("wesad", "train"))


def stress_predict(root: Path, rows: str) -> None:
    arrays = {
        "S02_t0": np.array([100.0, 100.0, 110.0, 100.0, 101.0]),
        "S02_eda4": np.full(40, 2.0, np.float32),
        "S02_temp4": np.full(40, 33.0, np.float32),
        "S02_accmag4": np.full(40, 1.0, np.float16),
        "S02_bvp32": np.full(320, 15, np.int16),
    }
    (root / "physio").mkdir(exist_ok=True)
    np.savez(root / "physio" / "stress_predict_e4.npz", **arrays)
    with gzip.open(root / "physio" / "stress_predict_hr_resp_labels.csv.gz", "wt") as file:
        file.write("Participant,HR,respr,Time(sec),Label\n" + rows)


def test_channels_begin_when_they_began_and_labels_stand_at_their_seconds(root: Path):
    stress_predict(root, "2,70,12,102,0\n2,70,12,103,0\n2,70,12,104,1\n2,70,12,105,1\n")
    (one,) = everything("stress-predict")
    assert {name: one.signals(name)[0].start for name in ("eda", "ppg")} == {"eda": 0.0, "ppg": 1.0}
    assert [(x.top, x.at.seconds) for x in one.read("stress", rater="gold")] == [
        ("rest", (2.0, 4.0)),
        ("stress", (4.0, 6.0)),
    ]


def test_a_label_that_is_no_number(root: Path):
    stress_predict(root, "2,70,12,102,calm\n")
    with pytest.raises(MalformedData, match="Label should be a number"):
        list(load("stress-predict", "train"))
