from insula import Anchor, Annotation, Conversation, Turn
from insula.exchange.report.dialogue.view import readings, traits


def test_the_context_leads_and_the_words_alone_stand_beside(found):
    assert found[3].emotion == "anger"
    assert found[3].view.emotion.scheme == "ekman7"
    assert "disappointment" in {x.top for x in found[3].view.beside if x.layer == "emotion"}


def test_a_cause_has_its_source_words_probability_and_drop(found, talk):
    (edge,) = found[4].edges
    assert (edge.source, edge.target, edge.emotion) == (4, 5, "surprise")
    assert [talk.turns[3].text[slice(*span)] for span in edge.spans] == ["they saw it in March"]
    assert (edge.score, edge.drop) == (0.86, 0.51)


def test_several_words_of_one_turn_are_one_edge_and_a_whole_turn_has_no_words(found):
    assert [(edge.source, len(edge.spans)) for edge in found[2].edges] == [(2, 2)]
    assert [(edge.source, edge.spans) for edge in found[7].edges] == [(7, ()), (2, ((42, 56),))]


def test_neutral_has_no_cause_and_a_feeling_without_one_says_why(found):
    assert found[0].edges == ()
    assert [one.unknown for one in found if one.unknown] == []
    talk = Conversation(Turn("ana", "You left."), Turn("bo", "I am furious."))
    for turn, label in (("t1", "neutral"), ("t2", "anger")):
        talk.add(Annotation("emotion", {label: 0.9}, Anchor(turn), "ekman7", "x@1", (label,)))
        talk.add(Annotation("cause", {}, Anchor(turn), "caused", "x@1", reason="too many speakers"))
    assert [one.unknown for one in readings(talk)] == ["", "too many speakers"]


def test_causes_below_the_threshold_are_no_edges():
    talk = Conversation(Turn("ana", "You left."), Turn("bo", "I am furious."))
    emotion = Annotation("emotion", {"anger": 0.9}, Anchor("t2"), "ekman7", "x@1", ("anger",))
    unlikely = Annotation("cause", {"cause": 0.2}, Anchor("t1"), "cause", "x@1")
    link = Annotation("cause", {"anger": 0.9}, Anchor("t2"), "caused", "x@1", because=(emotion.id, unlikely.id))
    talk.add(emotion, unlikely, link)
    assert readings(talk)[1].edges == ()
    assert readings(talk)[1].unknown == "no turn stands out"


def test_causes_marked_by_people_are_read_from_the_emotion_itself():
    talk = Conversation(Turn("ana", "You left."), Turn("bo", "I am furious."))
    cause = Annotation("cause", {"cause": 1.0}, Anchor("t1", (0, 3)), "cause", "gold", ("cause",))
    talk.add(
        cause, Annotation("emotion", {"anger": 1.0}, Anchor("t2"), "ekman7", "gold", ("anger",), (), {}, (cause.id,))
    )
    (edge,) = readings(talk)[1].edges
    assert (edge.source, edge.target, edge.spans) == (1, 2, ((0, 3),))


def test_words_that_show_empathy_are_not_words_that_show_feeling(found, talk):
    ida = found[8]
    assert [talk.turns[8].text[slice(*x.at.chars)] for x in ida.rationale] == [
        "They let you down. You did not let her down"
    ]
    assert ida.view.evidence == ()
    assert ida.met["interpretations"] == 1.9


def test_personality_is_there_only_when_asked_for(talk):
    from conversations import farewell

    assert traits(talk) == {}
    assert list(traits(farewell(personality=True))) == ["Nora", "Sam"]
