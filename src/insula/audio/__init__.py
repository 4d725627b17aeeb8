"""Sound as numbers: decoding, stretches of a conversation, and what is measured in them without any model.

Beside the core because several rooms hear and make sound. Samples are float32 in -1..1, mono at 16 kHz unless said.
"""
