"""From a URL to a store, or to a sentence that says what to do."""

from pathlib import Path

import pytest

from valv.core.errors import Misconfigured
from valv.storage.blobs.choose import store_from_url
from valv.storage.blobs.local import LocalStore
from valv.storage.blobs.s3 import S3Store

PAIR = {"access_key_id": "id", "secret_access_key": "secret"}
ENDPOINT = "endpoint=http://127.0.0.1:9"


def _s3(url: str) -> S3Store:
    store = store_from_url(url, secrets=PAIR)
    assert isinstance(store, S3Store)
    return store


def test_a_file_url_is_a_folder_that_is_made(tmp_path: Path) -> None:
    store = store_from_url(f"{tmp_path.as_uri()}/new%20one/blobs", secrets={})

    assert isinstance(store, LocalStore)
    assert store.folder == tmp_path / "new one" / "blobs"
    assert store.folder.is_dir()


def test_an_s3_url_names_bucket_prefix_and_endpoint() -> None:
    bucket = _s3(f"s3://archive/some/where/?{ENDPOINT}/&region=eu-north-1").bucket

    assert bucket.prefix == "some/where"
    assert bucket.config["bucket"] == "archive"
    assert bucket.config["endpoint"] == "http://127.0.0.1:9"
    assert bucket.config["region"] == "eu-north-1"


def test_without_an_endpoint_it_is_amazons_for_the_region() -> None:
    bucket = _s3("s3://archive?region=eu-north-1").bucket

    assert bucket.config["endpoint"] == "https://s3.eu-north-1.amazonaws.com"


def test_the_bucket_can_stand_in_the_host_name() -> None:
    bucket = _s3("s3://archive?endpoint=https://archive.example.com&style=host").bucket

    assert bucket.config["virtual_hosted_style_request"] in {True, "true"}


def test_the_secret_is_in_nothing_that_is_shown() -> None:
    store = _s3(f"s3://archive?{ENDPOINT}")

    assert "secret" not in f"{store.bucket.config} {store.bucket!r}"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "must begin with"),
        ("blobs", "must begin with"),
        ("ftp://host/blobs", "must begin with"),
        ("file://host/blobs", "three slashes"),
        ("file:blobs", "three slashes"),
        ("file:///proc/nowhere/blobs", "cannot be made"),
        ("s3:///prefix", "no valid bucket"),
        ("s3://Archive", "no valid bucket"),
        ("s3://archive:80/x", "no valid bucket"),
        ("s3://me:word@archive", "take it out"),
        ("s3://archive/../x", "prefix"),
        ("s3://archive/X", "prefix"),
        ("s3://archive?endpoint=ceph:7480", "endpoint must be"),
        ("s3://archive?endpoint=ftp://ceph", "endpoint must be"),
        ("s3://archive?style=odd", "path or host"),
        ("s3://archive?secret_access_key=x", "not known"),
        ("s3://[archive", "cannot be read"),
        ("s3://archive?endpoint=http://[ceph", "endpoint must be"),
        ("s3://archive?endpoint=http://me:word@ceph", "endpoint must be"),
    ],
)
def test_a_url_that_cannot_be_used_is_answered_in_a_sentence(
    url: str, says: str
) -> None:
    with pytest.raises(Misconfigured, match=says):
        store_from_url(url, secrets=PAIR)


@pytest.mark.parametrize("lacking", ["access_key_id", "secret_access_key"])
def test_a_missing_half_of_the_key_pair_is_named(lacking: str) -> None:
    with pytest.raises(Misconfigured, match=f"{lacking} must be set"):
        store_from_url("s3://archive", secrets=PAIR | {lacking: ""})
