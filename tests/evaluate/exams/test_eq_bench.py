"""EQ-Bench: scores as published, either request, either pass, and replies that rate nothing."""

import json
import math

import pytest

from insula.data.files import MalformedData
from insula.evaluate.asking import exam
from insula.evaluate.asking.sheet import Sheet, others
from insula.evaluate.asking.statistics import scores

V1, V2 = exam("eq-bench-v1"), exam("eq-bench-v2")
WORDS = ("Glad", "Hurt", "Proud", "Bored")
REQUEST = (
    "\nSay how Kim feels:\n\nKim: Oh.\n[End dialogue]\n\nKim would feel...\nGlad\nHurt\nProud\nBored\n\n"
    "Give each a score. Then critique your answer. Finally, give your revised scores.\n\n"
    "First pass scores:\nGlad: <score>\n\nCritique: <your critique here>\n\nRevised scores:\nGlad: <revised score>\n\n"
    "[End of answer]\n\nRemember: zero is a valid score.\n"
)


def answer(*scores):
    return {
        **{f"emotion{k}": word for k, word in enumerate(WORDS, 1)},
        **{f"emotion{k}_score": score for k, score in enumerate(scores, 1)},
    }


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "questions.json"
    items = {
        str(n): {
            "prompt": REQUEST.replace("Oh.", f"Oh {n}."),
            "reference_answer": answer(0, 6, 0, 4),
            "reference_answer_fullscale": answer("0", "8", 1, 3),
        }
        for n in range(1, 5)
    }
    path.write_text(json.dumps(items))
    return path


def written(*scores):
    return "\n".join(f"{word}: {score}" for word, score in zip(WORDS, scores, strict=True))


def test_the_reference_is_worth_a_hundred(file):
    for one, reference in ((V1, (0, 6, 0, 4)), (V2, (0, 8, 1, 3))):
        asked = one.ask(one.load({"file": file})[0], 0, "base")
        assert one.mark(asked, written(*reference)).values["first"] == pytest.approx(100)


def test_version_1_takes_proportions_and_version_2_takes_intensities(file):
    first, second = (one.ask(one.load({"file": file})[0], 0, "base") for one in (V1, V2))
    assert V1.mark(first, written(0, 3, 0, 2)).values["first"] == pytest.approx(100)
    assert V1.mark(first, written(5, 5, 5, 5)).values["first"] == pytest.approx(100 - 10 * (2.5 + 3.5 + 2.5 + 1.5))
    small, large = 6.5 / (1 + math.exp(-1.2 * (1 - 4))), 8
    expected = 100 - 10 * 0.7477 * (small + large)
    assert V2.mark(second, written(1, 0, 1, 3)).values["first"] == pytest.approx(expected)


def test_all_zero_counts_in_version_2_alone(file):
    zeros = written(0, 0, 0, 0)
    first, second = (one.ask(one.load({"file": file})[0], 0, "base") for one in (V1, V2))
    assert V1.mark(first, zeros).values is None
    assert "0" in V1.mark(first, zeros).why
    assert V2.mark(second, zeros).values


def test_base_asks_once_and_revise_as_published(file):
    question = V2.load({"file": file})[0]
    base, revise = (V2.ask(question, 0, mode).messages[0].text for mode in V2.modes)
    assert revise == REQUEST.replace("Oh.", "Oh 1.").strip()
    assert "ritique" not in base
    assert "evised" not in base
    assert "First pass" not in base
    assert "Glad: <score>" in base
    assert "[End of answer]" in base


def test_the_better_pass_counts_unless_less_of_it_could_be_read(file):
    asked = [V2.ask(question, 0, "revise") for question in V2.load({"file": file})]
    poor, good = written(9, 0, 9, 9), written(0, 8, 1, 3)

    def score(replies):
        (found,) = [x for x in scores([Sheet.of(V2, "m", asked, replies)], slices=False) if x.metric == "score"]
        return found.score

    both = f"First pass scores:\n{poor}\n\nCritique: hm\n\nRevised scores:\n{good}"
    assert score([both] * 4) == pytest.approx(100)
    assert score([f"{good}\nRevised scores:\n{poor}"] * 4) == pytest.approx(100)
    assert score([both] * 3 + [poor]) == score([poor] * 4) < 0


@pytest.mark.parametrize(
    "reply", ["", "I cannot say.", REQUEST, "Froh: 3\nVerletzt: 4\nStolz: 0\nGelangweilt: 1", "Glad: 3\n" * 400]
)
def test_what_cannot_be_read_is_no_zero(file, reply):
    asked = V2.ask(V2.load({"file": file})[0], 0, "base")
    found = V2.mark(asked, reply)
    assert found.values is None
    assert found.why


def test_blind_rules_can_be_read(file):
    asked = [V2.ask(question, 0, "base") for question in V2.load({"file": file})]
    assert all(row.parsed for sheet in others(V2, asked) for row in sheet.rows)


def test_a_word_is_rated_as_in_the_other_dialogues(tmp_path):
    path = tmp_path / "questions.json"
    three = {str(n): {"prompt": REQUEST, "reference_answer_fullscale": answer(n, 9, 0, 0)} for n in range(1, 4)}
    three["3"]["reference_answer_fullscale"]["emotion4"] = "Awed"
    path.write_text(json.dumps(three))
    first, _, third = V2.load({"file": path})
    assert first.about["usual"]["Glad"] == pytest.approx(2.5)
    assert third.about["usual"]["Awed"] == pytest.approx((1 + 2 + 3 + 9 * 3) / 12)
    assert "Glad: 2.50" in V2.blind["each word as elsewhere"](V2.ask(first, 0, "base"))


@pytest.mark.parametrize("text", ['{"1": {"prompt": "x"', "[]", '{"1": {"prompt": "x"}}', '{"1": 4}'])
def test_a_damaged_file_is_named(tmp_path, text):
    path = tmp_path / "questions.json"
    path.write_text(text)
    with pytest.raises(MalformedData, match=r"questions\.json"):
        V2.load({"file": path})


@pytest.mark.parametrize("one", [V1, V2])
def test_the_published_files(one, published):
    questions = published(one)
    assert one.changed() == []
    assert all(len(question.gold) == 4 for question in questions)
    asked = one.ask(questions[0], 0, "base")
    assert all(word in asked.messages[0].text for word in questions[0].gold)
    sheet = Sheet.of(one, "reference", *_reference(one, questions))
    assert scores([sheet], slices=False)[0].score == pytest.approx(100)


def _reference(one, questions):
    asked = [one.ask(question, 0, "base") for question in questions]
    return asked, ["\n".join(f"{word}: {x}" for word, x in question.gold.items()) for question in questions]
