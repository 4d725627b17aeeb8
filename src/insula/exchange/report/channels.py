"""How the names of raters begin, by what they read: the sound of a voice, a face, a body, or all of it together."""

VOICE, FACE, BODY, TOGETHER = "speech.", "face.", "body.", "fuse."
WHOLE = "fuse.person"
"""The rater that puts every channel together; others of TOGETHER put some of them together."""
ALONE = (VOICE, FACE, BODY)
"""Raters that hear no words: they lead only where nobody else does."""
EVIDENCE = "explain.evidence"
"""The rater whose sentences tell what was seen and heard."""
