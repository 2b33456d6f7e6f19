"""What an interaction has, as bits that the search can test."""

from enum import IntFlag

from valv.core.interaction import ContentKind


class Flag(IntFlag):
    """Bits of ``Interaction.flags``; stable, for they are stored."""

    RECORDING = 1
    CHAT_LOG = 2
    SURVEY = 4
    TRANSCRIPT = 8
    REGISTRATION = 16
    RAW = 32
    TEXT = 64
    CONSENT = 128
    COPY = 256


# The bit of ``Interaction.stated`` that says: events tell of it.
TOLD = 1 << 24
# Its bits that say: a source stated outright whom it is with.
WHOM = 0b1111 << 9

FLAG_OF_KIND = {
    ContentKind.RECORDING: Flag.RECORDING,
    ContentKind.CHAT_LOG: Flag.CHAT_LOG,
    ContentKind.TRANSCRIPT: Flag.TRANSCRIPT,
}
