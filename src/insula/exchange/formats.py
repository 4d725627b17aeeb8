"""Every format there is, and how one is recognised: by the ending of its name, else by how it begins."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module

from insula.conversation import Conversation

from . import columns, whatsapp
from .csv import delimiter_of
from .source import Source, looks_binary, marked


@dataclass(frozen=True)
class Format:
    """A file format. `module` holds its `read`.

    `streams` says that it needs constant memory, `resumes` that a file cut short can be taken up again, `many` that one
    document holds any number of conversations, `folder` that it is a folder of files.
    """

    name: str
    title: str
    module: str
    suffixes: tuple[str, ...] = ()
    reads: bool = True
    writes: bool = False
    streams: bool = False
    resumes: bool = False
    many: bool = False
    folder: bool = False

    def read(self, source: Source) -> Iterator[Conversation]:
        """The conversations of a file in this format."""
        read: Callable[[Source], Iterator[Conversation]] = import_module(f"{__package__}.{self.module}").read
        return read(source)


FORMATS = (
    Format("jsonl", "JSON lines: Insula's own log, lossless; also a text, chat or utterance per line", "jsonl",
           (".jsonl", ".ndjson"), writes=True, streams=True, resumes=True),
    Format("functionals", "functionals of prosody as openSMILE writes them: a turn per row", "functionals",
           (".functionals.csv",), reads=False, writes=True, many=True),
    Format("frames", "prosody frame by frame as openSMILE writes it: 100 rows a second", "frames", (".frames.csv",),
           reads=False, writes=True, many=True),
    Format("physio", "BIDS: signals of a body, with the .json beside", "physio", ("_physio.tsv.gz",), writes=True),
    Format("empatica", "Empatica E4: a session as a .zip, or as a folder with EDA.csv, BVP.csv, TEMP.csv, ACC.csv",
           "empatica", (".zip",), many=True),
    Format("sensors", "a table of sensors: a column of times and one for each channel of a body", "sensors"),
    Format("openface", "OpenFace's table of faces, a row per frame", "openface", (".openface.csv",), writes=True,
           many=True),
    Format("pyfeat", "py-feat's table of faces, a row per frame", "pyfeat", (".pyfeat.csv",), writes=True, many=True),
    Format("csv", "comma-separated values: a text per row", "csv", (".csv",), writes=True, streams=True, resumes=True),
    Format("tsv", "tab-separated values: a text per row", "csv", (".tsv", ".tab"), streams=True),
    Format("parquet", "Parquet: a text per row", "parquet", (".parquet",), writes=True, streams=True),
    Format("text", "plain text: a turn per paragraph or line, or lines like `Ana: Hi`", "text", (".txt", ".text")),
    Format("markdown", "Markdown, read as plain text", "text", (".md", ".markdown")),
    Format("whatsapp", "a chat exported by WhatsApp as text", "whatsapp"),
    Format("reccon", "RECCON: dialogues with emotions and their causes, one rater's", "reccon", (".reccon.json",),
           writes=True, many=True),
    Format("esconv", "ESConv: support dialogues with strategies, one rater's", "esconv", (".esconv.json",),
           writes=True, many=True),
    Format("hume", "results and event logs of Hume's former expression measurement", "hume", (".hume.json",),
           writes=True, many=True),
    Format("json", "chats: Telegram, Discord, OpenAI-style messages, ChatGPT; or a list of texts", "json", (".json",)),
    Format("convokit", "a ConvoKit corpus: a folder with utterances.jsonl", "convokit", (".convokit",),
           writes=True, streams=True, folder=True),
    Format("webvtt", "WebVTT captions", "webvtt", (".vtt",), writes=True),
    Format("srt", "SubRip subtitles", "webvtt", (".srt",)),
    Format("html", "a report to look at", "report.html", (".html", ".htm"), reads=False, writes=True, streams=True),
    Format("emotionml", "EmotionML 1.0", "emotionml", (".emotionml", ".xml"), writes=True, many=True),
    Format("elan", "ELAN annotations", "elan", (".eaf",), writes=True),
    Format("audformat", "an audformat database of recordings: a folder with db.yaml", "audformat", (".audformat",),
           reads=False, writes=True, streams=True, folder=True),
    Format("bids", "BIDS: what was measured and read of each person, a folder", "bids_folder", (".bids",), reads=False,
           writes=True, streams=True, folder=True),
    Format("textgrid", "Praat TextGrid", "textgrid", (".textgrid",), writes=True),
    Format("audio", "recordings: sound, films with or without it, pictures", "audio",
           (".wav", ".flac", ".mp3", ".ogg", ".oga", ".opus", ".m4a", ".aac", ".wma", ".aiff", ".aif", ".amr",
            ".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".3gp",
            ".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")),
)  # fmt: skip
_BY_NAME = {one.name: one for one in FORMATS}
_BY_SUFFIX = {suffix: one for one in FORMATS for suffix in one.suffixes}
# these endings say little about what is inside
_OPEN = ("text", "json", "emotionml")
# and these of tables may hold texts or samples
_TABLES = ("csv", "tsv")
_SUBTITLE = re.compile(r"\s*\d+\s*\n(?:\d+:)?\d{1,2}:\d{1,2}[.,]\d{1,3}\s+-->")
# RIFF, FLAC, Ogg, MP3 with and without a tag, AIFF, MP4 and its kin, Matroska and WebM; JPEG, PNG
_SOUND = re.compile(
    rb"RIFF....(?:WAVE|AVI |WEBP)|fLaC|OggS|ID3|\xff[\xe2-\xfb]|FORM....AIF|....ftyp|\x1a\x45\xdf\xa3"
    rb"|\xff\xd8\xff|\x89PNG",
    re.DOTALL,
)
_WHOLE_OBJECT = re.compile(r"\s*\{.*\}\s*\n\s*\{")


def formats() -> tuple[Format, ...]:
    """Every format that can be read or written."""
    return FORMATS


def by_suffix(name: str) -> Format | None:
    """The format a file name's ending stands for."""
    return next((one for suffix, one in _BY_SUFFIX.items() if name.lower().endswith(suffix)), None)


