"""How fast the text tiers are, beside a `transformers` pipeline of RoBERTa-base's size run in the same minute.

    python -m benchmarks.text [--json]

Batch 1 and 32, real texts, 1 and 2 threads; the fast tier end to end from a csv to a csv; peak memory of reading 10
thousand and a million rows; the time of `import insula`. The peer has random weights: speed does not depend on them.
"""

from __future__ import annotations

import csv
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from insula import Conversation, Turn
from insula.catalogue import build

from .measure import machine, per_item, process, texts


def main() -> None:
    some, source = texts(400)
    found: dict[str, Any] = {"machine": machine(), "texts": source, "import_seconds": import_seconds()}
    found["default"] = {str(threads): default_tier(some, threads) for threads in (1, 2)}
    found["peer"] = {str(threads): peer(some[:60], threads) for threads in (1, 2)}
    if ours := found["peer"]["1"]:
        found["times_faster_at_batch_1"] = round(
            ours["batch_1"]["mean_ms"] / found["default"]["1"]["batch_1"]["mean_ms"], 1
        )
    found["lexicon_texts_per_second"] = lexicon_tier(some)
    found["fast"] = fast_tier()
    print(json.dumps(found, indent=None if "--json" in sys.argv else 1))


def import_seconds() -> float:
    """Median of five fresh processes, the interpreter's own start taken off."""
    bare = statistics.median(process([sys.executable, "-c", "pass"])[0] for _ in range(5))
    ours = statistics.median(process([sys.executable, "-c", "import insula"])[0] for _ in range(5))
    return round(ours - bare, 3)


def default_tier(some: list[str], threads: int) -> dict[str, Any]:
    """The row text.encoder, conversations in and annotations out, evidence and all."""
    encoder = build("text.encoder", threads=threads)

    def run(batch: list[str]) -> object:
        return encoder.batch([Conversation(Turn("a", text)) for text in batch])

    ordered = sorted(some, key=len)
    batches = [ordered[i : i + 32] for i in range(0, len(ordered), 32)]
    thirty_two = per_item(run, batches)["mean_ms"] / 32
    return {"batch_1": per_item(run, [[text] for text in some]), "batch_32": {"mean_ms": round(thirty_two, 3)}}


def peer(some: list[str], threads: int) -> dict[str, Any] | None:
    """A `transformers` pipeline of RoBERTa-base's size (125M), or None where it is not installed."""
    try:
        import torch
        from transformers import RobertaConfig, RobertaForSequenceClassification, TextClassificationPipeline
    except ImportError:
        return None
    torch.set_num_threads(threads)
    config = RobertaConfig(vocab_size=50265, max_position_embeddings=514, type_vocab_size=1, num_labels=28)
    model = RobertaForSequenceClassification(config).eval()
    pipe: Any = TextClassificationPipeline(model=model, tokenizer=_word_tokenizer(some), top_k=None)
    return {
        "batch_1": per_item(pipe, some, rounds=2),
        "batch_32": {"mean_ms": round(per_item(lambda b: pipe(b, batch_size=32), [some[:32]])["mean_ms"] / 32, 3)},
    }


def _word_tokenizer(some: list[str]) -> Any:
    """RoBERTa's own vocabulary is not at hand: byte pairs learnt here."""
    from tokenizers import ByteLevelBPETokenizer
    from transformers import PreTrainedTokenizerFast

    tokenizer = ByteLevelBPETokenizer()
    tokenizer.train_from_iterator(some, vocab_size=8000, show_progress=False)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer._tokenizer, pad_token="<pad>", model_max_length=512)  # pyright: ignore


def lexicon_tier(some: list[str]) -> int:
    """Texts a second of the standard-library tier, one at a time."""
    lexicon = build("text.lexicon")
    took = per_item(lambda text: list(lexicon(Conversation(Turn("a", text)))), some)
    return round(1000 / took["mean_ms"])


def fast_tier() -> dict[str, Any]:
    """`insula read big.csv` with the fast tier as whole processes: texts a second, and peak memory as rows grow."""
    some, _ = texts(5000)
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        times: dict[int, float] = {}
        for rows in (10_000, 100_000, 1_000_000):
            source = Path(folder) / f"{rows}.csv"
            with source.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(["id", "text"])
                writer.writerows((k, some[k % len(some)]) for k in range(rows))
            out = str(Path(folder) / "out.csv")
            command = [
                sys.executable,
                "-m",
                "insula",
                "read",
                str(source),
                "--pipeline",
                "text-fast",
                "-o",
                out,
                "--quiet",
            ]
            seconds, peak = process(command)
            times[rows] = seconds
            found[f"peak_megabytes_{rows}"] = round(peak)
            source.unlink()
        # the start of the process is taken off by the difference of two sizes
        found["texts_per_second"] = round(900_000 / (times[1_000_000] - times[100_000]))
        found["texts_per_second_with_start"] = round(1_000_000 / times[1_000_000])
    return found


if __name__ == "__main__":
    main()
