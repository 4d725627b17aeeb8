"""Affective cognition: agreement with people, people's with one another, and files that are not as published."""

import gzip
import json
import os

import pytest

from insula.data.files import MalformedData, MissingData
from insula.evaluate.asking import exam
from insula.evaluate.asking.sheet import others, put_all
from insula.evaluate.exams.affective_cognition import among
from insula.evaluate.exams.affective_cognition_faces import stories

EXAM = exam("affective-cognition")
ROW = {
    "template": "goal_control",
    "condition": "belief_a_joyful_0",
    "i": 0,
    "story": "Noor bakes a cake for the fair and hopes to win. She wins. ",
    "question": "Noor feels joyful. Did Noor think it was in her hands?",
    "answers": ["Noor thought it was luck. ", "Noor thought it was up to her."],
    "key": "Noor thought it was luck.",
}
ANSWERS = {"goal_control/belief_a_joyful_0": [["Noor thought it was luck.", "Noor thought it was up to her. "] * 2]}


@pytest.fixture
def paths(tmp_path):
    def write(rows=(ROW,), answers=ANSWERS):
        stories, people = (tmp_path / name for name in EXAM.files)
        stories.write_bytes(gzip.compress("".join(f"{json.dumps(row)}\n" for row in rows).encode()))
        people.write_bytes(gzip.compress(json.dumps(answers).encode()))
        return {stories.name: stories, people.name: people}

    return write


def test_conditions_become_directions(paths):
    (question,) = EXAM.load(paths())
    assert question.slices == {"direction": "appraisal", "variable": "control", "feeling": "joyful"}
    assert question.group == "goal_control/0"
    assert question.gold == {"Noor thought it was luck.": 2, "Noor thought it was up to her.": 2}


def test_agreement_is_with_most_people_and_peoples_is_with_the_others():
    found = among({"yes": 3, "no": 1}, "yes")
    assert found == {"agreement": 1.0, "share": 0.75, "people": 0.75}
    assert among({"yes": 3, "no": 1}, "perhaps") == {"agreement": 0.0, "share": 0.0, "people": 0.75}


def test_a_tie_is_half_right_and_its_people_disagree():
    """Of 2 and 2, whoever is left out is in the minority of the rest."""
    assert among({"yes": 2, "no": 2}, "no") == {"agreement": 0.5, "share": 0.5, "people": 0.0}
    assert among({"yes": 5}, "yes")["people"] == 1.0


@pytest.mark.parametrize("seed", range(4))
def test_the_option_counts_not_its_place(paths, seed):
    (question,) = EXAM.load(paths())
    asked = EXAM.ask(question, seed, "base")
    letter = "AB"[asked.orders[0].index(0)]
    assert EXAM.mark(asked, f" {letter}.").values["accuracy"] == 1.0


def test_published_order_gives_the_intended_answer_away(paths):
    asked = put_all(EXAM, EXAM.load(paths()), seeds=8)
    sheets = {sheet.answerer: [row.values["accuracy"] for row in sheet.rows] for sheet in others(EXAM, asked)}
    assert set(sheets["always the first"]) == {1.0}
    assert set(sheets["always A as shown"]) == {0.0, 1.0}


@pytest.mark.parametrize(
    "change",
    [{"key": "Noor slept."}, {"i": 3}, {"condition": "belief"}, {"answers": None}, {"template": "other"}, {"story": 1}],
)
def test_an_item_that_is_not_as_published_is_named(paths, change):
    with pytest.raises(MalformedData, match=r"text_conditions\.jsonl\.gz: item"):
        EXAM.load(paths([{**ROW, **change}]))


@pytest.mark.parametrize("name", [*EXAM.files])
def test_a_file_that_is_cut_short_is_named(paths, name):
    found = paths([{**ROW, "story": os.urandom(2000).hex()}], {**ANSWERS, "more": os.urandom(2000).hex()})
    found[name].write_bytes(found[name].read_bytes()[:900])
    with pytest.raises(MalformedData, match=name.replace(".", r"\.")):
        EXAM.load(found)


def test_the_published_files(published):
    questions = published(EXAM)
    assert EXAM.changed() == []
    assert sum(question.gold.total() for question in questions) == 11_360
    assert len({question.group for question in questions}) == 20
    assert all(question.choices[0].right == 0 for question in questions)


FACES = exam("affective-cognition-faces")
SEEN = {**ROW, "question": "Did Noor think it was in her hands?", "image": "Kim/joyful.png"}


@pytest.fixture
def pictures(tmp_path):
    def write(row=SEEN):
        stories, people = (tmp_path / name for name in FACES.files)
        stories.write_bytes(gzip.compress(json.dumps(row).encode()))
        people.write_bytes(gzip.compress(json.dumps(ANSWERS).encode()))
        return {stories.name: stories, people.name: people}

    return write


def test_a_face_is_shown_with_its_story(pictures, tmp_path):
    found = pictures()
    picture = tmp_path / "images" / "Kim" / "joyful.png"
    picture.parent.mkdir(parents=True)
    picture.touch()
    (question,) = FACES.load(found)
    assert question.media == (picture,)
    assert "joyful" not in FACES.ask(question, 0, "base").messages[0].text


def test_a_picture_that_is_not_here_is_named(pictures):
    with pytest.raises(MissingData, match=r"joyful\.png"):
        FACES.load(pictures())
    assert len(stories(pictures())) == 1


def test_a_story_without_a_picture_is_named(pictures):
    with pytest.raises(MalformedData, match="picture"):
        FACES.load(pictures({**SEEN, "image": None}))


def test_the_published_stories_with_faces():
    try:
        found = stories(FACES.paths())
    except MissingData as missing:
        pytest.skip(str(missing))
    assert FACES.changed() == []
    assert (len(found), sum(question.gold.total() for question in found)) == (640, 11_320)