def recognise(name: str, head: bytes) -> Format:
    """The format of a file, by its name and first bytes."""
    named = by_suffix(name)
    if named and named.name in _TABLES and (found := _faces(head) or ("sensors" if _is_sensors(head) else "")):
        return _BY_NAME[found]
    if named and named.name not in _OPEN:
        return named
    return _BY_NAME[_begins(head) or (named.name if named else "text")]


def _begins(head: bytes) -> str:
    """The name of the format that begins like this, or ""."""
    if head.startswith(b"PAR1"):
        return "parquet"
    if _SOUND.match(head):
        return "audio"
    if looks_binary(head):
        return ""
    text = head.decode(marked(head) or "utf-8", "replace").lstrip()
    first = text.split("\n", 1)[0]
    if text.startswith("WEBVTT"):
        return "webvtt"
    if "ooTextFile" in first:
        return "textgrid"
    if text.startswith("<"):
        return "elan" if "<ANNOTATION_DOCUMENT" in text else "emotionml" if "emotionml" in text else ""
    if whatsapp.recognised(text):
        return "whatsapp"
    if text.startswith("{"):
        return "jsonl" if _WHOLE_OBJECT.match(text) else "json"
    if re.match(r'\[\s*[\[{"]', text):
        return "json"
    if _SUBTITLE.match(text):
        return "srt"
    if found := _faces(head):
        return found
    if _is_header(first):
        return "csv"
    return "sensors" if _is_sensors(head) else ""


def _faces(head: bytes) -> str:
    """Whose table of faces begins like this, or ""."""
    from . import openface, pyfeat

    text = head.decode(marked(head) or "utf-8", "replace").lstrip("\ufeff")
    return next((name for name, one in (("openface", openface), ("pyfeat", pyfeat)) if one.recognised(text)), "")


def _is_sensors(head: bytes) -> bool:
    """Whether the first line that is no comment names times and channels of a body, and nothing to read."""
    from . import sensors

    text = head.decode(marked(head) or "utf-8", "replace").lstrip("\ufeff")
    line = next((one for one in text.splitlines() if one.strip() and not one.startswith("#")), "")
    names = [name.strip() for name in line.split(delimiter_of(line))]
    return sensors.recognised(names) and columns.find(names) is None


def _is_header(line: str) -> bool:
    """Whether a line names several columns, one of which is known to hold text."""
    names = [name.strip().strip('"') for name in line.split(delimiter_of(line))]
    return len(names) > 1 and all(len(name) < 40 for name in names) and columns.find(names) is not None
