"""What a person reads: a timeline in the terminal, a page in the browser, both drawn from the same view of a turn."""
