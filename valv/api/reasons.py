"""Which acts need a reason, and which reasons are proposed."""

from msgspec import Struct

from valv.api.endpoint import Call, endpoint
from valv.core.permissions import Right
from valv.core.reasons import Needs
from valv.tenants.reasons import Reasons, reasons_of, set_reasons


class ReasonsStated(Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be changed; what is not named stays as it is."""

    required: list[Needs] | None = None
    proposed: list[str] | None = None


@endpoint("GET", "/settings/reasons", right=Right.SETTINGS, answers={200: Reasons})
def show_reasons(call: Call) -> Reasons:
    """Show which acts need a reason, and which are proposed."""
    return reasons_of(call.caller.tenant)


@endpoint(
    "PUT",
    "/settings/reasons",
    right=Right.SETTINGS,
    body=ReasonsStated,
    answers={200: Reasons},
)
def put_reasons(call: Call) -> Reasons:
    """Change which acts need a reason, from now on; it is entered in the log.

    To play is to hear a recording, or to read a chat log or transcript. Such a call
    without a `reason` is answered 422 with the rule `reason_required`.
    """
    stated, before = call.json(ReasonsStated), reasons_of(call.caller.tenant)
    return set_reasons(
        call.caller.tenant,
        required=before.required if stated.required is None else stated.required,
        proposed=before.proposed if stated.proposed is None else stated.proposed,
        actor=call.caller.actor,
        now=call.now,
    )
