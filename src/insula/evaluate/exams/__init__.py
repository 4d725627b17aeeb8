"""One file per exam: where its questions are, how they are put, and how answers are marked."""
