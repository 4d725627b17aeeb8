"""Which emotion to show in a negotiation: a policy one can read, its limits, and simulated negotiations to try it in.

    policy = Anticipate(tables())
    policy.choose(["Anger", "Anger"]).shows -> "Neutral"

After EQ-Negotiator (arXiv:2503.21080), with its published tables. What a policy wins here it wins from simulated
clients.
"""

from .plan import EmotionPlan
from .policy import LIMITS, POLICIES, Anticipate, Choice, Limits, Passive, Respond, Steady
from .tables import EMOTIONS, Tables, tables
from .talks import Deal, bargain

__all__ = [
    "EMOTIONS",
    "LIMITS",
    "POLICIES",
    "Anticipate",
    "Choice",
    "Deal",
    "EmotionPlan",
    "Limits",
    "Passive",
    "Respond",
    "Steady",
    "Tables",
    "bargain",
    "tables",
]
