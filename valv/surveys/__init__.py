"""Asking: sending surveys and receiving their answers. Answers lie in the archive."""
