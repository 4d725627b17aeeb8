"""A page of audio players: each sentence plainly and with every feeling, what was planned, what was measured and heard.

One file that needs nothing else: sounds are Ogg in base64, pictures PNG (spectrum) under SVG (pitch).
"""

from __future__ import annotations

import base64
import io
import struct
import zlib
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from insula.audio.contours import contours
from insula.speak.levels import describe
from insula.speak.listen_back import PITCH, at_16k
from insula.speak.voices import Sound

if TYPE_CHECKING:
    from .speak import Clip

SHOWN = 3  # sentences with players
BANDS, HEIGHT, WIDE = 48, 96, 300
STYLE = """
body{font:15px/1.45 system-ui,sans-serif;max-width:1240px;margin:2rem auto;padding:0 1rem;color:#1c2430;background:#fff}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2.2rem}p{max-width:60rem}
table{border-collapse:collapse}td,th{padding:.25rem .7rem;text-align:left;border-bottom:1px solid #dde2ea}
.row{display:grid;grid-template-columns:5.5rem repeat(3,1fr);gap:.8rem;align-items:start;margin:.6rem 0}
.row>b{padding-top:.4rem}.clip{border:1px solid #dde2ea;border-radius:8px;padding:.5rem;background:#f7f9fc}
audio{width:100%;height:32px}figure{margin:0;position:relative}img,svg{display:block;width:100%;height:96px}
svg{position:absolute;inset:0}small{color:#4a5566}.flat{max-width:340px}
@media(prefers-color-scheme:dark){body{background:#12161d;color:#e6eaf0}.clip{background:#1a202a;border-color:#2e3745}
td,th{border-color:#2e3745}small{color:#a9b4c4}}
@media(max-width:48rem){.row{grid-template-columns:1fr}table{display:block;overflow-x:auto}}
"""


def page(texts: Sequence[str], flat: Sequence[Clip], said: Sequence[Clip], record: dict[str, Any]) -> str:
    """The page as HTML."""
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>",
        f"<title>How Insula speaks</title><style>{STYLE}</style><h1>How Insula speaks</h1>",
        "<p>Every sound on this page is synthetic: the built-in voice (hibari), which follows a plan of delivery made "
        "by rule. Each sentence says nothing of a feeling. Under each player: what was planned, what was measured in "
        "the sound beside the plain reading, and what the ear, taught by people only, gives the intended feeling among "
        "six (plainly read → so). The line is pitch, 60 to 600 Hz.</p>",
        _summary(record),
    ]
    for number, text in enumerate(texts[:SHOWN]):
        parts.append(
            f"<h2>“{escape(text)}”</h2><div class='clip flat'><b>plainly read</b>{_player(flat[number])}</div>"
        )
        own = [clip for clip in said if clip.number == number and clip.feeling != "neutral"]
        for feeling in dict.fromkeys(clip.feeling for clip in own):
            clips = "".join(_clip(clip, flat[number]) for clip in own if clip.feeling == feeling)
            parts.append(f"<div class=row><b>{feeling}</b>{clips}</div>")
    return "\n".join(parts) + "</html>\n"


def _summary(record: dict[str, Any]) -> str:
    rows = [
        (f"planned and measured {name}, rank correlation", _number(found))
        for name, found in record["rank_correlation"].items()
    ]
    rows.append(("more intensity is more of it, of all steps", f"{record['monotone']['steps']:.3f}"))
    for ear, who in (("ear", "the ear"), ("known", "the ear that knows the voice's plain readings")):
        full = record[f"heard_by_{ear}"]["intensity 1"]
        rows.append((f"intended feeling first of six for {who}, at full intensity", _number(full["first"])))
        rows.append((f"intended feeling rises most for {who} (chance 0.2)", _number(full["rises_most"])))
    rows.append(("intended feeling first of six in a plain reading", f"{record['heard_by_ear']['flat_first']:.3f}"))
    rows.append(("more wrong words than plainly read, at full intensity", _number(record["words"]["more_than_flat"])))
    lines = "".join(f"<tr><td>{escape(name)}<td>{value}" for name, value in rows)
    return f"<table>{lines}</table><p><small>{record['clips']} clips; 95 % intervals over sentences.</small></p>"


