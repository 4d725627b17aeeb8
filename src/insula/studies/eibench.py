"""What does EIBench measure without its pictures?

Claim (Lin et al. 2025, arXiv:2504.07521): models that see name few of the triggers of a feeling in a picture, and
reasoning first helps some of them.

Ours: the loader, the scorer of triggers and the control. The pictures are not published with the questions, so no model
is shown one here; the embedded model is asked the questions alone, beside one list for all. A model by URL that sees is
asked by `insula evaluate eibench --model MODEL@URL --mode base --mode cot --mode text`, once its pictures are here.

Found: without a picture the embedded model names .08 of the triggers (95 % interval .03 to .13) of 20 questions in 60
words, one list of 38 words for all names .05 (.01 to .10); on all 1,665 questions that list names .04. What a model
that sees scores by words has to be well above that.

    insula study eibench --scale full
"""

from __future__ import annotations

from typing import Any

from ..evaluate.asking.question import Question
from ..evaluate.asking.sheet import others, put_all, questions
from ..evaluate.exams.eibench import EXAM
from ..llm import Scripted
from .asked import rows, sat

SYSTEM = "eibench"
STATUS = "format-only"
ASKED = 20


def run(scale: str, seed: int = 0) -> dict[str, Any]:
    """Recall of the triggers without pictures, and of one list for all."""
    if scale != "full":
        made = [Question(f"made-up/{n}", "Why is she glad?", gold=("A raised fist.", "The sea.")) for n in range(3)]
        asked = [EXAM.ask(question, seed, "text") for question in made]
        sheet = sat(EXAM, asked, Scripted("She raises her fist."), "scripted")
        return {"metrics": rows([sheet, *others(EXAM, asked)], "made-up"), "data": [], "notes": []}
    from .embedded_model import embedded

    asked = put_all(EXAM, questions(EXAM, ASKED), mode="text")
    sheets = [sat(EXAM, asked, embedded("eibench"), "embedded"), *others(EXAM, asked)]
    every = others(EXAM, put_all(EXAM, questions(EXAM), mode="text"))
    notes = [f"{ASKED} of 1,665 questions drawn once; temperature 0; without pictures."]
    return {
        "metrics": rows(sheets, "questions alone") + rows(every, "all", slices=True),
        "data": ["eibench"],
        "notes": notes,
    }
