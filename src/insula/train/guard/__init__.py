"""Training of the guard's readers; importing this loads nothing heavy."""
