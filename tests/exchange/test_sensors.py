"""Signals of bodies from files: a wristband's folder or archive, tables with units and gaps, BIDS there and back."""

import gzip
import json
import zipfile

import numpy as np
import pytest
from typer.testing import CliRunner

from insula.body.simulate import RATES, simulate
from insula.cli import app
from insula.conversation import Conversation, Signal
from insula.exchange import Unreadable, conversations, writer
from insula.exchange.formats import recognise

BEGAN = 1644226446.0
MADE = simulate(90.0, seed=7)


def session(folder, **changed):
    """An E4's folder of the made-up body; `changed` replaces a file's text."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = {"EDA": "eda", "BVP": "ppg", "TEMP": "temperature", "ACC": "acceleration"}
    for name, channel in parts.items():
        samples = MADE.samples[channel].reshape(len(MADE.samples[channel]), -1)
        samples = np.round(samples * 64) if name == "ACC" else samples
        late = 0.5 if name == "BVP" else 0.0
        width = samples.shape[1]
        lines = [", ".join([f"{BEGAN + late:.6f}"] * width), ", ".join([f"{RATES[channel]:.6f}"] * width)]
        lines += [",".join(f"{x:.6g}" for x in row) for row in samples]
        (folder / f"{name}.csv").write_text(changed.get(name, "\n".join(lines) + "\n"))
    (folder / "tags.csv").write_text(f"{BEGAN + 12.5}\n")
    (folder / "HR.csv").write_text("1\n1\n60\n")
    (folder / "info.txt").write_text("about this session")
    return folder


def read(source):
    told = []
    found = list(conversations(str(source), told.append))
    return found, [str(one) for one in told]


def test_a_wristbands_folder(tmp_path):
    (one,), told = read(session(tmp_path / "monday"))
    assert (one.id, told) == ("monday", [])
    assert one.meta["tags"] == [12.5]
    assert one.meta["began"] == BEGAN
    rates = {name: one.signals(name)[0].sampling_rate for name in ("eda", "ppg", "temperature", "acceleration")}
    assert rates == {name: RATES[name] for name in rates}
    assert one.signals("ppg")[0].start == pytest.approx(0.5)
    size = np.linalg.norm(one.signals("acceleration")[0].samples, axis=1)
    assert np.median(size) == pytest.approx(1.0, abs=0.05)


def test_folders_of_sessions_and_an_archive(tmp_path):
    session(tmp_path / "all" / "monday")
    session(tmp_path / "all" / "tuesday")
    (tmp_path / "all" / "notes.txt").write_text("Monday went well.")
    found, told = read(tmp_path / "all")
    assert [one.id for one in found] == ["notes.txt", "monday", "tuesday"]
    with zipfile.ZipFile(tmp_path / "e4.zip", "w") as archive:
        for file in (tmp_path / "all" / "monday").iterdir():
            archive.write(file, file.name)
    (one,), told = read(tmp_path / "e4.zip")
    assert (one.id, told) == ("e4.zip", [])
    assert len(one.signals("eda")[0].samples) == 360


@pytest.mark.parametrize(
    ("eda", "said"),
    [
        ("", "does not begin with a time and a sampling rate"),
        (f"{BEGAN}\n0\n1\n", "does not begin with a time and a sampling rate"),
        ("seconds,eda\n0,1\n", "does not begin with a time"),
        (f"{BEGAN},{BEGAN}\n4,4\n1,2\n", "has 2 columns"),
    ],
)
def test_a_broken_channel_does_not_lose_the_others(tmp_path, eda, said):
    (one,), told = read(session(tmp_path / "s", EDA=eda))
    assert any(said in line for line in told)
    assert not one.signals("eda")
    assert one.signals("ppg")


def test_a_session_of_nothing_does_not_lose_the_others(tmp_path):
    session(tmp_path / "all" / "monday")
    (tmp_path / "all" / "tuesday").mkdir()
    (tmp_path / "all" / "tuesday" / "EDA.csv").write_text("nothing\n")
    (one,), told = read(tmp_path / "all")
    assert one.id == "monday"
    assert any("no channel of this session" in line for line in told)
    with pytest.raises(Unreadable, match="no channel"):
        list(conversations(str(tmp_path / "all" / "tuesday"), lambda _: None))


def test_rows_that_are_no_numbers_are_gaps(tmp_path):
    (one,), told = read(session(tmp_path / "s", EDA=f"{BEGAN}\n4\n1.0\noops\n1.2\n1.3\n"))
    assert any("EDA.csv, line 4: 1 rows" in line for line in told)
    assert np.isnan(one.signals("eda")[0].samples).tolist() == [False, True, False, False]


@pytest.mark.parametrize("content", [b"PK\x03\x04 cut short", None])
def test_an_archive_of_nothing(tmp_path, content):
    path = tmp_path / "x.zip"
    if content:
        path.write_bytes(content)
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("readme.md", "hello")
    with pytest.raises(Unreadable, match="archive|no session"):
        list(conversations(str(path), lambda _: None))


def table(path, header, rows, comment=""):
    path.write_text(comment + header + "\n" + "\n".join(",".join(map(str, row)) for row in rows) + "\n")
    return path


def test_a_table_with_units_people_and_several_rates(tmp_path):
    rows = [
        (k / 8, 2300 + k, 91.4 if k % 8 == 0 else "", 0.0, 0.0, 1.0, who) for who in ("ana", "bo") for k in range(400)
    ]
    path = table(tmp_path / "s.csv", "seconds,eda [nS],temp_F,acc_x,acc_y,acc_z,participant", rows)
    (one,), _ = read(path)
    eda, temperature = one.signals("eda"), one.signals("temperature")
    assert [signal.speaker for signal in eda] == ["ana", "bo"]
    assert eda[0].sampling_rate == 8.0
    assert eda[0].samples[0] == pytest.approx(2.3)
    assert (temperature[0].sampling_rate, len(temperature[0].samples)) == (1.0, 50)
    assert temperature[0].samples[0] == pytest.approx(33.0)
    assert one.signals("acceleration")[0].samples.shape == (400, 3)


@pytest.mark.parametrize(
    ("header", "time"),
    [
        ("timestamp,eda", lambda t: BEGAN + t),
        ("timestamp_ms,eda", lambda t: round(1000 * t)),
        ("time [ms],EDA (uS)", lambda t: round(1000 * t)),
        ("unix,gsr", lambda t: round(1000 * (BEGAN + t))),
        (
            "datetime,SkinConductance",
            lambda t: str(np.datetime64("2026-03-01T10:00:00") + np.timedelta64(round(t * 1000), "ms")),
        ),
    ],
)
def test_times_in_many_forms(tmp_path, header, time):
    (one,), told = read(table(tmp_path / "s.csv", header, [(time(k / 4), 2.0 + k / 100) for k in range(200)]))
    (eda,) = one.signals("eda")
    assert told == []
    assert (eda.sampling_rate, len(eda.samples), eda.start) == (4.0, 200, 0.0)
    assert eda.samples[100] == pytest.approx(3.0, abs=0.01)


def test_gaps_order_and_a_wrong_rate_are_told(tmp_path):
    rows = [(k / 4, 2.0) for k in range(400) if not 100 <= k < 140]
    rows[50], rows[51] = rows[51], rows[50]
    (one,), told = read(table(tmp_path / "s.csv", "seconds,eda", rows, "# sampling_rate: 16 Hz\n"))
    assert any("run backwards" in line for line in told)
    assert any("states 16 Hz, the times say 4 Hz" in line for line in told)
    assert any("1 gaps, 10.2 s in all" in line for line in told)
    assert np.isnan(one.signals("eda")[0].samples[101:139]).all()


def test_a_day_apart_is_two_signals(tmp_path):
    rows = [(k / 4 + day * 86400, 2.0) for day in (0, 1) for k in range(100)]
    (one,), _ = read(table(tmp_path / "s.csv", "seconds,eda", rows))
    assert [signal.start for signal in one.signals("eda")] == [0.0, 86400.0]


def test_a_table_of_texts_is_not_one_of_sensors():
    assert recognise("x.csv", b"time,text,eda\n0,hi,1\n").name == "csv"
    assert recognise("x.csv", b"time,eda\n0,1\n").name == "sensors"
    assert recognise("x.csv", b"eda,ppg\n0,1\n").name == "csv"


def test_a_table_without_numbers(tmp_path):
    with pytest.raises(Unreadable, match="no row with a time and a number"):
        list(conversations(str(table(tmp_path / "s.csv", "seconds,eda", [("a", "b")])), lambda _: None))


def test_bids_there_and_back(tmp_path):
    with writer(path := tmp_path / "sub-ana_task-rest_physio.tsv.gz") as out:
        out.write(MADE.conversation("ana", "ppg", "eda", "temperature", "acceleration"))
    names = sorted(file.name for file in tmp_path.iterdir())
    assert len(names) == 6
    about = json.loads((tmp_path / "sub-ana_task-rest_physio.json").read_text())
    assert about == {"SamplingFrequency": 64.0, "StartTime": 0.0, "Columns": ["cardiac"]}
    with gzip.open(path, "rt") as file:
        assert len(file.readlines()) == 64 * 90
    (slow,), told = read(tmp_path / "sub-ana_task-rest_recording-ana4hz_physio.tsv.gz")
    assert told == []
    assert {one.channel: one.speaker for one in (*slow.signals("eda"), *slow.signals("temperature"))} == {
        "eda": "ana",
        "temperature": "ana",
    }
    assert slow.signals("eda")[0].samples == pytest.approx(MADE.samples["eda"], rel=1e-5)
    (hand,), _ = read(tmp_path / "sub-ana_task-rest_recording-ana32hz_physio.tsv.gz")
    assert hand.signals("acceleration")[0].samples.shape == (90 * 32, 3)


def test_bids_without_what_it_needs(tmp_path):
    path = tmp_path / "sub-1_physio.tsv.gz"
    path.write_bytes(gzip.compress(b"1\t2\n3\tn/a\n"))
    with pytest.raises(Unreadable, match="beside it"):
        list(conversations(str(path), lambda _: None))
    beside = tmp_path / "sub-1_physio.json"
    beside.write_text('{"SamplingFrequency": 4, "Columns": ["eda", "x1"]}')
    with pytest.raises(Unreadable, match="StartTime"):
        list(conversations(str(path), lambda _: None))
    beside.write_text('{"SamplingFrequency": 4, "StartTime": -1.5, "Columns": ["eda", "trigger"]}')
    (one,), _ = read(path)
    assert one.signals("eda")[0].samples.tolist() == [1, 3]
    assert one.signals("eda")[0].start == -1.5


def test_a_gap_is_not_available(tmp_path):
    made = Conversation(Signal("eda", np.array([1.0, np.nan, 2.0], np.float32), 4.0))
    with writer(path := tmp_path / "x_physio.tsv.gz") as out:
        out.write(made)
    assert gzip.decompress(path.read_bytes()) == b"1\nn/a\n2\n"


def test_a_session_read_from_the_command_line(tmp_path):
    pytest.importorskip("neurokit2")
    folder = session(tmp_path / "monday")
    ran = CliRunner().invoke(app, ["read", str(folder), "-o", str(tmp_path / "out.jsonl")])
    assert ran.exit_code == 0, ran.output
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    layers = {line["layer"] for line in lines if line["kind"] == "annotation"}
    assert layers == {"quality", "physiology", "stress", "state", "affect"}
    refused = CliRunner().invoke(app, ["read", str(folder), "--purpose", "workplace", "-o", str(tmp_path / "x.jsonl")])
    assert refused.exit_code != 0
    assert '"stress"' not in (tmp_path / "x.jsonl").read_text()
    allowed = CliRunner().invoke(app, ["read", str(folder), "--commercial-ok", "-o", str(tmp_path / "y.jsonl")])
    assert allowed.exit_code == 0, allowed.output
    assert '"stress"' not in (tmp_path / "y.jsonl").read_text()
