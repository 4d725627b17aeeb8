"""Answering with care: a plan before the words, drafts weighed by the engine's own readers, and reasons kept."""
