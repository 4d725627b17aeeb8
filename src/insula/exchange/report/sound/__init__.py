"""What the report shows of a recording: who sounded how, second by second, words and voice side by side."""
