"""One of three ways in: commands, the worker and the night."""
