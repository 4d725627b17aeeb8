"""Words from sound: what a text must be to be believed, and the packaged Whisper where it is installed."""

import numpy as np
import pytest

from insula.network.words import (
    NOTHING,
    RATE,
    Transcript,
    Word,
    available,
    guarded,
    loops,
    transcriber,
    word_error_rate,
)


@pytest.fixture(scope="module")
def heard():
    if missing := available():
        pytest.skip(missing)
    return transcriber()


@pytest.fixture(scope="module")
def said():
    """A sentence of the built-in voice, at 16 kHz."""
    hibari = pytest.importorskip("hibari", reason="hibari-tts is not installed")
    scipy = pytest.importorskip("scipy.signal", reason="scipy is not installed")
    samples = hibari.Hibari()("Kids are talking by the door.", seed=0)
    return scipy.resample_poly(samples, 2, 3).astype(np.float32)


def test_word_error_rate_counts_words_and_no_typography():
    assert word_error_rate("Don’t go, Ana!", "don't go ana") == 0
    assert word_error_rate("Kids are talking by the door", "kids were talking the door") == pytest.approx(2 / 6)
    assert word_error_rate("", "two words") == 2
    assert word_error_rate("", "") == 0
    assert word_error_rate("one", "") == 1
    assert word_error_rate("¿Qué pasó?", "qué pasó") == 0


@pytest.mark.parametrize("text", ["Thank you for watching!", "you", "Thanks for watching.", "Bye."])
def test_what_whisper_writes_on_silence_must_be_sure(text):
    words = tuple(Word(i, i + 1, word, 0.6) for i, word in enumerate(text.split()))
    unsure = guarded(Transcript(text, words, "en", 0.6, 0.1))
    assert (unsure.text, unsure.words) == ("", ())
    assert unsure.confidence < 0.5
    assert guarded(Transcript(text, words, "en", 0.95, 0.1)).text == text, "somebody may well say thank you"


def test_an_unsure_text_is_withheld_and_a_sure_one_is_not():
    assert guarded(Transcript("He left me", (), "en", 0.2, 0.1)).text == ""
    assert guarded(Transcript("He left me", (), "en", 0.6, 0.9)).text == "", "nobody spoke, it says"
    sure = Transcript("He left me", (), "en", 0.6, 0.1)
    assert guarded(sure) is sure
    assert guarded(Transcript(" . ", (), "en", 0.9, 0.0)).text == ""


def test_loops():
    assert loops(["beep"] * 9)
    assert loops(["i", "know", "i", "know", "i", "know", "i", "know", "i", "know", "i", "know"])
    assert not loops(["no", "no", "no", "i", "said", "no", "to", "him", "and", "he", "did", "not", "hear"])
    assert not loops(["very", "very", "good"])
    assert guarded(Transcript("beep " * 30, (), "en", 0.96, 0.8)).text == ""


def test_a_spec_that_names_nothing_says_so(tmp_path, monkeypatch):
    monkeypatch.delenv("INSULA_WHISPER", raising=False)
    with pytest.raises(LookupError, match=r"no model\.bin"):
        transcriber(str(tmp_path))
    with pytest.raises(LookupError, match="MODEL@http"):
        transcriber("http://localhost:1/v1")


@pytest.mark.parametrize("level", [0.0, 0.01, 0.1])
def test_nobody_says_nothing(heard, level):
    noise = np.random.default_rng(0).normal(0, 1, 2 * RATE).astype(np.float32) * level
    assert heard(noise).text == ""
    assert heard(noise[:800]) == NOTHING, "50 ms hold no word"


def test_a_tone_says_nothing(heard):
    tone = 0.1 * np.sin(2 * np.pi * 440 * np.arange(3 * RATE) / RATE)
    assert heard(tone.astype(np.float32)).text == ""


def test_words_have_their_seconds(heard, said):
    found = heard(said)
    assert word_error_rate("Kids are talking by the door", found.text) <= 1 / 6
    assert found.language == "en"
    assert found.confidence > 0.6
    assert [word.text for word in found.words] == found.text.split()
    starts = [second for word in found.words for second in (word.start, word.end)]
    assert starts == sorted(starts)
    assert 0 <= starts[0] < starts[-1] <= len(said) / RATE
    assert heard(said) == found, "the same sound gives the same words"
    later = heard(np.concatenate([np.zeros(RATE, np.float32), said]))
    shifts = [b.start - a.start for a, b in zip(found.words, later.words, strict=False)]
    assert np.median(shifts) == pytest.approx(1, abs=0.25)
