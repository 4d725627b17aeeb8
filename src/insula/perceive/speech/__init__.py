"""Hearing: who speaks when, which words, and how they are said."""
