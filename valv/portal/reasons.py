"""Why something is deleted, as it was typed: what is wrong with it, in words."""

from django.utils.translation import gettext as _

from valv.core.errors import Malformed
from valv.core.reasons import Needs
from valv.tenants.access import Caller
from valv.tenants.reasons import stated


def fault_of(caller: Caller, reason: str, *, missing: str) -> str:
    """Empty if nothing is wrong; ``missing`` if there is no reason."""
    if not reason:
        return missing
    try:
        stated(caller.tenant, Needs.DELETE, reason)
    except Malformed:
        return _("A reason is one line of at most 500 characters.")
    return ""
