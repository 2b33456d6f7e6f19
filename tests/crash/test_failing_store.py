"""A real S3 store that loses answers, under a deletion and under the night.

What was asked of it was done, or not; nobody is told. Nothing may be opened any more,
no run may call itself whole, and the next one finishes.
"""

from collections.abc import Iterator

import pytest

from tests.intake.asking import Source
from tests.laws.laying import ago, blobs, interactions, lay, living
from tests.peers.ceph import Ceph
from tests.peers.lossy import LossyProxy, lossy_proxy
from valv.lifecycle import nightly
from valv.storage import blobstore, intents, scope
from valv.storage.blobs.s3 import S3Place, S3Secrets, S3Store
from valv.storage.keys import KeyKind
from valv.storage.models import Intent
from valv.tenants.models import Tenant

pytestmark = [pytest.mark.s3, pytest.mark.django_db(transaction=True)]
ALWAYS = 1_000_000
VERBS = [b"DELETE", b"GET", b"HEAD", b"POST"]


@pytest.fixture
def source(acme: Tenant) -> Source:
    return Source.of(acme)


@pytest.fixture
def proxy(ceph: Ceph, monkeypatch: pytest.MonkeyPatch) -> Iterator[LossyProxy]:
    """The archive's store, behind a proxy that may be told to lose answers."""
    with lossy_proxy(ceph.endpoint) as proxy:
        store = S3Store(
            S3Place(ceph.new_bucket(), endpoint=proxy.endpoint),
            secrets=S3Secrets(ceph.access_key, ceph.secret_key),
        )
        monkeypatch.setattr(blobstore, "store", lambda: store)
        yield proxy


def lose(proxy: LossyProxy, verb: bytes) -> None:
    proxy.lose_answers_to(lambda request: request.startswith(verb), times=ALWAYS)


def lose_nothing(proxy: LossyProxy) -> None:
    proxy.lose_answers_to(lambda _: False, times=0)


def waiting(tenant: Tenant) -> int:
    with scope.reading(tenant.id):
        return Intent.objects.count()


def contents(tenant: Tenant) -> int:
    return sum(kind == KeyKind.CONTENT for kind, _ in living(tenant))


def test_a_deletion_the_store_does_not_answer_is_finished_later(
    proxy: LossyProxy, source: Source
) -> None:
    laid = lay(source, "lost")
    path = f"/interactions/{laid.call}/recordings/1"
    before = contents(source.tenant)

    lose(proxy, b"DELETE")
    answer = source.ask("DELETE", path)

    assert answer.status_code == 503
    assert source.ask("GET", path).status_code == 410
    assert contents(source.tenant) == before - 2
    assert waiting(source.tenant)
    lose_nothing(proxy)
    assert intents.resume(source.tenant.id)
    assert waiting(source.tenant) == 0


@pytest.mark.parametrize("verb", VERBS, ids=bytes.decode)
def test_a_night_the_store_does_not_answer_is_finished_by_the_next(
    proxy: LossyProxy, source: Source, verb: bytes
) -> None:
    tenant, now = source.tenant, ago(0)
    lay(source, "old", days=300)

    lose(proxy, verb)
    first = nightly.run(tenant, nightly.today(tenant, now), now=now)
    was_lost = proxy.lost
    lose_nothing(proxy)

    assert first.is_whole == (was_lost == 0)
    assert (interactions(tenant), contents(tenant)) == (set(), 0)
    assert nightly.run(tenant, nightly.today(tenant, now), now=now).is_whole
    assert (blobs(tenant), waiting(tenant)) == (set(), 0)
