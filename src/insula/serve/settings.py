"""How a server is set up: `[serve]` of insula.toml, or flags of the same names; the border where pydantic checks.

settings("insula.toml", port=8400).model -> "auto"
"""

from __future__ import annotations

import tomllib
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ..catalogue import nearest
from ..guard.purpose import Purpose

MEGABYTE = 1_000_000
DATABASE = "insula.sqlite"
"""Where talks are kept when nothing else is said: in the folder the server is started in."""


class Settings(BaseModel):
    """Everything a server can be told. Sizes are in bytes, times in seconds, retention in days (0: for ever).

    `model` words replies: "auto", "local", "composer" or MODEL@URL; `upstreams` are further ones a program may name.
    `keys` are the secrets of those who may ask; without any, only this machine may. `origins` are web pages elsewhere
    that may ask from a browser. Uploads are deleted as soon as they are read.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = "127.0.0.1"
    port: int = Field(8321, ge=0, le=65535)
    model: str = "auto"
    upstreams: tuple[str, ...] = ()
    persona: str = "warm"
    locale: str = ""
    purpose: str = "personal"
    jurisdiction: str = ""
    audit: Path | None = None
    commercial_ok: bool = False
    database: str = DATABASE
    retention: float = Field(30.0, ge=0)
    keys: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    most_bytes: int = Field(100 * MEGABYTE, gt=0)
    most_text_bytes: int = Field(2 * MEGABYTE, gt=0)
    rate: float = Field(0.0, ge=0, description="requests a second per key or address; 0: no limit")
    burst: int = Field(20, ge=1)
    timeout: float = Field(60.0, gt=0, description="of a model by URL")

    @field_validator("keys")
    @classmethod
    def _spelled(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        if not all(key.strip() for key in keys):
            raise ValueError("one of the keys is empty, and would let everybody in")
        return tuple(key.strip() for key in keys)

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach it."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    def gate(self, purpose: str = "", jurisdiction: str = "") -> Purpose:
        """The purpose gate for a request that says what bodies are read for and where, or leaves it to the server."""
        return Purpose(purpose or self.purpose, jurisdiction or self.jurisdiction, audit=self.audit)

    def safe(self) -> Settings:
        """The same; raises ValueError where anybody in the network could ask without a key."""
        if not self.loopback and not self.keys:
            raise ValueError(
                f"{self.host} can be reached from elsewhere and no key is set: give keys in insula.toml or in "
                "INSULA_KEYS, or bind to 127.0.0.1"
            )
        return self


def settings(file: str | Path = "", **flags: Any) -> Settings:
    """What a file and flags say, flags first; without a file, insula.toml of this folder where there is one.

    Raises FileNotFoundError for a named file that is not there, and ValueError naming file and field of a mistake.
    """
    path = Path(file or "insula.toml")
    if file and not path.exists():
        raise FileNotFoundError(f"there is no {path}")
    told = _table(path) if path.exists() else {}
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        return Settings(**{**told, **given}).safe()
    except ValidationError as error:
        raise ValueError(_in_words(error, path.name if told else "the command line")) from None


def _table(path: Path) -> dict[str, Any]:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8")).get("serve", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no TOML: {error}") from None
    if not isinstance(found, dict):
        raise ValueError(f"{path}: serve is no table; write [serve] above its fields")
    return found


def _in_words(error: ValidationError, where: str) -> str:
    first = error.errors()[0]
    name = str(first["loc"][0])
    if first["type"] == "extra_forbidden":
        return f"{where}: there is no {name!r}; did you mean {nearest(name, Settings.model_fields)}?"
    return f"{where}: {name}: {first['msg'].lower()}"
