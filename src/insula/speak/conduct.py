"""A delivery written by a language model from an instruction in words, as quantities anybody can read and change.

    lines = await conduct(connect("local"), "I am so sorry.", "say it like a tired nurse at the end of a night shift")
    print(text.write(lines))     # [pace 0.85x; pitch -2.5 st; energy -4 dB; breath 0.4] I am *so* sorry.

After BatonVoice (Wang et al. 2025, arXiv:2509.26514): the model that understands the instruction writes a plan of vocal
features, a voice that knows nothing of instructions follows it. Here the plan has words for levels (`levels`), which
small models choose better than numbers, and is held to a schema.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from insula.llm import LLM, Message

from .delivery import Delivery
from .levels import LEVELS, NORMAL, level
from .plan import plan
from .text import Line, lines

if TYPE_CHECKING:
    from pydantic import BaseModel

# examples in the prompt, their levels from the rules: a style, a text, a feeling and its intensity
EXAMPLES = (
    ("furious", "Who left the gate open again?", "anger", 1.0, ["again"]),
    ("quiet and heartbroken", "He is not coming back.", "sadness", 1.0, ["not"]),
    ("plain and factual", "The shop opens at nine.", "neutral", 0.0, []),
    ("thrilled, as if it were a birthday", "We got the tickets!", "joy", 1.0, ["tickets"]),
    ("scared, whispering fast", "There is somebody at the door.", "fear", 1.0, ["somebody"]),
    ("like a slow bedtime story", "The moon was over the hill.", "calm", 1.0, []),
)
TOKENS = 160


async def conduct(
    llm: LLM, text: str, instruction: str, *, emphasis: bool = True, examples: bool = True, seed: int = 0
) -> tuple[Line, ...]:
    """The plan of a text after an instruction in words; raises LLMError when no answer fits the schema.

    Words to be emphasised that are not in the text are dropped; there are six `examples` in the prompt.
    """
    from insula.llm.structured import ask

    form = _form()
    said: Any = await ask(llm, _messages(text, instruction, examples), form, seed=seed, max_tokens=TOKENS)
    numbers: dict[str, Any] = {name: words[getattr(said, name)] for name, words in LEVELS.items()}
    stressed = tuple(said.emphasis[:2]) if emphasis else ()
    return lines(text, Delivery(**numbers, emphasis=stressed))


def _messages(text: str, instruction: str, examples: bool) -> list[Message]:
    rules = (resources.files(__package__ or "insula.speak") / "prompts" / "conduct.txt").read_text(encoding="utf-8")
    talk = [Message("system", rules)]
    for style, words, feeling, intensity, stressed in EXAMPLES if examples else ():
        talk += [_request(words, style), Message("assistant", _answer(plan("", feeling, intensity), stressed))]
    return [*talk, _request(text, instruction)]


def _request(text: str, instruction: str) -> Message:
    return Message("user", f"Style: {instruction}\nText: {text}")


def _answer(delivery: Delivery, stressed: Sequence[str]) -> str:
    import json

    words = {name: level(name, getattr(delivery, name)) for name in LEVELS}
    return json.dumps({**words, "emphasis": list(stressed)})


@cache
def _form() -> type[BaseModel]:
    """One word for each quantity, and the words to be emphasised."""
    from typing import Literal

    from pydantic import create_model

    fields: dict[str, Any] = {name: (Literal[tuple(words)], NORMAL) for name, words in LEVELS.items()}
    return create_model("Plan", **fields, emphasis=(list[str], []))
