"""HEF: what each prompt leaves out, the numbers of replies, and a small run on made-up talks."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="studies train with torch: pip install 'insula[train]'")

from insula import studies
from insula.conversation import Conversation, Turn
from insula.llm.scripted import Scripted
from insula.respond.evidence import Evidence
from insula.studies import hef
from insula.train.respond.lessons import Answer


def _case(said="He left me alone at the station.", reply="That must have felt so lonely.", emotion="lonely"):
    talk = Conversation(Turn("speaker", said), Turn("listener", reply), id="empathetic-dialogues/made-up/1")
    shown = Evidence("sadness", ("lonely", "sad"), ("left me alone",))
    return hef.Case(Answer(talk, tuple(talk.turns[:1]), reply, "question", shown), emotion, {"lonely": 0.6, "sad": 0.3})


@pytest.mark.parametrize(
    ("arm", "gone"),
    [
        ("fine emotion removed", ["lonely"]),
        ("emotion removed", ["lonely", "sadness"]),
        ("cause removed", ["Because"]),
        ("strategy removed", ["open question"]),
        ("all removed", ["lonely", "sadness", "Because", "open question"]),
    ],
)
def test_an_arm_takes_its_specialist_out_of_the_prompt_and_nothing_else(arm, gone):
    pieces = ["lonely", "sadness", "Because", "open question"]
    whole, cut = (_case().prompt(one) for one in (hef.ALL, arm))
    assert all(piece in whole[0].text for piece in pieces)
    assert [piece for piece in pieces if piece not in cut[0].text] == gone
    assert cut[1:] == whole[1:]


def test_the_model_is_shown_nothing_of_the_persons_reply():
    llm = Scripted("Oh no.")
    hef.worded("all", [_case(reply="Zebra.")], llm)
    assert "Zebra" not in " ".join(message.text for message in llm.asked[0])


def test_emotion_is_scored_in_one_stage_and_in_two():
    wrong = _case(emotion="joyful")
    found = {row["name"]: row["score"] for row in hef.recognised([_case(), wrong, _case(emotion="sad"), _case()])}
    assert found["accuracy, first of 32"] == 0.5
    assert found["accuracy, first two of 32"] == 0.75
    assert found["accuracy, decided emotion of 7 fits the one of 32"] == 0.75
    assert found["the prompt names the right one"] == 0.75


def _at_once(one):
    return {name: float(number(np.ones((1, len(one.cases))))[0]) for name, number in hef.numbers(one).items()}


def test_consoling_good_news_is_noticed_and_consoling_bad_news_is_not():
    good = _case("I passed my exam today, I am so happy!", "Well done!", "joyful")
    sorry, glad = "I am so sorry to hear that.", "That is wonderful, congratulations!"
    assert _at_once(hef.Worded("a", [good, _case()], [sorry, sorry]))["good news consoled"] == 1
    assert _at_once(hef.Worded("a", [good, _case()], [glad, sorry]))["good news consoled"] == 0
    assert "good news consoled" not in _at_once(hef.Worded("a", [_case()], [sorry]))


def test_a_kind_reply_shows_more_empathy_than_a_cold_one():
    kind = hef.Worded("a", [_case()], ["I'm so sorry, that must have been awful. How are you feeling now?"])
    cold = hef.Worded("a", [_case()], ["Trains run every hour."])
    name = "empathy, three mechanisms together (0 to 6)"
    assert _at_once(kind)[name] > _at_once(cold)[name] + 0.5


def test_perplexity_is_of_the_persons_own_reply():
    asked = []

    def losses(prompts, wanted):
        asked.extend(wanted)
        return np.array([[np.log(2) * 4, 4]] * len(prompts))

    one = hef.worded("all", [_case(), _case()], Scripted("Oh."), losses=losses)
    assert asked == ["That must have felt so lonely."] * 2
    assert _at_once(one)["perplexity"] == pytest.approx(2)


def test_smoke():
    record = studies.run("hef", "smoke")
    rows = {(row["name"], row["slice"]): row for row in record["metrics"]}
    assert rows["BLEU-2, all", "made-up"]["baseline"] is not None
    assert rows["ROUGE-L, all minus all removed", "made-up"]["score"] == 0  # the scripted reply is always the same
    assert all(row["low"] <= row["score"] <= row["high"] for row in record["metrics"])
