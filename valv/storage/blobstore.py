"""The blob store of this installation, chosen once by its URL."""

from datetime import datetime
from functools import lru_cache

from django.conf import settings

from valv.storage.blobs.choose import store_from_url
from valv.storage.blobs.contract import BlobStore
from valv.storage.blobs.local import LocalStore
from valv.storage.blobs.s3 import S3Store

VERSIONED = (
    "The bucket keeps versions, so what is discarded stays in it, sealed. Suspend its "
    "versioning, and remove the versions that are not the newest."
)


def store() -> BlobStore:
    return _chosen(settings.VALV_BLOBS_URL)


@lru_cache(maxsize=4)
def _chosen(url: str) -> BlobStore:
    return store_from_url(url, secrets=settings.VALV_BLOBS_SECRETS)


def sweep_temporary(folder: str, *, older_than: datetime) -> int:
    """Remove what crashed writers left in a folder; answers how many files.

    In a bucket it is parts, which no list shows: they are its lifecycle rule's.
    """
    chosen = store()
    if not isinstance(chosen, LocalStore):
        return 0
    return chosen.sweep_temporary(older_than, folder)


def warnings() -> list[str]:
    """What an operator should mend, one sentence each. Raises BlobStoreFailed."""
    chosen = store()
    versioned = isinstance(chosen, S3Store) and chosen.keeps_versions()
    return [VERSIONED] if versioned else []
