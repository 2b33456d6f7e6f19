"""What people ask for who are in the archive, and by when they must be answered.

GDPR Art. 12(3): within one month of its receipt, which two further months may extend
where that is necessary, for a reason that is told.
"""

from calendar import monthrange
from datetime import date
from enum import StrEnum
from typing import Final

MONTHS: Final = 1
MORE_MONTHS: Final = 2


class RequestKind(StrEnum):
    """What is asked for, by its article of the GDPR."""

    ACCESS = "access"  # Art. 15
    ERASURE = "erasure"  # Art. 17
    CORRECTION = "correction"  # Art. 16
    RESTRICTION = "restriction"  # Art. 18
    OBJECTION = "objection"  # Art. 21


class Decision(StrEnum):
    """What was decided of it."""

    GRANTED = "granted"
    PARTLY = "partly"
    REFUSED = "refused"


class RequestState(StrEnum):
    """How far it has come; ``late`` is one that is due and not answered."""

    OPEN = "open"
    DECIDED = "decided"
    LATE = "late"
    ANSWERED = "answered"


def due_on(received_on: date, *, is_extended: bool = False) -> date:
    """The last day for the answer: the same day of a later month, or that month's last.

    Regulation 1182/71 Art. 3(2)(c).
    """
    months = MONTHS + (MORE_MONTHS if is_extended else 0)
    past = received_on.month - 1 + months
    year, month = received_on.year + past // 12, past % 12 + 1
    return date(year, month, min(received_on.day, monthrange(year, month)[1]))


def state_of(
    *, is_decided: bool, is_answered: bool, due: date, today: date
) -> RequestState:
    if is_answered:
        return RequestState.ANSWERED
    if today > due:
        return RequestState.LATE
    return RequestState.DECIDED if is_decided else RequestState.OPEN
