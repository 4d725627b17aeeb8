"""Insula: an emotional-intelligence engine. It reads how people feel, explains why, answers with care, and measures
how well it does.

    import insula
    conversation = insula.read("I can't believe you did this for me!")
    conversation.table()
    insula.Companion().say("I failed my exam.").text

Importing this loads no model and no heavy library.
"""

from .companion import Companion
from .component import Component, component
from .conversation import Addition, Anchor, Annotation, Conversation, Signal, Turn, merge
from .pipeline import Pipeline
from .reading import Problem, listen, read, read_many
from .scheme import Map, Scheme, mapping, maps, read_out, scheme, schemes

__version__ = "0.1.0"

__all__ = [
    "Addition",
    "Anchor",
    "Annotation",
    "Companion",
    "Component",
    "Conversation",
    "Map",
    "Pipeline",
    "Problem",
    "Scheme",
    "Signal",
    "Turn",
    "component",
    "listen",
    "mapping",
    "maps",
    "merge",
    "read",
    "read_many",
    "read_out",
    "scheme",
    "schemes",
]
