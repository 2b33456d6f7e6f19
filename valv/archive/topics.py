"""What agents registered: topics by category and name, each kept once in a tenant."""

from collections.abc import Iterable

from valv.archive.models import Registration as Row
from valv.archive.models import Topic
from valv.core.interaction import Registration

Named = tuple[str, str]
BATCH = 500


def named(one: Registration) -> Named:
    """Category and topic; a topic may stand under no category."""
    return one.category or "", one.topic


def topic_ids(picked: Iterable[Named]) -> dict[Named, int]:
    """Ids of topics, made where new. Inside a ``writing`` scope."""
    wanted = sorted(set(picked))
    found = _ids(wanted)
    lacking = [one for one in wanted if one not in found]
    if lacking:
        Topic.objects.bulk_create(
            [Topic(category=category, name=name) for category, name in lacking],
            ignore_conflicts=True,
            batch_size=BATCH,
        )
        found = _ids(wanted)
    return found


def _ids(wanted: list[Named]) -> dict[Named, int]:
    names = {name for _, name in wanted}
    asked = set(wanted)
    rows = Topic.objects.filter(name__in=names).values_list("category", "name", "id")
    return {(c, name): id_ for c, name, id_ in rows if (c, name) in asked}


def picked_topics() -> list[Named]:
    """All that was ever picked. Inside a scope."""
    return list(Topic.objects.values_list("category", "name"))


def registrations_of(interaction_id: int) -> list[Registration]:
    """What stands registered of one interaction, in order. Inside a scope."""
    rows = list(Row.objects.filter(interaction_id=interaction_id).order_by("n"))
    topics = Topic.objects.in_bulk([row.topic_id for row in rows])
    return [
        Registration(
            topic=topics[row.topic_id].name,
            category=topics[row.topic_id].category or None,
            at=row.at,
        )
        for row in rows
    ]
