"""`python -m insula` is the command `insula`."""

from .cli import main

if __name__ == "__main__":
    main()
