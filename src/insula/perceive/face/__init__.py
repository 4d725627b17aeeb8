"""Faces: who is seen when, how well, and what their faces express."""
