"""Who the companion is: a readable file with a name, a way of speaking and the Big Five.

    persona("warm").bigfive["agreeableness"] -> 0.8
    persona("my_friend.toml").name -> "my friend"

A persona colours words and the feeling of a reply. There is no key for safety: the guard stands outside, and a file
that tries to reach it is refused.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType
from typing import Any

from insula.catalogue import nearest
from insula.scheme import scheme

DEFAULT = "warm"
LONGEST = 400  # characters of one sentence: a small model follows few words better than many
MOST = 8  # sentences of style
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_GUARD = re.compile(r"guard|safe|risk|crisis|filter|boundar|moderat|censor|jailbreak", re.I)


@dataclass(frozen=True)
class Persona:
    """`about` is who it is, `style` how it speaks, one sentence each; `bigfive` -1..1 per trait, 0 is the middle.

    `languages` are the ISO 639 codes of what it speaks, the first being its own.
    """

    name: str
    about: str
    style: tuple[str, ...]
    bigfive: Mapping[str, float] = field(hash=False)
    languages: tuple[str, ...] = ("en",)


def personas() -> tuple[str, ...]:
    """The names of those shipped here."""
    return tuple(sorted(_shipped()))


def persona(name_or_path: str | Path = DEFAULT) -> Persona:
    """One shipped here, by name, or the one in a `.toml` file.

    Raises KeyError for a name unknown, FileNotFoundError for a file that is not there, and ValueError, naming the file
    and the key, for what no persona may say.
    """
    name = str(name_or_path)
    if name in _shipped():
        return _read(_shipped()[name])
    path = Path(name_or_path)
    if path.suffix == ".toml" or path.parent != Path():
        if not path.is_file():
            raise FileNotFoundError(f"no persona file {name}: give the path of a .toml file, or one of {_names()}")
        return _read(path)
    raise KeyError(f"no persona {name!r}; did you mean {nearest(name, _shipped())}? A file of your own ends in .toml")


@cache
def _shipped() -> Mapping[str, Traversable]:
    folder = resources.files("insula.respond") / "personas"
    found = {file.name.removesuffix(".toml"): file for file in folder.iterdir() if file.name.endswith(".toml")}
    return MappingProxyType(found)


def _names() -> str:
    return ", ".join(personas())


def _read(file: Traversable | Path) -> Persona:
    try:
        record = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{file}: this is no TOML: {error}") from None
    for key in record:
        _allow(file, key, tuple(_KEYS))
    if missing := [key for key in ("name", "about") if key not in record]:
        raise ValueError(f"{file}: key {missing[0]!r} is missing; a persona has {', '.join(_KEYS)}")
    return Persona(**{key: _KEYS[key](file, key, record.get(key, _LEFT_OUT.get(key))) for key in _KEYS})


def _allow(file: Traversable | Path, key: str, allowed: tuple[str, ...]) -> None:
    if key in allowed:
        return
    why = " (nothing in a persona changes what the guard does)" if _GUARD.search(key) else ""
    raise ValueError(
        f"{file}: unknown key {key!r}{why}; did you mean {nearest(key, allowed)}? Allowed: {', '.join(allowed)}"
    )


def _sentence(file: Traversable | Path, key: str, value: Any) -> str:
    text = " ".join(value.split()) if isinstance(value, str) else ""
    if not text or len(text) > LONGEST:
        raise ValueError(f"{file}: {key} must be a text of 1 to {LONGEST} characters, not {_short(value)}")
    return text


def _style(file: Traversable | Path, key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MOST:  # pyright: ignore[reportUnknownArgumentType]
        raise ValueError(f"{file}: {key} must be a list of at most {MOST} sentences, not {_short(value)}")
    return tuple(_sentence(file, f"{key}[{place}]", one) for place, one in enumerate(value))  # pyright: ignore


def _bigfive(file: Traversable | Path, key: str, value: Any) -> Mapping[str, float]:
    traits = scheme("bigfive").labels
    if not isinstance(value, dict):
        raise ValueError(f"{file}: {key} must be a table of {', '.join(traits)}, not {_short(value)}")
    given: dict[str, Any] = value
    for trait, level in given.items():
        _allow(file, trait, traits)
        if isinstance(level, bool) or not isinstance(level, int | float) or not -1 <= level <= 1:
            raise ValueError(f"{file}: {key}.{trait} must be a number from -1 (low) to 1 (high), not {_short(level)}")
    return MappingProxyType({trait: float(given.get(trait, 0.0)) for trait in traits})


def _languages(file: Traversable | Path, key: str, value: Any) -> tuple[str, ...]:
    codes: list[Any] = value if isinstance(value, list) else [None]
    for code in codes or [None]:
        if not isinstance(code, str) or not _LANGUAGE.fullmatch(code):
            raise ValueError(f'{file}: {key} must be a list of language codes such as "en" or "de", not {_short(code)}')
    return tuple(codes)


def _short(value: Any) -> str:
    return text if len(text := repr(value)) <= 60 else f"{text[:57]}..."


_KEYS: Mapping[str, Callable[[Traversable | Path, str, Any], Any]] = {
    "name": _sentence,
    "about": _sentence,
    "style": _style,
    "bigfive": _bigfive,
    "languages": _languages,
}
_LEFT_OUT: Mapping[str, Any] = {"style": [], "bigfive": {}, "languages": ["en"]}
