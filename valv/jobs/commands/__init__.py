"""The commands of ``valv``, one module each: ``HELP``, ``arguments`` and ``run``."""
