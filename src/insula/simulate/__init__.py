"""Simulated people who seek support, and a play of two components that take turns: one seeks, one answers.

    talk = play(seeker, Says("I am sorry. What happened?"), turns=6)
    course(talk)                                    # [25.0, 27.1, ...]: how the seeker felt, 0 to 100

Two kinds of seeker behind one protocol: seeded ones need no model and give the same bytes every time; others are played
by a language model. Neither is a person: what they like is what their readers and constants like.
"""

from .play import aplay, course, play, reward
from .responders import Says
from .seeker import SEEKER, Seeker, feels, left

__all__ = ["SEEKER", "Says", "Seeker", "aplay", "course", "feels", "left", "play", "reward"]
