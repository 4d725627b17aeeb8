"""What a body does and how it is: quality, measures and states of windows of a minute."""
