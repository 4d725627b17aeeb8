"""Pictures as such: what they bring about in those who look."""
