"""One file per published format; each reader is `(split, *paths) -> conversations`, their ids unique in the corpus."""
