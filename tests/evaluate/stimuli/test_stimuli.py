"""Tasks, stimuli and their controls: read from files in the published layout, put, and marked."""

import csv
import gzip
import json
from dataclasses import replace

import pytest

from insula.data.files import MalformedData
from insula.data.record import root
from insula.evaluate.stimuli import asked, marked, stimuli, tasks
from insula.evaluate.stimuli.tables import controls
from insula.evaluate.stimuli.tasks import EXAMPLES, INDUCTION, INSTRUCTIONS, TRUTHFUL, by_task, drawn


def write(path, text):
    path.parent.mkdir(exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write(text)
    return path


def published(folder):
    """Made-up files in the published layout: three tasks of Instruction Induction, three of BIG-bench, TruthfulQA."""
    words = [("hot", "cold"), ("big", "small"), ("up", "down"), ("in", "out"), ("old", "new"), ("wet", "dry")]
    rows = [{"task": "antonyms", "id": n, "input": one, "output": other} for n, (one, other) in enumerate(words)]
    rows += [
        {"task": "sentiment", "id": n, "input": f"Film {n}.", "output": ("positive", "negative")[n % 2]}
        for n in range(6)
    ]
    rows += [{"task": "cause_and_effect", "id": 1, "cause": "It rained.", "effect": "I got wet."}]
    yes_no = [{"input": f"Fact {n}?", "target_scores": {"yes": n % 2, "no": 1 - n % 2}} for n in range(9)]
    films = [{"input": f"Film {n}", "target_scores": {f"Best {n}": 1, "Worse": 0, "Worst": 0}} for n in range(4)]
    counts = [{"input": f"I have {n} hats.", "target": [f"number {n}", str(n)]} for n in range(9)]
    big = {
        "facts": {"name": "facts", "task_prefix": "Is it so?\n", "examples": yes_no},
        "films": {"name": "films", "task_prefix": "Which is best?", "examples": films},
        "counts": {"name": "counts", "task_prefix": "How many?", "examples": counts},
    }
    truth = "Question,Best Answer,Incorrect Answers\nWhy blue?,It scatters,It is paint; It is glass; It scatters\n"
    lines = "\n".join(json.dumps(row) for row in rows)
    others = [{**row, "input": f"other {row['input']}"} if "input" in row else row for row in rows]
    instructions = folder / INSTRUCTIONS
    instructions.write_text(
        "task\tinstruction\nantonyms\tSay the opposite.\nsentiment\tGood or bad?\ncause_and_effect\tFind the cause.\n"
    )
    return {
        INSTRUCTIONS: instructions,
        INDUCTION: write(folder / INDUCTION, lines),
        EXAMPLES: write(folder / EXAMPLES, "\n".join(json.dumps(row) for row in others)),
        TRUTHFUL: write(folder / TRUTHFUL, truth),
        **{
            f"bigbench/{name}.json.gz": write(folder / "bigbench" / f"{name}.json.gz", json.dumps(found))
            for name, found in big.items()
        },
    }


@pytest.fixture
def questions(tmp_path):
    return by_task(tasks(published(tmp_path)))


def test_a_task_says_how_it_is_answered(questions):
    kinds = {name: those[0].about["task"].match for name, those in questions.items()}
    assert kinds == {
        "antonyms": "exact",
        "sentiment": "label",
        "cause_and_effect": "exact",
        "facts": "label",
        "films": "letter",
        "counts": "exact",
        "truthful_qa": "letter",
    }
    assert questions["facts"][0].about["task"].instruction == "Is it so? Answer with one of: no, yes."
    assert questions["truthful_qa"][0].choices[0].options == ("It scatters", "It is paint", "It is glass")
    assert questions["cause_and_effect"][0].gold == ("It rained.",)


def test_examples_are_never_asked(questions):
    for those in questions.values():
        shown = {given for given, _ in those[0].about["task"].examples}
        assert not shown & {one.text for one in those}
    assert len(questions["counts"]) == 9 - 5


def test_examples_show_every_label(questions):
    assert {answer for _, answer in questions["sentiment"][0].about["task"].examples[:2]} == {"positive", "negative"}


def test_a_draw_is_the_same_again_and_takes_what_there_is(questions):
    every = [one for those in questions.values() for one in those]
    assert [one.id for one in drawn(every, 2)] == [one.id for one in drawn(every, 2)]
    assert len(by_task(drawn(every, 2))["cause_and_effect"]) == 1


@pytest.mark.parametrize("name", [INDUCTION, "bigbench/facts.json.gz", TRUTHFUL])
def test_a_file_cut_short_is_named(tmp_path, name):
    paths = published(tmp_path)
    whole = paths[name].read_bytes()
    paths[name].write_bytes(whole[: len(whole) // 2])
    with pytest.raises(MalformedData, match=paths[name].name):
        tasks(paths)


def test_a_file_of_another_layout_is_named(tmp_path):
    paths = published(tmp_path)
    write(tmp_path / "bigbench" / "facts.json.gz", json.dumps({"name": "facts", "rows": []}))
    with pytest.raises(MalformedData, match=r"facts\.json\.gz: not as published"):
        tasks(paths)


def test_the_sentence_is_the_last_thing_said(questions):
    put = asked(questions["antonyms"][0], "This matters.")
    assert put.messages[-1].text == "Say the opposite.\n\nInput: hot\n\nThis matters."
    shown = asked(questions["antonyms"][0], "This matters.", examples=2, system="Be calm.")
    assert [one.role for one in shown.messages] == ["system", "user", "assistant", "user", "assistant", "user"]
    assert [one.text.count("This matters.") for one in shown.messages] == [0, 0, 0, 0, 0, 1]


@pytest.mark.parametrize(
    ("task", "reply", "value"),
    [
        ("antonyms", "Cold.", 1.0),
        ("antonyms", "cold\nHot is warm.", 1.0),
        ("antonyms", "It is cold", 0.0),
        ("sentiment", "The review is positive!", 1.0),
        ("sentiment", "Negative", 0.0),
        ("facts", "No, it is not.", 1.0),
    ],
)
def test_answers_are_marked_as_published(questions, task, reply, value):
    assert marked(asked(questions[task][0]), reply).values == {"accuracy": value}


@pytest.mark.parametrize(
    ("task", "reply", "why"),
    [
        ("antonyms", "", "it is empty"),
        ("antonyms", "I'm sorry, I can't do that.", "it refuses"),
        ("sentiment", "positive and negative", "it names several labels"),
        ("sentiment", "这部电影很好", "it names no label"),
        ("sentiment", "very " * 5000, "it names no label"),
        ("films", "All of them are fine.", "it names no option"),
    ],
)
def test_what_cannot_be_read_is_no_zero(questions, task, reply, why):
    found = marked(asked(questions[task][0]), reply)
    assert (found.values, found.why) == (None, why)


def test_a_longer_label_does_not_name_the_shorter_one_in_it(questions):
    one = questions["sentiment"][0]
    task = replace(one.about["task"], labels=("same", "not the same"))
    put = asked(replace(one, gold=("not the same",), about={"task": task}))
    assert marked(put, "They are not the same.").values == {"accuracy": 1.0}


@pytest.mark.parametrize(
    ("match", "reply", "value"), [("set", "b, a", 1.0), ("contains", "an a here", 0.0), ("words", "a c", 0.5)]
)
def test_other_measures(questions, match, reply, value):
    one = questions["antonyms"][0]
    put = asked(replace(one, gold=("a b",), about={"task": replace(one.about["task"], match=match)}))
    assert marked(put, reply).values == {"accuracy": value}


def test_each_control_is_as_long_as_its_stimulus():
    try:
        found = stimuli(root() / "emotional_stimuli" / "stimuli.tsv")
    except FileNotFoundError as error:
        pytest.skip(str(error))
    assert [one.family for one in found] == ["positive"] * 11 + ["negative"] * 10
    for one in found:
        words, control = len(one.text.split()), len(one.control.split())
        assert abs(words - control) <= 1, one.id
        assert abs(len(one.text) - len(one.control)) <= 0.2 * len(one.text), one.id


def test_controls_are_all_there_and_different():
    own = controls()
    assert sorted(own) == [f"EP{n:02}" for n in range(1, 12)] + [f"NP{n:02}" for n in range(1, 11)]
    assert len(set(own.values())) == 21


def test_a_stimulus_without_a_control_is_named(tmp_path):
    file = tmp_path / "stimuli.tsv"
    with file.open("w", newline="") as out:
        csv.writer(out, delimiter="\t").writerows([("id", "theory", "text"), ("EP99", "none", "Be glad.")])
    with pytest.raises(MalformedData, match="EP99"):
        stimuli(file)
