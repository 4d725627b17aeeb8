"""Published corpora as conversations with their gold labels, raters kept apart.

    for conversation in insula.data.load("goemotions", "test"): ...

Nothing is downloaded or copied: the files are read where `INSULA_DATA` points. Each corpus is a record of
`corpora.toml` (source, licence, hashes, published counts) and a reader of its published format. A short text is a
conversation of one turn, a dialogue one of many; ids are "corpus/split/item" and never change.

Arrays for training are made by `insula.data.arrays`, word lists are read by `insula.data.lexicons`, and words that say
their label are hidden by `insula.data.masking`.
"""

from .checks import Finding, check
from .files import MalformedData, MissingData
from .record import Corpus, corpora, corpus, load, root

__all__ = ["Corpus", "Finding", "MalformedData", "MissingData", "check", "corpora", "corpus", "load", "root"]
