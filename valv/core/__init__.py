"""The rules of the archive in plain Python.

Nothing here knows Django, reads a clock, the environment, a file or a socket:
values come in, verdicts go out, and every rule can be tried by a property test.
"""
