"""How the server's tables came to be, step by step; `insula serve` takes every step that is missing."""
