"""ToMBench: both languages, the key under the letter, published letters cut off, damaged files named."""

import json

import pytest

from insula.data.files import MalformedData
from insula.evaluate.asking import exam

EXAM = exam("tombench")
ROW = {
    "能力\nABILITY": "Emotion: Hidden emotions",
    "序号\nINDEX": 1,
    "故事": "阿明丢了钥匙，却笑着说没事。",
    "问题": "阿明真实的感受是什么？",
    "选项A": "A. 开心",
    "选项B": "B.着急",
    "选项C": "骄傲",
    "选项D": "D、平静",
    "STORY": "Ming lost his keys but says with a smile that it is fine.",
    "QUESTION": "What does Ming really feel?",
    "OPTION-A": "Happy",
    "OPTION-B": "Worried",
    "OPTION-C": "Proud",
    "OPTION-D": "Calm",
    "答案\nANSWER": "B",
}


@pytest.fixture
def load(tmp_path):
    def load(*rows):
        path = tmp_path / "Hidden_Emotions.jsonl"
        path.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows), encoding="utf-8")
        return EXAM.load({path.name: path})

    return load


def test_both_languages_of_one_story_belong_together(load):
    english, chinese = load(ROW)
    assert english.group == chinese.group
    assert english.id != chinese.id
    assert chinese.choices[0].options == ("开心", "着急", "骄傲", "平静")
    assert english.slices == {"language": "en", "task": "hidden emotions"}
    assert {question.choices[0].options[question.choices[0].right] for question in (english, chinese)} == {
        "Worried",
        "着急",
    }


@pytest.mark.parametrize("seed", range(4))
def test_the_right_option_is_right_wherever_it_stands(load, seed):
    for question in load(ROW):
        asked = EXAM.ask(question, seed, "base")
        place = asked.orders[0].index(1)
        assert EXAM.mark(asked, "ABCD"[place]).values == {"accuracy": 1.0}
        assert EXAM.mark(asked, "ABCD"[place - 1]).values == {"accuracy": 0.0}


def test_an_answer_in_another_language_is_read_by_its_letter(load):
    english, _ = load(ROW)
    asked = EXAM.ask(english, 0, "cot")
    letter = "ABCD"[asked.orders[0].index(1)]
    assert EXAM.mark(asked, f"他很着急。\n答案：{letter}").values == {"accuracy": 1.0}
    assert EXAM.mark(asked, "他很着急。").values is None


@pytest.mark.parametrize(
    "change", [{"答案\nANSWER": "E"}, {"答案\nANSWER": None}, {"OPTION-C": None}, {"STORY": 3}, {"问题": None}]
)
def test_an_item_that_is_not_as_published_is_named(load, change):
    with pytest.raises(MalformedData, match=r"Hidden_Emotions\.jsonl: item 2"):
        load(ROW, {**ROW, **change})


def test_the_published_files(published):
    questions = published(EXAM)
    assert EXAM.changed() == []
    assert all(len(set(question.choices[0].options)) == 4 for question in questions)
    assert not any(option[:2] in ("A.", "B.", "C.", "D.") for q in questions for option in q.choices[0].options)
