"""Signals of the body: pulse, skin, breath, temperature and movement, as numbers over windows of a minute.

    Body.of(conversation, "ana").features(0.0, 60.0) -> {"heart.rate": 71.2, "heart.rmssd": 38.0, ...}

Beside the core, like `insula.audio`: every room may use it. Needs the extra `body` (NeuroKit2), imported when used.
"""
