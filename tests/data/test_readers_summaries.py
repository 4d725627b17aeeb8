"""Published summaries of clips, joined by the take."""

from insula.data.readers.summaries import ravdess_av

ABOUT = "file,emotion,intensity,actor,gender"


def test_voice_and_face_of_one_take(tmp_path):
    voice, face = tmp_path / "voice.csv", tmp_path / "face.csv"
    voice.write_text(f"f0_mean,jitter,{ABOUT}\n108.5,nan,01-01-08-01-01-01-13.wav,surprised,1,13,male\n")
    face.write_text(
        f"AU12_mean,{ABOUT}\n0.5,01-01-08-01-01-01-13.mp4,surprised,1,13,male\n"
        "0.1,01-01-01-01-01-01-13.mp4,neutral,1,13,male\n"
    )
    (clip,) = ravdess_av("train", voice, face)
    assert clip.id == "01-08-01-01-01-13"
    assert clip.turns[0].speaker == "ravdess_13"
    assert dict(clip.turns[0].meta["voice"]) == {"f0_mean": 108.5}
    assert clip.turns[0].meta["face"]["AU12_mean"] == 0.5
    assert clip.read("emotion")[0].labels == ("surprise",)
