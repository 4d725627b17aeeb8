"""Any file's sound, at the right second, in constant memory; and a sentence where there is none."""

from __future__ import annotations

import io
import tracemalloc

import numpy as np
import pytest

pytest.importorskip("av", reason="the speech extra is not installed")
soundfile = pytest.importorskip("soundfile", reason="the speech extra is not installed")

from insula.audio.decode import Audio, Inaudible, Resampler, resample, write  # noqa: E402
from talking import RATE, at, encode, mute_video, noise  # noqa: E402

KINDS = [
    ("a.wav", "pcm_s16le", 8000, 1),
    ("a.wav", "pcm_s16le", 48000, 6),
    ("a.flac", "flac", 96000, 2),
    ("a.mp3", "libmp3lame", 44100, 2),
    ("a.opus", "libopus", 48000, 1),
    ("a.m4a", "aac", 44100, 2),
    ("a.webm", "libopus", 48000, 2),
    ("a.mp4", "aac", 22050, 1),
    ("a.mov", "aac", 44100, 1),
    ("a.mkv", "flac", 44100, 2),
]


def heard(path, rate=RATE):
    problems = []
    blocks = list(Audio.open(path).blocks(rate, problem=lambda second, what: problems.append((second, what))))
    return np.concatenate(blocks), problems


def onset(sound, rate=RATE):
    return float(np.argmax(np.abs(sound[:, 0]) > 0.25)) / rate


@pytest.mark.parametrize(("name", "codec", "rate", "channels"), KINDS)
def test_every_kind_of_file_is_heard_at_the_right_second(tmp_path, name, codec, rate, channels):
    path = encode(tmp_path / name, at(rate, channels=channels), rate, codec)
    audio = Audio.open(path)
    assert (audio.sampling_rate, audio.channels) == (48000 if codec == "libopus" else rate, channels)
    assert audio.duration == pytest.approx(2.0, abs=0.03)
    sound, problems = heard(path)
    assert not problems
    assert sound.dtype == np.float32
    assert sound.shape[1] == channels
    # codecs fill up their last frame
    assert len(sound) == pytest.approx(2 * RATE, abs=0.06 * RATE)
    assert onset(sound) == pytest.approx(1.0, abs=0.001)


def test_the_same_blocks_come_every_time_and_in_any_size(tmp_path):
    path = encode(tmp_path / "a.mp3", at(44100, 3.3, 2), 44100, "libmp3lame")
    audio = Audio.open(path)
    first, again = (list(audio.blocks(RATE, 0.5)) for _ in range(2))
    assert {len(block) for block in first[:-1]} == {RATE // 2}
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    whole = np.concatenate(first)
    assert np.array_equal(whole, np.concatenate(list(audio.blocks(RATE, 7.0))))


def test_sound_that_begins_late_is_silence_until_then(tmp_path):
    import av

    path = tmp_path / "late.mkv"
    sound = encode(tmp_path / "a.mkv", at(16000), 16000, "flac")
    with av.open(str(path), "w") as out, av.open(str(sound)) as found:
        picture = out.add_stream("mpeg4", rate=10)
        picture.width = picture.height = 32
        track = out.add_stream_from_template(found.streams.audio[0])
        for _ in range(5):
            out.mux(picture.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8))))
        out.mux(picture.encode(None))
        for packet in found.demux():
            if packet.dts is not None:
                packet.stream = track
                packet.pts += round(0.25 / packet.time_base)
                packet.dts = packet.pts
                out.mux(packet)
    sound, problems = heard(path)
    assert not problems
    assert onset(sound) == pytest.approx(1.25, abs=0.002)


def test_a_gap_in_the_clock_is_silence(tmp_path):
    import av

    whole = encode(tmp_path / "a.mkv", np.full((32000, 1), 0.3, np.float32), 16000, "flac")
    path = tmp_path / "gap.mkv"
    with av.open(str(path), "w") as out, av.open(str(whole)) as found:
        track = out.add_stream_from_template(found.streams.audio[0])
        for packet in found.demux():
            if packet.dts is not None:
                seconds = float(packet.pts * packet.time_base)
                packet.stream = track
                if not 0.5 < seconds < 1.0:
                    out.mux(packet)
    sound, _ = heard(path)
    assert len(sound) == pytest.approx(32000, abs=400)
    assert np.abs(sound[10500:15000]).max() == 0
    assert sound[17000:, 0].min() > 0.29


def test_a_truncated_mp3_gives_what_decodes_and_says_where_it_stops(tmp_path):
    path = encode(tmp_path / "a.mp3", at(44100, 4.0), 44100, "libmp3lame")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    sound, ((second, what),) = heard(path)
    assert len(sound) == pytest.approx(2 * RATE, abs=0.1 * RATE)
    assert second == pytest.approx(2.0, abs=0.1)
    assert "stops at 2.0 s of the 4.0 s" in what


