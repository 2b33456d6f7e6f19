"""Session ids and plain words as they are stored: plain, unless one leads to somebody.

A session id is unsealed, since it is what the source calls the interaction. One with a
phone number or e-mail address in it would keep that when everything else has forgotten
it, so it is stored as a keyed hash; whoever knows the source's id still finds it.
"""

from collections.abc import Iterable, Mapping

from valv.archive.models import Interaction, Session
from valv.core.interaction import AgentRef
from valv.core.traces import leads_to_somebody
from valv.storage import keys, scope
from valv.storage.columns import insert_new
from valv.storage.raw import one_of, rows
from valv.tenants.models import Tenant

HASHED = "hashed-"
DIGITS = 40
LONGEST_OUTCOME = 40
BOUND = "SELECT session_id, interaction_id FROM session WHERE tenant_id = %s"


def stored_session_id(tenant: Tenant, session_id: str) -> str:
    """The session id, or its keyed hash if it leads to somebody."""
    if not leads_to_somebody(session_id, region=tenant.region):
        return session_id
    digest = keys.digest(tenant.id, "session", session_id).hex()
    return HASHED + digest[:DIGITS]


def stored_word(tenant: Tenant, word: str) -> str:
    """What is kept in plain (a queue, a topic, an agent's id), or its hash likewise."""
    if not leads_to_somebody(word, region=tenant.region):
        return word
    return HASHED + keys.digest(tenant.id, "word", word).hex()[:DIGITS]


def stored_outcome(tenant: Tenant, outcome: str) -> str:
    """The word for how it ended, which has less room."""
    return stored_word(tenant, outcome)[:LONGEST_OUTCOME]


def stored_agent(tenant: Tenant, agent: AgentRef) -> AgentRef:
    """An agent by a word that may be stored, without a name that leads to somebody."""
    name = agent.name
    if name and leads_to_somebody(name, region=tenant.region):
        name = None
    return AgentRef(stored_word(tenant, agent.id), name)


def interactions_of(stored_ids: Iterable[str]) -> dict[str, int]:
    """The interactions that sessions mean, by stored session id. Inside a scope."""
    condition, wanted = one_of("session_id", stored_ids)
    found = rows(f"{BOUND} AND {condition}", [scope.current(), *wanted])
    return dict(found)


def session_ids_of(interaction_ids: Iterable[int]) -> dict[int, str]:
    """What the sources call interactions that are still held. Inside a scope."""
    found = Interaction.objects.filter(id__in=set(interaction_ids))
    return dict(found.values_list("id", "session_id"))


def bind(drawn: Mapping[str, int]) -> dict[str, int]:
    """Give sessions their interaction, inside the ``writing`` scope that makes it.

    A session that has one keeps it, and of two writers at once the second waits for
    the first: whoever asks gets the same answer.
    """
    bound = interactions_of(drawn)
    lacking = sorted(drawn.keys() - bound.keys())
    if not lacking:
        return bound
    insert_new([Session(session_id=one, interaction_id=drawn[one]) for one in lacking])
    return bound | interactions_of(lacking)
