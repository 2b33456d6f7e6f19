"""What only a bucket can do wrong: lost answers, old claims, a strange environment."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.peers.ceph import Ceph
from tests.peers.lossy import LossyProxy, lossy_proxy
from valv.storage import blobstore
from valv.storage.blobs.contract import BlobExists, BlobMissing, BlobStoreFailed
from valv.storage.blobs.s3 import (
    CLAIM,
    MARK,
    ONE_PIECE,
    S3Place,
    S3Secrets,
    S3Store,
)

pytestmark = pytest.mark.s3

LARGE = bytes(ONE_PIECE * 2 + 1)
HOSTILE = {
    "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_ENDPOINT": "http://127.0.0.1:9",
    "AWS_BUCKET": "elsewhere",
    "AWS_REGION": "mars-north-1",
    "AWS_ACCESS_KEY_ID": "stranger",
    "AWS_SECRET_ACCESS_KEY": "strange",
    "AWS_SESSION_TOKEN": "stale",
    "AWS_SKIP_SIGNATURE": "true",
    "AWS_CONDITIONAL_PUT": "disabled",
    "AWS_VIRTUAL_HOSTED_STYLE_REQUEST": "true",
}


@pytest.fixture(scope="module")
def bucket(ceph: Ceph) -> str:
    return ceph.new_bucket()


@pytest.fixture
def behind(ceph: Ceph) -> Iterator[Any]:
    with closing(ceph.client()) as client:
        yield client


@pytest.fixture(scope="module")
def proxy(ceph: Ceph) -> Iterator[LossyProxy]:
    with lossy_proxy(ceph.endpoint) as proxy:
        yield proxy


def _store(ceph: Ceph, bucket: str, *, endpoint: str | None = None) -> S3Store:
    return S3Store(
        S3Place(bucket, endpoint=endpoint or ceph.endpoint),
        secrets=S3Secrets(ceph.access_key, ceph.secret_key),
    )


def _read(store: S3Store, key: str) -> bytes:
    return b"".join(store.open(key))


def _creates(request: bytes) -> bool:
    return request.startswith(b"PUT ") and b"if-none-match: *" in request.lower()


def _completes(request: bytes) -> bool:
    return request.startswith(b"POST ") and b"uploadid=" in request.lower()


def test_a_put_whose_answer_was_lost_is_known_as_its_own(
    ceph: Ceph, bucket: str, proxy: LossyProxy
) -> None:
    store = _store(ceph, bucket, endpoint=proxy.endpoint)
    proxy.lose_answers_to(_creates, times=1)

    size = store.put("lost/one", [b"body"])

    assert proxy.lost == 1
    assert size == 4
    assert _read(store, "lost/one") == b"body"


def test_a_put_that_lost_its_answer_to_another_blob_says_so(
    ceph: Ceph, bucket: str, proxy: LossyProxy
) -> None:
    store = _store(ceph, bucket, endpoint=proxy.endpoint)
    store.put("lost/taken", [b"body"])
    proxy.lose_answers_to(_creates, times=1)

    with pytest.raises((BlobExists, BlobStoreFailed)):
        store.put("lost/taken", [b"body"])

    assert proxy.lost == 1


def test_a_large_put_survives_lost_answers(
    ceph: Ceph, bucket: str, proxy: LossyProxy
) -> None:
    store = _store(ceph, bucket, endpoint=proxy.endpoint)
    proxy.lose_answers_to(lambda sent: _creates(sent) or _completes(sent), times=2)

    size = store.put("lost/large", [LARGE])

    assert proxy.lost == 2
    assert size == len(LARGE)
    assert _read(store, "lost/large") == LARGE


def test_a_discard_whose_answer_was_lost_is_asked_again(
    ceph: Ceph, bucket: str, proxy: LossyProxy
) -> None:
    store = _store(ceph, bucket, endpoint=proxy.endpoint)
    store.put("lost/discard", [b"body"])
    proxy.lose_answers_to(lambda sent: sent.startswith(b"DELETE "), times=1)

    store.discard("lost/discard")

    assert proxy.lost == 1
    assert list(store.list("lost/discard")) == []


def test_a_broken_off_upload_leaves_no_parts_behind(
    ceph: Ceph, bucket: str, behind: Any
) -> None:
    def chunks() -> Iterator[bytes]:
        yield LARGE
        raise LookupError

    with pytest.raises(LookupError):
        _store(ceph, bucket).put("broken/off", chunks())

    assert "Uploads" not in behind.list_multipart_uploads(Bucket=bucket)
    assert "Contents" not in behind.list_objects_v2(Bucket=bucket, Prefix="broken/")


def test_a_claim_left_by_a_crash_is_listed_but_holds_nothing(
    ceph: Ceph, bucket: str, behind: Any
) -> None:
    store = _store(ceph, bucket)
    behind.put_object(Bucket=bucket, Key="claim/a", Metadata={MARK: f"{CLAIM}1"})

    with pytest.raises(BlobMissing):
        store.open("claim/a")
    with pytest.raises(BlobExists):
        store.put("claim/a", [b"body"])
    assert [info.size for info in store.list("claim")] == [0]

    store.discard("claim/a")

    assert list(store.list("claim")) == []


def test_a_large_upload_under_way_holds_its_key(ceph: Ceph, bucket: str) -> None:
    store = _store(ceph, bucket)

    def chunks() -> Iterator[bytes]:
        yield LARGE
        with pytest.raises(BlobExists):
            store.put("under/way", [b"small"])
        with pytest.raises(BlobMissing):
            store.open("under/way")
        yield b"end"

    assert store.put("under/way", chunks()) == len(LARGE) + 3
    assert _read(store, "under/way") == LARGE + b"end"


def test_the_environment_decides_nothing(
    ceph: Ceph, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in HOSTILE.items():
        monkeypatch.setenv(name, value)
    store = _store(ceph, bucket)

    store.put("environment", [b"body"])

    assert _read(store, "environment") == b"body"
    with pytest.raises(BlobExists):
        store.put("environment", [b"other"])


def test_a_wrong_secret_is_a_failure_without_the_secret(
    ceph: Ceph, bucket: str
) -> None:
    pair = S3Secrets(ceph.access_key, "not-the-secret")
    store = S3Store(S3Place(bucket, endpoint=ceph.endpoint), secrets=pair)

    with pytest.raises(BlobStoreFailed) as failure:
        store.put("wrong/secret", [b"body"])

    assert "not-the-secret" not in f"{failure.value!r} {failure.value.__cause__!r}"
    assert "not-the-secret" not in repr(pair)


def test_a_bucket_that_is_not_there_is_a_failure(ceph: Ceph) -> None:
    store = _store(ceph, "valv-never-made")

    with pytest.raises(BlobStoreFailed):
        store.put("a", [b"body"])
    with pytest.raises(BlobStoreFailed):
        list(store.list())


def test_prefixes_of_one_bucket_do_not_see_each_other(ceph: Ceph, bucket: str) -> None:
    pair = S3Secrets(ceph.access_key, ceph.secret_key)
    one, other = (
        S3Store(S3Place(bucket, endpoint=ceph.endpoint, prefix=prefix), secrets=pair)
        for prefix in ("apart/a", "apart/ab")
    )

    one.put("key", [b"body"])

    assert [info.key for info in one.list()] == ["key"]
    assert list(other.list()) == []


@pytest.mark.parametrize(
    ("status", "kept"), [(None, False), ("Enabled", True), ("Suspended", False)]
)
def test_the_doctor_hears_of_a_bucket_that_keeps_versions(
    ceph: Ceph, behind: Any, settings: Any, status: str | None, *, kept: bool
) -> None:
    bucket = ceph.new_bucket()
    settings.VALV_BLOBS_URL = f"s3://{bucket}?endpoint={ceph.endpoint}"
    settings.VALV_BLOBS_SECRETS = {
        "access_key_id": ceph.access_key,
        "secret_access_key": ceph.secret_key,
    }
    for one in ("Enabled", status) if status else ():
        behind.put_bucket_versioning(
            Bucket=bucket, VersioningConfiguration={"Status": one}
        )

    assert blobstore.warnings() == [blobstore.VERSIONED] * kept

    listed = behind.list_object_versions(Bucket=bucket)
    assert len(listed.get("Versions", [])) == kept
