"""The speaker network and its front end."""

import numpy as np
import pytest

from insula.network.speaker import FRAMES, RATE, Speaker, cleaned, levelled, mel


def hum(pitch, seconds=2.0, brightness=0.7, seed=0):
    """A made-up voice: a buzz of harmonics whose strength falls, with a little breath."""
    draws, t = np.random.default_rng(seed), np.arange(int(seconds * RATE)) / RATE
    wave = sum(brightness**k * np.sin(2 * np.pi * pitch * k * t) for k in range(1, 20))
    return (0.05 * wave * (1 + 0.5 * np.sin(2 * np.pi * 3 * t)) + draws.normal(0, 1e-3, len(t))).astype(np.float32)


def test_mel_is_what_the_network_learnt_on():
    """Of a tone of amplitude 1: the band it lies in, and the power that a Hann window and the triangles leave of it."""
    tone = np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE).astype(np.float32)
    bands = mel(tone)
    assert bands.shape == (101, 40)
    # what librosa 0.10.2 gives: melspectrogram(y=tone, sr=16000, n_fft=400, hop_length=160, n_mels=40)
    assert bands[50].argmax() == 13
    assert bands[50].max() == pytest.approx(104.51997, rel=1e-5)
    assert (bands[50].sum(), bands[0].sum()) == pytest.approx((196.06915, 97.309616), rel=1e-5)


def test_mel_agrees_with_librosa():
    librosa = pytest.importorskip("librosa", reason="librosa is not installed")
    sound = hum(120)
    theirs = librosa.feature.melspectrogram(y=sound, sr=RATE, n_fft=400, hop_length=160, n_mels=40, pad_mode="constant")
    assert np.allclose(mel(sound), theirs.T, rtol=1e-3, atol=1e-6)


def test_a_voice_is_like_itself_and_unlike_another():
    low, again, high = (Speaker.open().embed(hum(*v)) for v in ((100, 2, 0.7), (105, 3, 0.7, 1), (260, 2, 0.5)))
    assert low.shape == (256,)
    assert np.linalg.norm(low) == pytest.approx(1, abs=1e-5)
    assert low @ again > 0.9
    assert low @ again > low @ high + 0.1


def test_loudness_is_no_voice():
    speaker, sound = Speaker.open(), hum(120)
    assert speaker.embed(sound) @ speaker.embed(0.02 * sound) > 0.999
    assert np.sqrt(np.mean(levelled(sound) ** 2)) == pytest.approx(10 ** (-24 / 20), rel=1e-3)


def test_steady_noise_is_taken_off():
    speaker, sound = Speaker.open(), hum(120, 3)
    noise = np.random.default_rng(1).normal(0, 0.3 * sound.std(), len(sound)).astype(np.float32)
    assert speaker.embed(sound) @ speaker.embed(sound + noise) > 0.6
    frames = np.full((200, 40), 3.0, np.float32)
    frames[50:100] += 10
    assert (cleaned(frames)[:50] == 0).all()
    assert (cleaned(frames)[50:100] == 7).all()


def test_windows_cover_the_sound():
    speaker = Speaker.open()
    assert speaker.windows(hum(120, 0.5)).shape == (1, 256), "what is shorter than a window is heard alone"
    assert speaker.windows(hum(120, 4.0)).shape[0] == (401 - FRAMES) // 40 + 1
    many = speaker.windows(hum(120, 20.0))
    assert np.allclose(np.linalg.norm(many, axis=1), 1, atol=1e-4)
    assert np.allclose(speaker.windows(hum(120, 4.0)), speaker.windows(hum(120, 4.0))), "the same each time"


def test_what_holds_no_voice_says_so(tmp_path):
    with pytest.raises(ValueError, match="50 ms are too short"):
        Speaker.open().embed(hum(120, 0.05))
    with pytest.raises(ValueError, match="silence"):
        Speaker.open().embed(np.zeros(RATE, np.float32))
    with pytest.raises(FileNotFoundError, match="insula train speaker"):
        Speaker.open(tmp_path / "none.onnx")


def test_the_conversion_keeps_the_voices(tmp_path):
    """Against torch's own LSTM with the published weights, where they are installed."""
    torch = pytest.importorskip("torch", reason="torch is not installed")
    from insula.train.speech import speaker as conversion

    try:
        source = conversion.installed()
    except LookupError as missing:
        pytest.skip(str(missing))
    made = conversion.convert(tmp_path)
    assert made.read_bytes() == (Speaker.shipped()).read_bytes(), "the command makes the weights that ship"
    state = torch.load(source, map_location="cpu", weights_only=True)["model_state"]
    lstm, linear = torch.nn.LSTM(40, 256, 3, batch_first=True), torch.nn.Linear(256, 256)
    for part, name in ((lstm, "lstm."), (linear, "linear.")):
        part.load_state_dict({key[len(name) :]: value for key, value in state.items() if key.startswith(name)})
    for pitch in (90, 130, 180, 240):
        sound = hum(pitch, 1.59)
        frames = cleaned(mel(levelled(sound)))[None]
        with torch.no_grad():
            voice = torch.relu(linear(lstm(torch.from_numpy(frames))[1][0][-1]))[0]
        assert Speaker.open(made).windows(sound)[0] @ (voice / voice.norm()).numpy() > 0.99


def test_a_file_that_is_another_is_refused(tmp_path):
    from insula.train.speech.speaker import convert

    other = tmp_path / "pretrained.pt"
    other.write_bytes(b"not the weights")
    with pytest.raises(ValueError, match="sha256 differs"):
        convert(tmp_path, other)
