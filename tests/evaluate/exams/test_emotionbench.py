"""EmotionBench: answers become affects, affects become shifts, and shifts stand beside people's."""

import json
import zipfile

import numpy as np
import pytest

from insula.data.files import MalformedData
from insula.evaluate.asking import exam
from insula.evaluate.asking.sheet import Sheet
from insula.evaluate.asking.statistics import scores
from insula.evaluate.exams import emotionbench

EXAM = exam("emotionbench")
GOOD, BAD = ("Merry", "Keen"), ("Upset", "Jumpy")
FORM = {
    "name": "PANAS",
    "questions": {str(n): word for n, word in enumerate((*GOOD, *BAD), 1)},
    "prompt": "Only numbers from 1 to 5. SCENARIO Rate each word.",
    "inner_setting": "You reply with numbers.",
    "categories": [
        {"cat_name": "Positive Affect", "cat_questions": [1, 2]},
        {"cat_name": "Negative Affect", "cat_questions": [3, 4]},
    ],
}
SITUATIONS = {
    "emotions": [
        {"name": "Anger", "factors": [{"name": "Noise", "scenarios": ["A drill wakes you.", "A dog barks."]}]},
        {"name": "Jealousy", "factors": [{"name": "Things", "scenarios": ["Your friend has a new bicycle."]}]},
    ]
}
PEOPLE = [
    ("Info", "Angry_F1S1", "Angry_F1S2", "Jealous_F1S1"),
    ("Positive Diff", "-1", "-3", "0"),
    ("Negative Diff", "2", "4", "1"),
]


SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
CELL = '<c r="{}{}" t="inlineStr"><is><t>{}</t></is></c>'


def workbook(path, table=PEOPLE):
    rows = [
        "".join(CELL.format(letter, n, value) for letter, value in zip("BCDE", row, strict=True))
        for n, row in enumerate(table, 1)
    ]
    cells = "".join(f"<row>{row}</row>" for row in rows)
    with zipfile.ZipFile(path, "w") as packed:
        sheet = f'<worksheet xmlns="{SPACE}"><sheetData>{cells}</sheetData></worksheet>'
        packed.writestr("xl/worksheets/sheet1.xml", sheet)
    return path


@pytest.fixture
def paths(tmp_path):
    found = {name: tmp_path / name for name in EXAM.files}
    found[emotionbench.SITUATIONS].write_text(json.dumps(SITUATIONS))
    found[emotionbench.FORMS].write_text(json.dumps([{"name": "Other"}, FORM]))
    workbook(found[emotionbench.PEOPLE])
    return found


def sheet(paths, rate):
    asked = [EXAM.ask(question, seed, "base") for question in EXAM.load(paths) for seed in range(2)]
    replies = ["\n".join(f"{word}: {rate(one, word)}" for word in (*GOOD, *BAD)) for one in asked]
    return {x.metric: x.score for x in scores([Sheet.of(EXAM, "m", asked, replies)], slices=False)}


def test_every_factor_has_its_question_without_a_situation(paths):
    questions = EXAM.load(paths)
    assert [question.id for question in questions] == [
        "Anger-0/default",
        "Anger-0/1",
        "Anger-0/2",
        "Jealousy-0/default",
        "Jealousy-0/1",
    ]
    assert questions[1].gold == {"positive": -2.0, "negative": 3.0}
    default, told = (EXAM.ask(question, 0, "base").messages[1].text for question in questions[:2])
    assert "SCENARIO" not in default + told
    assert "drill" in told
    assert "Imagine" not in default


def test_seeds_put_the_words_in_another_order(paths):
    question = EXAM.load(paths)[0]
    assert len({EXAM.ask(question, seed, "base").messages[1].text for seed in range(9)}) > 1


def test_numbers_alone_count_in_the_order_they_were_asked_in(paths):
    asked = EXAM.ask(EXAM.load(paths)[1], 3, "base")
    words = [(*GOOD, *BAD)[at] for at in asked.orders[0]]
    reply = "\n".join("5" if word in BAD else "1" for word in words)
    values = EXAM.mark(asked, reply).values
    assert (values["positive"], values["negative"]) == (2, 10)


def test_feelings_that_move_as_peoples_do_are_alike(paths):
    """People: anger -2 and +3, jealousy 0 and +1; from 3 each, that is a sum of 6."""

    def rate(asked, word):
        if not asked.question.text:
            return 3
        if asked.question.group == "Jealousy-0":
            return {"Upset": 4}.get(word, 3)
        return {"Merry": 2, "Keen": 2, "Upset": 5, "Jumpy": 4}[word]

    found = sheet(paths, rate)
    assert found["likeness"] == pytest.approx(1)
    assert found["negative shift"] == pytest.approx(found["people's negative shift"]) == pytest.approx(7 / 3)
    assert found["positive shift"] == pytest.approx(-4 / 3)


def test_a_model_that_nothing_moves_is_not_alike(paths):
    assert sheet(paths, lambda *_: 4)["likeness"] == pytest.approx(0)


@pytest.mark.parametrize(
    "reply", ["", "I'm an AI, I have no feelings.", "3\n3\n3", "9 9 9 9", "三 三 三 三", "1 " * 9000]
)
def test_what_cannot_be_read_says_why(paths, reply):
    found = EXAM.mark(EXAM.ask(EXAM.load(paths)[0], 0, "base"), reply)
    assert found.values is None
    assert found.why


@pytest.mark.parametrize("name", [*EXAM.files])
def test_a_damaged_file_is_named(paths, name):
    paths[name].write_bytes(paths[name].read_bytes()[:90])
    with pytest.raises(MalformedData, match=name.replace(".", r"\.")):
        EXAM.load(paths)


def test_another_workbook_is_told(paths):
    workbook(paths[emotionbench.PEOPLE], [("Info", "a", "b", "c"), ("Other", "1", "2", "3")])
    with pytest.raises(MalformedData, match="Positive Diff"):
        EXAM.load(paths)


def test_the_published_files(published):
    questions = published(EXAM)
    assert EXAM.changed() == []
    assert len({question.group for question in questions}) == 36
    anger = [question.gold for question in questions if question.id in {f"Anger-{n}/default" for n in range(5)}]
    assert np.mean([shift["positive"] for shift in anger]) == pytest.approx(-5.26, abs=0.3)  # the publisher's summary
    assert np.mean([shift["negative"] for shift in anger]) == pytest.approx(9.86, abs=0.3)
