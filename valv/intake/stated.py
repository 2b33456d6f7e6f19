"""Which fields a source stated outright. They win over what events tell, in any order.

The bits are stored in ``Interaction.stated``, and stable.
"""

from enum import IntEnum

from msgspec import UNSET

from valv.archive.flags import TOLD, WHOM
from valv.core.identifiers import Kind
from valv.core.interaction import General

Bits = int  # some of them: plain, for an enumeration's own cost ten times as much


class Stated(IntEnum):
    """Fields by bit. The last ones are no fields, but what was told of it.

    ``DERIVED`` says that there are events, ``MEDIA_TOLD`` that its start is among them:
    without it, or ``MEDIA``, the medium is but a guess. Two are never taken back:
    ``STANDING`` says that a standing entry minimised it as it arrived, for good.
    ``RESTRICTS`` says that a source or the person's answers restrict it, ``BODILESS``
    that it was once said to be an e-mail or e-task. ``NAME_IN_LOG`` says that the name
    was read off a chat log sent whole: it gives way to a stated one, as the log does
    to a refusal, and wins over what events tell. ``CORRECTED`` says that somebody put
    right whom it is with: no source changes that any more, nor is it told anew.
    """

    STARTED_AT = 1
    MEDIA = 1 << 1
    DIRECTION = 1 << 2
    ENDED_AT = 1 << 3
    QUEUE = 1 << 4
    AGENTS = 1 << 5
    WAIT_SECONDS = 1 << 6
    TALK_SECONDS = 1 << 7
    OUTCOME = 1 << 8
    PHONE = 1 << 9
    EMAIL = 1 << 10
    NAME = 1 << 11
    HANDLE = 1 << 12
    OTHERS = 1 << 13
    SUBJECT = 1 << 14
    URL = 1 << 15
    VARIABLES = 1 << 16
    REGISTRATION = 1 << 17
    RESTRICTED = 1 << 18
    SURVEY = 1 << 19
    DERIVED = TOLD
    MEDIA_TOLD = 1 << 25
    RESTRICTS = 1 << 26
    BODILESS = 1 << 27
    NAME_IN_LOG = 1 << 28
    STANDING = 1 << 29
    CORRECTED = 1 << 30


OF_KIND: dict[Kind, Bits] = {
    Kind.PHONE: Stated.PHONE,
    Kind.EMAIL: Stated.EMAIL,
    Kind.NAME: Stated.NAME,
    Kind.HANDLE: Stated.HANDLE,
}
EVERYBODY: Bits = WHOM
FIELDS = (
    "started_at", "media", "direction", "ended_at", "queue", "agents",
    "wait_seconds", "talk_seconds", "outcome", "others", "subject", "url",
    "variables", "registration", "restricted",
)  # fmt: skip
NOTHING: Bits = 0
TEXTS = Stated.SUBJECT | Stated.URL | Stated.VARIABLES


def stated_in(general: General) -> Bits:
    """The fields that are stated: given, or cleared."""
    said: Bits = 0
    for name in FIELDS:
        if getattr(general, name) is not UNSET:
            said |= Stated[name.upper()]
    if general.identifiers is None:
        return said | EVERYBODY
    if general.identifiers is not UNSET:
        for kind, bit in OF_KIND.items():
            if getattr(general.identifiers, kind.value) is not UNSET:
                said |= bit
    return said
