"""The blob store of this installation, chosen once by its URL."""

from functools import lru_cache

from django.conf import settings

from valv.storage.blobs.choose import store_from_url
from valv.storage.blobs.contract import BlobStore


def store() -> BlobStore:
    return _chosen(settings.VALV_BLOBS_URL)


@lru_cache(maxsize=4)
def _chosen(url: str) -> BlobStore:
    return store_from_url(url, secrets=settings.VALV_BLOBS_SECRETS)
