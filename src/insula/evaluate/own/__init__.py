"""Questions of our own in six languages, and the signs by which replies to them are marked, in every language."""
