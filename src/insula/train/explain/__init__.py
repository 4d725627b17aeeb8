"""What the small models of `explain` and `dialogue.personality` were fitted and measured with, one command each."""
