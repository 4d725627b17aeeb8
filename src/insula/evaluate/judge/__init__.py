"""Judging replies: a panel of language models, this engine's own readers without any, and people's marks to compare.

    panel = Panel(["qwen2.5:7b@http://localhost:11434/v1", "local:base"], under_test="my-bot@http://localhost:8000/v1")
    panel.ratings([Item((Turn("seeker", "My dog died."),), "I am so sorry.")], rubric("empathy"))
    Readers().ratings(items)                          # no model asked

A judge's number is its expected score over the probabilities of the score tokens, where it tells them.
"""

from .item import Item
from .panel import Panel, Preference, Rating, vet
from .readers import Readers
from .rubric import Rubric, rubric, rubrics
from .tokens import Reading

__all__ = ["Item", "Panel", "Preference", "Rating", "Readers", "Reading", "Rubric", "rubric", "rubrics", "vet"]
