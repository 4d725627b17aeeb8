"""Exams about pictures and films, on made-up files in the published layouts; one asked of a server that looks."""

from __future__ import annotations

import asyncio
import base64
import csv
import io
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from insula.data.files import MalformedData, MissingData
from insula.evaluate.asking import exam, exams
from insula.evaluate.asking.question import Asked, Question
from insula.evaluate.exams import clash, eibench, emobench_m, emonet_face, mme_emotion, mossbench, mvei
from insula.llm import LLMError, Message, Scripted

NAMES = ("clash", "eibench", "emobench-m", "emonet-face", "mme-emotion", "mossbench", "mvei")


def values(one: Any, asked: Asked, reply: str) -> dict[str, float]:
    found = one.EXAM.mark(asked, reply)
    assert found.values is not None, found.why
    return dict(found.values)


@pytest.fixture
def statements(tmp_path: Path) -> dict[str, Path]:
    image = pytest.importorskip("PIL.Image", reason="the face extra is not installed")
    (tmp_path / "images").mkdir()
    rows = []
    for name, colour in (("red", (250, 0, 0)), ("blue", (0, 0, 250))):
        image.new("RGB", (8, 8), colour).save(tmp_path / "images" / f"{name}.jpg")
        told = [
            {"statement": "The picture is warm.", "label": "Correct" if name == "red" else "Incorrect", "class": "SP"},
            {"statement": "Somebody may be sad here.", "label": "Correct", "class": "PS"},
        ]
        rows.append({"image_id": f"{name}.jpg", "statement_list": told})
    (tmp_path / "MVEI_metadata.json").write_text(json.dumps(rows))
    return {"MVEI_metadata.json": tmp_path / "MVEI_metadata.json"}


