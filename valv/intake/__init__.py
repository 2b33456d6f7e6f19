"""In: how things enter the archive, whatever they came from.

Refuses, at the door and by name, what a law of the archive forbids.
"""
