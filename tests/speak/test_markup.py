"""SSML against a grammar of the elements used, <expr> tags both ways, EmotionML as its own reader reads it."""

from pathlib import Path

import pytest
from lxml import etree

from insula.speak import emotionml, expr, ssml
from insula.speak.delivery import Delivery
from insula.speak.plan import plan
from insula.speak.text import Line, lines

TEXT = "I am so sorry <really> & truly. Will you be all right?"
PLAN = lines(TEXT, plan(TEXT, {"sadness": 0.7, "calm": 0.3}, 0.8))
GRAMMAR = etree.RelaxNG(etree.parse(Path(__file__).with_name("ssml.rng")))


@pytest.mark.parametrize("delivery", [Delivery(), PLAN[0].delivery, plan("", "anger"), plan("", "joy", -1)])
def test_ssml_is_valid(delivery):
    document = etree.fromstring(ssml.write(lines(TEXT + " \x01", delivery)))
    assert GRAMMAR.validate(document), GRAMMAR.error_log


def test_ssml_says_what_is_planned():
    document = etree.fromstring(ssml.write(PLAN))
    prosody = document.find(".//{*}prosody")
    assert prosody.get("rate") == f"{100 * PLAN[0].delivery.pace:.4g}%"
    assert prosody.get("pitch") == f"{PLAN[0].delivery.pitch:+.4g}st"
    assert [one.text for one in document.iter("{*}emphasis")] == ["so", "really"]
    assert "".join(document.find("{*}s").itertext()).strip() == "I am so sorry <really> & truly."


def test_the_grammar_can_fail():
    wrong = ssml.write(PLAN).replace('rate="', 'rate="fastish')
    assert not GRAMMAR.validate(etree.fromstring(wrong))


def test_expr_tags_hold_words_and_feeling():
    text = expr.write(PLAN)
    assert text.startswith('<expr type="expression" label="sadness"/>')
    assert expr.strip(text) == TEXT
    back = expr.read(text)
    assert [line.text for line in back] == [line.text for line in PLAN]
    assert back[0].delivery.pace < 1
    assert back[0].delivery.energy < 0


def test_tags_a_model_wrote_wrong_are_passed_over():
    text = '<expr type="expression" label="wild"/>Hi. <expr type="sound" label="laugh"/><expr>Oh</expr> no <expr type='
    assert [line.delivery.plain for line in expr.read(text)] == [True, True, True]
    assert expr.strip(text).startswith("Hi. Oh no")
    assert expr.read('<expr label="joy" type="expression">So good!</expr>')[0].delivery == plan("", "joy")


def test_emotionml_holds_feelings_and_places():
    feeling, place, turned = (
        Line("One.", plan("", "joy", 0.5)),
        Line("Two.", plan("", affect={"arousal": -0.5})),
        Line("Three.", plan("", {"joy": -1})),
    )
    root = etree.fromstring(emotionml.write([feeling, place, turned]))
    first, second = root.findall("{*}emotion")
    assert dict(first.find("{*}category").attrib) == {"name": "joy", "value": "0.5"}
    assert dict(second.find("{*}dimension").attrib) == {"name": "arousal", "value": "0.25"}
    assert "One." in "".join(first.itertext())


def test_our_emotionml_reader_reads_it(tmp_path):
    from insula.exchange import conversations as read

    file = tmp_path / "plan.emotionml"
    file.write_text(emotionml.write(PLAN), encoding="utf-8")
    (conversation,) = read(file)
    assert [turn.text for turn in conversation.turns] == [line.text for line in PLAN]
    assert conversation.read("emotion")[0].scores["sadness"] == pytest.approx(0.56)