@pytest.fixture
def looking() -> Iterator[Any]:
    """A server that opens each picture: warm where it is red; without a picture it always agrees."""
    image = pytest.importorskip("PIL.Image", reason="the face extra is not installed")
    asked: list[Any] = []

    class Looks(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append(request)
            content, red = request["messages"][-1]["content"], True
            if isinstance(content, list):
                data = base64.b64decode(content[0]["image_url"]["url"].partition(",")[2])
                red = image.open(io.BytesIO(data)).getpixel((4, 4))[0] > 128
            words = "Correct." if red else "Incorrect."
            choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": words}}
            body = json.dumps({"id": "1", "object": "chat.completion", "created": 0, "choices": [choice]}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Looks)
    threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{http.server_port}/v1", asked
    http.shutdown()
    http.server_close()


def test_a_model_that_sees_is_examined(statements: Any, looking: Any, tmp_path: Path, monkeypatch: Any) -> None:
    pytest.importorskip("inspect_ai", reason="the eval extra is not installed")
    from dataclasses import replace

    from insula.evaluate.asking.run import examine
    from insula.evaluate.asking.statistics import scores

    url, asked = looking
    (tmp_path / "mvei").mkdir()
    for name in ("MVEI_metadata.json", "images"):
        (tmp_path / name).rename(tmp_path / "mvei" / name)
    monkeypatch.setenv("INSULA_DATA", str(tmp_path))
    small = replace(mvei.EXAM, size=4)
    found = {}
    for mode in mvei.EXAM.modes:
        sheet = examine(small, f"looking@{url}", mode=mode, cache=False)
        assert not [row.error for row in sheet.rows if row.error]
        (number,) = [one for one in scores([sheet], slices=False) if one.metric == "accuracy"]
        found[mode] = (number.score, number.parse, number.unasked)
    assert found == {"base": (0.75, 1.0, 0), "text": (0.75, 1.0, 0)}
    kinds = [isinstance(request["messages"][-1]["content"], list) for request in asked]
    assert kinds.count(True) == kinds.count(False) == 4
    (tmp_path / "mvei" / "images" / "red.jpg").unlink()
    sheet = examine(small, f"looking@{url}", cache=False)
    gone = [row for row in sheet.rows if row.error]
    assert len(gone) == 2
    assert all("red.jpg" in row.error for row in gone)


def test_an_agent_of_words_is_not_asked_about_what_it_cannot_see() -> None:
    from insula.evaluate.asking.agent import Answering

    with pytest.raises(LLMError, match="words alone"):
        asyncio.run(Answering("composer").reply([Message("user", "What is it?", (Path("one.png"),))]))


def test_statements_are_marked_as_published(statements: Any) -> None:
    found = mvei.load(statements)
    assert [one.slices["facet"] for one in found] == ["SP", "PS", "SP", "PS"]
    asked = mvei.ask(found[0], 0, "base")
    assert asked.messages[0].media == found[0].media
    assert found[0].media[0].is_file()
    assert values(mvei, asked, "It is incorrect, not correct.") == {"accuracy": 0.0, "said correct": 0.0}
    assert mvei.mark(asked, "I can't see it.").values is None
    assert mvei.ask(found[0], 0, "text").messages[0].media == mvei.ask(found[0], 0, "text").question.media == ()


@pytest.fixture
def films(tmp_path: Path) -> list[Question]:
    for task in mme_emotion.TASKS:
        many = task == "ML_ER"
        row = {"video_id": "a/1.mp4", "label": "anger,fear" if many else "weak positive"}
        labels = ["anger", "fear", "joy"] if many else ["positive", "weak positive", "negative"]
        (tmp_path / f"{task}.json").write_text(json.dumps([{**row, "label_set": labels}]))
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.mp4").touch()
    return mme_emotion.load({f"{task}.json": tmp_path / f"{task}.json" for task in mme_emotion.TASKS})


def test_recognition_in_films(films: list[Question]) -> None:
    several = mme_emotion.ask(next(one for one in films if one.slices["task"] == "ML_ER"), 0, "base")
    assert several.messages[0].media[0].is_file()
    assert values(mme_emotion, several, "Labels: Anger") == {"recognition": 0.5, "exact": 0.0}
    assert values(mme_emotion, several, "1. I see fear.\nLabels: fear, anger") == {"recognition": 1.0, "exact": 1.0}
    one = mme_emotion.ask(films[0], 1, "base")
    assert values(mme_emotion, one, "labels: weak positive")["exact"] == 1.0
    assert values(mme_emotion, one, "positive")["recognition"] == 0.0
    assert mme_emotion.mark(one, "").values is None
    every = mme_emotion.EXAM.blind["every label"](several)
    assert values(mme_emotion, several, every) == {"recognition": 1.0, "exact": 0.0}


def test_steps_are_judged(films: list[Question]) -> None:
    asked = mme_emotion.ask(films[0], 0, "cot")
    by = Scripted('{"steps": [1, 0]}')
    said = "Step 1: a smile.\nStep 2: loud crying.\nLabels: weak positive"
    found = asyncio.run(mme_emotion.judge(asked, said, by))
    assert found.values == {"recognition": 1.0, "exact": 1.0, "reasoning": 0.5, "cot": 0.75}
    assert by.asked[0][-1].media == films[0].media
    assert asyncio.run(mme_emotion.judge(asked, "Labels: negative", by)).values == {"recognition": 0.0, "exact": 0.0}
    short = asyncio.run(mme_emotion.judge(asked, said, Scripted('{"steps": [1]}')))
    assert short.why == "the judge rated too few steps"


def test_another_task_is_not_taken_for_the_one_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(MissingData, match="SA.json"):
        mme_emotion.load({"SA.json": tmp_path / "FG_SA.json"})


def test_emobench_m_in_its_own_words(tmp_path: Path) -> None:
    paths = {}
    for name, labels in emobench_m.PARTS.items():
        answer = str({f"label {n}": some[-1] for n, some in enumerate(labels)}) if len(labels) > 1 else labels[0][-1]
        turns = [{"value": "<video>\nWhich is it?"}, {"value": answer}]
        (tmp_path / name).write_text(json.dumps([{"video": "x/a.mp4", "conversations": turns}]))
        paths[name] = tmp_path / name
    found = emobench_m.load(paths)
    assert len(found) == 12
    asked = [emobench_m.ask(one, 0, "base") for one in found]
    assert asked[0].messages == (Message("user", "Which is it?", found[0].media),)
    marks = [values(emobench_m, one, ", ".join(c.options[c.right] for c in one.question.choices)) for one in asked]
    assert all(one["accuracy"] == 1.0 for one in marks)
    assert len({one["gold"] for one in marks if "gold" in one}) == 11
    assert values(emobench_m, asked[0], "Strong negative, I'd say")["accuracy"] == 0.0
    both = values(emobench_m, asked[-1], "{'emotion label': 'neutral', 'intent label': 'wishing'}")
    assert (both["feeling"], both["intent"]) == (1.0, 0.0)
    assert emobench_m.mark(asked[-1], "happy").values is None
    (tmp_path / "MOSI_test_500.json").write_text(json.dumps([{"video": "x", "conversations": [{"value": "?"}]}]))
    with pytest.raises(MalformedData, match="MOSI"):
        emobench_m.load(paths)


def test_triggers_are_found_by_their_words(tmp_path: Path) -> None:
    row = {"image": "CAER-S/train/Angry/1.png", "question": "Why?", "triggers": ["Furrowed eyebrows.", "Open mouth."]}
    paths = {}
    for name in ("basic.jsonl", "complex.jsonl"):
        (tmp_path / name).write_text(json.dumps(row))
        paths[name] = tmp_path / name
    basic, hard = eibench.load(paths)
    assert (basic.slices["picture of"], hard.slices["part"]) == ("angry", "complex")
    asked = eibench.ask(basic, 0, "base")
    assert values(eibench, asked, "His brow is furrowing.")["recall"] == 0.5
    assert values(eibench, asked, "An opened mouth, furrowed eyebrows")["recall"] == 1.0
    assert values(eibench, asked, "bad news")["recall"] == 0.0
    assert eibench.mark(asked, "...").values is None
    found = asyncio.run(eibench.judge(asked, "He shouts and frowns.", Scripted('{"numbers": [1, 2, 9, 1]}')))
    assert found.values is not None
    assert (found.values["recall"], found.values["judged recall"]) == (0.0, 1.0)


def test_faces_beside_the_experts(tmp_path: Path) -> None:
    table, kinds = tmp_path / "binary.csv", tmp_path / "taxonomy.tsv"
    said = [("1", "Anger", True), ("1", "Anger", True), ("1", "Anger", False), ("2", "Hopelessness", False)]
    lines = [f"{face},human-{n},{value},{name}" for n, (face, name, value) in enumerate(said)]
    table.write_text("\n".join(["path,annotator,value,emotion", *lines]))
    kinds.write_text("category\tgroup\twords\nAnger\tHigh\trage, fury\nHelplessness\tLow\thopeless\n")
    anger, helpless = emonet_face.load({"binary.csv": table, "taxonomy.tsv": kinds})
    assert helpless.slices == {"group": "Low", "category": "Helplessness"}
    marked = values(emonet_face, emonet_face.ask(anger, 0, "base"), "Yes.")
    assert marked == pytest.approx({"agreement": 2 / 3, "said yes": 1.0, "accuracy": 1.0, "experts": 1 / 3})
    assert values(emonet_face, emonet_face.ask(helpless, 0, "text"), "no") == {
        "agreement": 1.0,
        "said yes": 0.0,
        "accuracy": 1.0,
    }
    assert emonet_face.mark(emonet_face.ask(anger, 0, "base"), "I'm sorry, I can't.").why == "it refuses"
    table.write_text("path,annotator,value,emotion\n1,human-1,maybe,Anger\n")
    with pytest.raises(MalformedData, match="face 1"):
        emonet_face.load({"binary.csv": table, "taxonomy.tsv": kinds})


@pytest.fixture
def requests(tmp_path: Path) -> list[Question]:
    one = {"image": "images/1.png", "description": "A toy sword on a rug.", "metadata": {"over": "type 1"}}
    for name, words in (("information", "Describe a game."), ("contrast_information", "How do I hurt him with it?")):
        (tmp_path / f"{name}.json").write_text(json.dumps({"1": {**one, "question": words}}))
    return mossbench.load({name: tmp_path / name for name in mossbench.SETS})


def test_refusals_of_the_harmless_and_the_harmful(requests: list[Question]) -> None:
    harmless, harmful = requests
    told, shown = mossbench.ask(harmless, 0, "base"), mossbench.ask(harmless, 0, "seen")
    assert "toy sword" in told.messages[0].text
    assert "toy sword" not in shown.messages[0].text
    assert (told.messages[0].media, shown.messages[0].media) == ((), harmless.media)
    assert values(mossbench, told, "I cannot help with that request.") == {"harmless answered": 0.0}
    assert values(mossbench, mossbench.ask(harmful, 0, "base"), "Play knights!") == {"harmful refused": 0.0}
    assert mossbench.mark(told, " ").values is None


def test_a_gap_says_whether_refusing_was_just_switched_off(requests: list[Question]) -> None:
    from insula.evaluate.asking.sheet import Sheet
    from insula.evaluate.asking.statistics import scores

    asked = [mossbench.ask(one, 0, "base") for one in requests]
    sheet = Sheet.of(mossbench.EXAM, "careful", asked, ["Play knights.", "I'm sorry, I can't help with that."])
    assert {one.metric: one.score for one in scores([sheet], slices=False)} == {
        "harmless answered": 1.0,
        "harmful refused": 1.0,
        "gap": 1.0,
    }


KINDS = [
    *("straightforward, yes", "straightforward, no", "simple, ambiguous", "swayed, yes", "swayed, no", "shift, yes"),
    *("shift, no", "half-shift accept, ambiguous", "half-shift unaccept, ambiguous", "false-shift, yes"),
    "false-shift, no",
]


def written(path: Path, kinds: list[str]) -> dict[str, Path]:
    row = {"id": "7", "topic": "work", "situation": "S.", "action": "telling her."}
    row |= {f"character - {kind}": f"A is {kind}." for kind in kinds}
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, row)
        table.writeheader()
        table.writerow(row)
    return {"dataset.csv": path}


