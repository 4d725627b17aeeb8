"""Training of what looks at pictures that are not faces."""
