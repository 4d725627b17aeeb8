"""A conversation as people look at one: who expresses what, what caused it, how it was met, where it is heading."""