def test_a_damaged_middle_is_told_and_the_rest_is_heard(tmp_path):
    path = encode(tmp_path / "a.mp3", at(44100, 4.0), 44100, "libmp3lame")
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 6000] = np.random.default_rng(1).integers(0, 256, 6000, dtype=np.uint8).tobytes()
    path.write_bytes(content)
    sound, problems = heard(path)
    assert len(sound) > 3 * RATE
    assert any("damaged" in what or "stops" in what for _, what in problems)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.wav", b"", "is empty"),
        ("a.wav", b"just some words " * 200, "no sound or video"),
        ("a.wav", b"RIFF\x24\x00\x00\x00WAVEfmt ", "cut short"),
        ("a.mp3", np.random.default_rng(0).integers(0, 256, 60000, dtype=np.uint8).tobytes(), "damaged|sound"),
    ],
)
def test_what_is_no_sound_is_a_sentence(tmp_path, name, content, said):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Inaudible, match=said):
        list(Audio.open(path).blocks())


def test_a_film_without_sound_says_what_is_in_it(tmp_path):
    with pytest.raises(Inaudible, match="no audio track; there is only video"):
        Audio.open(mute_video(tmp_path / "mute.mp4"))


def test_a_file_of_no_length_and_one_that_is_not_there(tmp_path):
    write(tmp_path / "zero.wav", np.zeros(0, np.float32), RATE)
    with pytest.raises(Inaudible, match="holds no sound"):
        heard(tmp_path / "zero.wav")
    with pytest.raises(FileNotFoundError):
        Audio.open(tmp_path / "nowhere.wav")


def test_a_wrong_ending_still_decodes_and_is_said(tmp_path):
    path = tmp_path / "talk.mp3"
    write(tmp_path / "a.flac", at(16000), 16000)
    (tmp_path / "a.flac").replace(path)
    assert "ends in .mp3 but holds" in Audio.open(path).note
    assert len(heard(path)[0]) == 2 * RATE
    assert not Audio.open(encode(tmp_path / "b.opus", at(48000), 48000, "libopus")).note


def test_numbers_that_are_none_are_silence(tmp_path):
    sound = at(16000)
    sound[8000:8100] = np.nan
    sound[9000] = np.inf
    soundfile.write(tmp_path / "nan.wav", sound, 16000, subtype="FLOAT")
    found, ((second, what),) = heard(tmp_path / "nan.wav")
    assert np.isfinite(found).all()
    assert second == pytest.approx(0.5, abs=0.1)
    assert "no numbers" in what


def test_streams_are_heard_too(tmp_path):
    path = encode(tmp_path / "a.flac", at(16000), 16000, "flac")
    expected, _ = heard(path)
    with path.open("rb") as file:
        assert np.array_equal(heard(file)[0], expected)

    class Pipe(io.BytesIO):
        def seekable(self):
            return False

    assert np.array_equal(heard(Pipe(path.read_bytes()))[0], expected)


def test_memory_stays_flat_however_long_the_file_is(tmp_path):
    peaks = []
    for minutes in (1, 6):
        path = tmp_path / f"{minutes}.flac"
        write(path, np.tile(noise(1.0), 60 * minutes), RATE)
        tracemalloc.start()
        count = sum(len(block) for block in Audio.open(path).blocks())
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert count == 60 * minutes * RATE
    assert peaks[1] < 1.2 * peaks[0] + 100_000


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 44100, 48000, 96000])
def test_resampling_keeps_a_tone_and_its_length(rate):
    time = np.arange(2 * rate + 13) / rate
    found = resample(np.sin(2 * np.pi * 440 * time).astype(np.float32), rate, RATE)
    assert len(found) == round(len(time) * RATE / rate)
    wanted = np.sin(2 * np.pi * 440 * np.arange(len(found)) / RATE)
    assert np.abs(found - wanted)[200:-200].max() < 1e-3


@pytest.mark.parametrize("size", [7, 441, 4096])
def test_resampling_does_not_depend_on_the_size_of_pieces(size):
    sound = np.random.default_rng(0).standard_normal((20000, 2)).astype(np.float32)
    resampler = Resampler(44100, RATE, 2)
    pieces = [resampler.feed(sound[at : at + size]) for at in range(0, len(sound), size)]
    assert np.array_equal(np.concatenate([*pieces, resampler.close()]), resample(sound, 44100, RATE))


def test_slices_of_other_arrays_are_resampled_too():
    wide = np.random.default_rng(0).standard_normal((8000, 4)).astype(np.float32)
    assert np.array_equal(resample(wide[::2, 1:3], 8000, RATE), resample(wide[::2, 1:3].copy(), 8000, RATE))


@pytest.mark.parametrize("ending", ["wav", "flac", "ogg"])
def test_what_is_written_is_heard_again(tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    write(path, at(16000)[:, 0], 16000)
    assert np.abs(heard(path)[0][: 2 * RATE] - at(16000)).mean() < 0.01
    with pytest.raises(ValueError, match="written as .wav, .flac or .ogg"):
        write(tmp_path / "a.mp3", at(16000), 16000)
