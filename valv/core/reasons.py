"""Why something is done: which acts ask for a reason, and what a reason may be.

A tenant says which acts need one, and which reasons to propose. A reason is one line in
plain; whoever writes it is told not to name the customer.
"""

from collections.abc import Iterable
from enum import StrEnum

from valv.core.errors import Malformed, ReasonRequired

LONGEST = 500
MOST_PROPOSED, LONGEST_PROPOSED = 20, 100


class Needs(StrEnum):
    """The acts that may ask for a reason. To play is to hear or read what was said."""

    PLAY = "play"
    DOWNLOAD = "download"
    DELETE = "delete"
    EXPORT = "export"


def checked(reason: str, *, required: bool) -> str:
    """The reason as it is kept. Raises ReasonRequired, or Malformed for many lines."""
    kept = " ".join(reason.split())
    if required and not kept:
        raise ReasonRequired
    if not kept.isprintable() or len(kept) > LONGEST:
        raise Malformed(
            f"A reason is one line of at most {LONGEST} characters.", field="reason"
        )
    return kept


def checked_proposals(proposed: Iterable[str]) -> tuple[str, ...]:
    """Reasons to choose from, each once. Raises Malformed."""
    listed = tuple(dict.fromkeys(" ".join(one.split()) for one in proposed))
    told = tuple(filter(None, listed))
    if len(told) > MOST_PROPOSED:
        raise Malformed(f"At most {MOST_PROPOSED} are proposed.", field="proposed")
    if not all(one.isprintable() and len(one) <= LONGEST_PROPOSED for one in told):
        raise Malformed(
            f"Each is one line of at most {LONGEST_PROPOSED} characters.",
            field="proposed",
        )
    return told
