"""Keeping people safe on both sides of a conversation; a wrapper around any responder, and usable alone."""
