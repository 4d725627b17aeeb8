"""Pictures, sounds and films on their way to a server, which opens them as any server would."""

from __future__ import annotations

import asyncio
import base64
import io
import struct
import wave
import zlib
from pathlib import Path
from typing import Any

import pytest

from insula.llm import Cached, LLMError, Message, Scripted, Traced
from insula.llm.media import sent
from insula.llm.openai_compatible import OpenAICompatible
from insula.llm.window import fit


def png(path: Path, red: int = 255) -> Path:
    """A picture of one pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes([0, red, 0, 0]))) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    return path


def wav(path: Path) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(1600))
    return path


def test_a_server_gets_the_picture_and_the_sound(server: Any, tmp_path: Path) -> None:
    picture, sound = png(tmp_path / "face.PNG"), wav(tmp_path / "voice.wav")
    model = OpenAICompatible("seeing", server.url, retries=0)
    message = Message("user", "What do they feel?", (picture, sound))
    assert asyncio.run(model.reply([Message("system", "Be brief."), message])).text == "Joy."
    system, asked = server.requests[0]["messages"]
    assert system == {"role": "system", "content": "Be brief."}
    shown, heard, words = asked["content"]
    kind, _, data = shown["image_url"]["url"].partition(";base64,")
    assert (kind, base64.b64decode(data)) == ("data:image/png", picture.read_bytes())
    assert heard["input_audio"]["format"] == "wav"
    assert base64.b64decode(heard["input_audio"]["data"]) == sound.read_bytes()
    assert words == {"type": "text", "text": "What do they feel?"}


def test_a_history_that_is_too_long_keeps_the_picture(server: Any, tmp_path: Path) -> None:
    def respond(handler: Any, request: dict[str, Any]) -> None:
        server.sends({"error": {"message": "the context length is 100 tokens, you sent 4000"}}, 400)
        first, server_respond = server.respond, server.respond
        server.says("Joy.")
        assert first is server_respond
        server_respond(handler, request)

    server.respond = respond
    message = Message("user", "word " * 500, (png(tmp_path / "face.png"),))
    assert asyncio.run(OpenAICompatible("seeing", server.url, retries=0).reply([message])).text == "Joy."
    whole, cut = (request["messages"][0]["content"] for request in server.requests)
    assert len(cut[1]["text"]) < len(whole[1]["text"])
    assert cut[0] == whole[0]


def test_a_film_is_ten_pictures_at_most(tmp_path: Path) -> None:
    av = pytest.importorskip("av", reason="the face extra is not installed")
    image = pytest.importorskip("PIL.Image", reason="the face extra is not installed")
    numpy = pytest.importorskip("numpy")
    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as film:
        stream = film.add_stream("mpeg4", rate=2)
        stream.width, stream.height = 32, 16
        for number in range(26):
            picture = numpy.full((16, 32, 3), 9 * number, numpy.uint8)
            film.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        film.mux(stream.encode())
    parts = sent(Message("user", "How do they feel?", (path,)))["content"]
    assert [part["type"] for part in parts] == ["image_url"] * 10 + ["text"]
    shades = [
        numpy.asarray(image.open(io.BytesIO(base64.b64decode(part["image_url"]["url"].partition(",")[2])))).mean()
        for part in parts[:-1]
    ]
    assert shades == pytest.approx([18 * second for second in range(10)], abs=4)


@pytest.mark.parametrize(("name", "data"), [("gone.png", None), ("broken.mp4", b"no film"), ("empty.mp4", b"")])
def test_what_cannot_be_sent_is_named(tmp_path: Path, name: str, data: bytes | None) -> None:
    pytest.importorskip("av", reason="the face extra is not installed")
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(LLMError, match=name):
        sent(Message("user", "What is it?", (path,)))


def test_other_sounds_are_sent_as_wav(tmp_path: Path) -> None:
    decode = pytest.importorskip("insula.audio.decode", reason="the speech extra is not installed")
    numpy = pytest.importorskip("numpy")
    path = tmp_path / "voice.flac"
    decode.write(path, numpy.zeros(8000, numpy.float32), 8000)
    (part, _) = sent(Message("user", "Who is it?", (path,)))["content"]
    with wave.open(io.BytesIO(base64.b64decode(part["input_audio"]["data"]))) as file:
        assert (file.getframerate(), file.getnchannels()) == (16000, 1)
        assert file.getnframes() == pytest.approx(16000, abs=200)


def test_another_picture_is_another_question(tmp_path: Path) -> None:
    model = Scripted(["a red one", "a black one"])
    kept = Cached(model, tmp_path / "answers.sqlite")
    picture = png(tmp_path / "one.png")
    ask = [Message("user", "What is it?", (picture,))]
    assert [asyncio.run(kept.reply(ask)).text for _ in range(2)] == ["a red one"] * 2
    moved = [Message("user", "What is it?", (picture.rename(tmp_path / "moved.png"),))]
    assert asyncio.run(kept.reply(moved)).text == "a red one"
    png(tmp_path / "moved.png", red=0)
    assert asyncio.run(kept.reply(moved)).text == "a black one"


def test_a_trace_names_what_was_shown(tmp_path: Path) -> None:
    told: list[dict[str, Any]] = []
    asyncio.run(Traced(Scripted("red"), told.append).reply([Message("user", "What?", (Path("one.png"),))]))
    assert told[0]["messages"] == [{"role": "user", "text": "What?", "media": ["one.png"]}]


def test_a_cut_message_keeps_its_picture() -> None:
    (message,) = fit([Message("user", "word " * 100, (Path("one.png"),))], 100, len)
    assert message.media == (Path("one.png"),)
    assert len(message.text) <= 100


def test_a_model_of_words_says_so(tmp_path: Path) -> None:
    from insula.llm.local import Local

    if Local.available():
        pytest.skip(Local.available())
    with pytest.raises(LLMError, match="words alone"):
        asyncio.run(Local().reply([Message("user", "What is it?", (png(tmp_path / "one.png"),))]))
