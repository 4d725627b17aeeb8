"""Training of what reads faces."""
