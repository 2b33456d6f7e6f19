"""What was written in an e-mail or e-task: kept nowhere, whenever its medium is told.

Where the medium is known the door refuses it (law 4). What came before that, among
variables, is known for what it is here, and goes with the news. Once said to be an
e-mail or e-task, by anyone, an interaction takes nothing of the kind any more, whatever
medium is stated later: the order in which parts come must not let a letter in.
"""

from msgspec.structs import replace

from valv.archive.models import Interaction
from valv.archive.text import Text
from valv.core.email_bodies import BODILESS, has_body
from valv.core.interaction import Media
from valv.intake.stated import Stated


def set_medium(row: Interaction, media: Media) -> None:
    """State the medium; that it was once another without a body is remembered."""
    note_medium(row, Media.numbered(row.media))
    note_medium(row, media)
    row.media = media.number


def note_medium(row: Interaction, media: Media) -> None:
    """It was said to be this, if only once."""
    if media in BODILESS:
        row.stated |= int(Stated.BODILESS)


def ruling_medium(row: Interaction) -> Media:
    """The medium by which the rules go: an e-mail remains one."""
    media = Media.numbered(row.media)
    is_told = bool(row.stated & Stated.BODILESS) and media not in BODILESS
    return Media.EMAIL if is_told else media


def bodiless(text: Text, row: Interaction) -> Text:
    """The free text without the variables that its medium may not have."""
    if ruling_medium(row) not in BODILESS:
        return text
    kept = {k: v for k, v in text.variables.items() if not has_body({k: v})}
    return replace(text, variables=kept)
