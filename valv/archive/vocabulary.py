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


def known_queues(names: Iterable[str]) -> dict[str, int]:
    """Ids of those queues that there are, by name. Inside a scope."""
    return _queues(list(names))


def known_agents(source_ids: Iterable[str]) -> dict[str, int]:
    """Ids of those agents that there are, by the source's id. Inside a scope."""
    return {source_id: id_ for source_id, (id_, _) in _agents(source_ids).items()}


def _queues(names: list[str]) -> dict[str, int]:
    return dict(Queue.objects.filter(name__in=names).values_list("name", "id"))


def agent_ids(named: Mapping[str, str]) -> dict[str, int]:
    """Ids of agents by the source's id; ``named`` gives each its newest name.

    An empty name leaves the one that is known. Inside a ``writing`` scope.
    """
    known = _agents(named)
    lacking = sorted(named.keys() - known.keys())
    if lacking:
        Agent.objects.bulk_create(
            [Agent(source_id=id_, name=named[id_] or id_) for id_ in lacking],
            ignore_conflicts=True,
        )
        known = _agents(named)
    for source_id, (agent_id, name) in known.items():
        if named[source_id] not in ("", name, source_id):
            newest = Agent.objects.filter(id=agent_id, former=False)
            newest.update(name=named[source_id])
    return {source_id: agent_id for source_id, (agent_id, _) in known.items()}


def _agents(source_ids: Iterable[str]) -> dict[str, tuple[int, str]]:
    """Number and name by the source's id."""
    found = Agent.objects.filter(source_id__in=list(source_ids))
    rows = found.values_list("source_id", "id", "name")
    return {source_id: (id_, name) for source_id, id_, name in rows}


def queue_names() -> dict[int, str]:
    """All the tenant's queues; a few hundred at most."""
    return dict(Queue.objects.values_list("id", "name"))


def agent_names(agent_ids: Iterable[int] | None = None) -> dict[int, str]:
    """Names of some agents, or of all the tenant's."""
    found = Agent.objects.all()
    if agent_ids is not None:
        found = found.filter(id__in=set(agent_ids))
    return dict(found.values_list("id", "name"))
