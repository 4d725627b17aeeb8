"""Training of what reads the signals of bodies."""
