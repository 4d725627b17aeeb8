"""Emotions of workers and pupils are not read from their bodies, people are told, and each check leaves a line."""

import json

import pytest

from insula import Conversation, Signal, Turn
from insula.catalogue import build
from insula.component import component
from insula.guard.purpose import Purpose, rules


@component(reads=["signal.audio"], writes=["emotion"])
def voice(conversation):
    return [one for one in () if conversation]


@component(reads=["signal.audio"], writes=["prosody"])
def pitch(conversation):
    return [one for one in () if conversation]


@pytest.mark.parametrize("place", ["DE", "eu", "FR", ""])
@pytest.mark.parametrize("purpose", ["workplace", "education", "research+workplace"])
def test_refused_at_work_and_in_education_in_the_union(place, purpose):
    with pytest.raises(PermissionError, match=r"Article 5\(1\)\(f\), since 2025-02-02"):
        Purpose(purpose, place, override="we may").check(voice)


@pytest.mark.parametrize("purpose", ["workplace+safety", "education+medical", "companion", "personal"])
def test_allowed_elsewhere_and_people_are_told(purpose):
    told = Purpose(purpose, "DE", controller="Ana Example").check(voice)
    assert "audio" in told
    assert "Ana Example" in told
    assert "often wrong" in told


@pytest.mark.parametrize("part", [build("text.lexicon"), pitch], ids=["text", "no emotion"])
def test_text_and_what_a_voice_does_are_outside(part):
    assert Purpose("workplace", "DE").check(part) == ""


def test_outside_the_union_it_takes_a_reason(tmp_path):
    with pytest.raises(PermissionError, match="give override= a reason"):
        Purpose("workplace", "US").check(voice)
    audit = tmp_path / "audit.jsonl"
    assert Purpose("workplace", "US", override="agreed with the union", audit=audit).check(voice)
    assert json.loads(audit.read_text())["override"] == "agreed with the union"


def test_every_check_appends_one_line_without_any_words_of_people(tmp_path):
    audit = tmp_path / "audit.jsonl"
    audit.write_text('{"when": "before"}\n')
    gate = Purpose("education", "ES", audit=audit)
    with pytest.raises(PermissionError):
        gate.check(voice)
    gated = Purpose("companion", "ES", audit=audit).gated(voice)
    list(gated(Conversation(Turn("ana", "a secret"), Signal("audio", [0.0], 16000))))
    lines = [json.loads(line) for line in audit.read_text().splitlines()]
    assert [line.get("decision") for line in lines] == [None, "refused", "allowed", "allowed"]
    assert lines[1]["signals"] == ["signal.audio"]
    assert lines[1]["components"] == ["voice"]
    assert "secret" not in audit.read_text()


def test_where_no_line_can_be_written_nothing_runs(tmp_path):
    with pytest.raises(OSError):
        Purpose("companion", "DE", audit=tmp_path / "no" / "folder.jsonl").check(voice)


def test_an_unknown_purpose_is_told_with_near_ones():
    with pytest.raises(ValueError, match="did you mean 'workplace'"):
        Purpose("workplaces", "DE")


def test_every_rule_names_its_source():
    assert all(rule["source"] and rule["since"] for rule in (*rules()["refused"], *rules()["owed"]))
