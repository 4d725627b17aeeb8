"""Speaking: a delivery plan apart from the words, voices that follow it, and an ear that checks."""
