import time
from dataclasses import replace

import numpy as np
import pytest

from insula import Conversation, Pipeline, Turn
from insula.catalogue import build
from insula.conversation import Anchor, Annotation
from insula.respond.affect import EMOTIONS, PLACES, ReplyAffect, mixed, open_weights, read_policy, situation
from insula.respond.persona import persona
from insula.scheme import scheme
from insula.testing import check_component, made_up_conversations

SHOUTED = ("companion", "How was your day?"), ("ana", "I am furious, my boss screamed at me in front of everyone!")
GLAD = ("companion", "How was your day?"), ("ana", "Wonderful! I got the job, I am so happy!")


@pytest.fixture(scope="module")
def encoder():
    return build("text.encoder", evidence=0)


def heard(encoder, *said):
    conversation = Conversation(*(Turn(speaker, text) for speaker, text in said))
    conversation.add(*encoder(conversation))
    return conversation


def planned(conversation, planner):
    conversation.add(*planner(conversation))
    last = conversation.last.id
    found = {one.scheme: one for one in conversation.read("plan", turn=last, rater=planner.rater)}
    return found["reply-emotion"], found["reply-affect"]


def at(persona_, **traits):
    return replace(persona_, bigfive={**dict.fromkeys(scheme("bigfive").labels, 0.0), **traits})


def test_as_a_component(encoder):
    check_component(Pipeline(encoder, ReplyAffect()), made_up_conversations())


def test_anger_is_not_answered_with_anger(encoder):
    emotion, affect = planned(heard(encoder, *SHOUTED), ReplyAffect())
    assert emotion.scores["anger"] == emotion.scores["disgust"] == 0.0
    assert emotion.labels == ("sadness",)
    glad = planned(heard(encoder, *GLAD), ReplyAffect())[1]
    assert affect.scores["valence"] < glad.scores["valence"] - 0.3
    assert min(affect.margin.values()) > 0
    plain, _ = planned(heard(encoder, *SHOUTED), ReplyAffect(policy=""))
    assert plain.scores["anger"] > 0.03  # what the comedy taught


def test_joy_is_answered_with_joy(encoder):
    emotion, affect = planned(heard(encoder, *GLAD), ReplyAffect())
    assert emotion.labels == ("joy",)
    assert affect.scores["valence"] > 0.2


def test_it_rests_on_both_turns_and_the_mood_before_counts(encoder):
    planner = ReplyAffect(policy="")
    cheerful = heard(encoder, ("companion", "I am so happy for you!"), ("ana", "We will see."))
    sorry = heard(encoder, ("companion", "I am so sad to hear that."), ("ana", "We will see."))
    one, two = planned(cheerful, planner)[0], planned(sorry, planner)[0]
    assert one.scores["joy"] > two.scores["joy"]
    assert two.scores["sadness"] > one.scores["sadness"]
    turns = {a.at.turn for a in cheerful if isinstance(a, Annotation) and a.id in one.because}
    assert turns == {turn.id for turn in cheerful.turns}


def test_the_big_five_move_the_emotion_as_learnt(encoder):
    """Neuroticism raises arousal: less neutral, more fear and anger; agreeableness joy, and less anger."""

    def plan(**traits):
        return planned(heard(encoder, *GLAD), ReplyAffect(at(persona(), **traits), policy=""))

    for trait, up, down in (
        ("neuroticism", ("fear", "anger", "surprise"), ("neutral",)),
        ("agreeableness", ("joy",), ("anger", "sadness")),
        ("extraversion", ("joy",), ("neutral",)),
    ):
        high, low = plan(**{trait: 1.0})[0].scores, plan(**{trait: -1.0})[0].scores
        assert all(high[emotion] > low[emotion] + 0.005 for emotion in up), trait
        assert all(high[emotion] < low[emotion] - 0.005 for emotion in down), trait
    assert plan(neuroticism=1.0)[1].scores["arousal"] > plan(neuroticism=-1.0)[1].scores["arousal"] + 0.1
    calm, warm = (planned(heard(encoder, *GLAD), ReplyAffect(name))[0].scores for name in ("calm", "playful"))
    assert warm["joy"] > calm["joy"] + 0.01


def test_where_it_cannot_tell_it_says_why(encoder):
    own = heard(encoder, ("ana", "Hello there, my friend."), ("companion", "I am glad you are here."))
    assert "nobody to answer" in planned(own, ReplyAffect())[0].reason
    unread = Conversation(Turn("ana", "Hello"))
    emotion, affect = planned(unread, ReplyAffect())
    assert "nobody could tell" in emotion.reason
    assert affect.abstained
    assert situation(unread, unread.turns[0]) is None


def test_the_policy_is_a_table_people_can_edit(tmp_path):
    rows = read_policy()
    assert rows.shape == (7, 7)
    for aggression in ("anger", "disgust"):
        assert not rows[:, EMOTIONS.index(aggression)].any()
    even = mixed(np.full(7, 1 / 7), np.eye(7)[EMOTIONS.index("joy")], rows)
    assert EMOTIONS[int(even.argmax())] == "joy"
    assert even.sum() == pytest.approx(1)
    file = tmp_path / "mine.toml"
    for text, said in (
        ("[angr]\njoy = 1", "did you mean 'anger'"),
        ("[anger]\njoy = -1", "a number from 0 up"),
        ("[anger]\njoy = 1", "is missing or all 0"),
    ):
        file.write_text(text)
        with pytest.raises(ValueError, match=said):
            read_policy(file)
    with pytest.raises(FileNotFoundError, match="no policy"):
        read_policy(tmp_path / "none.toml")


def test_the_affect_is_the_one_before_and_a_variation():
    weights = open_weights()
    still = replace(
        weights,
        **{name: np.zeros_like(getattr(weights, name)) for name in vars(weights) if name.startswith("variation_")},
    )
    before = np.eye(7, dtype=np.float32)
    _, affect = still.run(np.zeros((7, 62), np.float32), before, np.zeros((7, 5), np.float32))
    assert affect == pytest.approx(PLACES)


def test_it_takes_under_three_milliseconds(encoder):
    conversation, planner = heard(encoder, *GLAD), ReplyAffect()
    spent = []
    for number in range(30):
        conversation.add(Turn("ana", f"Well {number}"))
        turn = conversation.last.id
        conversation.add(Annotation("emotion", {"joy": 0.5}, Anchor(turn), "goemotions28", "made-up"))
        start = time.process_time()
        found = list(planner(conversation))
        spent.append(time.process_time() - start)
        conversation.add(*found)
    assert sorted(spent)[len(spent) // 2] < 0.003


def test_what_it_planned_last_is_its_mood_now(encoder):
    """The companion knows what it meant; at once and turn by turn come to the same."""
    said = (("ana", "My dog died yesterday."), ("companion", "Tell me."), ("ana", "We will see."))
    planner = ReplyAffect(policy="")
    whole = planned(heard(encoder, *said), planner)[0]
    live = Conversation()
    for speaker, text in said:
        live.add(Turn(speaker, text))
        live.add(*encoder(live))
        live.add(*planner(live))
    (last,) = live.read("plan", turn="t3", scheme="reply-emotion")
    assert last.scores == whole.scores
    unplanned = planned(heard(encoder, *said[1:]), planner)[0]
    assert last.scores["sadness"] > unplanned.scores["sadness"]
