"""Splits as texts and target matrices."""

from pathlib import Path

import numpy as np
import pytest
from published import table, write

from insula.data.arrays import texts
from insula.scheme import scheme


def test_many_of_labels_come_in_the_order_of_the_scheme(root: Path):
    write(root, "goemotions", {"dev.tsv": table(("Thanks, I love it", "15,18", "c1"), ("It is Monday", "27", "c2"))})
    found, targets = texts("goemotions", "dev", "goemotions28")
    assert found == ["Thanks, I love it", "It is Monday"]
    assert targets.dtype == np.float32
    labels = scheme("goemotions28").labels
    assert [[labels[i] for i in np.flatnonzero(row)] for row in targets] == [["gratitude", "love"], ["neutral"]]


def test_what_was_not_rated_is_nan(root: Path):
    header = ("ID", "Tweet", "Affect Dimension", "Intensity Score")
    files = {
        f"EI-reg/EI-reg-En-{emotion}-dev.txt": table(header, (f"1-{emotion}", "so late", emotion, score))
        for emotion, score in {"anger": 0.5, "fear": 0.25, "joy": 0.0, "sadness": 1.0}.items()
    }
    write(root, "semeval2018-ei-reg", files)
    _, targets = texts("semeval2018-ei-reg", "dev", "intensity4")
    assert np.isnan(targets).sum() == 12
    assert np.diag(targets).tolist() == [0.5, 0.25, 0.0, 1.0]


def test_another_scheme_is_an_error_that_names_those_there_are(root: Path):
    write(root, "goemotions", {"dev.tsv": table(("It is Monday", "27", "c2"))})
    with pytest.raises(ValueError, match="its schemes are goemotions28"):
        texts("goemotions", "dev", "vad")
