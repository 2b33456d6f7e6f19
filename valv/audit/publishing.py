"""Writing checkpoints out to where Valv cannot take them back, daily or when asked.

To a folder, a bucket or a webhook, as ``VALV_CHECKPOINTS_URL`` says. What could not be
written is not noted as published, and is tried again.
"""

import logging
from datetime import UTC, datetime
from functools import lru_cache
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from valv.audit import tree
from valv.audit.models import SignedCheckpoint
from valv.audit.verify import settle
from valv.core.errors import Misconfigured, ValvError
from valv.core.ids import unix_ms
from valv.storage import scope
from valv.storage.blobs.choose import store_from_url
from valv.storage.blobs.contract import BlobExists, BlobStore

TIMEOUT = 10
TEXT = {"Content-Type": "text/plain; charset=utf-8", "User-Agent": "valv"}
log = logging.getLogger("valv.audit")


class NotPublished(ValvError):
    """A checkpoint could not be written out; the next try may."""

    status = 503
    title = "Checkpoint not published"


class Outlet(Protocol):
    """Where checkpoints go. ``put`` may be called again with the same name and note."""

    def put(self, name: str, note: str) -> None:
        """Hand over a note. Raises NotPublished, or what a blob store raises."""


class Shelf:
    """A folder or bucket, a text file for each checkpoint; none is written over."""

    def __init__(self, store: BlobStore) -> None:
        self._store = store

    def put(self, name: str, note: str) -> None:
        try:
            self._store.put(name, [note.encode()])
        except BlobExists:
            if b"".join(self._store.open(name)) != note.encode():
                raise NotPublished("Another checkpoint has its name.") from None


class Webhook:
    """An address that takes the note as the body of a POST, and answers 2xx."""

    def __init__(self, parts: SplitResult) -> None:
        self._parts = parts

    def put(self, name: str, note: str) -> None:
        secure = self._parts.scheme == "https"
        make = HTTPSConnection if secure else HTTPConnection
        host = self._parts.hostname or ""
        connection = make(host, self._parts.port, timeout=TIMEOUT)
        path = self._parts.path or "/"
        query = f"?{self._parts.query}" if self._parts.query else ""
        try:
            headers = {**TEXT, "X-Valv-Checkpoint": name}
            connection.request("POST", path + query, note.encode(), headers)
            status = connection.getresponse().status
        except (OSError, HTTPException):
            raise NotPublished("The webhook does not answer.") from None
        finally:
            connection.close()
        if not 200 <= status < 300:
            raise NotPublished(f"The webhook answered {status}.")


def outlet() -> Outlet:
    """Where this installation's checkpoints go. Raises Misconfigured."""
    return _chosen(settings.VALV_CHECKPOINTS_URL)


@lru_cache(maxsize=4)
def _chosen(url: str) -> Outlet:
    parts = urlsplit(url)
    if parts.scheme in {"http", "https"}:
        if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
            raise Misconfigured(
                "VALV_CHECKPOINTS_URL must be https, or http to this machine itself."
            )
        return Webhook(parts)
    return Shelf(store_from_url(url, secrets=settings.VALV_BLOBS_SECRETS))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_due(tenant_id: int, now: datetime) -> bool:
    """Whether nothing was published yet today (UTC) though the log has grown."""
    with scope.reading(tenant_id):
        newest = SignedCheckpoint.objects.order_by("-size").first()
        out = SignedCheckpoint.objects.filter(published_at__isnull=False)
        last = out.order_by("-published_at").first()
    if newest is None or newest.published_at is not None:
        return False
    return last is None or _day(last.published_at) < _day(now)


def _day(moment: datetime | None) -> int:
    return 0 if moment is None else unix_ms(moment) // 86_400_000


def publish(tenant_id: int, name: str, *, now: datetime) -> str | None:
    """Write the newest checkpoint out; answers under which name, None without a log.

    ``name`` is the tenant's: its folder.
    """
    settle(tenant_id)
    with scope.reading(tenant_id):
        newest = tree.head()
    if newest is None:
        return None
    there, note = newest
    file = f"{name.lower()}/{now.astimezone(UTC):%Y-%m-%d}-{there.size}.txt"
    outlet().put(file, note)
    with scope.writing(tenant_id):
        # The sequencer may have replaced the head meanwhile: this one is kept.
        SignedCheckpoint.objects.update_or_create(
            size=there.size,
            defaults={"published_at": now},
            create_defaults={"note": note, "published_at": now},
        )
    log.info("checkpoint of tenant %s at size %s is published", tenant_id, there.size)
    return file
