"""Clips told in words, and traces of watchers, read from made-up files of the published shape."""

import zipfile

import numpy as np
import pytest

from insula.data.files import MalformedData
from insula.data.readers import clues, traces

SEEN = 'In the video, a man frowns. In the audio, he shouts. In the text, the subtitle says, "Go away." Based on this'
TOLD = f"{SEEN}, he seems loud. Therefore, it can be inferred that he expresses anger and disappointment."


def test_emer_keeps_both_groups_apart(tmp_path):
    first, second = tmp_path / "gt-eng.csv", tmp_path / "final.csv"
    first.write_text('names,emotions,subtitles,reasons\ns1,angry,Go away.,"He roared. His emotional state is anger."\n')
    quoted = TOLD.replace('"', '""')
    second.write_text(f'name,chinese,english\ns1,x,"{quoted}"\ns2,y,"{quoted}"\n')
    one, two = clues.emer("test", first, second)
    assert (one.turns[0].text, two.turns[0].text) == ("Go away.", "Go away.")
    assert one.turns[0].meta["clues"]["face"] == "a man frowns."
    assert one.turns[0].meta["clues"]["voice"] == "he shouts."
    assert "anger" not in one.turns[0].meta["clues"]["words"]
    said = {x.rater: x.labels for x in one.read("emotion")}
    assert said == {"v1": ("anger",), "v2": ("anger", "disappointment"), "gold": ("angry",)}
    assert {x.rater for x in two.read("explanation")} == {"v2"}


def test_a_conclusion_without_a_feeling_is_an_abstention():
    assert clues.feelings("He sits there. It can be inferred that he is at a table.") == ()


def test_wheels_say_what_is_wrong(tmp_path):
    sheet = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/></worksheet>'
    with zipfile.ZipFile(tmp_path / "wheel1.xlsx", "w") as packed:
        packed.writestr("xl/sharedStrings.xml", sheet.replace("worksheet", "sst"))
        packed.writestr("xl/worksheets/sheet1.xml", sheet)
    with zipfile.ZipFile(tmp_path / "synonym.xlsx", "w") as packed:
        packed.writestr("xl/sharedStrings.xml", sheet.replace("worksheet", "sst"))
        packed.writestr("xl/worksheets/sheet1.xml", sheet)
    (tmp_path / "format.csv").write_text('name,format\nsad,"sad,sadly"\n')
    with pytest.raises(MalformedData, match="level1"):
        clues.wheels(tmp_path)


def test_wheels_know_synonyms_and_inflections(tmp_path):
    _sheet(tmp_path / "wheel1.xlsx", [["level1", "level2"], ["Mad", "Angry"], ["Sad", "Lonely"]])
    _sheet(tmp_path / "synonym.xlsx", [["word_run1", "synonym_run1"], ["angry", "furious, irate"]])
    (tmp_path / "format.csv").write_text('name,format\nx,"furious,furiously"\n')
    (table,) = clues.wheels(tmp_path).values()
    assert {table[word] for word in ("mad", "angry", "furious", "furiously")} == {"mad"}
    assert table["lonely"] == "sad"


def _sheet(path, rows):
    """A sheet of shared strings, as wheels are published."""
    spread = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    words = [word for row in rows for word in row]
    cells = iter(range(len(words)))
    body = "".join(
        "<row>" + "".join(f'<c r="{"AB"[n]}1" t="s"><v>{next(cells)}</v></c>' for n, _ in enumerate(row)) + "</row>"
        for row in rows
    )
    with zipfile.ZipFile(path, "w") as packed:
        strings = "".join(f"<si><t>{word}</t></si>" for word in words)
        packed.writestr("xl/sharedStrings.xml", f"<sst {spread}>{strings}</sst>")
        packed.writestr("xl/worksheets/sheet1.xml", f"<worksheet {spread}><sheetData>{body}</sheetData></worksheet>")


def test_watchers_are_signals(tmp_path):
    file = tmp_path / "case.npz"
    video = np.array([10, 1, 1, 1, 11, 2, 2], np.int8)
    values = np.array([5, 5, 9.5, 0.5, 5, 5, 5], np.float16)
    arrays = {f"sub{n}_{part}": values for n in (1, 10, 2) for part in ("valence", "arousal")}
    np.savez(file, **arrays, **{f"sub{n}_video": video for n in (1, 10, 2)})
    films = list(traces.case("train", file))
    assert [film.id for film in films] == ["film-1", "film-2"]
    assert [one.speaker for one in films[0].signals("affect")] == ["sub1", "sub2", "sub10"]
    assert films[0].signals("affect")[0].samples[:, 0].tolist() == [0.0, 1.0, -1.0]


def test_ratings_stand_beside_traces(tmp_path):
    file, ratings = tmp_path / "ceap.npz", tmp_path / "sam.csv"
    people, films = np.array(["P1", "P2"]), np.array(["V1"])
    np.savez(file, valence_arousal=np.full((2, 1, 4, 2), 9, np.float16), participant=people, video=films)
    ratings.write_text("participant,age,gender,video,sam_valence,sam_arousal\nP1,22,Male,V1,9,1\n")
    (film,) = traces.ceap("train", file, ratings)
    assert film.signals("affect")[0].samples.shape == (4, 2)
    (rated,) = film.read("affect")
    assert (rated.at.speaker, dict(rated.scores)) == ("P1", {"valence": 1.0, "arousal": -1.0})
