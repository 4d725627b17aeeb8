"""Made-up corpora in the published formats, `write(folder, "goemotions", {"train.tsv": "..."})`, and reading them."""

import gzip
import json
from pathlib import Path

from insula.conversation import Annotation, Conversation
from insula.data import corpus, load
from insula.scheme import scheme


def write(root: Path, name: str, files: dict[str, str]) -> None:
    """Put files where the corpus of that name is looked for; a name ending in .gz is packed."""
    for file, text in files.items():
        path = root / corpus(name).folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        data = text.encode()
        path.write_bytes(gzip.compress(data) if file.endswith(".gz") else data)


def table(*rows: tuple[object, ...], separator: str = "\t") -> str:
    """Rows as lines, cells put side by side, without quoting."""
    return "".join(separator.join(map(str, row)) + "\n" for row in rows)


def jsonl(*rows: object) -> str:
    """One JSON value a line."""
    return "".join(json.dumps(row) + "\n" for row in rows)


def everything(name: str) -> list[Conversation]:
    """All splits of a corpus; every annotation of them fits its scheme."""
    found = [conversation for split in corpus(name).splits for conversation in load(name, split)]
    for conversation in found:
        for one in conversation:
            if isinstance(one, Annotation):
                scheme(one.scheme).check(one.scores)
                assert one.scheme in corpus(name).schemes
    return found


def judged(conversation: Conversation, layer: str, rater: str = "gold") -> Annotation:
    """The one annotation of a layer by a rater."""
    (annotation,) = conversation.read(layer, rater=rater)
    return annotation


def three(root: Path, name: str, text: str) -> None:
    """The same text as every file of a corpus that was published in one piece."""
    write(root, name, {corpus(name).splits["train"][0]: text})
