"""What the report shows of a film: a player with boxes around faces, what is read at each second, curves by person."""
