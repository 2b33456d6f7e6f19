"""A real S3 store that loses answers, under whatever ends something.

What was asked of it was done, or not; nobody is told. Nothing may be opened any more,
no run may call itself whole, and the next one finishes.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cast import OPERATOR
from tests.intake.asking import Source
from tests.laws.laying import EMAIL, PHONE, ago, blobs, interactions, lay, living
from tests.peers.ceph import Ceph
from tests.peers.lossy import LossyProxy, lossy_proxy
from valv.core.identifiers import Kind
from valv.core.people import Actor, ActorType
from valv.core.permissions import Right
from valv.lifecycle import closing, jobs, kinds, nightly, planning
from valv.lifecycle.plans import EVERYTHING, Options
from valv.storage import blobstore, intents, scope
from valv.storage.blobs.contract import BlobError
from valv.storage.blobs.s3 import RETRIES, S3Place, S3Secrets, S3Store
from valv.storage.keys import KeyKind
from valv.storage.models import Intent
from valv.tenants.access import Caller
from valv.tenants.models import Tenant

pytestmark = [pytest.mark.s3, pytest.mark.django_db(transaction=True)]
ALWAYS = 1_000_000
AT_ONCE = {name: timedelta(milliseconds=1) for name in ("init_backoff", "max_backoff")}
VERBS = [b"DELETE", b"GET", b"HEAD", b"POST"]


@pytest.fixture
def source(acme: Tenant) -> Source:
    return Source.of(acme)


@pytest.fixture
def proxy(ceph: Ceph, monkeypatch: pytest.MonkeyPatch) -> Iterator[LossyProxy]:
    """The archive's store, behind a proxy that may be told to lose answers.

    It asks as often as it ever does, and waits less in between.
    """
    monkeypatch.setitem(RETRIES, "backoff", AT_ONCE)
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


def forgetting(source: Source) -> int:
    """An approved job: whom a call and a chat were with, content and all."""
    caller = Caller(source.tenant, OPERATOR, frozenset(Right))
    wanted = planning.Wanted(
        typed=((Kind.PHONE, PHONE), (Kind.EMAIL, EMAIL)),
        options=Options(anonymise=True, delete=EVERYTHING),
    )
    job = planning.plan(caller, wanted, now=ago(0))
    return jobs.approve(source.tenant, job.id, at_night=False, now=ago(0)).id


@pytest.mark.parametrize("verb", [b"DELETE", b"GET"], ids=bytes.decode)
def test_a_forgetting_the_store_does_not_answer_is_done_by_the_next(
    proxy: LossyProxy, source: Source, verb: bytes
) -> None:
    lay(source, "known")
    job_id = forgetting(source)

    lose(proxy, verb)
    first = kinds.run(source.tenant, job_id, now=ago(0))
    was_lost = proxy.lost
    lose_nothing(proxy)

    assert first.state == ("partly" if was_lost else "done")
    assert KeyKind.IDENTIFIER not in {kind for kind, _ in living(source.tenant)}
    assert kinds.run_waiting(source.tenant, now=ago(-1))
    assert jobs.found(source.tenant.id, job_id).state == "done"
    assert (blobs(source.tenant), waiting(source.tenant)) == (set(), 0)


@pytest.mark.parametrize("verb", [b"DELETE", b"GET"], ids=bytes.decode)
def test_a_closing_the_store_does_not_answer_is_gone_on_with(
    proxy: LossyProxy, source: Source, tmp_path: Path, verb: bytes
) -> None:
    tenant = source.tenant
    lay(source, "all")
    closing.ask(tenant, actor=Actor(ActorType.OPERATOR, "bo"), now=ago(0))

    lose(proxy, verb)
    with pytest.raises(BlobError):
        closing.close(tenant, tmp_path / "all", actor=OPERATOR, now=ago(0))
    lose_nothing(proxy)

    assert Tenant.objects.filter(id=tenant.id).exists()
    assert not (tmp_path / "all" / "receipt.json").exists()
    closing.close(tenant, tmp_path / "all", actor=OPERATOR, now=ago(0))
    assert (tmp_path / "all" / "receipt.json").exists()
    assert (living(tenant), blobs(tenant)) == (set(), set())