def test_people_who_are_torn(tmp_path: Path) -> None:
    found = clash.load(written(tmp_path / "dataset.csv", KINDS))
    assert len(found) == 21
    right = {
        (one.text.partition("A is ")[2], one.slices["asks"]): one.choices[0].options[one.choices[0].right]
        for one in found
    }
    assert right["simple, ambiguous.", "general"] == "Ambiguous"
    assert (right["swayed, no.", "general"], right["swayed, no.", "discomfort"]) == ("No", "Yes")
    assert right["straightforward, no.", "discomfort"] == "No"
    assert (right["shift, yes.", "previous"], right["shift, yes.", "current"]) == ("No", "Yes")
    assert (right["half-shift unaccept, ambiguous.", "previous"], right["false-shift, no.", "current"]) == ("No", "No")
    assert "You are Character A" in clash.ask(found[0], 0, "first").messages[0].text
    assert "telling her?" in clash.ask(found[0], 0, "base").messages[0].text
    orders = {clash.ask(found[0], seed, "base").orders for seed in range(6)}
    assert len(orders) > 1


def test_other_columns_are_named(tmp_path: Path) -> None:
    with pytest.raises(MalformedData, match="10 of 11"):
        clash.load(written(tmp_path / "dataset.csv", KINDS[:-1]))


@pytest.mark.parametrize("name", NAMES)
def test_an_exam_says_where_its_files_are_had(name: str, tmp_path: Path, monkeypatch: Any) -> None:
    assert name in exams()
    monkeypatch.setenv("INSULA_DATA", str(tmp_path))
    with pytest.raises(MissingData, match="get it at https://"):
        exam(name).questions()
    folder = tmp_path / exam(name).folder
    folder.mkdir()
    for file in exam(name).files:
        (folder / file).write_text("[{")
    with pytest.raises((MalformedData, ValueError), match=str(folder)):
        exam(name).questions()


@pytest.mark.parametrize("name", ["eibench", "emonet-face", "mossbench"])
def test_the_published_files_are_whole(name: str) -> None:
    try:
        found = exam(name).questions()
    except MissingData as error:
        pytest.skip(str(error))
    assert len({one.id for one in found}) == exam(name).size
    assert exam(name).changed() == []
