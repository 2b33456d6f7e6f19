"""Standing entries: the hashes they are known by, and whether one stands."""

from collections.abc import Iterable
from datetime import datetime

from valv.archive.standing_models import StandingEntry
from valv.core.identifiers import Kind
from valv.storage import keys

HASH_BYTES = 16


def standing_hash(tenant_id: int, kind: Kind, normal: str) -> bytes:
    """Another hash than the one by which somebody is found: it leads to no row."""
    return keys.digest(tenant_id, "standing", kind.value, normal)[:HASH_BYTES]


def standing_among(hashes: Iterable[bytes], *, now: datetime) -> set[bytes]:
    """Those of some hashes that an entry stands for. One statement, in a scope."""
    wanted = list(hashes)
    if not wanted:
        return set()
    found = StandingEntry.objects.filter(hash__in=wanted, until__gt=now)
    return {bytes(one) for one in found.values_list("hash", flat=True)}
