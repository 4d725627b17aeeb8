"""Recognition, cause, strategy, empathy and layers: small readers and models get the same items, fairly drawn."""

import numpy as np
import pytest

from insula.conversation import Conversation, Turn
from insula.data import MissingData
from insula.data.gold import one_of
from insula.evaluate.asking import Question, drawn, exam
from insula.evaluate.exams import cause, empathy, layers, recognition, strategy
from insula.llm import Message

FEELINGS = ("anger", "disgust", "fear", "joy", "sadness", "surprise", "neutral")


def talk(id, *lines):
    """Lines of (text, label) by two people in turn, each line a turn with its feeling."""
    made = Conversation(id=id)
    for place, (text, label) in enumerate(lines):
        made.add(Turn("AB"[place % 2], text, id=f"t{place}"), one_of("ekman7", label, turn=f"t{place}"))
    return made


@pytest.fixture
def corpora(monkeypatch):
    """Made-up talks, one of them both in train and in test."""
    leaked = talk("test/leak", ("this very line stands in both parts", "anger"))
    parts = {
        "test": (leaked, *(talk(f"test/{x}", (f"I tell you of {x} today friend", x)) for x in FEELINGS)),
        "train": (
            talk("train/leak", ("this very line stands in both parts", "anger")),
            *(talk(f"train/{x}{k}", (f"number {k} is full of {x} for me", x)) for x in FEELINGS for k in range(3)),
            talk("train/same", ("I tell you of joy today friend", "joy")),
        ),
    }
    given = lambda corpus, split: parts[split]  # noqa: E731
    for module in (drawn, recognition):
        monkeypatch.setattr(module, "part", given)
    found = (drawn.learnt, recognition._drawn, recognition.examples)
    for one in found:
        one.cache_clear()
    yield parts
    for one in found:
        one.cache_clear()


def test_nothing_that_stands_in_train_is_asked(corpora):
    texts = [question.text for question in recognition.load({})]
    assert len(texts) == 3 * 6  # joy and the leaked line are in train
    assert not any("both parts" in text or "of joy today" in text for text in texts)


def test_examples_come_from_train_alone_and_share_no_words_with_an_item(corpora):
    items = {question.text for question in recognition.load({})}
    for seed in range(5):
        shots = recognition.examples(seed)
        assert {label.split()[-1] for _, label in shots} == set(FEELINGS)
        lines = {line for text, _ in shots for line in text.splitlines()}
        assert not lines & {line for item in items for line in item.splitlines()}


def test_few_puts_the_examples_before_the_question_and_base_does_not(corpora):
    question = recognition.load({})[0]
    base, few = (recognition.ask(question, 0, mode).messages for mode in recognition.EXAM.modes)
    assert len(base) == 3
    assert len(few) == 3 + 14
    assert few[-2].text.startswith(question.text)
    assert few[-1] == base[-1] == Message("assistant", "The feeling is")


def test_published_strategies_are_disjoint_from_their_examples(published):
    questions = published(exam("strategy"))
    asked = {drawn.plain(turn.text) for x in questions for turn in x.about["conversation"].turns}
    assert len(questions) == strategy.COUNT
    for seed in range(3):
        shots = strategy.examples(seed)
        assert {label.removeprefix(strategy.OPENING).strip() for _, label in shots} == set(strategy.LABELS)
        said = {drawn.plain(text.rpartition("\n\n")[0].partition(": ")[2]) for text, _ in shots}
        assert not said & asked


def asked_of_lines(*lines, gold=frozenset({2})):
    text = "\n".join(f"{k}. {line}" for k, line in enumerate(lines, 1))
    return cause.ask(Question("q", text, (), gold), 0, "base")


@pytest.mark.parametrize(
    ("reply", "values", "why"),
    [
        (" 2.", {"accuracy": 1.0}, ""),
        ("line 3", {"accuracy": 0.0}, ""),
        ("2 or 3", None, "it names several lines"),
        ("7", None, "it names a line that is not there"),
        ("la primera", None, "it names no line"),
    ],
)
def test_one_line_is_named(reply, values, why):
    mark = cause.mark(asked_of_lines("A: I lost it.", "B: Oh.", "A: Sigh."), reply)
    assert (mark.values, mark.why) == (values, why)


def test_blind_rules_of_causes_know_the_place_alone():
    asked = asked_of_lines("A: one", "B: two", "A: three")
    assert [rule(asked) for rule in cause.EXAM.blind.values()] == ["3", "2", "1"]


@pytest.mark.parametrize(
    ("reply", "said"), [("5", 5.0), (" 3. They", 3.0), ("4,5", 4.5), ("80%", None), ("very", None), ("", None)]
)
def test_a_number_on_the_scale(reply, said):
    question = Question("q", "An essay.", (), 4.0, slices={"of": "distress"})
    mark = empathy.mark(empathy.ask(question, 0, "base"), reply)
    assert (mark.values or {}).get("said") == said


def test_correlation_is_the_mean_of_two_feelings_and_a_constant_has_none():
    gold = np.array([1.0, 2, 3, 1, 2, 3])
    which = np.array([0.0, 0, 0, 1, 1, 1])
    columns = {"gold": gold, "said": np.array([1.0, 2, 3, 3, 2, 1]), "distress": which}
    assert empathy.correlation(columns, np.ones((2, 6))) == pytest.approx([0, 0], abs=1e-6)
    assert empathy.correlation({**columns, "said": np.full(6, 4.0)}, np.ones((1, 6))) == pytest.approx([0])


@pytest.mark.parametrize("layer", ["cause", "appraisal", "response"])
def test_a_layer_asks_thirty_with_four_different_options(layer):
    try:
        questions = getattr(layers, f"_{layer}")()
    except MissingData as missing:
        pytest.skip(str(missing))
    assert len(questions) == layers.EACH
    assert all(len(set(question.choices[0].options)) == 4 for question in questions)
    assert len({question.id for question in questions}) == len(questions)


def test_missing_corpora_are_named(monkeypatch, tmp_path):
    monkeypatch.setenv("INSULA_DATA", str(tmp_path))
    drawn.part.cache_clear()
    drawn.learnt.cache_clear()
    with pytest.raises(MissingData, match="reccon"):
        exam("cause").questions()
