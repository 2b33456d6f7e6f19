"""The people of each tenant, decrypted, in memory and nowhere else.

A fragment of a number, address or name is found by scanning one blob of bytes per kind
(a few milliseconds for hundreds of thousands), and result pages take from here what
they show. Each use names the epoch it read in its own snapshot: whoever forgets raises
it, and what was decrypted before is dropped before the next answer.

It never logs, never writes, and holds a bounded amount: tenants least lately used go
first.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from threading import Lock, RLock

from valv.archive.identifiers import open_shown
from valv.archive.scan import SCAN_CAP, Values
from valv.core.identifiers import Kind, Pattern
from valv.storage import keys, scope
from valv.storage.keys import KeyKind
from valv.storage.raw import Rows, one_of, rows

MOST_BYTES = 512 * 1024 * 1024
MOST_REMEMBERED = 50_000
BATCH = 10_000
# A transaction that writes identifiers lasts less than 30 s, so whatever shows up later
# than what was read last is marked no more than this before it.
OVERLAP_MS = 60_000


@dataclass(frozen=True, slots=True)
class Fitting:
    """The identifiers that fit a pattern; when ``capped`` there are more of them."""

    ids: frozenset[int]
    capped: bool = False


@dataclass(frozen=True, slots=True)
class _Scanned:
    """All values of one kind, and the newest moment at which one was written."""

    values: Values = field(default_factory=Values)
    mark: int = -1


class People:
    """What is decrypted of one tenant, as of one epoch. Use ``of`` to come by it."""

    def __init__(self, tenant_id: int, epoch: int) -> None:
        self.tenant_id = tenant_id
        self.epoch = epoch
        self._shown: dict[int, str] = {}
        self._scanned: dict[Kind, _Scanned] = {}
        self._lock = RLock()

    @property
    def bytes_held(self) -> int:
        held = sum(scanned.values.bytes_held for scanned in self._scanned.values())
        return held + 200 * len(self._shown)

    def shown(self, identifier_ids: Iterable[int]) -> dict[int, str]:
        """What to show of each; the forgotten are absent. Inside a scope."""
        found, lacking = self._remembered(frozenset(identifier_ids))
        if lacking:
            opened = {id_: shown for id_, _, shown in _opened(self.tenant_id, lacking)}
            found |= opened
            self._remember(opened)
        return found

    def _remembered(self, wanted: frozenset[int]) -> tuple[dict[int, str], list[int]]:
        found: dict[int, str] = {}
        lacking: list[int] = []
        for id_ in wanted:
            shown = self._shown.get(id_)
            if shown is None:
                shown = self._scanned_shown(id_)
            if shown is None:
                lacking.append(id_)
            else:
                found[id_] = shown
        return found, lacking

    def _scanned_shown(self, id_: int) -> str | None:
        for scanned in tuple(self._scanned.values()):
            shown = scanned.values.shown(id_)
            if shown is not None:
                return shown
        return None

    def _remember(self, opened: dict[int, str]) -> None:
        with self._lock:
            if len(self._shown) + len(opened) > MOST_REMEMBERED:
                self._shown = {}
            self._shown.update(opened)

    def fitting(self, pattern: Pattern, *, cap: int = SCAN_CAP) -> Fitting:
        """The ids of values that fit, at most ``cap`` or so. Inside a scope."""
        ids, capped = self._refreshed(pattern.kind).find(pattern.alternatives, cap=cap)
        return Fitting(frozenset(ids), capped)

    def fits(self, pattern: Pattern, identifier_ids: Iterable[int]) -> set[int]:
        """Which of these fit, told in memory; call ``fitting`` first."""
        values = self._scanned[pattern.kind].values
        return {
            id_
            for id_ in identifier_ids
            if (normal := values.normal(id_)) is not None and pattern.fits(normal)
        }

    def _refreshed(self, kind: Kind) -> Values:
        """The values of a kind, with what was written since they were last read."""
        with self._lock:
            scanned = self._scanned.get(kind, _Scanned())
            written = _written_since(kind, scanned.mark - OVERLAP_MS)
            fresh = [id_ for id_, _ in written if id_ not in scanned.values]
            if fresh or kind not in self._scanned:
                values = Values(_opened(self.tenant_id, fresh), after=scanned.values)
                mark = max((at for _, at in written), default=scanned.mark)
                scanned = self._scanned[kind] = _Scanned(values, mark)
            return scanned.values


class _Tenants:
    """The people of tenants lately searched in this process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._held: OrderedDict[int, People] = OrderedDict()

    def of(self, tenant_id: int, epoch: int) -> People:
        with self._lock:
            held = self._held.get(tenant_id)
            if held is None or held.epoch < epoch:
                held = self._held[tenant_id] = People(tenant_id, epoch)
            elif held.epoch > epoch:
                # An older snapshot must not put what it sees where newer ones look.
                return People(tenant_id, epoch)
            self._held.move_to_end(tenant_id)
            self._drop_oldest()
            return held

    def _drop_oldest(self) -> None:
        while len(self._held) > 1 and self._bytes_held() > MOST_BYTES:
            self._held.popitem(last=False)

    def _bytes_held(self) -> int:
        return sum(people.bytes_held for people in self._held.values())

    def held(self) -> list[People]:
        with self._lock:
            return list(self._held.values())

    def drop(self, people: People) -> None:
        with self._lock:
            if self._held.get(people.tenant_id) is people:
                del self._held[people.tenant_id]

    def cache_clear(self) -> None:
        with self._lock:
            self._held.clear()


_tenants = _Tenants()


def of(tenant_id: int, *, epoch: int) -> People:
    """A tenant's people as of the epoch read in the scope that is open."""
    return _tenants.of(tenant_id, epoch)


def held() -> list[People]:
    """All that this process holds; for whoever looks after stale ones."""
    return _tenants.held()


def drop(people: People) -> None:
    """Let go of what was decrypted."""
    _tenants.drop(people)


def forget_all() -> None:
    """Let go of everything decrypted."""
    _tenants.cache_clear()


def _written_since(kind: Kind, mark: int) -> Rows:
    return rows(
        "SELECT id, written_at FROM identifier WHERE tenant_id = %s AND kind = %s"
        " AND written_at >= %s AND sealed IS NOT NULL",
        [scope.current(), kind.number, mark],
    )


def _opened(
    tenant_id: int, identifier_ids: Sequence[int]
) -> Iterator[tuple[int, str, str]]:
    """Id, normal form and what to show, of those whose key lives."""
    for start in range(0, len(identifier_ids), BATCH):
        sealed = _sealed(identifier_ids[start : start + BATCH])
        for id_, key in keys.read(tenant_id, KeyKind.IDENTIFIER, sealed).items():
            opened = open_shown(tenant_id, id_, sealed[id_], key)
            yield id_, opened.normal, opened.shown


def _sealed(identifier_ids: Sequence[int]) -> dict[int, bytes]:
    condition, ids = one_of("id", identifier_ids)
    found = rows(
        f"SELECT id, sealed FROM identifier WHERE +tenant_id = %s AND {condition}"  # noqa: S608
        " AND sealed IS NOT NULL",
        [scope.current(), *ids],
    )
    return dict(found)