def _number(found: dict[str, float]) -> str:
    return f"{found['score']:.3f} <small>[{found['low']:.3f}, {found['high']:.3f}]</small>"


def _clip(clip: Clip, flat: Clip) -> str:
    from .speak import FEELINGS

    at, delivery, got = FEELINGS.index(clip.feeling), clip.delivery, clip.measured
    units = {"pitch": " st", "energy": " dB"}
    both = ", ".join(
        f"{name} {getattr(delivery, name):.2f} → {got[name]:.2f}{units.get(name, '×')}"
        for name in ("pace", "pitch", "range", "energy")
    )
    heard = "; ".join(
        f"{who} {flat.ears[ear][at]:.2f} → {clip.ears[ear][at]:.2f}"
        for ear, who in (("ear", "ear"), ("known", "knowing the voice"))
    )
    if np.isnan(clip.wrong):
        words = "words not written down"
    else:
        words = "all words clear" if clip.wrong <= flat.wrong else f"{clip.wrong:.0%} of words misheard"
    return (
        f"<div class=clip><small>intensity {clip.intensity:g}: {escape(describe(delivery) or 'as plain')}</small>"
        f"{_player(clip)}<small>{both}<br>{clip.feeling}: {heard}; {words}</small></div>"
    )


def _player(clip: Clip) -> str:
    return f"<audio controls preload=none src='data:audio/ogg;base64,{_ogg(clip.sound)}'></audio>{_picture(clip.sound)}"


def _ogg(sound: Sound) -> str:
    import soundfile  # pyright: ignore[reportMissingTypeStubs]

    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", sound.rate, 1, format="OGG", subtype="VORBIS") as out:
        for at in range(0, len(sound.samples), sound.rate):  # libvorbis puts a whole write on the stack
            out.write(sound.samples[at : at + sound.rate])
    return base64.b64encode(file.getvalue()).decode()


def _picture(sound: Sound) -> str:
    samples = at_16k(sound)
    tone = contours(samples)[PITCH]
    hertz = np.where(tone > 0, 27.5 * 2 ** (tone / 12), 0)
    x = np.linspace(0, WIDE, len(hertz))
    y = HEIGHT * (1 - np.log(np.maximum(hertz, 60) / 60) / np.log(10))
    breaks = np.flatnonzero(np.diff((hertz > 0).astype(int))) + 1
    runs = [run for run in np.split(np.arange(len(hertz)), breaks) if len(run) > 2 and hertz[run[0]] > 0]
    paths = "".join(f"M{' '.join(f'{x[n]:.1f},{y[n]:.1f}' for n in run[::2])}" for run in runs)
    line = f"<path d='{paths}' fill=none stroke='#ff7a1a' stroke-width=2 />"
    drawing = f"<svg viewBox='0 0 {WIDE} {HEIGHT}' preserveAspectRatio=none>{line}</svg>"
    return f"<figure><img alt='spectrum' src='data:image/png;base64,{_spectrum(samples)}'>{drawing}</figure>"


def _spectrum(samples: NDArray[np.float32]) -> str:
    """Log power in bands of equal width in mel, 0 to 8 kHz, as a grey PNG."""
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(samples, (0, 512)), 512)[::200] * np.hanning(512)
    power = np.abs(np.fft.rfft(frames)) ** 2
    edges = 700 * (10 ** (np.linspace(0, 2840, BANDS + 1) / 2595) - 1) / 31.25
    low = edges[:-1].astype(int)
    bands = np.stack([power[:, a : max(a + 1, int(b))].mean(1) for a, b in zip(low, edges[1:], strict=True)])
    level = 10 * np.log10(bands + 1e-9)
    grey = (235 - 200 * ((level - level.max() + 60) / 60).clip(0, 1)).astype(np.uint8)[::-1]
    rows = b"".join(b"\0" + row.tobytes() for row in grey)
    head = struct.pack(">IIBBBBB", grey.shape[1], grey.shape[0], 8, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + body).decode()
