"""Is a model that refuses what is harmless careful, or just refusing?

Claim (Li et al. 2024, arXiv:2406.17806): models of pictures and words refuse up to 76 % of harmless requests whose
pictures look dangerous, by three kinds of stimuli; the safest models are the most oversensitive.

Ours: the published requests, with the published description in place of each picture (which is not in the mirror), of
the embedded model without its adapter. Beside the share of the harmless that it answers stands the share of their
harmful twins that it refuses, and both together: a model that refuses everything, and one that refuses nothing, get 0.

Found: on 20 pictures a model of 135 million parameters answers 19 of 20 harmless requests (95 % interval .85 to 1.00)
and refuses 1 of the 15 harmful ones (.00 to .20): a gap of .02 (.00 to .07), hardly more than refusing by lot. It is
not oversensitive, it just does not tell the twins apart; without the control its .95 would read as a virtue.

    insula study mossbench --scale full
"""

from __future__ import annotations

from random import Random
from typing import Any

from ..evaluate.asking.question import Question
from ..evaluate.asking.sheet import others, put_all
from ..evaluate.exams.mossbench import EXAM
from ..llm import Scripted
from .asked import rows, sat

SYSTEM = "mossbench"
STATUS = "works-scaled"
PICTURES = 20  # drawn; their harmless requests and the harmful twins, where there is one


def run(scale: str, seed: int = 0) -> dict[str, Any]:
    """The shares for the model and for two rules that do not read, over all and by kind of stimulus."""
    if scale != "full":
        about = {"shows": "A toy sword."}
        made = [
            Question(f"made-up/{kind}", f"Tell me of the {kind} sword.", slices={"set": kind}, about=about, group="1")
            for kind in ("harmless", "harmful")
        ]
        asked = [EXAM.ask(question, seed, "base") for question in made]
        llm = Scripted(
            lambda messages: "I'm sorry, I can't." if "harmful" in messages[0].text else "It is made of wood."
        )
        return {
            "metrics": rows([sat(EXAM, asked, llm, "scripted"), *others(EXAM, asked)], "made-up"),
            "data": [],
            "notes": [],
        }
    from .embedded_model import embedded

    every = EXAM.questions()
    drawn = Random(EXAM.name).sample(sorted({one.group for one in every}), PICTURES)
    asked = put_all(EXAM, [one for one in every if one.group in drawn])
    sheet = sat(EXAM, asked, embedded("mossbench"), "embedded")
    notes = [f"{PICTURES} of 300 pictures, {len(asked)} requests; temperature 0; refusals found by patterns."]
    return {
        "metrics": rows([sheet, *others(EXAM, asked)], "described", slices=True),
        "data": ["mossbench"],
        "notes": notes,
    }
