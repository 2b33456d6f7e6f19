"""Putting right whom an interaction is with (GDPR 16)."""

import msgspec

from valv.api.endpoint import Call, endpoint
from valv.archive.access import reachable
from valv.core.identifiers import Kind
from valv.core.ids import id_from_text
from valv.core.interaction import Line
from valv.core.permissions import Right
from valv.lifecycle.corrections import correct
from valv.storage import scope


class Correction(msgspec.Struct, forbid_unknown_fields=True):
    """What is right, in any written form, of which kind, and why it is corrected."""

    kind: Kind
    reason: str
    value: Line | None = None


@endpoint(
    "POST",
    "/interactions/{id}/correction",
    right=Right.PRIVACY,
    body=Correction,
    answers={204: None},
)
def correct_interaction(call: Call, id: str) -> None:  # noqa: A002
    """Correct a wrong number, address, name or handle; null takes it off.

    Raw events tell the right one too, and no source changes it back. The wrong one is
    destroyed if nothing else points at it. 403 with the rule `hold` under a hold.
    """
    with scope.reading(call.caller.tenant.id):
        row = reachable(call.caller, id_from_text(id))
    asked = call.json(Correction)
    correct(
        call.caller,
        row.id,
        asked.kind,
        asked.value or "",
        reason=asked.reason,
        now=call.now,
    )
