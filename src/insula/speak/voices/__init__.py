"""Voices behind one method; which one is a name, a file or a URL, never a class per vendor.

for sound in voice("builtin").say("Hello. How are you?", Delivery(pace=0.9)):
    play(sound.samples, sound.rate)          # a sentence each, as soon as it is made
"""

from .protocol import Sound, Voice, VoiceError, joined, voice

__all__ = ["Sound", "Voice", "VoiceError", "joined", "voice"]
