"""The tenant's own words: queues and agents, by the source's names for them."""

from collections.abc import Iterable, Mapping

from valv.archive.models import Agent, Queue


def queue_ids(names: Iterable[str]) -> dict[str, int]:
    """Ids of queues by name, made where new. Inside a ``writing`` scope."""
    wanted = sorted(set(names))
    found = _queues(wanted)
    lacking = [name for name in wanted if name not in found]
    if lacking:
        Queue.objects.bulk_create(
            [Queue(name=name) for name in lacking], ignore_conflicts=True
        )
        found = _queues(wanted)
    return found


def _queues(names: list[str]) -> dict[str, int]:
    return dict(Queue.objects.filter(name__in=names).values_list("name", "id"))


def agent_ids(named: Mapping[str, str]) -> dict[str, int]:
    """Ids of agents by the source's id; ``named`` gives each its newest name.

    An empty name leaves the one that is known. Inside a ``writing`` scope.
    """
    known = {agent.source_id: agent for agent in _agents(named)}
    lacking = sorted(named.keys() - known.keys())
    if lacking:
        Agent.objects.bulk_create(
            [Agent(source_id=id_, name=named[id_] or id_) for id_ in lacking],
            ignore_conflicts=True,
        )
        known = {agent.source_id: agent for agent in _agents(named)}
    for source_id, agent in known.items():
        _rename(agent, named[source_id])
    return {source_id: agent.id for source_id, agent in known.items()}


def _agents(named: Mapping[str, str]) -> list[Agent]:
    return list(Agent.objects.filter(source_id__in=list(named)))


def _rename(agent: Agent, name: str) -> None:
    if name and name not in (agent.name, agent.source_id):
        Agent.objects.filter(id=agent.id, former=False).update(name=name)


def queue_names() -> dict[int, str]:
    """All the tenant's queues; a few hundred at most."""
    return dict(Queue.objects.values_list("id", "name"))


def agent_names(agent_ids: Iterable[int] | None = None) -> dict[int, str]:
    """Names of some agents, or of all the tenant's."""
    found = Agent.objects.all()
    if agent_ids is not None:
        found = found.filter(id__in=set(agent_ids))
    return dict(found.values_list("id", "name"))
