"""The eight strategies of support, with the stage each belongs to and what a model is told to do.

strategies()["question"].stage -> "exploration"
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType


@dataclass(frozen=True)
class Strategy:
    """One way to support; `stage` is one of support-stage, `instruction` finishes "In your reply, ..."."""

    name: str
    stage: str
    instruction: str


@cache
def strategies() -> Mapping[str, Strategy]:
    """By label of esconv8, in its order. Source: Liu et al. 2021 (ESConv); the wording is the project's own."""
    text = (resources.files("insula.respond") / "strategies.toml").read_text(encoding="utf-8")
    return MappingProxyType({name: Strategy(name, **record) for name, record in tomllib.loads(text).items()})
