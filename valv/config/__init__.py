"""Where the rooms are put together: settings, addresses, start-up checks.

The only room that reads the environment, and the only one that imports all others.
"""
