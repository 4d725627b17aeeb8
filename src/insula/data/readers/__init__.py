"""One file per published format; each reader is `(split, *paths) -> conversations`, ids as published."""
