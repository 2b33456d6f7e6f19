"""Text as people type it into a form, brought to what the databases can hold."""

from collections.abc import Mapping

LONGEST = 500


def typed(given: Mapping[str, str], name: str, *, longest: int = LONGEST) -> str:
    """A field without surrounding space, cut to length; empty if it was not sent."""
    return given.get(name, "").replace("\0", "").strip()[:longest]
