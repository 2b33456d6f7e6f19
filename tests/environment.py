"""The environment of a test run, made before Django reads its settings.

Loaded by pytest as a plugin (``-p tests.environment``).
"""
