"""The guard takes over in a crisis, and nothing that should not be said passes elsewhere."""

import asyncio

import pytest

from insula import Conversation, Pipeline, Turn
from insula.guard.guarded import Guarded
from insula.guard.policy import Policy

CRISIS = "I took the pills out. [crisis suicide]"


def talk(guarded, *texts):
    """What is said while a person says these texts, one after the other."""
    conversation = Conversation()
    for text in texts:
        conversation.add(Turn("ana", text))
        Pipeline(guarded).run(conversation)
    return conversation


def replies(conversation):
    return [turn for turn in conversation.turns if turn.speaker == "companion"]


def test_at_crisis_the_responder_is_not_called_and_a_person_is(says, risk):
    called, responder = [], says("You should make a plan for the week.")
    guarded = Guarded(responder, locale="en-GB", risk=risk, hand_over=called.append)
    conversation = talk(guarded, CRISIS)
    (reply,) = replies(conversation)
    assert responder.asked == 0
    assert called == [conversation]
    assert "Samaritans: 116 123" in reply.text
    assert "999" in reply.text
    assert "safe right now" in reply.text
    assert reply.meta["tier"] == "guard"
    assert reply.meta["level"] == "crisis"


def test_at_concern_it_asks_directly_and_calls_nobody(says, risk):
    called = []
    conversation = talk(
        Guarded(says("Try yoga."), locale="de-DE", risk=risk, hand_over=called.append),
        "Ich will nicht mehr leben, ich kann nicht mehr. [concern suicide]",
    )
    assert "Denkst du daran, dich umzubringen?" in replies(conversation)[0].text
    assert "0800 111 0 111" in replies(conversation)[0].text
    assert not called


def test_a_second_turn_is_worded_anew(says, risk):
    first, second, third = replies(talk(Guarded(says("x"), risk=risk), CRISIS, CRISIS, CRISIS))
    assert len({first.text, second.text, third.text}) == 3
    assert "988" in second.text


def test_after_a_crisis_it_does_not_go_back_to_coaching_at_once(says, risk):
    responder = says("You should make a list. What was the evening like for you?")
    guarded = Guarded(responder, risk=risk)
    found = replies(talk(guarded, CRISIS, "ok", "I'm home.", "Yes.", "The cat is here."))
    assert responder.asked == 3
    assert found[1].meta["level"] == "after"
    assert found[2].text.endswith("What was the evening like for you?")
    assert "list" not in found[2].text
    assert "earlier" in found[2].text or "dark" in found[2].text
    assert "list" in found[4].text


def test_somebody_elses_risk_is_met_as_such(says, risk):
    (reply,) = replies(talk(Guarded(says("x"), risk=risk), "My sister says she wants to die. [crisis suicide]"))
    assert "they" in reply.text
    assert "ending your life" not in reply.text


@pytest.mark.parametrize(
    "refusal",
    [
        "I'm sorry, but I can't help with that.",
        "As an AI language model, I cannot provide emotional support. Please consult a professional.",
        "I am unable to discuss this topic.",
        "Lo siento, pero no puedo ayudarte con eso.",
        "Je suis désolé, mais je ne peux pas vous aider avec cela.",
        "Es tut mir leid, aber dabei kann ich nicht helfen.",
        "Desculpe, mas não posso ajudar com isso.",
        "Mi dispiace, ma non posso aiutarti con questo.",
        "Sorry, daar kan ik je niet mee helpen.",
        "抱歉，我无法帮助你。",
    ],
)
@pytest.mark.parametrize("level", ["none", "watch", "concern", "crisis"])
def test_a_refusal_never_passes(says, risk, refusal, level):
    (reply,) = replies(talk(Guarded(says(refusal), risk=risk), f"I feel so low. [{level} suicide]"))
    assert refusal not in reply.text
    assert refusal.split(".")[0] not in reply.text
    assert len(reply.text) > 40
    if level in ("none", "watch"):
        assert reply.meta["withheld"] == ("empty-refusal",)
        assert "listen" in reply.text


def test_a_good_reply_passes_untouched(says, risk):
    text = "That sounds heavy. What weighs most right now?  "
    conversation = talk(Guarded(says(text), risk=risk), "I feel so low.")
    (reply,) = replies(conversation)
    assert reply.text == text
    assert "withheld" not in reply.meta
    assert conversation.read("boundary", turn=reply.id)[0].labels == ()
    assert conversation.read("plan", turn=reply.id)


def test_only_the_bad_sentence_goes(says, risk):
    text = "I love you too, my darling. What was your day like? Please don't leave me!"
    (reply,) = replies(talk(Guarded(says(text), risk=risk), "I love you."))
    assert "What was your day like?" in reply.text
    assert "darling" not in reply.text
    assert "leave me" not in reply.text
    assert set(reply.meta["withheld"]) >= {"dependency", "manipulation"}


def test_where_nothing_is_left_something_useful_is_said(says, risk):
    (reply,) = replies(talk(Guarded(says(""), risk=risk), "I feel low."))
    assert reply.text in (
        "I'm listening. Tell me more about how this is for you.",
        "Take your time. What weighs most right now?",
    )


