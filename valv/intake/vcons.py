"""A vCon in: read, and vouched for by its own sums."""

import codecs

from valv.core.errors import Malformed, Refused
from valv.core.interaction import Arrival
from valv.core.vcon import read_vcon

CONTENT_HASH = "content_hash"


def arrival_from(body: bytes) -> Arrival:
    """Read a vCon; a byte order mark before it is passed over.

    Raises what ``read_vcon`` does, and Refused (``content_hash``) for an inline
    recording that is not the one that was vouched for.
    """
    try:
        return read_vcon(body.removeprefix(codecs.BOM_UTF8))
    except Malformed as error:
        if error.field == CONTENT_HASH:
            raise Refused(CONTENT_HASH, error.detail) from None
        raise
