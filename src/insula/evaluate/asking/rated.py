"""A judge's marks by criteria: whole numbers from 1 to 5 for each, in a form, at temperature 0.

await rated(judge, "Rate this summary ...", {"clarity": "easy to follow"}) -> {"judged": 4.0, "clarity": 4.0}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field, create_model

from ...llm import LLM, Message
from ...llm.structured import ask


async def rated(judge: LLM, request: str, criteria: Mapping[str, str]) -> dict[str, float]:
    """`judged` is the mean of the criteria; raises LLMError when the judge gives no marks."""
    fields: dict[str, Any] = {
        name.replace(" ", "_"): (int, Field(ge=1, le=5, description=words)) for name, words in criteria.items()
    }
    lines = "\n".join(f"- {name.replace(' ', '_')}: {words}" for name, words in criteria.items())
    messages = [Message("user", f"{request}\n\nRate from 1 (not at all) to 5 (fully):\n{lines}")]
    marks = (await ask(judge, messages, create_model("Marks", **fields))).model_dump()
    values = {name.replace("_", " "): float(value) for name, value in marks.items()}
    return {"judged": sum(values.values()) / len(values), **values}