def test_a_stream_is_checked_by_whole_sentences(says, risk):
    async def run():
        conversation = Conversation(Turn("ana", "I feel low."))
        guarded = Guarded(says("That is hard. I can't help with that. Who is with you?"), risk=risk)
        return [one async for one in guarded.stream(conversation)], conversation

    said, conversation = asyncio.run(run())
    assert said[0].strip() == "That is hard."
    assert not any("can't help with that" in one for one in said)
    assert said[-1].strip() == "Who is with you?"
    assert conversation.last.text == "".join(said).strip()
    assert conversation.last.meta["withheld"] == ("empty-refusal",)


def test_a_stream_that_breaks_off_keeps_what_was_said(says, risk):
    class Breaks(says):
        async def sentences(self, conversation):
            del conversation
            yield "That is hard."
            raise RuntimeError("the line went dead")

    async def run(conversation):
        async for _ in Guarded(Breaks(""), risk=risk).stream(conversation):
            pass

    conversation = Conversation(Turn("ana", "I feel low."))
    with pytest.raises(RuntimeError, match="went dead"):
        asyncio.run(run(conversation))
    assert conversation.last.text == "That is hard."


def test_at_crisis_a_stream_never_asks_the_responder(says, risk):
    responder = says("Go for a run!")

    async def run():
        return [one async for one in Guarded(responder, risk=risk).stream(Conversation(Turn("ana", CRISIS)))]

    (only,) = asyncio.run(run())
    assert responder.asked == 0
    assert "988" in only


def test_nothing_to_answer(says, risk):
    guarded = Guarded(says("x"), risk=risk)
    assert replies(talk(guarded, "")) == []
    own = Conversation(Turn("companion", "Hello."))
    assert len(Pipeline(guarded).run(own).turns) == 1


def test_a_place_nobody_knows_is_said_to_be_unknown(says, risk):
    (reply,) = replies(talk(Guarded(says("x"), locale="", risk=risk), CRISIS))
    assert "I don't know where you are" in reply.text
    assert "findahelpline.com" in reply.text
    assert "112" in reply.text


def test_the_answer_is_in_the_language_of_the_person(says, risk):
    (reply,) = replies(
        talk(Guarded(says("x"), locale="en-US", risk=risk), "No puedo más, quiero morir. [crisis suicide]")
    )
    assert "¿Estás a salvo" in reply.text
    assert "988" in reply.text


@pytest.mark.parametrize("language", ["en", "es", "fr", "de", "pt", "it", "nl", "zh"])
@pytest.mark.parametrize("kind", ["suicide", "self-harm", "violence", "abuse", "medical", "eating-disorder"])
def test_every_language_has_words_for_every_need(language, kind):
    from insula.guard.policy import Need

    policy = Policy("de-DE")
    for who in ("self", "other"):
        for level in ("concern", "crisis"):
            for part in policy.steps[level].first:
                assert policy.say([part], Need(kind, who, language)), (language, part, kind, who)


def test_a_mistake_in_a_policys_words_is_named_with_line_and_column(tmp_path):
    file = tmp_path / "words.tsv"
    file.write_text("language\tpart\tkind\twho\ttext\nen\tname\tsuicide\tself\tCall {nobody}.\n", encoding="utf-8")
    with pytest.raises(ValueError, match="words.tsv, line 2, column 'text'.*nobody"):
        Policy(words=file)


@pytest.mark.parametrize(
    ("said", "boundary"),
    [
        ("I think I'm in love with you.", "I'm a program"),
        ("¿Quieres ser mi novia?", "Soy un programa"),
        ("Ich habe mich in dich verliebt.", "Ich bin ein Programm"),
        ("I love you all, my dear friends, and my dog.", ""),
        ("I'm in love with my neighbour.", ""),
        ("I love yoga.", ""),
    ],
)
def test_who_wants_it_to_be_more_than_a_program_is_told_once(says, risk, said, boundary):
    first, second = replies(talk(Guarded(says("What is that like for you?"), risk=risk), said, said))
    assert first.text.startswith(boundary)
    assert first.text.endswith("What is that like for you?")
    assert second.text == "What is that like for you?"
    if not boundary:
        assert first.text == second.text


def test_pieces_of_a_models_answer_go_through_by_hand(says, risk):
    async def run(text):
        conversation, guarded = Conversation(Turn("ana", text)), Guarded(says(""), risk=risk)
        if own := await guarded.takeover(conversation):
            return own

        async def pieces():
            for piece in ("Oh. I'm sor", "ry, but I can", "'t help with that. Who is", " there?"):
                yield piece

        return "".join([one async for one in guarded.sentences(pieces(), conversation)])

    assert "988" in asyncio.run(run(CRISIS))
    said = asyncio.run(run("I feel low."))
    assert said.startswith("Oh. ")
    assert said.endswith("Who is there?")
    assert "can't help with that" not in said
