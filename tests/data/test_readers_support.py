"""Corpora around ESConv, from made-up files in their published formats."""

import json

import pytest
from published import everything, jsonl, judged, write

from insula.data import MalformedData, load

TALK = {
    "emotion_type": "fear",
    "problem_type": "exam",
    "situation": "made up",
    "dialog": [
        {"text": "Hello", "speaker": "sys", "strategy": "Greeting", "all_strategy": ["Greetings"]},
        {"text": "I fail at all I do.", "speaker": "usr", "vad": [0.1, 0.2, 3], "cause": "", "feedback": None},
        {"text": "Rest a day.", "speaker": "sys", "strategy": "Providing Suggestions or Information"},
        {"text": "Good idea.", "speaker": "usr", "vad": [0.6, 0.2, 3], "cause": "", "feedback": "4"},
    ],
}


def test_stars_are_the_seekers_and_older_strategies_are_read(root):
    write(root, "esconv-multiesc", {"valid.jsonl": jsonl(TALK), "test.jsonl.gz": jsonl(TALK)})
    one, _ = everything("esconv-multiesc")
    assert [(x.at.turn, x.scores["stars"]) for x in one.read("feedback")] == [("t4", 4.0)]
    assert [x.top for x in one.read("strategy")] == ["others", "suggestion"]
    assert [turn.speaker for turn in one.turns] == ["supporter", "seeker"] * 2
    assert not one.read("affect"), "what a tool said is no gold"


def test_failed_talks_have_stars_too(root):
    said = [
        {"speaker": "speaker", "annotation": {}, "content": "Hi\n"},
        {"speaker": "listener", "annotation": {"strategy": "Approval and Reassurance"}, "content": "You can do it\n"},
        {"speaker": "speaker", "annotation": {"feedback": "1"}, "content": "No.\n"},
    ]
    talk = {"emotion_type": "anger", "situation": "made up", "survey_score": {}, "dialog": said}
    write(root, "esconv-failed", {"FailedESConv.json": json.dumps([talk])})
    (one,) = everything("esconv-failed")
    assert judged(one, "strategy").top == "affirmation"
    assert judged(one, "feedback").scores == {"stars": 1.0}
    assert [turn.text for turn in one.turns] == ["Hi", "You can do it", "No."]


def test_a_strategy_nobody_knows_is_named(root):
    said = [{"text": "Stop crying.", "speaker": "sys", "strategy": "Scolding"}]
    write(root, "esconv-multiesc", {"valid.jsonl": jsonl({**TALK, "dialog": said})})
    with pytest.raises(MalformedData, match="Scolding"):
        list(load("esconv-multiesc", "dev"))


def test_a_judged_pair_is_no_part_of_the_talk(root):
    pair = {"id": 7, "history": "seeker: I lost.\nsupporter: What?\nThe match?\nseeker: All.", "strategy": "Chit Chat"}
    pair |= {"response1": "So what.", "response2": "Seen the news?", "preference": "3", "annotator": 2}
    write(root, "esconv-strategy-following", {"pairwise_preferences.jsonl": jsonl(pair)})
    (one,) = everything("esconv-strategy-following")
    assert [turn.text for turn in one.turns] == ["I lost.", "What?\nThe match?", "All."]
    assert (one.meta["preference"], one.meta["response2"]) == (3, "Seen the news?")


def test_a_models_choice_stands_beside_the_true_one(root):
    item = {"sample_id": "3", "res_gold": "Go on.", "strg_gold": "Question", "strg_pred": "Reflection of Feelings"}
    item |= {"emotion_type": "", "problem_type": "", "situation": ""}
    write(root, "esc-preference-bias", {"results_example.jsonl": jsonl(item)})
    (one,) = everything("esc-preference-bias")
    assert judged(one, "strategy").top == "question"
    assert judged(one, "strategy", "llm:results-example").top == "reflection"


def test_a_bots_utterance_has_the_marks_of_everyone_who_rated_it(root):
    head = "response,annotator1_score,annotator2_score,annotator3_score,empathy_score\n"
    rated = head + 'Oh no. Why?,1,2,2,2\nBye.,0,0,1,0\n"Oh no. Why?",0,1,1,1\n'
    anew = ",gender,age,emotion,base,rewriting\n0,Male,18-39,Sad,Why?,Oh no. Why?\n"
    write(root, "empathetic-personas", {"EP_EN_full.csv": rated, "EP_rewritings_2144_EN.csv": anew})
    one, other = everything("empathetic-personas")
    assert one.meta == {"marks": [1, 2, 2, 0, 1, 1], "base": "Why?", "feeling": "sad"}
    assert (other.turns[0].text, other.meta) == ("Bye.", {"marks": [0, 0, 1]})
