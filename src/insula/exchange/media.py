"""The recordings a conversation was heard in, as files that others can open; nothing here decodes."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

from insula.conversation import Conversation

from .audio import is_camera


def recordings(conversation: Conversation) -> list[Path]:
    """The files of its sound, each once, in order; arrays in memory and cameras have none."""
    return _files(conversation, "audio")


def films(conversation: Conversation) -> list[Path]:
    """The files of its pictures, each once, in order; a film with sound is one of `recordings`, too."""
    return _files(conversation, "video")


def media(conversation: Conversation) -> list[Path]:
    """Every file it was heard or seen in, each once."""
    return list(dict.fromkeys([*films(conversation), *recordings(conversation)]))


def relative(file: Path, written: Path) -> str:
    """The way from the folder of a written file to a recording, with forward slashes."""
    try:
        return Path(os.path.relpath(file.absolute(), written.absolute().parent)).as_posix()
    except ValueError:  # another drive
        return file.absolute().as_posix()


def address(file: Path, page: Path) -> str:
    """The same as a page spells it: what has a meaning in addresses (#, ?, %, a colon) is escaped."""
    return quote(relative(file, page))


def _files(conversation: Conversation, channel: str) -> list[Path]:
    paths = [Path(one.samples) for one in conversation.signals(channel) if isinstance(one.samples, str | os.PathLike)]
    return [path for path in dict.fromkeys(paths) if not is_camera(str(path))]
