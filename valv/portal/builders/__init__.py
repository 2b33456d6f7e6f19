"""From what the archive answers to what a page shows.

Each builder takes values already read through a door, and the caller, whose rights
decide which buttons there are; none of them asks a database or reads the clock.
"""
