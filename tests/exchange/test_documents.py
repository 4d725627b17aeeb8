"""EmotionML, ELAN, TextGrid and WebVTT: what is written is read again, and other people's tools accept it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lxml import etree

from insula.conversation import Anchor, Annotation, Conversation, Turn
from insula.exchange import Unreadable, writer
from insula.scheme import scheme, schemes

from .test_corpora import FLAT, machine

TIMELINES = ("talk.eaf", "talk.TextGrid", "talk.vtt")
EMOTIONML = "{http://www.w3.org/2009/10/emotionml}"


def written(path: Path, *given: Conversation) -> Path:
    with writer(path) as out:
        for conversation in given:
            out.write(conversation)
    return path


def turns(conversation: Conversation) -> list[tuple]:
    return [(turn.speaker, turn.text, turn.seconds) for turn in conversation.turns]


def judgements(conversation: Conversation) -> set[tuple]:
    """What is judged of which text; two conversations may name the same turn differently."""
    return {
        (conversation.turn(x.at.turn).text, x.layer, x.scheme, x.rater, frozenset(x.scores.items()), x.labels, x.reason)
        for x in conversation
        if isinstance(x, Annotation) and x.at.turn
    }


def one_line(text: str) -> str:
    return "\n".join(filter(None, text.split("\n")))


@pytest.mark.parametrize("name", [*TIMELINES, "talk.emotionml", "talk.xml"])
def test_what_is_written_is_read_again(read, tmp_path, quarrel, name):
    (found,) = read(written(tmp_path / name, quarrel))
    assert turns(found) == turns(quarrel)
    assert judgements(found) == judgements(quarrel)


@pytest.mark.parametrize("name", [*TIMELINES, "talk.emotionml"])
def test_machines_keep_the_scores_of_what_they_decide_on(read, tmp_path, name):
    scores = {"anger": 0.1, "disgust": 0.05, "fear": 0.02, "joy": 0.8125, "sadness": 0.5, "surprise": 0.01}
    judged = Annotation("emotion", scores, Anchor("t1"), "ekman6", "text.encoder@1a", labels=("joy", "sadness"))
    given = Conversation(Turn("ana", "Ha.", (0.0, 1.0)), judged)
    (found,) = read(written(tmp_path / name, given))
    (again,) = found.read("emotion")
    assert (again.rater, again.labels) == (judged.rater, judged.labels)
    assert {label: again.scores[label] for label in judged.labels} == {"joy": 0.8125, "sadness": 0.5}


@pytest.mark.parametrize("name", TIMELINES)
def test_turns_without_times_get_a_second_each(read, tmp_path, name):
    given = Conversation(Turn("ana", "One"), Turn("bo", "Two"), Turn("ana", "Three", (10.0, 11.0)), Turn("ana", "Four"))
    (found,) = read(written(tmp_path / name, given))
    assert [(t.speaker, t.text) for t in found.turns] == [(t.speaker, t.text) for t in given.turns]
    if name.endswith("TextGrid"):
        assert [t.seconds for t in found.turns] == [(0.0, 1.0), (1.0, 2.0), (10.0, 11.0), (11.0, 12.0)]
    else:
        assert all(t.seconds is None for t in found.turns), "the file says that its times are made up"


@pytest.mark.parametrize("name", TIMELINES)
def test_speakers_may_overlap_even_themselves(read, tmp_path, name):
    spans = [("ana", (0.0, 4.0)), ("bo", (1.0, 2.0)), ("ana", (3.0, 5.0)), ("ana", (5.0, 5.0))]
    given = Conversation(*(Turn(speaker, f"text {n}", span) for n, (speaker, span) in enumerate(spans)))
    (found,) = read(written(tmp_path / name, given))
    assert [(t.speaker, t.text) for t in found.turns] == [(t.speaker, t.text) for t in given.turns]
    assert found.turns[2].seconds == (3.0, 5.0)


@pytest.mark.parametrize("name", [*TIMELINES, "talk.emotionml"])
def test_texts_that_look_like_markup_or_hold_control_characters(read, tmp_path, name):
    text = '<v Bo>"--> & ]]> \\ {"a": 1}'
    (found,) = read(written(tmp_path / name, Conversation(Turn("a&b", text, (0.0, 1.0)))))
    assert turns(found) == [("a&b", text, (0.0, 1.0))]
    (found,) = read(written(tmp_path / name, Conversation(Turn("ana", "a\x01b", (0.0, 1.0)))))
    assert found.last.text.startswith("a")


@pytest.mark.parametrize("name", TIMELINES)
def test_a_second_conversation_is_refused_and_the_first_is_kept(tmp_path, quarrel, name):
    path = tmp_path / name
    with pytest.raises(ValueError, match="describes one recording") as raised:
        written(path, quarrel, quarrel)
    partial = path.with_name(f"talk.partial{path.suffix}")
    assert partial.stat().st_size
    assert str(partial) in raised.value.__notes__[0]
    assert not path.exists()


def test_emotionml_follows_the_recommendation(tmp_path, quarrel):
    words = Annotation("emotion", {"let down": 0.75, "weary": 0.5}, Anchor("t1"), "words", "gold", ("let down",))
    known = next(one for one in schemes() if one.uri and one.kind != "dimensional")
    by_uri = Annotation("emotion", {known.labels[0]: 1.0}, Anchor("t1"), known.name, "gold", (known.labels[0],))
    intense = Annotation("intensity", {"joy": 0.75}, Anchor("t1"), "intensity4", "gold")
    quarrel.add(words, by_uri, intense, Annotation("emotion", {"x": 1.0}, Anchor("t2"), "unheard-of", "gold", ("x",)))
    path = written(tmp_path / "talk.emotionml", quarrel, Conversation(Turn("cy", "Hi"), id="second"))
    root = etree.parse(path).getroot()
    rules = etree.RelaxNG(etree.parse(Path(__file__).with_name("emotionml.rng")))
    assert rules.validate(root), rules.error_log
    _check_sets(root)
    _check_references(root)
    assert known.uri in {one.get("category-set") for one in root.iter(EMOTIONML + "emotion")}


def _check_sets(root: etree._Element) -> None:
    """Every name belongs to the vocabulary its set points to, is used once, and the set is given where it is used."""
    defined = {
        f"#{one.get('id')}": (one.get("type"), {i.get("name") for i in one})
        for one in root.iter(EMOTIONML + "vocabulary")
    }
    assert len(defined) == len(list(root.iter(EMOTIONML + "vocabulary"))), "ids are unique"
    for emotion in root.iter(EMOTIONML + "emotion"):
        for kind in ("category", "dimension", "appraisal", "action-tendency"):
            names = [one.get("name") for one in emotion.findall(EMOTIONML + kind)]
            assert len(names) == len(set(names))
            uri = emotion.get(f"{kind}-set")
            assert bool(names) == bool(uri)
            if uri and uri.startswith("#"):
                assert defined[uri][0] == kind
                assert set(names) <= defined[uri][1]
            elif uri:
                assert set(names) <= set(next(one for one in schemes() if one.uri == uri).labels)


def _check_references(root: etree._Element) -> None:
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    for reference in root.iter(EMOTIONML + "reference"):
        assert reference.get("uri").removeprefix("#") in ids
    for emotion in root.iter(EMOTIONML + "emotion"):
        if emotion.get("start"):
            assert int(emotion.get("start")) <= int(emotion.get("end"))


def test_the_rules_of_the_test_refuse_what_is_wrong(tmp_path, quarrel):
    rules = etree.RelaxNG(etree.parse(Path(__file__).with_name("emotionml.rng")))
    root = etree.parse(written(tmp_path / "talk.emotionml", quarrel)).getroot()
    assert rules.validate(root)
    for path, attribute, wrong in (
        (".", "version", "2.0"),
        ("e:emotion/e:category", "value", "1.5"),
        ("e:emotion", "start", "-3"),
        ("e:emotion/e:reference", "role", "saidBy"),
    ):
        element = root.find(path, {"e": EMOTIONML[1:-1]})
        right = element.get(attribute)
        element.set(attribute, wrong)
        assert not rules.validate(root)
        element.set(attribute, right)
    assert rules.validate(root)


def test_emotionml_values_lie_between_0_and_1_and_come_back(read, tmp_path, quarrel):
    path = written(tmp_path / "talk.emotionml", quarrel)
    values = {one.get("name"): float(one.get("value")) for one in etree.parse(path).iter(EMOTIONML + "dimension")}
    assert values == {"valence": 0.25, "arousal": 0.625, "dominance": 0.5}
    (found,) = read(path)
    (affect,) = [one for one in found.read("affect") if one.scores]
    assert dict(affect.scores) == {"valence": -0.5, "arousal": 0.25, "dominance": 0.0}


def test_emotionml_of_others(read, file):
    document = """<emotionml version="1.0" xmlns="http://www.w3.org/2009/10/emotionml"
        category-set="http://www.w3.org/TR/emotion-voc/xml#big6">
      <emotion start="1268647200" end="1268647330"><category name="happiness" value="0.8"/>I am so glad.</emotion>
      <emotion dimension-set="http://www.w3.org/TR/emotion-voc/xml#pad-dimensions">
        <dimension name="arousal" value="0.5"/></emotion>
    </emotionml>"""
    (found,) = read(file("a.emotionml", document))
    (glad,), (aroused,) = found.read("emotion"), found.read("affect")
    assert found.turns[0].text == "I am so glad."
    assert (glad.scheme, dict(glad.scores)) == ("emotionml-big6", {"happiness": 0.8})
    assert "pad-dimensions" in aroused.scheme
    with pytest.raises(Unreadable, match="not EmotionML"):
        read(file("a.xml", "<html><body/></html>"))
    with pytest.raises(Unreadable, match="not whole XML"):
        read(file("a.emotionml", document[:200]))


def test_nothing_outside_an_xml_file_is_opened(read, file, tmp_path):
    secret = file("secret.txt", "secret")
    head = f'<!DOCTYPE e [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    emotion = '<emotion><category name="joy"/>&x;</emotion>'
    document = f'{head}<emotionml version="1.0" xmlns="{EMOTIONML[1:-1]}">{emotion}</emotionml>'
    assert all("secret" not in turn.text for found in read(file("a.emotionml", document)) for turn in found.turns)


def test_elan_and_praat_files_open_in_another_library(tmp_path, quarrel):
    pympi = pytest.importorskip("pympi")
    eaf = pympi.Elan.Eaf(str(written(tmp_path / "talk.eaf", quarrel)))
    assert "ana | emotion | ekman6 | gold" in eaf.get_tier_names()
    assert sorted(eaf.get_annotation_data_for_tier("ana"))[1] == (3500, 4000, "Hm.")
    judged = eaf.get_ref_annotation_data_for_tier("bo | emotion | ekman6 | gold")
    assert [one[:3] for one in judged] == [(2250, 3000, "sadness, fear")]
    grid = pympi.Praat.TextGrid(str(written(tmp_path / "talk.TextGrid", quarrel)), codec="utf-8")
    tiers = {tier.name: list(tier.get_all_intervals()) for tier in grid.get_tiers()}
    assert tiers["ana"][0] == (0.0, 0.5, "")
    assert [one[:2] for one in tiers["ana"]] == [(0.0, 0.5), (0.5, 2.25), (2.25, 3.5), (3.5, 4.0)]
    assert tiers["bo"][-1][2] == ""


def test_textgrids_of_praat_in_the_short_form(read, file):
    short = 'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0\n2\n<exists>\n2\n'
    short += '"IntervalTier"\n"ana"\n0\n2\n2\n0\n0.5\n""\n0.5\n2\n"she said ""1"" [2] 3"\n'
    short += '"TextTier"\n"bell"\n0\n2\n1\n1.5\n"ding"\n'
    (found,) = read(file("a.TextGrid", short))
    assert turns(found) == [("ana", 'she said "1" [2] 3', (0.5, 2.0))]
    with pytest.raises(Unreadable, match="not a whole TextGrid"):
        read(file("a.TextGrid", short[:120]))


def test_captions_can_be_coloured_by_label(tmp_path, quarrel):
    text = written(tmp_path / "talk.vtt", quarrel).read_text()
    assert "00:00:00.500 --> 00:00:02.250\n<v.anger ana>" in text
    assert "NOTE ana | emotion | ekman6 | gold: anger" in text


def test_every_known_scheme_fits_into_emotionml(tmp_path):
    turn = Turn("ana", "x", id="t1")
    found = [
        Annotation(s.layer, dict.fromkeys(s.labels, s.high), Anchor("t1"), s.name, "r", s.labels) for s in schemes()
    ]
    path = written(tmp_path / "all.emotionml", Conversation(turn, *(x for x in found if x.scores)))
    rules = etree.RelaxNG(etree.parse(Path(__file__).with_name("emotionml.rng")))
    root = etree.parse(path).getroot()
    assert rules.validate(root), rules.error_log
    _check_sets(root)
    assert scheme("ekman6").labels


def links(conversation: Conversation) -> set[tuple]:
    """Who says that which emotion rests on which words; the ids of machines change where their scores are rounded."""
    by_id = {x.id: x for x in conversation if isinstance(x, Annotation)}
    found = set()
    for x in conversation:
        if isinstance(x, Annotation) and x.because:
            rests_on = frozenset((y.layer, y.scheme, y.rater, y.at, y.top, y.labels) for y in map(by_id.get, x.because))
            found.add((x.layer, x.scheme, x.rater, x.at, frozenset(x.scores.items()), x.labels, rests_on))
    return found


def test_emotionml_says_what_triggered_an_emotion(read, file, tmp_path, problems):
    (gold,) = read(file("gold.json", json.dumps(FLAT)))
    path = written(tmp_path / "talk.emotionml", gold)
    root = etree.parse(path).getroot()
    rules = etree.RelaxNG(etree.parse(Path(__file__).with_name("emotionml.rng")))
    assert rules.validate(root), rules.error_log
    _check_sets(root)
    _check_references(root)
    triggers = [one.get("uri")[1:] for one in root.iter(EMOTIONML + "reference") if one.get("role") == "triggeredBy"]
    words = {one.get("id"): one.text for one in root.iter("{*}cause")}
    assert [words[id] for id in triggers] == ["got the flat", "We got it!", "We got it!", "You never asked me."]
    (again,) = read(path)
    assert {x.id for x in again if isinstance(x, Annotation)} == {x.id for x in gold if isinstance(x, Annotation)}
    assert links(again) == links(gold) != set()


def test_emotionml_keeps_who_drew_a_link_and_what_was_no_cause(read, file, tmp_path):
    (gold,) = read(file("gold.json", json.dumps(FLAT)))
    talk = Conversation(*gold.turns, id="x")
    machine(talk)
    joy = talk.read("emotion", turn="t1", rater="dialogue.encoder@1")[0]
    talk.add(
        Annotation("cause", {"joy": 0.75}, Anchor("t1"), "caused", "explain.causes@1", ("joy",), because=(joy.id,))
    )
    talk.add(Annotation("cause", {}, Anchor("t3"), "caused", "explain.causes@1", reason="no emotion was decided on"))
    path = written(tmp_path / "talk.emotionml", talk, gold)
    again, second = read(path)
    assert links(again) == links(talk) != set()
    assert [(x.at, x.labels, dict(x.scores)) for x in again.read("cause", scheme="cause")] == [
        (x.at, x.labels, dict(x.scores)) for x in talk.read("cause", scheme="cause")
    ]
    assert [x.reason for x in again.read("cause", turn="t3")] == ["no emotion was decided on"]
    assert links(second) == links(gold)


def test_emotionml_has_elements_for_appraisals_and_action_tendencies(read, tmp_path):
    talk = Conversation(Turn("ana", "I could not help it."), id="x")
    for name, scores in (
        ("appraisal7", {"control": 0.125, "effort": 0.5}), ("appraisal24", {scheme("appraisal24").labels[0]: 7.0}),
        ("emotionml-ema-appraisals", {"urgency": 0.25}), ("emotionml-frijda-action-tendencies", {"approach": 0.75}),
    ):  # fmt: skip
        talk.add(Annotation(scheme(name).layer, scores, Anchor("t1"), name, "r"))
    path = written(tmp_path / "talk.emotionml", talk)
    root = etree.parse(path).getroot()
    rules = etree.RelaxNG(etree.parse(Path(__file__).with_name("emotionml.rng")))
    assert rules.validate(root), rules.error_log
    _check_sets(root)
    assert [one.get("appraisal-set") for one in root.iter(EMOTIONML + "emotion")] == [
        "#appraisal7", "#appraisal24", scheme("emotionml-ema-appraisals").uri, None,
    ]  # fmt: skip
    assert [one.get("name") for one in root.iter(EMOTIONML + "action-tendency")] == ["approach"]
    (again,) = read(path)
    assert judgements(again) == judgements(talk)


def test_emotionml_appraisals_of_others_are_in_their_layer(read, file):
    document = f"""<emotionml version="1.0" xmlns="{EMOTIONML[1:-1]}"><emotion
      appraisal-set="http://www.w3.org/TR/emotion-voc/xml#ema-appraisals"><appraisal name="urgency" value="0.5"/>
      <reference uri="video.avi#t=3" role="triggeredBy"/></emotion></emotionml>"""
    (found,) = read(file("a.emotionml", document))
    (urgent,) = found.read("appraisal")
    assert (urgent.scheme, dict(urgent.scores), urgent.because) == ("emotionml-ema-appraisals", {"urgency": 0.5}, ())


@pytest.mark.parametrize("name", TIMELINES)
def test_of_judgements_that_would_overlap_on_a_tier_the_last_stands(read, tmp_path, name):
    talk = Conversation(Turn("ana", "Hm.", (0.0, 1.0)), id="x")
    for drop in (0.5, 0.125):
        talk.add(Annotation("counterfactual", {"drop": drop}, Anchor("t1"), "counterfactual", "r"))
    talk.add(Annotation("explanation", {"Ana, it seems, is sad.": 0.5}, Anchor("t1"), "sentences", "r"))
    (found,) = read(written(tmp_path / name, talk))
    assert [dict(x.scores) for x in found if isinstance(x, Annotation)] == [{"drop": 0.125}]
