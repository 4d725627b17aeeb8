"""Only ChatGPT gets me: an invalid answer is a rate and no label, and examples come from train alone."""

import pytest

from insula.data.gold import many_of, short_text
from insula.evaluate.asking import drawn
from insula.llm import LLMError, Scripted
from insula.studies import only_chatgpt_gets_me as study


def rows(metrics):
    return {(row["slice"], row["name"]): row for row in metrics}


def test_smoke_tells_a_wrong_answer_from_an_invalid_one():
    found = rows(study.run("smoke")["metrics"])
    assert found["one word, zero-shot", "invalid answers"]["score"] == 0
    assert found["one word, zero-shot", "micro-F1, valid answers"]["score"] == pytest.approx(1 / 28, abs=1e-3)
    assert found["no word, zero-shot", "invalid answers"]["score"] == 1
    assert ("no word, zero-shot", "macro-F1, valid answers") not in found
    assert found["no word, zero-shot", "macro-F1, all, invalid as missed"]["score"] == 0
    assert found["gold", "macro-F1, all, invalid as missed"]["score"] == 1
    assert found["same comments", "macro-F1, all, gold minus one word, few-shot"]["low"] > 0.5


def test_one_example_of_each_label():
    shots = study.examples(study.made_up(3))
    assert [label.removeprefix(study.OPENING).strip() for _, label in shots] == list(study.LABELS)


class Broken(Scripted):
    async def reply(self, *_, **__):
        raise LLMError("the server answered 500")


def test_a_call_that_fails_is_invalid_and_says_why():
    arm = study.asked(Broken("", "broken"), [study.question(one) for one in study.made_up(1)], ())
    assert not arm.valid.any()
    assert arm.why == {"the server answered 500": 28}


def test_other_models_are_added_by_name(monkeypatch, tmp_path):
    monkeypatch.setenv("INSULA_CACHE", str(tmp_path))
    monkeypatch.setenv("INSULA_MODELS", "one@http://localhost:1/v1, two@http://localhost:2/v1")
    assert [model.name for model in study._models()] == ["one", "two"]


def test_comments_that_stand_in_train_or_have_several_labels_are_not_asked(monkeypatch):
    known = study.made_up(1)
    several = short_text("two", "joy and fear in one comment", many_of("goemotions28", ["joy", "fear"]))
    fresh = short_text("new", "nobody said this in train before", many_of("goemotions28", ["joy"]))
    parts = {"train": known, "test": (*known, several, fresh)}
    for module in (drawn, study):
        monkeypatch.setattr(module, "part", lambda _, split: parts[split])
    drawn.learnt.cache_clear()
    assert [one.id for one in study._published()] == ["new"]
    drawn.learnt.cache_clear()
