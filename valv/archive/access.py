"""The doors to interactions: what is not there and what is not yours look the same."""

from valv.archive.models import Interaction, Session
from valv.archive.reach import narrowed
from valv.archive.sessions import stored_session_id
from valv.core.errors import NotFound
from valv.core.ids import id_from_text
from valv.core.permissions import Right
from valv.tenants.access import Caller


def reachable(caller: Caller, interaction_id: int) -> Interaction:
    """The interaction, if it lies in the caller's reach. Inside a scope.

    Whether they may what they are about to do is asked elsewhere. Raises NotFound.
    """
    found = narrowed(Interaction.objects.filter(id=interaction_id), caller.reach)
    row: Interaction | None = found.first()
    if row is None:
        raise NotFound
    return row


def readable_interaction(caller: Caller, interaction_id: int | str) -> Interaction:
    """The interaction, for one who may see general information. Inside a scope.

    Raises Forbidden without the right; NotFound alike for an id that is malformed,
    unknown, beyond reach or another tenant's.
    """
    caller.require(Right.SEE)
    return reachable(caller, id_from_text(str(interaction_id)))


def by_session(caller: Caller, session_id: str) -> Interaction:
    """As ``readable_interaction``, by what the source calls it. Inside a scope."""
    caller.require(Right.SEE)
    stored = stored_session_id(caller.tenant, session_id)
    ids = Session.objects.filter(session_id__in={session_id, stored})
    number = ids.values_list("interaction_id", flat=True).first()
    return readable_interaction(caller, -1 if number is None else number)
