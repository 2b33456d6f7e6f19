"""A vCon in: read, and vouched for by its own sums. A refusal of it is recorded."""

import codecs
from datetime import datetime

from valv.core.errors import Malformed, Refused
from valv.core.interaction import Arrival
from valv.core.people import Actor
from valv.core.vcon import read_vcon
from valv.intake.refusals import note
from valv.storage import scope
from valv.tenants.models import Tenant

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


def sent_arrival(
    tenant: Tenant, body: bytes, *, actor: Actor, now: datetime
) -> Arrival:
    """As ``arrival_from``; what a rule refuses outright is entered in the log."""
    try:
        return arrival_from(body)
    except Refused as refusal:
        with scope.writing(tenant.id):
            note(None, refusal, actor=actor, now=now)
        raise
