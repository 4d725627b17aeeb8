"""The recordings a conversation was heard in, as files that others can open; nothing here decodes."""

from __future__ import annotations

import os
from pathlib import Path

from insula.conversation import Conversation


def recordings(conversation: Conversation) -> list[Path]:
    """The files of its sound, each once, in order; arrays in memory have none."""
    paths = [Path(one.samples) for one in conversation.signals("audio") if isinstance(one.samples, str | os.PathLike)]
    return list(dict.fromkeys(paths))


def relative(media: Path, written: Path) -> str:
    """The way from the folder of a written file to a recording, with forward slashes."""
    try:
        return Path(os.path.relpath(media.absolute(), written.absolute().parent)).as_posix()
    except ValueError:  # another drive
        return media.absolute().as_posix()
