"""What the shell offers to complete."""

from __future__ import annotations


def pipelines(typed: str) -> list[str]:
    """Presets and methods that read text."""
    from insula.catalogue import rows
    from insula.presets import PRESETS

    return [name for name in (*PRESETS, *(row.name for row in rows())) if name.startswith(typed)]


def rooms(typed: str) -> list[str]:
    """What `insula list` can be asked for."""
    from insula.catalogue import rows

    rooms = dict.fromkeys(row.room for row in rows())
    return [name for name in (*rooms, "schemes", "presets", "formats", "exams") if name.startswith(typed)]


def corpora(typed: str) -> list[str]:
    """Corpora on record."""
    from insula.data import corpora

    return [corpus.name for corpus in corpora() if corpus.name.startswith(typed)]


def benchmarks(typed: str) -> list[str]:
    """Benchmarks and exams."""
    from insula.evaluate import benchmarks
    from insula.evaluate.asking import exams

    return [name for name in (*(one.name for one in benchmarks()), *exams()) if name.startswith(typed)]


def studies(typed: str) -> list[str]:
    """Studies."""
    from insula.studies import studies

    return [name for name in studies() if name.startswith(typed)]


def recipes(typed: str) -> list[str]:
    """Training recipes."""
    from insula.train import recipes

    return [name for name in recipes() if name.startswith(typed)]


def instruments(typed: str) -> list[str]:
    """Screening instruments."""
    from insula.respond.instruments import instruments

    return [name for name in instruments() if name.startswith(typed)]
