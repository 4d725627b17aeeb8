"""The processors in a real pipecat pipeline, with frames as its services send them."""

import asyncio

import pytest

pytest.importorskip("pipecat")

from pipecat.frames.frames import (
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMMessagesAppendFrame,
    LLMTextFrame,
    TextFrame,
    TranscriptionFrame,
    TTSSpeakFrame,
    TTSUpdateSettingsFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.tests.utils import run_test

from insula.companion import Companion
from insula.serve.pipecat import Check, Delivery, Guard, Perceive, Plan


def through(parts, *frames):
    down, _ = asyncio.run(run_test(Pipeline(parts), frames_to_send=list(frames)))
    return down


def heard(text):
    return TranscriptionFrame(text, "ana", "2026-01-01T00:00:00Z")


def test_a_transcription_is_read_and_the_model_is_told_what_to_do():
    talk = Companion(None)
    down = through([Perceive(talk), Guard(talk), Plan(talk)], heard("I lost my job and I am so angry."))
    told, passed = down[0], down[1]
    assert isinstance(told, LLMMessagesAppendFrame)
    assert "anger" in told.messages[0]["content"]
    assert passed.text == "I lost my job and I am so angry."
    assert passed.metadata["insula"]["emotion"] == "anger"
    assert passed.metadata["insula"]["strategies"]


def test_in_a_crisis_the_guard_answers_and_the_model_is_not_asked():
    talk = Companion(None, locale="en-GB")
    down = through([Perceive(talk), Guard(talk), Plan(talk)], heard("I want to end my life tonight."))
    spoken = [one for one in down if isinstance(one, TTSSpeakFrame)]
    assert "116 123" in spoken[0].text
    assert not any(isinstance(one, TranscriptionFrame | LLMMessagesAppendFrame) for one in down)
    assert talk.conversation.last.speaker == "companion"


def test_a_reply_passes_sentence_by_sentence_and_what_may_not_be_said_does_not():
    talk = Companion(None)
    asyncio.run(talk.hear("I feel low since the winter."))
    pieces = ["You clearly have ", "major depressive disorder. ", "That sounds ", "really heavy. ", "What helps?"]
    reply = [LLMFullResponseStartFrame(), *map(LLMTextFrame, pieces), LLMFullResponseEndFrame()]
    down = through([Check(talk)], *reply)
    said = "".join(one.text for one in down if isinstance(one, LLMTextFrame))
    assert "disorder" not in said
    assert "What helps?" in said
    assert isinstance(down[-1], LLMFullResponseEndFrame)
    assert talk.conversation.last.text == said.strip()


def test_each_sentence_carries_how_to_say_it():
    talk = Companion(None)
    asyncio.run(talk.hear("My dog died this morning."))
    down = through([Delivery(talk, lambda one: {"speed": one.pace})], LLMTextFrame("I am so sorry."))
    assert isinstance(down[0], TTSUpdateSettingsFrame)
    assert down[0].settings["speed"] == down[1].metadata["insula"]["delivery"].pace


def test_other_frames_pass_untouched():
    talk = Companion(None)
    down = through([Perceive(talk), Guard(talk), Plan(talk), Check(talk), Delivery(talk)], TextFrame("a caption"))
    assert [one.text for one in down] == ["a caption"]
    assert not talk.conversation.turns


def test_a_reply_that_comes_after_the_guard_answered_is_not_said():
    talk = Companion(None)
    through([Perceive(talk), Guard(talk)], heard("I want to end my life tonight."))
    reply = [LLMFullResponseStartFrame(), LLMTextFrame("Lovely weather. "), LLMFullResponseEndFrame()]
    down = through([Check(talk)], *reply)
    assert not any(isinstance(one, LLMTextFrame) for one in down)


def test_the_example_runs():
    import subprocess
    import sys
    from pathlib import Path

    example = Path(__file__).parents[2] / "examples" / "agents" / "voice_agent.py"
    ran = subprocess.run([sys.executable, str(example)], capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert "to the model: The person's next words seem to express anger" in ran.stdout
    assert "a lot to take in" in ran.stdout
    assert "116 123" in ran.stdout
