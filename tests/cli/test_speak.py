"""`insula speak`: plans on the screen, sound in a file, and errors in one sentence."""

import pytest

from insula import cli


def _run(capsys, *arguments):
    code = cli.run(["speak", *arguments])
    found = capsys.readouterr()
    return code, found.out, found.err


def test_a_plan_is_printed_and_read_again(capsys, tmp_path):
    code, out, _ = _run(capsys, "I am so sorry.", "--feeling", "sadness:0.8,-joy:0.2", "--intensity", "0.5", "--text")
    assert code == 0
    assert out.startswith("[sadness 0.8; joy -0.2; intensity 0.5; pace 0.")
    file = tmp_path / "plan.txt"
    file.write_text(out, encoding="utf-8")
    assert _run(capsys, "--plan", str(file), "--text")[1] == out
    assert "<prosody" in _run(capsys, "--plan", str(file), "--ssml")[1]
    assert '<expr type="expression" label="sadness"/>' in _run(capsys, "--plan", str(file), "--expr")[1]
    assert "emotionml" in _run(capsys, "--plan", str(file), "--emotionml")[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["Hi.", "--feeling", "sadnes", "--text"], "did you mean 'sadness'"),
        (["Hi.", "--feeling", "joy:much", "--text"], "'joy:much' is no feeling with a weight"),
        (["...", "--text"], "there is nothing to say"),
        (["Hi."], "nothing to do: -o FILE writes the sound"),
        (["Hi.", "-o", "x.wav", "--voice", "siri"], "names no voice"),
    ],
)
def test_what_is_wrong_is_one_sentence(capsys, arguments, words):
    code, _, err = _run(capsys, *arguments)
    assert code == 2
    assert words in err
    assert "Traceback" not in err


def test_sound_is_written(capsys, tmp_path):
    pytest.importorskip("hibari", reason="the built-in voice is not installed: pip install --no-deps hibari-tts")
    soundfile = pytest.importorskip("soundfile", reason="sound files need soundfile: pip install 'insula[speech]'")
    file = tmp_path / "out.wav"
    code, _, err = _run(capsys, "Hello there.", "--feeling", "joy", "-o", str(file))
    assert code == 0, err
    samples, rate = soundfile.read(file)
    assert rate == 24000
    assert 0.5 < len(samples) / rate < 4
