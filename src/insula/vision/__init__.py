"""Seeing: frames of a film, faces in them, and what can be measured of a face; used by the rooms, as `audio` is."""
