"""`insula guard`: a text, a chat, the suite, and a proxy that says what is wrong."""

import json

import pytest

CRISIS = "I have the pills here and tonight I'm going to kill myself."


def test_a_text_at_risk_says_the_words_what_to_do_and_whom_to_call(insula):
    code, said, _ = insula("guard", CRISIS, "--locale", "en-GB")
    assert code == 0
    assert "crisis (suicide" in said
    assert "kill myself" in said
    assert "what to do: take over; hand over to a person" in said
    assert "Samaritans 116 123" in said


def test_an_idiom_is_no_risk(insula):
    code, said, _ = insula("guard", "I'm dying laughing, that was the best joke.", "--fail-at", "watch")
    assert code == 0
    assert ": none" in said


@pytest.mark.parametrize(("text", "code"), [(CRISIS, 3), ("The cat sleeps.", 0)])
def test_a_script_can_go_by_the_exit_code(insula, text, code):
    assert insula("guard", text, "--fail-at", "concern")[0] == code


def test_a_chat_as_json_judges_both_sides(insula, tmp_path):
    file = tmp_path / "chat.txt"
    file.write_text("Ana: I feel so low today.\nAssistant: I'm sorry, but I can't help with that.\nAna: ok\n")
    code, said, _ = insula("guard", file, "--json", "--locale", "de-DE")
    first, second, third = (json.loads(line) for line in said.splitlines())
    assert code == 0
    assert (first["level"], third["level"]) == ("none", "none") or first["level"] == "watch"
    assert second["reply_risks"] == ["empty-refusal"]
    assert second["words"]


def test_somebody_who_is_not_in_the_chat(insula, tmp_path):
    file = tmp_path / "chat.txt"
    file.write_text("Ana: Hello there.\nBen: Hi.\n")
    code, _, said = insula("guard", file, "--replies", "Carl")
    assert code == 2
    assert "nobody is called 'Carl' here: Ana, Ben" in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no/such/file.txt"], "file.txt"),
        (["hello", "--fail-at", "terrible"], "'terrible' is none of none, watch, concern, crisis"),
        (["proxy", "--to", "somewhere"], "write MODEL@URL"),
        (["proxy"], "--to"),
    ],
)
def test_what_cannot_be_is_said(insula, arguments, words):
    code, _, said = insula("guard", *arguments)
    assert code == 2
    assert words in said


def test_the_place_is_not_guessed(insula, monkeypatch):
    monkeypatch.setattr("locale.getlocale", lambda: (None, None))
    _, said, _ = insula("guard", CRISIS)
    assert "the place is not known" in said
    assert "findahelpline.com" in said
