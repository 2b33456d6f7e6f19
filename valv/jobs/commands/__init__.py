"""The commands of ``valv``: one module each, with ``HELP``, ``arguments`` and ``run``."""
