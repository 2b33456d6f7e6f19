"""What was written in an e-mail or e-task: kept nowhere, whenever its medium is told.

Where the medium is known the door refuses it (law 4). What came before that, among
variables, is known for what it is here, and goes with the news.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from valv.archive.models import Interaction
from valv.archive.text import Text
from valv.core.errors import Refused
from valv.core.interaction import Media, refuse_body


def bodiless(text: Text, row: Interaction) -> Text:
    """The free text without the variables that its medium may not have."""
    media = Media.numbered(row.media)
    kept = {k: v for k, v in text.variables.items() if not has_body({k: v}, media)}
    return replace(text, variables=kept)


def has_body(variables: Mapping[str, object], media: Media) -> bool:
    try:
        refuse_body(variables, media=media)
    except Refused:
        return True
    return False
