"""Words from sound: each with its seconds and its confidence, and nothing where nothing was said.

    transcriber()(samples)  # Transcript("Kids are talking by the door.", (Word(0.2, 0.5, "Kids", 0.97), ...), "en")

The transcriber is Whisper (Radford et al. 2023, https://arxiv.org/abs/2212.04356) in faster-whisper, with the weights
of an installed package or of a folder, or any server that speaks OpenAI's protocol. On silence Whisper writes the
thanks and farewells its training videos end with, and in noise it repeats itself; what it is not sure of is withheld.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from insula.network.whisper import folder

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

Samples = NDArray[np.float32]
RATE = 16000
SHORTEST = 0.1  # seconds; below, no word was ever whole
SILENT = 10 ** (-60 / 20)  # root mean square of a recording in which nothing can be heard
UNSURE = 0.35  # mean probability of a word below which a text is rather invented than heard
STOCK_UNSURE = 0.75  # the same for what Whisper writes when nobody speaks
MARGIN = 800  # frames of 10 ms after the last sound; Whisper learnt on 30 s, and with less than five it errs more
NO_SPEECH = 0.6  # of Whisper's own probability that nobody speaks, together with an unsure text
SHORT = 24  # seconds that Whisper can hear at once, with silence after them
PADDING = 5  # seconds of silence it needs to know that nobody goes on; with 1 it is wrong much more often
MOST, LEAST = 24, 12  # tokens: a limit for what is said over and over
FASTEST = 7  # words a second that anybody says; where more are heard, or none, it is heard again the slow way
PREPENDED, APPENDED = "\"'“¿([{-", "\"'.。,，!！?？:：”)]}、"  # punctuation that belongs to the next word, to the last
STOCK = re.compile(
    r"(thank(s| you)( (so|very) much)?( for (watching|listening))?|(please )?(like and )?subscribe.*|you|bye( bye)?|oh|"
    r"so|see you (next time|in the next (video|one))|music|applause|.*subtitles by.*|.*amara\.org.*)"
)


@dataclass(frozen=True)
class Word:
    """A word with the seconds it was said in, from the beginning of the samples, and its probability 0..1."""

    start: float
    end: float
    text: str
    confidence: float


@dataclass(frozen=True)
class Transcript:
    """What was said. `confidence` is the mean probability of a word 0..1, `no_speech` that nobody spoke.

    An empty text means that nothing was said, or that what was heard was withheld: then `confidence` tells how low it
    was. `words` are empty where a server gives no times; `language` is a code like "en".
    """

    text: str
    words: tuple[Word, ...] = ()
    language: str = ""
    confidence: float = 0.0
    no_speech: float = 0.0


NOTHING = Transcript("", no_speech=1.0)


class TranscriptionError(RuntimeError):
    """A server gave no transcript; the message says why and what to do."""


class Transcriber(Protocol):
    """Anything that writes down what is said."""

    name: str

    def __call__(self, samples: Samples, language: str = "") -> Transcript:
        """Mono samples at 16 kHz -> what was said; `language` where it is known, else it is found out."""
        ...


def transcriber(spec: str = "local", threads: int = 1) -> Transcriber:
    """A transcriber by what it is called; opened once per process.

    - "local": Whisper tiny.en of the installed package (English), or the folder that INSULA_WHISPER names
    - "base": Whisper base of the installed packages (99 languages)
    - a folder with a CTranslate2 Whisper of any size
    - "MODEL@URL": that model of an OpenAI-compatible server; nothing leaves this machine unless this is asked for

    Raises LookupError and ImportError that say what to install.
    """
    model, _, url = spec.rpartition("@")
    if model and url.startswith(("http://", "https://")):
        from insula.network.words_by_url import ByURL

        return ByURL(model, url)
    if url.startswith(("http://", "https://")):
        raise LookupError(f"which model at {url}? write it as MODEL@{url}")
    return _open(folder("tiny.en" if spec == "local" else spec), threads)


def available() -> str:
    """Empty when words can be heard offline, else what to install."""
    if find_spec("faster_whisper") is None:
        return "words need faster-whisper: pip install 'insula[speech]'"
    try:
        folder()
    except LookupError as error:
        return str(error)
    return ""


class FasterWhisper:
    """A CTranslate2 Whisper from a folder: no sampling, one beam, so that the same sound gives the same words."""

    def __init__(self, path: Path, threads: int = 1) -> None:
        try:
            self._model = _model(path, threads)
        except ModuleNotFoundError as error:
            raise ImportError(f"words need {error.name}: pip install 'insula[speech]'") from None
        self.name = path.name

    def __call__(self, samples: Samples, language: str = "") -> Transcript:
        """Mono samples at 16 kHz -> what was said."""
        samples = np.ascontiguousarray(samples, np.float32)
        if len(samples) < SHORTEST * RATE or float(np.sqrt(np.mean(samples**2))) < SILENT:
            return NOTHING
        if len(samples) <= SHORT * RATE:
            heard = guarded(self._short(samples, language))
            if 0 < len(heard.text.split()) <= FASTEST * len(samples) / RATE + 2:
                return heard
        found, about = self._model.transcribe(
            samples,
            language=language or None,
            beam_size=1,
            temperature=0.0,
            condition_on_previous_text=False,
            word_timestamps=True,
            no_speech_threshold=None,
        )
        parts = list(found)
        if not parts:
            return replace(NOTHING, language=about.language)
        heard = [(one.start, one.end, one.word, one.probability) for part in parts for one in part.words or ()]
        no_speech = min(part.no_speech_prob for part in parts)
        text = "".join(part.text for part in parts)
        return guarded(_whole(text, heard, no_speech, about.language, len(samples) / RATE))

    def _short(self, samples: Samples, language: str) -> Transcript:
        """The same words in a third of the time: heard with `PADDING` after it, not with Whisper's half minute."""
        from faster_whisper.tokenizer import Tokenizer
        from faster_whisper.transcribe import get_suppressed_tokens, merge_punctuations

        model = self._model
        mel = model.feature_extractor(np.pad(samples, (0, PADDING * RATE)))
        states = model.encode(mel[:, : mel.shape[1] // 2 * 2])
        many = model.model.is_multilingual
        if many and not language:
            language = model.model.detect_language(states)[0][0][0].strip("<|>")
        tokenizer = Tokenizer(model.hf_tokenizer, many, task="transcribe", language=language or "en")
        (found,) = model.model.generate(
            states,
            [tokenizer.sot_sequence],  # times are asked for: without them it says short sentences over and over
            beam_size=1,
            max_initial_timestamp_index=50,
            max_length=MOST + LEAST * len(samples) // RATE,
            return_no_speech_prob=True,
            suppress_tokens=get_suppressed_tokens(tokenizer, (-1,)),
        )
        tokens = [token for token in found.sequences_ids[0] if token < tokenizer.eot]
        align: Any = model.find_alignment  # annotated as for one text, made for several
        (said,) = align(tokenizer, [tokens], states, mel.shape[1]) or [[]]
        merge_punctuations(said, PREPENDED, APPENDED)
        heard = [(one["start"], one["end"], one["word"], one["probability"]) for one in said if one["word"].strip()]
        text = "".join(one["word"] for one in said)
        return _whole(text, heard, found.no_speech_prob, language or "en", len(samples) / RATE)


def guarded(heard: Transcript) -> Transcript:
    """The transcript as it came, or without words where they are rather invented than heard."""
    words = plain(heard.text)
    stock = STOCK.fullmatch(" ".join(words)) is not None
    unsure = heard.confidence < (STOCK_UNSURE if stock else UNSURE)
    doubtful = heard.no_speech > NO_SPEECH and heard.confidence < STOCK_UNSURE
    if not words or unsure or doubtful or loops(words):
        return replace(heard, text="", words=(), confidence=min(heard.confidence, UNSURE))
    return heard


def loops(words: Sequence[str]) -> bool:
    """Whether most of a text is one to six words said over and over, at least five times in a row."""
    for size in range(1, 7):
        run = best = 0
        for place in range(size, len(words)):
            run = run + 1 if words[place] == words[place - size] else 0
            best = max(best, run)
        if best >= 4 * size and 2 * (best + size) > len(words):
            return True
    return False


def word_error_rate(reference: str, heard: str) -> float:
    """Substitutions, insertions and deletions per word of the reference.

    Both are compared without case and punctuation: Unicode NFKC, typographic apostrophes made straight and kept within
    words, everything else that is no letter or digit a space. Numbers are not spelled out. Of an empty reference every
    word heard is one error.
    """
    said, other = plain(reference), plain(heard)
    row = list(range(len(other) + 1))
    for count, word in enumerate(said, 1):
        before, row = row, [count]
        for place, told in enumerate(other, 1):
            row.append(min(before[place] + 1, row[-1] + 1, before[place - 1] + (word != told)))
    return row[-1] / max(1, len(said))


def plain(text: str) -> list[str]:
    """The words of a text as they are compared: small letters, straight apostrophes, no punctuation."""
    straight = unicodedata.normalize("NFKC", text).replace("’", "'").replace("‘", "'").lower()
    return re.findall(r"\w+(?:'\w+)*", straight)


def _whole(
    text: str, heard: Iterable[tuple[float, float, str, float]], no_speech: float, language: str, seconds: float
) -> Transcript:
    """What Whisper wrote, as one transcript; times never leave the sound and never go back."""
    words, last = list[Word](), 0.0
    for begin, end, word, probability in heard:
        start = min(max(float(begin), last), seconds)
        last = min(max(float(end), start), seconds)
        words.append(Word(round(start, 3), round(last, 3), word.strip(), round(float(probability), 4)))
    sure = float(np.mean([word.confidence for word in words])) if words else 0.0
    return Transcript(" ".join(text.split()), tuple(words), language, round(sure, 4), round(float(no_speech), 4))


def _model(path: Path, threads: int) -> WhisperModel:
    from faster_whisper import WhisperModel

    class Brief(WhisperModel):
        """Hears a turn with some silence after it instead of always half a minute: three times as fast."""

        def encode(self, features: NDArray[np.float32]) -> Any:
            said = np.flatnonzero(features.any(0))
            end = (int(said[-1]) + 1 if len(said) else 0) + MARGIN
            return super().encode(np.ascontiguousarray(features[:, : end + end % 2]))

    return Brief(str(path), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True)


@cache
def _open(path: Path, threads: int) -> FasterWhisper:
    return FasterWhisper(path, threads)
