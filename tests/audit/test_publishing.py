"""Checkpoints written out: to a folder, to a webhook, once a day, and never twice."""

from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from pytest_django import Settings

from tests.audit.logs import lay, note_of
from tests.cast import NOW
from valv.audit.models import SignedCheckpoint
from valv.audit.publishing import NotPublished, is_due, outlet, publish
from valv.audit.verify import verify
from valv.core.errors import Misconfigured
from valv.jobs.work import send_checkpoint
from valv.storage import scope
from valv.tenants.models import Tenant


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    settings.VALV_CHECKPOINTS_URL = tmp_path.as_uri()
    return tmp_path


def published(tenant: Tenant) -> int:
    with scope.reading(tenant.id):
        return SignedCheckpoint.objects.filter(published_at__isnull=False).count()


def test_a_checkpoint_is_a_text_file_of_its_own(acme: Tenant, folder: Path) -> None:
    lay(acme, 5)

    name = publish(acme.id, acme.slug, now=NOW)

    assert name is not None
    assert name.startswith("acme/2026-11-23-")
    assert (folder / name).read_text(encoding="utf-8") == note_of(acme)


def test_publishing_again_changes_nothing(acme: Tenant, folder: Path) -> None:
    lay(acme, 5)

    first, second = (publish(acme.id, acme.slug, now=NOW) for _ in range(2))

    assert first == second
    assert len(list(folder.rglob("*.txt"))) == 1


def test_what_was_published_is_kept_when_the_log_grows(
    acme: Tenant, folder: Path
) -> None:
    lay(acme, 5)
    publish(acme.id, acme.slug, now=NOW)
    lay(acme, 5)
    publish(acme.id, acme.slug, now=NOW + timedelta(days=1))
    lay(acme, 5)

    assert published(acme) == 2
    assert verify(acme.id).ok


def test_it_is_done_once_a_day_and_only_when_the_log_has_grown(
    acme: Tenant, folder: Path
) -> None:
    lay(acme, 1)
    assert is_due(acme.id, NOW)
    send_checkpoint(acme, NOW, {})
    assert not is_due(acme.id, NOW + timedelta(days=1))

    lay(acme, 1)

    assert not is_due(acme.id, NOW + timedelta(hours=1))
    assert is_due(acme.id, NOW + timedelta(days=1))


class Receiver(HTTPServer):
    """A webhook that keeps what comes, and answers as it is told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.came: list[str] = []
        self.answer = 204

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/keep?log=acme"


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.server.came.append(self.rfile.read(length).decode())
        self.send_response(self.server.answer)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing."""


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    server = Receiver()
    settings.VALV_CHECKPOINTS_URL = server.url
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_webhook_gets_the_note(acme: Tenant, receiver: Receiver) -> None:
    lay(acme, 5)

    publish(acme.id, acme.slug, now=NOW)

    assert receiver.came == [note_of(acme)]


@pytest.mark.parametrize("answer", [302, 404, 500])
def test_a_webhook_that_does_not_take_it_is_tried_again(
    acme: Tenant, receiver: Receiver, answer: int
) -> None:
    lay(acme, 5)
    receiver.answer = answer

    with pytest.raises(NotPublished):
        publish(acme.id, acme.slug, now=NOW)

    assert is_due(acme.id, NOW)


def test_a_webhook_that_is_not_there_is_tried_again(
    acme: Tenant, settings: Settings
) -> None:
    settings.VALV_CHECKPOINTS_URL = "http://127.0.0.1:9/"
    lay(acme, 5)

    with pytest.raises(NotPublished):
        publish(acme.id, acme.slug, now=NOW)


@pytest.mark.parametrize("url", ["http://archive.example/", "ftp://x/", "s3://b", ""])
def test_an_unsafe_or_unknown_place_is_refused(settings: Settings, url: str) -> None:
    settings.VALV_CHECKPOINTS_URL = url

    with pytest.raises(Misconfigured):
        outlet()
