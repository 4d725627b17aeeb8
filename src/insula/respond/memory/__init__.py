"""Memory with feeling: episodes by meaning and mood, which fade, cite their turn, and can be seen, changed and deleted.

memory = Memory.open("me.db")
Recall(memory)          # a component: which memories come up at a turn
memory.keep(conversation)
"""

from .episode import Episode
from .recall import Recall, Recalled, recall
from .store import Memory
from .tables import MemoryUnavailable

__all__ = ["Episode", "Memory", "MemoryUnavailable", "Recall", "Recalled", "recall"]
