"""Training of what hears."""
